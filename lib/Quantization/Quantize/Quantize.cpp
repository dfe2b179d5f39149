//===- Quantize.cpp - The steps of a quantization in their order ----------===//

#include "lambent/Quantization/Quantize.h"
#include "Forms.h"
#include "MissingProducts.h"

using namespace llvm;

namespace lambent::quantization {
namespace {

/// What a model's products read.
enum Form : unsigned { Integers = 1, IntegerWeights = 2, BF16 = 4 };

struct Step {
  StringRef name;
  Error (*run)(Quantization &state);
  unsigned forms; ///< that it belongs to
};

/// With a scale for each channel of a weight, equal ranges of these gain
/// nothing, and what is between two products would be spread the less evenly.
Error equalizeWithoutChannels(Quantization &state) {
  return state.options.isPerTensor ? equalize(state) : Error::success();
}

/// Weights change in float first, then are rounded; corrections know both.
constexpr Step steps[] = {
    {"fold-batch-norm", foldBatchNorm, Integers | BF16},
    {"choose-kept", chooseKept, Integers | IntegerWeights | BF16},
    {"equalize", equalizeWithoutChannels, Integers},
    {"migrate", migrate, Integers},
    {"round-to-bf16", roundToBF16, Integers | BF16},
    {"quantize-weights", quantizeWeights, Integers},
    {"correct-bias", correctBias, Integers},
    {"insert-quantization", insertQuantization, Integers},
    {"quantize-blocks", quantizeBlocks, IntegerWeights},
};

Form getForm(QuantizedNumbers numbers) {
  switch (numbers) {
  case QuantizedNumbers::Int8:
  case QuantizedNumbers::Int16:
    return Integers;
  case QuantizedNumbers::Int8Weights:
  case QuantizedNumbers::Int4Weights:
    return IntegerWeights;
  case QuantizedNumbers::BF16:
    return BF16;
  }
  llvm_unreachable("all numbers are covered");
}

/// The first version of ONNX that has what the numbers need.
int64_t getOpset(const QuantizeOptions &options) {
  bool isNew =
      getForm(options.numbers) == IntegerWeights || options.range.bits > 8;
  return isNew ? 21 : 13;
}

/// The value of a row that has the name.
template <typename Value, size_t count>
std::optional<Value>
findRow(const std::pair<StringLiteral, Value> (&rows)[count], StringRef name) {
  for (const auto &[text, value] : rows)
    if (text == name)
      return value;
  return std::nullopt;
}

} // namespace

std::optional<QuantizedNumbers> findNumbers(StringRef name) {
  static constexpr std::pair<StringLiteral, QuantizedNumbers> rows[] = {
      {"int8", QuantizedNumbers::Int8},
      {"int16", QuantizedNumbers::Int16},
      {"int8-weights", QuantizedNumbers::Int8Weights},
      {"int4-weights", QuantizedNumbers::Int4Weights},
      {"bf16", QuantizedNumbers::BF16}};
  return findRow(rows, name);
}

std::optional<Schema> findSchema(StringRef name) {
  static constexpr std::pair<StringLiteral, Schema> rows[] = {
      {"asymmetric", Schema::Asymmetric},
      {"symmetric", Schema::Symmetric},
      {"symmetric-uint8", Schema::SymmetricWithUInt8},
      {"power-of-two", Schema::SymmetricWithPower2Scale}};
  return findRow(rows, name);
}

std::optional<RangeMethod> findMethod(StringRef name) {
  static constexpr std::pair<StringLiteral, RangeMethod> rows[] = {
      {"minmax", RangeMethod::MinMax},
      {"percentile", RangeMethod::Percentile},
      {"entropy", RangeMethod::Entropy},
      {"mse", RangeMethod::MeanSquaredError}};
  return findRow(rows, name);
}

std::optional<SampleRounding> findRounding(StringRef name) {
  static constexpr std::pair<StringLiteral, SampleRounding> rows[] = {
      {"gptq", SampleRounding::Successive},
      {"adaround", SampleRounding::Together}};
  return findRow(rows, name);
}

std::optional<MigrationStrength> findMigration(StringRef name) {
  if (name == "auto")
    return MigrationStrength();
  double number;
  if (name.getAsDouble(number) || !(number > 0 && number <= 1))
    return std::nullopt;
  return MigrationStrength{number};
}

Error quantizeModel(graph::EditedModel &model, const QuantizeOptions &given,
                    const Profile *profile, QuantizeReport &report) {
  QuantizeOptions options = given;
  Form form = getForm(options.numbers);
  if (options.numbers == QuantizedNumbers::Int16) {
    options.range.bits = 16;
    if (options.range.schema != Schema::SymmetricWithPower2Scale)
      options.range.schema = Schema::Symmetric;
  }
  if (form == Integers && !profile)
    return createStringError("there is no profile of it to quantize with");
  Quantization state{
      model, options, profile ? *profile : Profile(), {}, {}, {}, {}, {}, {}};
  if (options.samples && form == Integers)
    state.floatModel = std::make_shared<graph::EditedModel>(model);
  Expected<uint64_t> before = model.countBytes();
  if (!before)
    return before.takeError();
  gatherConstants(model);
  if (Error error = model.makeDense())
    return error;
  if (Error error = foldCasts(model))
    return error;
  if (Error error = raiseOpset(model, getOpset(options)))
    return error;
  for (const Step &step : steps)
    if (!options.steps.empty() && !is_contained(options.steps, step.name))
      continue;
    else if (step.forms & form)
      if (Error error = step.run(state))
        return error;
  Expected<uint64_t> after = model.countBytes();
  if (!after)
    return after.takeError();
  report = std::move(state.report);
  report.floatBytes = *before;
  report.quantizedBytes = *after;
  return Error::success();
}

Expected<std::vector<ProductForms>> listForms(graph::EditedModel &model,
                                              const QuantizeOptions &options,
                                              const Profile *profile) {
  Quantization state{
      model, options, profile ? *profile : Profile(), {}, {}, {}, {}, {}, {}};
  gatherConstants(model);
  if (Error error = foldCasts(model))
    return std::move(error);
  if (Error error = raiseOpset(model, getOpset(options)))
    return std::move(error);
  if (getForm(options.numbers) != IntegerWeights)
    if (Error error = foldBatchNorm(state))
      return std::move(error);
  Network network(model);
  std::vector<Product> products = findProducts(network, model.getGraph());
  if (products.empty())
    return createStringError(explainNoProducts(network, model.getGraph()));
  if (Error error = noteExcepted(state, products))
    return std::move(error);
  std::vector<ProductForms> forms;
  for (const Product &product : products) {
    std::string name = getName(*product.node).str();
    if (!state.kept.contains(name) && !is_contained(options.bf16, name))
      forms.push_back({name, product.node->op_type(),
                       explainNoIntegers(state, product),
                       explainNoBF16(state, product)});
  }
  return std::move(forms);
}

} // namespace lambent::quantization
