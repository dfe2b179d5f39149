//===- Donation.h - Inputs whose memory outputs take ------------*- C++ -*-===//
//
// A donated input and its output begin at one address. Where the output is
// longer along a dim, both have the strides of memory that has room for at
// least the output along that dim.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_DONATION_H
#define LAMBENT_RUNTIME_DONATION_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// How much more than the output fits into the memory of a donated input along
/// the symbol's dim, by the strides of both. 0 where `outputs` is null.
LambentStatus *readSpare(const LambentModel &model,
                         const LambentSymbolInfo &symbol,
                         const LambentTensor *inputs,
                         const LambentTensor *outputs, int64_t &spare);

/// Checks the strides and the place of a donated input or its output, and where
/// the dims of `info` are bound, type and dims. `values` are those of the run.
LambentStatus *checkDonated(const LambentTensorInfo &info,
                            const LambentTensor &tensor, const char *role,
                            const int64_t *values);

/// The same for the output, all of whose dims `info` knows. `isShared`: it
/// begins where the input does.
LambentStatus *checkTaker(const LambentModel &model,
                          const LambentTensorInfo &info,
                          const LambentTensor &tensor, const int64_t *values,
                          bool isShared);

} // namespace lambent::runtime

#endif
