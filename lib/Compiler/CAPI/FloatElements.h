//===- FloatElements.h - Elements of float tensors as f32 -------*- C++ -*-===//

#ifndef LAMBENT_COMPILER_CAPI_FLOATELEMENTS_H
#define LAMBENT_COMPILER_CAPI_FLOATELEMENTS_H

#include "lambent-c/runtime.h"
#include "llvm/ADT/ArrayRef.h"
#include <vector>

namespace lambent::capi {

/// Whether a tensor's elements are f16, bf16, f32 or f64.
bool hasFloats(const LambentTensor &tensor);

/// The elements of a dense tensor of such: its own, or converted ones.
llvm::ArrayRef<float> readFloats(const LambentTensor &tensor,
                                 std::vector<float> &converted);

} // namespace lambent::capi

#endif
