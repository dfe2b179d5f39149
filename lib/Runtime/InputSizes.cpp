//===- InputSizes.cpp - Reads a model's symbols off its inputs ------------===//

#include "InputSizes.h"
#include "Donation.h"
#include "SizePlan.h"
#include "TensorCheck.h"
#include "lambent/Runtime/Status.h"
#include <stdio.h>
#include <string.h>

namespace lambent::runtime {

namespace {
/// "dim 1 (seq)"
struct DimText {
  char text[96];
  DimText(uint32_t dim, const LambentSymbolInfo *symbol) {
    if (symbol && *symbol->name)
      snprintf(text, sizeof(text), "dim %u (%.64s)", dim, symbol->name);
    else
      snprintf(text, sizeof(text), "dim %u", dim);
  }
};
} // namespace

OpenTypeText::OpenTypeText(const LambentModel &model,
                           const LambentTensorInfo &info) {
  TypeText element({info.type_code, info.type_bits, 1}, nullptr, 0);
  size_t used = strlen(element.text) - 1; // without the bracket at the end
  if (info.most_rank) {
    snprintf(text, sizeof(text), "%.*s%u to %u dims]", static_cast<int>(used),
             element.text, info.least_rank, info.most_rank);
    return;
  }
  memcpy(text, element.text, used);
  for (uint32_t i = 0; i < info.rank; ++i) {
    // No model has such a rank.
    if (used > sizeof(text) - 80) {
      used += snprintf(text + used, sizeof(text) - used, " x ...");
      break;
    }
    const char *separator = i ? " x " : "";
    int32_t size = info.sizes ? info.sizes[i] : -1;
    const LambentSymbolInfo *symbol =
        size < 0 ? nullptr : lambent_model_find_symbol(&model, size);
    used += size < 0 ? snprintf(text + used, sizeof(text) - used, "%s%lld",
                                separator, static_cast<long long>(info.dims[i]))
                     : snprintf(text + used, sizeof(text) - used, "%s%.48s",
                                separator,
                                symbol && *symbol->name ? symbol->name : "?");
  }
  snprintf(text + used, sizeof(text) - used, "]");
}

RangeText::RangeText(const LambentSymbolInfo &symbol) {
  auto least = static_cast<long long>(symbol.least);
  int used = symbol.most == INT64_MAX
                 ? snprintf(text, sizeof(text), "at least %lld", least)
                 : snprintf(text, sizeof(text), "%lld to %lld", least,
                            static_cast<long long>(symbol.most));
  if (symbol.factor > 1)
    snprintf(text + used, sizeof(text) - used, ", a multiple of %lld",
             static_cast<long long>(symbol.factor));
}

/// Type, rank, the dims that are bound.
static LambentStatus *checkBoundPart(const LambentModel &model,
                                     const LambentTensorInfo &info,
                                     const LambentTensor &input) {
  if (input.dtype.lanes != 1)
    return makeError("input '%s': expected elements of 1 lane, but got %d",
                     info.name, input.dtype.lanes);
  if (input.dtype.code != info.type_code ||
      input.dtype.bits != info.type_bits || input.ndim != info.rank ||
      (info.rank && !input.shape)) {
    OpenTypeText expected(model, info);
    TypeText given(input.dtype, input.shape, input.shape ? input.ndim : 0);
    return makeError("input '%s': expected %s, but got %s", info.name,
                     expected.text, given.text);
  }
  for (uint32_t i = 0; i < info.rank; ++i) {
    long long given = input.shape[i];
    if (given < 0)
      return makeError("input '%s': expected dim %u to be at least 0, but got "
                       "%lld",
                       info.name, i, given);
    if (info.sizes[i] < 0 && given != info.dims[i])
      return makeError("input '%s': expected dim %u to be %lld, but got %lld",
                       info.name, i, static_cast<long long>(info.dims[i]),
                       given);
  }
  return nullptr;
}

LambentStatus *checkOpenInput(const LambentTensor &tensor,
                              const LambentTensorInfo &info) {
  for (int32_t i = 0; i < tensor.ndim; ++i)
    if (tensor.shape[i] == 0)
      return nullptr;
  return checkMemory(tensor, "input", info.name);
}

LambentStatus *checkRange(const LambentSymbolInfo &symbol, const char *what,
                          int64_t dim) {
  auto least = static_cast<long long>(symbol.least);
  auto most = static_cast<long long>(symbol.most);
  auto given = static_cast<long long>(dim);
  if (dim < symbol.least || dim > symbol.most) {
    if (symbol.most == INT64_MAX)
      return makeError("%s to be at least %lld, but got %lld", what, least,
                       given);
    return makeError("%s to be between %lld and %lld, but got %lld", what,
                     least, most, given);
  }
  if (dim % symbol.factor)
    return makeError("%s to be a multiple of %lld, but got %lld", what,
                     static_cast<long long>(symbol.factor), given);
  return nullptr;
}

static LambentStatus *readSymbol(const LambentModel &model,
                                 const LambentTensor *inputs, uint32_t index,
                                 int64_t *symbols) {
  const LambentSymbolInfo &symbol = model.symbols[index];
  int64_t dim = inputs[symbol.input].shape[symbol.dim];
  char what[192];
  DimText name(static_cast<uint32_t>(symbol.dim), &symbol);
  snprintf(what, sizeof(what), "input '%.64s': expected %s",
           model.inputs[symbol.input].name, name.text);
  symbols[index] = dim / symbol.factor;
  return checkRange(symbol, what, dim);
}

/// One open dim against its size.
static LambentStatus *checkDim(const LambentModel &model, uint32_t input,
                               uint32_t dim, int64_t given, int64_t expected) {
  if (given == expected)
    return nullptr;
  const LambentTensorInfo &info = model.inputs[input];
  const LambentSymbolInfo *symbol =
      lambent_model_find_symbol(&model, info.sizes[dim]);
  DimText name(dim, symbol);
  auto want = static_cast<long long>(expected);
  auto got = static_cast<long long>(given);
  if (!symbol || symbol->input < 0)
    return makeError("input '%s': expected %s to be %lld, which follows from "
                     "other dims, but got %lld",
                     info.name, name.text, want, got);
  if (symbol->input == static_cast<int32_t>(input))
    return makeError("input '%s': expected %s to be %lld as dim %d, but got "
                     "%lld",
                     info.name, name.text, want, symbol->dim, got);
  return makeError("input '%s': expected %s to be %lld as in input '%s', but "
                   "got %lld",
                   info.name, name.text, want, model.inputs[symbol->input].name,
                   got);
}

/// The open dims that are symbols, or those that are derived.
static LambentStatus *checkDims(const LambentModel &model,
                                const LambentTensor *inputs,
                                const int64_t *values, bool derived) {
  for (uint32_t i = 0; i < model.num_inputs; ++i) {
    const LambentTensorInfo &info = model.inputs[i];
    for (uint32_t j = 0; info.sizes && j < info.rank; ++j) {
      int32_t size = info.sizes[j];
      if (size < 0 ||
          (size >= static_cast<int32_t>(model.num_symbols)) != derived)
        continue;
      if (LambentStatus *status =
              checkDim(model, i, j, inputs[i].shape[j], values[size]))
        return status;
    }
  }
  return nullptr;
}

LambentStatus *readSymbols(const LambentModel &model,
                           const LambentTensor *inputs,
                           const LambentTensor *outputs, const int64_t *given,
                           int64_t *symbols) {
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    if (isOpen(model.inputs[i]))
      if (LambentStatus *status =
              checkBoundPart(model, model.inputs[i], inputs[i]))
        return status;
  for (uint32_t i = 0; i < model.num_symbols; ++i) {
    symbols[i] = 0;
    if (model.symbols[i].input < 0) {
      symbols[i] = model.symbols[i].epoch == 0 && given ? given[i] : 0;
      continue;
    }
    if (LambentStatus *status = model.symbols[i].is_spare
                                    ? readSpare(model, model.symbols[i], inputs,
                                                outputs, symbols[i])
                                    : readSymbol(model, inputs, i, symbols))
      return status;
  }
  return checkDims(model, inputs, symbols, /*derived=*/false);
}

LambentStatus *checkDerivedDims(const LambentModel &model,
                                const LambentTensor *inputs,
                                const int64_t *values) {
  return checkDims(model, inputs, values, /*derived=*/true);
}

LambentStatus *getDims(const LambentModel &model, const LambentTensorInfo &info,
                       const int64_t *values, int64_t *dims) {
  uint64_t elements = 1;
  bool isEmpty = false, isTooLarge = false;
  for (uint32_t i = 0; i < info.rank; ++i) {
    dims[i] = info.sizes[i] < 0 ? info.dims[i] : values[info.sizes[i]];
    isTooLarge |= dims[i] < 0 || dims[i] == INT64_MAX;
    isEmpty |= dims[i] == 0;
    isTooLarge |=
        !isEmpty && __builtin_mul_overflow(
                        elements, static_cast<uint64_t>(dims[i]), &elements);
  }
  return isTooLarge || (!isEmpty && elements > (uint64_t(1) << 56))
             ? makeTooLarge(model, values, info.epoch)
             : nullptr;
}

} // namespace lambent::runtime

const LambentSymbolInfo *lambent_model_find_symbol(const LambentModel *model,
                                                   int32_t value) {
  for (uint32_t i = 0; model && i < model->num_symbols; ++i) {
    const LambentSymbolInfo &symbol = model->symbols[i];
    if (symbol.input < 0 || symbol.is_spare
            ? value == static_cast<int32_t>(i)
            : model->inputs[symbol.input].sizes[symbol.dim] == value)
      return &symbol;
  }
  return nullptr;
}
