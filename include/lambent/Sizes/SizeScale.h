//===- SizeScale.h - Sizes times a factor of single precision ---*- C++ -*-===//

#ifndef LAMBENT_SIZES_SIZESCALE_H
#define LAMBENT_SIZES_SIZESCALE_H

#include "lambent/Sizes/Size.h"

namespace lambent {

/// size * factor, rounded to f32 and then down, as ONNX scales sizes; the
/// product itself where the factor is whole. Of an expression it is one that
/// holds for sizes up to `getMostScaled`, and unknown for factors that are no
/// quotient of small numbers.
Size scaleDown(const Size &size, float factor);
int64_t getMostScaled(float factor);

} // namespace lambent

#endif
