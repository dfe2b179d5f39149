//===- QuantizeModel.cpp - Quantized models, in memory and in files -------===//

#include "QuantizeModel.h"
#include "EditedFile.h"
#include "lambent/Graph/Import/ModelGraph.h"
#include "lambent/Quantization/ProfileFile.h"
#include "lambent/Quantization/Quantize.h"
#include "llvm/ADT/StringExtras.h"

using namespace lambent;
using namespace lambent::quantization;
using llvm::Error;
using llvm::Expected;

/// The value that a name stands for.
template <typename Value>
static Error choose(const char *what, const std::string &name,
                    std::optional<Value> found, const char *expected,
                    Value &value) {
  if (!found)
    return llvm::createStringError(std::string("expected ") + expected +
                                   " as the " + what + ", but got '" + name +
                                   "'");
  value = *found;
  return Error::success();
}

static Error readSchema(const QuantizeRequest &request,
                        QuantizeOptions &options) {
  if (request.schema.empty())
    return Error::success();
  if (Error error =
          choose("schema", request.schema, findSchema(request.schema),
                 "asymmetric, symmetric, symmetric-uint8 or power-of-two",
                 options.range.schema))
    return error;
  // int16 of ONNX's integer products has no zero point.
  if (options.numbers == QuantizedNumbers::Int16 &&
      (options.range.schema == Schema::Asymmetric ||
       options.range.schema == Schema::SymmetricWithUInt8))
    return llvm::createStringError(
        "expected symmetric or power-of-two as the schema of int16, but got '" +
        request.schema + "'");
  return Error::success();
}

static Expected<QuantizeOptions> readOptions(const QuantizeRequest &request) {
  QuantizeOptions options;
  Error error = choose("numbers", request.numbers, findNumbers(request.numbers),
                       "int8, int16, int8-weights, int4-weights or bf16",
                       options.numbers);
  if (!error)
    error = readSchema(request, options);
  if (!error)
    error = choose("calibration", request.calibration,
                   findMethod(request.calibration),
                   "minmax, percentile, entropy or mse", options.range.method);
  if (error)
    return error;
  bool isInBlocks = options.numbers == QuantizedNumbers::Int8Weights ||
                    options.numbers == QuantizedNumbers::Int4Weights;
  if (request.group && !isInBlocks)
    return llvm::createStringError(
        "a group of weights that share a scale is for int8-weights and "
        "int4-weights, but got " +
        request.numbers);
  // Blocks as ONNX's kernels take them.
  if (request.group && (*request.group < 16 || *request.group > (1 << 20) ||
                        !llvm::isPowerOf2_64(*request.group)))
    return llvm::createStringError(
        "expected a power of two from 16 on as the group of weights that share "
        "a scale, but got " +
        std::to_string(*request.group));
  std::optional<SampleRounding> rounding = findRounding(request.rounding);
  if (!rounding && request.rounding != "nearest")
    return llvm::createStringError(
        "expected nearest, gptq or adaround as the rounding, but got '" +
        request.rounding + "'");
  bool isInteger = options.numbers == QuantizedNumbers::Int8 ||
                   options.numbers == QuantizedNumbers::Int16;
  if (!request.bf16.empty() && !isInteger)
    return llvm::createStringError(
        "layers that are bf16 in place of integers are for int8 and int16, but "
        "got " +
        request.numbers);
  if (rounding && !isInteger && !isInBlocks)
    return llvm::createStringError("rounding by " + request.rounding +
                                   " is for integers, but got " +
                                   request.numbers);
  if (rounding && !request.samples)
    return llvm::createStringError("rounding by " + request.rounding +
                                   " needs samples");
  if (rounding) {
    options.samples = request.samples;
    options.rounding = *rounding;
  }
  if (!request.migration.empty() && !isInteger)
    return llvm::createStringError(
        "a migration is for int8 and int16, but got " + request.numbers);
  if (!request.migration.empty() &&
      !(options.migration = findMigration(request.migration)))
    return llvm::createStringError("expected auto or a number above 0 to 1 as "
                                   "the migration, but got '" +
                                   request.migration + "'");
  if (request.group)
    options.group = int64_t(*request.group);
  options.keep = request.keep;
  options.bf16 = request.bf16;
  options.keepFirst = request.keepFirst;
  options.keepLast = request.keepLast;
  options.isPerTensor = request.isPerTensor;
  return options;
}

