//===- TunedChoices.cpp - Algorithms that a search measured ---------------===//

#include "lambent/Backends/CPU/TunedChoices.h"
#include "lambent/Diagnostics/ShallowJson.h"
#include "llvm/Support/raw_ostream.h"

using namespace lambent::cpu;
using llvm::StringRef;
namespace json = llvm::json;

static constexpr StringRef versionKey = "lambent_tuned_choices",
                           kernelsKey = "kernels", algorithmKey = "algorithm",
                           msKey = "ms", estimatedMsKey = "estimated_ms",
                           triedKey = "tried";
static constexpr int64_t currentVersion = 1;

static llvm::Error refuse() {
  return llvm::createStringError(
      "expected choices as 'lambent tune MODEL' writes them");
}

llvm::Expected<TunedChoices> TunedChoices::parse(StringRef text) {
  llvm::Expected<json::Value> root = parseShallowJson(text);
  if (!root) {
    llvm::consumeError(root.takeError());
    return refuse();
  }
  const json::Object *object = root->getAsObject();
  if (!object || object->getInteger(versionKey) != currentVersion)
    return refuse();
  const json::Object *kernels = object->getObject(kernelsKey);
  if (!kernels)
    return refuse();
  TunedChoices result;
  for (const auto &[key, value] : *kernels) {
    const json::Object *entry = value.getAsObject();
    if (!entry)
      return refuse();
    auto algorithm = entry->getString(algorithmKey);
    auto ms = entry->getNumber(msKey),
         estimatedMs = entry->getNumber(estimatedMsKey);
    auto tried = entry->getInteger(triedKey);
    if (!algorithm || !ms || !estimatedMs || !tried || *tried < 0)
      return refuse();
    result.set(key, {algorithm->str(), *ms, *estimatedMs, *tried});
  }
  return result;
}

std::string TunedChoices::write() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  json::OStream json(os, /*IndentSize=*/1);
  json.object([&] {
    json.attribute(versionKey, currentVersion);
    json.attributeObject(kernelsKey, [&] {
      for (const auto &[key, choice] : choices)
        json.attributeObject(key, [&] {
          json.attribute(algorithmKey, choice.algorithm);
          json.attribute(msKey, choice.ms);
          json.attribute(estimatedMsKey, choice.estimatedMs);
          json.attribute(triedKey, choice.numTried);
        });
    });
  });
  os << '\n';
  return text;
}

const TunedChoice *TunedChoices::find(StringRef key) const {
  auto found = choices.find(key.str());
  return found == choices.end() ? nullptr : &found->second;
}
