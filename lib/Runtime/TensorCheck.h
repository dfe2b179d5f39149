//===- TensorCheck.h - Is a tensor what the model expects? ------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_TENSORCHECK_H
#define LAMBENT_RUNTIME_TENSORCHECK_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// Bytes of `count` elements of a type; elements below 8 bits are packed.
uint64_t getBytes(uint64_t count, LambentDataType type);

/// An error that names the tensor, what was expected and what was given. `role`
/// is "input" or "output".
LambentStatus *checkTensor(const LambentTensor &tensor,
                           const LambentTensorInfo &info, const char *role);

/// The part of that which is about type and dims, all of which are bound.
LambentStatus *checkType(const LambentTensor &tensor,
                         const LambentTensorInfo &info, const char *role);

/// The part of that which any tensor of at least one element can be asked:
/// dense, in CPU memory, with data that is aligned to its elements.
LambentStatus *checkMemory(const LambentTensor &tensor, const char *role,
                           const char *name);

/// The same but that it is dense.
LambentStatus *checkPlace(const LambentTensor &tensor, const char *role,
                          const char *name);

/// Fills all but the data. The shape points into `info`.
void describeTensor(const LambentTensorInfo &info, LambentTensor &tensor);

/// A type and dims as text: "f32[1x3x224x224]".
struct TypeText {
  char text[192];
  TypeText(LambentDataType type, const int64_t *dims, int64_t rank);
};

} // namespace lambent::runtime

#endif
