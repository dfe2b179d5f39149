//===- Narrow.h - Elements of f8, f4, int4 and int2 in a region -*- C++ -*-===//
//
// In a region such an element is its code, an i8 whose upper bits are 0. It is
// only ever converted.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_NARROW_H
#define LAMBENT_LIB_GRAPH_IMPORT_NARROW_H

#include "Scalar.h"

namespace lambent::graph {

/// What ONNX's Cast says about narrow floats.
struct NarrowRounding {
  bool saturate = true;    ///< what is out of range becomes the largest number
  std::string mode = "up"; ///< of f8e8m0: up, down or nearest
};

/// The number that a code stands for: f32 for floats, i8 for integers, whose
/// signedness is that of `elementType`.
mlir::Value decodeNarrow(Scalar &s, mlir::Value code, mlir::Type elementType);

/// The code of a number: floats are rounded to the nearest, ties to even
/// (f8e8m0 as `rounding` says); integers keep their lowest bits.
mlir::Value encodeNarrow(Scalar &s, mlir::Value number, bool isUnsigned,
                         mlir::Type elementType,
                         const NarrowRounding &rounding);

} // namespace lambent::graph

#endif