namespace {
/// What a quantization begins with.
struct QuantizationInput {
  QuantizeOptions options;
  std::optional<Profile> profile;
  std::shared_ptr<graph::EditedModel> model;
  const Profile *getProfile() const { return profile ? &*profile : nullptr; }
};
} // namespace

/// An error of a model, which then names its file.
static Error nameFile(const std::string &path, Error error) {
  return llvm::make_error<CompileError>(
      std::vector<std::string>{path + ": " + toString(std::move(error))},
      std::vector<UnsupportedNode>());
}

static Expected<QuantizationInput> openInput(ModelSource source,
                                             const QuantizeRequest &request) {
  Expected<QuantizeOptions> options = readOptions(request);
  if (!options)
    return options.takeError();
  QuantizationInput input = {std::move(*options), std::nullopt, nullptr};
  if (!request.profile.empty()) {
    Expected<Profile> read = readProfile(request.profile);
    if (!read)
      return read.takeError();
    Expected<std::string> hash = graph::hashModel(source);
    if (!hash)
      return hash.takeError();
    if (read->model != *hash)
      return llvm::createStringError(
          "'" + request.profile +
          "': it is the profile of another model than '" + source.path +
          "', whose nodes or weights have the hash " + hash->substr(0, 12) +
          ", not " + read->model.substr(0, 12));
    input.profile = std::move(*read);
  }
  std::string path = source.path;
  auto model = graph::EditedModel::open(std::move(source));
  if (!model)
    return nameFile(path, model.takeError());
  input.model = std::move(*model);
  return std::move(input);
}

/// Quantizes a source; errors name its file.
static Expected<std::shared_ptr<graph::EditedModel>>
quantize(ModelSource source, const QuantizeRequest &request,
         std::string *report) {
  std::string path = source.path;
  Expected<QuantizationInput> input = openInput(std::move(source), request);
  if (!input)
    return input.takeError();
  QuantizeReport layers;
  if (Error error = quantizeModel(*input->model, input->options,
                                  input->getProfile(), layers))
    return nameFile(path, std::move(error));
  if (report)
    *report = formatReport(layers);
  return std::move(input->model);
}

Expected<std::vector<LayerForms>>
lambent::listLayerForms(ModelSource source, const QuantizeRequest &request) {
  std::string path = source.path;
  Expected<QuantizationInput> input = openInput(std::move(source), request);
  if (!input)
    return input.takeError();
  Expected<std::vector<ProductForms>> forms =
      listForms(*input->model, input->options, input->getProfile());
  if (!forms)
    return nameFile(path, forms.takeError());
  std::vector<LayerForms> layers;
  for (const ProductForms &product : *forms)
    layers.push_back(
        {product.node, product.op, product.whyNoIntegers, product.whyNoBF16});
  return std::move(layers);
}

Expected<ModelSource> lambent::prepareSource(ModelSource source,
                                             const CompileOptions &options) {
  if (!options.quantize)
    return std::move(source);
  auto model = quantize(std::move(source), *options.quantize, nullptr);
  if (!model)
    return model.takeError();
  return (*model)->share();
}

Error lambent::quantizeToFile(ModelSource source,
                              const QuantizeRequest &request,
                              llvm::StringRef output, bool watchSignals,
                              std::string *report) {
  Expected<EditedFile> file = EditedFile::plan(output, source);
  if (!file)
    return file.takeError();
  auto model = quantize(std::move(source), request, report);
  if (!model)
    return model.takeError();
  return file->write(**model, watchSignals);
}
