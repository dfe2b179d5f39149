//===- TensorSet.h - A model's inputs or outputs ----------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_TENSORSET_H
#define LAMBENT_RUNTIME_TENSORSET_H

#include "FileIdentity.h"
#include "OwnedTensor.h"
#include "lambent-c/tensor_file.h"

struct LambentTensorSet {
  uint32_t count;
  bool isProtobuf;
  lambent::runtime::OwnedTensor *owned;
  LambentTensor *views; ///< what callers see, one for each of `owned`
  lambent::runtime::FileIdentity *files; ///< that they were read from
  int64_t *strides; ///< of views that are parts of other memory, or null
};

namespace lambent::runtime {

LambentStatus *createSet(uint32_t count, LambentTensorSet **result);

/// Reads a file whose kind its name tells: a tensor, or what `code` says.
LambentStatus *readTensor(const char *path, uint8_t code, OwnedTensor &tensor);

/// Names the first of a function's tensors that has no name.
LambentStatus *requireNames(const char *function, const char *const *names,
                            uint32_t count);

} // namespace lambent::runtime

#endif
