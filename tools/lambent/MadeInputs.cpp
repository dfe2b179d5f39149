//===- MadeInputs.cpp - Inputs for models that nobody gave any ------------===//

#include "MadeInputs.h"
#include "Report.h"
#include "TensorText.h"
#include <algorithm>
#include <cstring>
#include <random>

namespace lambent::driver {

/// Floats are normally distributed, integers and the bits of narrow floats 0 or
/// 1: valid as indices, lengths and masks.
static void fillSeeded(LambentTensor &tensor, std::mt19937_64 &generator) {
  std::normal_distribution<float> normal;
  uint64_t count = 1, width = std::max(tensor.dtype.bits / 8, 1);
  for (int32_t i = 0; i < tensor.ndim; ++i)
    count *= static_cast<uint64_t>(tensor.shape[i]);
  // The lowest bit of each element in a byte.
  unsigned low = tensor.dtype.bits == 4   ? 0x11
                 : tensor.dtype.bits == 2 ? 0x55
                                          : 1;
  if (tensor.dtype.bits < 8)
    count = (count * tensor.dtype.bits + 7) / 8;
  bool isFloat = tensor.dtype.code == LAMBENT_FLOAT;
  for (uint64_t i = 0; i < count; ++i) {
    char *element = static_cast<char *>(tensor.data) + i * width;
    if (isFloat && width == 4) {
      float value = normal(generator);
      std::memcpy(element, &value, sizeof value);
    } else if (isFloat && width == 8) {
      double value = normal(generator);
      std::memcpy(element, &value, sizeof value);
    } else if (!isFloat && tensor.dtype.code != LAMBENT_BFLOAT) {
      *element = static_cast<char>(generator() & low);
    }
  }
}

/// Words of small letters, of which some are equal.
static int fillWithWords(LambentTensorSet *set, uint32_t input,
                         const LambentTensorInfo &info,
                         std::mt19937_64 &generator) {
  constexpr size_t most = 8;
  LambentTensor &tensor = lambent_tensor_set_tensors(set)[input];
  uint64_t count = 1;
  for (uint16_t i = 0; i < info.rank; ++i) {
    tensor.shape[i] = info.dims[i];
    count *= static_cast<uint64_t>(info.dims[i]);
  }
  tensor.data = lambent_tensor_set_allocate(
      set, input, count * (sizeof(LambentString) + most));
  if (!tensor.data)
    return reportError("out of memory for input " + quoted(info.name));
  auto *strings = static_cast<LambentString *>(tensor.data);
  char *text = reinterpret_cast<char *>(strings + count);
  for (uint64_t i = 0; i < count; ++i, text += most) {
    uint64_t drawn = generator() % 1000;
    strings[i] = {text, 1 + drawn % most};
    for (size_t j = 0; j < most; ++j, drawn = drawn * 31 + 7)
      text[j] = static_cast<char>('a' + drawn % 26);
  }
  return Done;
}

namespace {

/// What is given by a name, or null.
template <typename Value>
const Value *find(const std::vector<std::pair<std::string, Value>> &given,
                  std::string_view name) {
  for (const auto &[key, value] : given)
    if (key == name)
      return &value;
  return nullptr;
}

/// The dims of all inputs, of which --dim and --shape give the open ones.
class InputShapes {
public:
  InputShapes(const LambentModel &model, const ModelOptions &options)
      : model(model), options(options) {}

  int compute();
  /// Valid while this object lives.
  std::vector<LambentTensorInfo> getInfos() const;

private:
  int checkNames() const;
  const std::vector<int64_t> *findShape(uint32_t input) const {
    return find(options.shapes, model.inputs[input].name);
  }
  bool readSymbol(uint32_t index, std::vector<int64_t> &values);

