//===- lambent-requantize.cpp - Single steps of a quantization ------------===//
//
// usage: lambent-requantize MODEL.onnx OUT.onnx [PROFILE.json|-] [KEY=VALUE...]
//
// Rewrites a model by the steps that steps=A,B names, or by all. Other keys are
// numbers, schema, method, group, migrate, keep and per-tensor.
//
//===----------------------------------------------------------------------===//

#include "lambent/Quantization/ProfileFile.h"
#include "lambent/Quantization/Quantize.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace lambent;
using namespace lambent::quantization;
using llvm::StringRef;

static void set(QuantizeOptions &options, StringRef key, StringRef value) {
  llvm::SmallVector<StringRef> parts;
  value.split(parts, ',');
  if (key == "steps")
    options.steps.assign(parts.begin(), parts.end());
  if (key == "keep")
    options.keep.assign(parts.begin(), parts.end());
  if (key == "bf16")
    options.bf16.assign(parts.begin(), parts.end());
  if (key == "numbers")
    options.numbers = *findNumbers(value);
  if (key == "schema")
    options.range.schema = *findSchema(value);
  if (key == "method")
    options.range.method = *findMethod(value);
  if (key == "migrate")
    options.migration = findMigration(value);
  if (key == "group")
    value.getAsInteger(10, options.group);
  options.isPerTensor |= key == "per-tensor";
}

static llvm::Error run(int count, char **words) {
  QuantizeOptions options;
  for (int i = 4; i < count; ++i) {
    auto [key, value] = StringRef(words[i]).split('=');
    set(options, key, value);
  }
  auto model = graph::EditedModel::open({words[1], nullptr, nullptr});
  if (!model)
    return model.takeError();
  std::optional<Profile> profile;
  if (count > 3 && StringRef(words[3]) != "-") {
    auto read = readProfile(words[3]);
    if (!read)
      return read.takeError();
    profile = std::move(*read);
  }
  QuantizeReport report;
  if (llvm::Error error = quantizeModel(**model, options,
                                        profile ? &*profile : nullptr, report))
    return error;
  llvm::outs() << formatReport(report) << "\n";
  return (*model)->writeWhole(words[2]);
}

int main(int count, char **words) {
  if (count < 3) {
    llvm::errs() << "usage: lambent-requantize MODEL.onnx OUT.onnx "
                    "[PROFILE.json|-] [KEY=VALUE...]\n";
    return 1;
  }
  llvm::Error error = run(count, words);
  if (!error)
    return 0;
  llvm::errs() << toString(std::move(error)) << "\n";
  return 1;
}
