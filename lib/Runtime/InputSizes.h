//===- InputSizes.h - Reads a model's symbols off its inputs ----*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_INPUTSIZES_H
#define LAMBENT_RUNTIME_INPUTSIZES_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// Whether a dim of the tensor is open.
inline bool isOpen(const LambentTensorInfo &info) {
  for (uint32_t i = 0; info.sizes && i < info.rank; ++i)
    if (info.sizes[i] >= 0)
      return true;
  return false;
}

/// The most dims that an output may have: input sizes may decide its rank.
inline uint32_t getMostRank(const LambentTensorInfo &info) {
  return info.most_rank > info.rank ? info.most_rank : info.rank;
}

/// Checks all inputs that have open dims, but not that they have data, as far
/// as sizes are not derived, and writes the symbols that they decide; how much
/// room donated inputs have follows from the outputs, too, if these are not
/// null. Of the
/// others those of epoch 0 are `given` by a caller; the rest become 0.
LambentStatus *readSymbols(const LambentModel &model,
                           const LambentTensor *inputs,
                           const LambentTensor *outputs, const int64_t *given,
                           int64_t *symbols);

/// Checks that an input whose sizes were read has data.
LambentStatus *checkOpenInput(const LambentTensor &tensor,
                              const LambentTensorInfo &info);

/// Checks the dims that are derived from symbols, when these are known.
LambentStatus *checkDerivedDims(const LambentModel &model,
                                const LambentTensor *inputs,
                                const int64_t *values);

/// Writes the dims of a tensor all of whose sizes are known.
LambentStatus *getDims(const LambentModel &model, const LambentTensorInfo &info,
                       const int64_t *values, int64_t *dims);

/// The range and the factor of a symbol's dim, of which `what` is the text.
LambentStatus *checkRange(const LambentSymbolInfo &symbol, const char *what,
                          int64_t dim);

/// "f32[batch x 64]", with ? for an open dim without a name.
struct OpenTypeText {
  char text[192];
  OpenTypeText(const LambentModel &model, const LambentTensorInfo &info);
};

/// "8 to 512, a multiple of 8": what a symbol's dim may be.
struct RangeText {
  char text[96];
  explicit RangeText(const LambentSymbolInfo &symbol);
};

} // namespace lambent::runtime

#endif