  const LambentModel &model;
  const ModelOptions &options;
  std::vector<std::vector<int64_t>> dims;
};

} // namespace

/// What is given for nothing is misspelt.
int InputShapes::checkNames() const {
  for (const auto &[name, size] : options.dims) {
    bool isKnown = false;
    for (uint32_t i = 0; i < model.num_symbols; ++i)
      isKnown |= model.symbols[i].input >= 0 && name == model.symbols[i].name;
    if (!isKnown && model.num_symbols)
      return reportError("--dim " + name + ": no input has an open dim " +
                         quoted(name));
  }
  for (const auto &[name, shape] : options.shapes) {
    bool isKnown = false;
    for (uint32_t i = 0; i < model.num_inputs; ++i) {
      const LambentTensorInfo &info = model.inputs[i];
      if (name != info.name)
        continue;
      isKnown = true;
      if (shape.size() != info.rank)
        return reportError("--shape " + name + ": expected " +
                           std::to_string(info.rank) + " dims, but got " +
                           std::to_string(shape.size()));
    }
    if (!isKnown && model.num_symbols)
      return reportError("--shape " + name + ": there is no input " +
                         quoted(name));
  }
  return Done;
}

/// False where nothing says how large the symbol's dim is.
bool InputShapes::readSymbol(uint32_t index, std::vector<int64_t> &values) {
  const LambentSymbolInfo &symbol = model.symbols[index];
  const std::vector<int64_t> *shape =
      findShape(static_cast<uint32_t>(symbol.input));
  const int64_t *size = shape ? &(*shape)[static_cast<size_t>(symbol.dim)]
                              : find(options.dims, symbol.name);
  if (size)
    values[index] = *size / symbol.factor;
  return size != nullptr;
}

int InputShapes::compute() {
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    dims.emplace_back(model.inputs[i].dims,
                      model.inputs[i].dims + model.inputs[i].rank);
  if (model.num_values == 0)
    return Done;
  if (int status = checkNames())
    return status;
  std::vector<int64_t> values(model.num_values);
  std::string missing;
  for (uint32_t i = 0; i < model.num_symbols; ++i) {
    const LambentSymbolInfo &symbol = model.symbols[i];
    if (symbol.input < 0 || symbol.is_spare || readSymbol(i, values))
      continue;
    std::string option =
        *symbol.name
            ? "--dim " + std::string(symbol.name) + "=SIZE"
            : "--shape " + std::string(model.inputs[symbol.input].name) +
                  "=DIMS";
    if (missing.find(option) == std::string::npos)
      missing += (missing.empty() ? "" : " ") + option;
  }
  if (!missing.empty())
    return reportError("the model has open dims: " + missing +
                       " says how large they are, or --input-dir where inputs "
                       "lie");
  model.evaluate(values.data(), 0);
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    if (const std::vector<int64_t> *shape = findShape(i))
      dims[i] = *shape;
    else
      for (size_t j = 0; j < dims[i].size(); ++j)
        if (dims[i][j] < 0)
          dims[i][j] = values[static_cast<size_t>(model.inputs[i].sizes[j])];
  // As given, so that a run says what is wrong with them.
  for (uint32_t i = 0; i < model.num_symbols; ++i)
    if (const LambentSymbolInfo &symbol = model.symbols[i];
        symbol.input >= 0 && !symbol.is_spare)
      if (const int64_t *size = find(options.dims, symbol.name);
          size && !findShape(static_cast<uint32_t>(symbol.input)))
        dims[symbol.input][symbol.dim] = *size;
  return Done;
}

std::vector<LambentTensorInfo> InputShapes::getInfos() const {
  std::vector<LambentTensorInfo> infos(model.inputs,
                                       model.inputs + model.num_inputs);
  for (size_t i = 0; i < infos.size(); ++i) {
    infos[i].dims = dims[i].data();
    infos[i].sizes = nullptr;
  }
  return infos;
}

int makeInputs(const LambentModel &model, const ModelOptions &options,
               TensorSet &inputs) {
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    if (model.inputs[i].list)
      return reportError("no input can be made for " +
                         quoted(model.inputs[i].name) +
                         ", which is no tensor: --input-dir says where inputs "
                         "lie");
  InputShapes shapes(model, options);
  if (int status = shapes.compute())
    return status;
  std::vector<LambentTensorInfo> infos = shapes.getInfos();
  LambentTensorSet *set = nullptr;
  if (int status = reportStatus(
          lambent_tensor_set_create(infos.data(), model.num_inputs, &set)))
    return status;
  inputs.reset(set);
  std::mt19937_64 generator(1);
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    if (model.inputs[i].default_offset)
      lambent_tensor_set_tensors(set)[i].data = nullptr; // keeps its default
    else if (infos[i].type_code == LAMBENT_STRING) {
      if (int status = fillWithWords(set, i, infos[i], generator))
        return status;
    } else
      fillSeeded(lambent_tensor_set_tensors(set)[i], generator);
  return Done;
}

} // namespace lambent::driver
