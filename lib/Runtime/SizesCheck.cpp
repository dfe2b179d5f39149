//===- SizesCheck.cpp - Does what a model says of sizes hold? -------------===//

#include "SizesCheck.h"

namespace lambent::runtime {

static bool isValue(const LambentModel &model, int32_t value) {
  return value >= 0 && static_cast<uint32_t>(value) < model.num_values;
}

static bool isEpoch(const LambentModel &model, uint32_t epoch) {
  return epoch < model.num_epochs;
}

/// A dim is bound or has a value; what has a default has only bound ones.
static bool isSound(const LambentModel &model, const LambentTensorInfo &info,
                    bool isInput) {
  // Of what tensors in a list may be, no value says more.
  if (info.list)
    return !info.sizes && info.epoch == 0 && !info.default_offset;
  bool isOpen = false;
  for (uint32_t i = 0; i < info.rank; ++i) {
    bool isOpenDim = info.sizes && info.sizes[i] != -1;
    if (isOpenDim ? info.dims[i] != -1 || !isValue(model, info.sizes[i])
                  : info.dims[i] < 0)
      return false;
    isOpen |= isOpenDim;
  }
  if (!isOpen)
    return info.epoch == 0;
  return isInput ? info.epoch == 0 && !info.default_offset
                 : isEpoch(model, info.epoch);
}

static bool areSound(const LambentModel &model, const LambentTensorInfo *infos,
                     uint32_t count, bool areInputs) {
  for (uint32_t i = 0; i < count; ++i)
    if (!isSound(model, infos[i], areInputs))
      return false;
  return true;
}

static bool isSound(const LambentModel &model, const LambentSymbolInfo &symbol,
                    bool mayBeGiven) {
  if (symbol.least < 0 || symbol.least > symbol.most || symbol.factor < 1 ||
      !isEpoch(model, symbol.epoch))
    return false;
  if (symbol.input < 0)
    return symbol.input == -1 && (symbol.epoch > 0 || mayBeGiven);
  if (static_cast<uint32_t>(symbol.input) >= model.num_inputs || symbol.epoch)
    return false;
  const LambentTensorInfo &info = model.inputs[symbol.input];
  if (symbol.is_spare)
    return symbol.dim >= 0 && info.donated &&
           info.grown == static_cast<uint32_t>(symbol.dim) + 1;
  return symbol.dim >= 0 && symbol.dim < info.rank && info.sizes &&
         info.sizes[symbol.dim] >= 0;
}

static bool isSound(const LambentModel &model, const LambentBlockInfo &block) {
  return isValue(model, block.bytes) && isEpoch(model, block.epoch) &&
         block.first <= block.last && block.last < model.num_layers;
}

static bool isSound(const LambentModel &model, const LambentSizeCheck &check) {
  if (!isValue(model, check.value) || !isEpoch(model, check.epoch) ||
      (check.num_symbols && !check.symbols))
    return false;
  for (uint32_t i = 0; i < check.num_symbols; ++i)
    if (check.symbols[i] < 0 ||
        static_cast<uint32_t>(check.symbols[i]) >= model.num_symbols)
      return false;
  return true;
}

bool areSizesSound(const LambentModel &model, uint32_t numGiven) {
  bool isOpen = model.num_values > 0;
  if (isOpen ? model.num_epochs == 0 || model.num_symbols > model.num_values ||
                   model.scratch_value < -1 ||
                   (model.scratch_value >= 0 &&
                    !isValue(model, model.scratch_value))
             : model.num_symbols || model.num_blocks || model.num_size_checks ||
                   model.num_epochs)
    return false;
  if (!areSound(model, model.inputs, model.num_inputs, /*areInputs=*/true) ||
      !areSound(model, model.outputs, model.num_outputs, false))
    return false;
  for (uint32_t i = 0; i < model.num_symbols; ++i)
    if (!isSound(model, model.symbols[i], i < numGiven))
      return false;
  for (uint32_t i = 0; i < model.num_size_checks; ++i)
    if (!isSound(model, model.size_checks[i]))
      return false;
  for (uint32_t i = 0; i < model.num_layers; ++i)
    if (model.layers[i].flops_value > model.num_values ||
        model.layers[i].bytes_value > model.num_values)
      return false;
  for (uint32_t i = 0; i < model.num_blocks; ++i)
    if (!isSound(model, model.blocks[i]))
      return false;
  return true;
}

} // namespace lambent::runtime
