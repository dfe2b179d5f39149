//===- DescriptionText.cpp - Descriptions of CPUs as text -----------------===//
//
// A file has what tuning measures and chooses; the rest is the family's.
//
//===----------------------------------------------------------------------===//

#include "lambent/Backends/CPU/CPUDescription.h"
#include "lambent/Diagnostics/ShallowJson.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Support/xxhash.h"

using namespace lambent::cpu;
using llvm::Expected;
using llvm::StringRef;
namespace json = llvm::json;

namespace {
struct Field {
  StringRef name;
  int64_t CPUDescription::*member;
  int64_t least, most;
};
} // namespace

static constexpr int64_t mostBytes = int64_t(1) << 32,
                         mostSpeed = 1'000'000'000'000'000;

static constexpr Field fields[] = {
    {"l1_bytes", &CPUDescription::l1Bytes, 1, mostBytes},
    {"l1_ways", &CPUDescription::l1Ways, 1, 64},
    {"l2_bytes", &CPUDescription::l2Bytes, 1, mostBytes},
    {"l3_bytes", &CPUDescription::l3Bytes, 0, mostBytes},
    {"prefetch_streams", &CPUDescription::prefetchStreams, 0, 8},
    {"depth_unroll", &CPUDescription::depthUnroll, 1, 16},
    {"flops", &CPUDescription::flops, 0, mostSpeed},
    {"l2_speed", &CPUDescription::l2Speed, 0, mostSpeed},
    {"l3_speed", &CPUDescription::l3Speed, 0, mostSpeed},
    {"memory_speed", &CPUDescription::memorySpeed, 0, mostSpeed},
};

static constexpr StringRef versionKey = "lambent_cpu_description",
                           cpuKey = "cpu", keepsPanelsKey = "keeps_panels";
static constexpr int64_t currentVersion = 1;

std::string CPUDescription::write(StringRef cpu) const {
  std::string text;
  llvm::raw_string_ostream os(text);
  json::OStream json(os, /*IndentSize=*/1);
  json.object([&] {
    json.attribute(versionKey, currentVersion);
    json.attribute(cpuKey, cpu);
    json.attribute(keepsPanelsKey, keepsPanels);
    for (const Field &field : fields)
      json.attribute(field.name, this->*field.member);
  });
  os << '\n';
  return text;
}

static llvm::Error readField(const json::Object &object, const Field &field,
                             CPUDescription &description) {
  auto value = object.getInteger(field.name);
  if (!value || *value < field.least || *value > field.most)
    return llvm::createStringError(
        "expected '" + field.name + "' to be a number from " +
        llvm::Twine(field.least) + " to " + llvm::Twine(field.most));
  description.*field.member = *value;
  return llvm::Error::success();
}

Expected<CPUDescription> CPUDescription::parse(StringRef text, StringRef cpu) {
  Expected<json::Value> root = parseShallowJson(text);
  if (!root)
    llvm::consumeError(root.takeError());
  const json::Object *object = root ? root->getAsObject() : nullptr;
  if (!object || object->getInteger(versionKey) != currentVersion)
    return llvm::createStringError(
        "expected a description of a CPU as 'lambent tune --cpu' writes it");
  StringRef described = object->getString(cpuKey).value_or("");
  if (described != cpu)
    return llvm::createStringError("it describes the CPU '" + described +
                                   "', but the code is tuned for '" + cpu +
                                   "'");
  CPUDescription result = find(cpu);
  auto keeps = object->getBoolean(keepsPanelsKey);
  if (!keeps)
    return llvm::createStringError("expected '" + keepsPanelsKey +
                                   "' to be true or false");
  result.keepsPanels = *keeps;
  for (const Field &field : fields)
    if (llvm::Error error = readField(*object, field, result))
      return std::move(error);
  if (!CacheSizes{result.l1Bytes, result.l1Ways, result.l2Bytes, result.l3Bytes}
           .isPlausible())
    return llvm::createStringError("its caches are those of no CPU");
  // Whoever wrote the file, and however: the name follows from what it says.
  uint64_t hash = llvm::xxh3_64bits(result.write(cpu)) & 0xffffff;
  result.name =
      "tuned-" + result.name + "-" + llvm::utohexstr(hash, true, /*Width=*/6);
  return result;
}
