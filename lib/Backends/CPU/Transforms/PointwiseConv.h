//===- PointwiseConv.h - 1x1 convolutions as matrix products --------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_TRANSFORMS_POINTWISECONV_H
#define LAMBENT_LIB_BACKENDS_CPU_TRANSFORMS_POINTWISECONV_H

#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {

/// Replaces a convolution with one tap, stride 1, no padding and one group by
/// the product of its pixels with the filter, so that tiles need not end with
/// an image row. Declines where the epilogue reads something that depends on a
/// pixel's row or column.
bool convertPointwiseConv(lir::ConvOp op);

} // namespace lambent::cpu

#endif
