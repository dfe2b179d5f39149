//===- Quantize.h - Between numbers and quantized elements ------*- C++ -*-===//
//
// A quantized element q stands for (q - zero point) * scale. Quotients are
// rounded to the nearest integer, ties to even, before the zero point is added.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_QUANTIZE_H
#define LAMBENT_LIB_GRAPH_IMPORT_QUANTIZE_H

#include "Node.h"

namespace lambent::graph {

/// The types of quantized elements.
inline constexpr unsigned quantizedKinds = IntegerKind | NarrowKind;

/// A scale and a zero point, which may be null: then it is zero.
struct Quantization {
  mlir::Value scale, zeroPoint;
};

/// Reads a scale and, behind it, a zero point; `what` is the tensor's name,
/// "a".
Quantization readQuantization(Node &node, unsigned index, llvm::StringRef what,
                              bool optional = false);

/// A scale or zero point of a tensor, broadcast over it: one number for all,
/// one per position of `axis`, or, where `blockSize` is not 0, one per block
/// of so many positions.
mlir::Value alignToAxis(Node &node, mlir::Value parameter, mlir::Value tensor,
                        int64_t axis, int64_t blockSize = 0);

/// A vector of one entry as a rank-0 tensor; another one with `trailing` unit
/// dims behind it.
mlir::Value alignVector(Node &node, mlir::Value parameter, int64_t trailing);

/// Inside a region: the quantized element of a number (f32 or f64) that was
/// divided by the scale. `zeroPoint` may be null; both have the region's types.
mlir::Value quantizeScalar(Scalar &s, mlir::Value number, mlir::Value zeroPoint,
                           mlir::Type elementType,
                           const NarrowRounding &rounding = {});

/// Inside a region: q - zero point, as i32, or as f32 where they are floats.
mlir::Value centerScalar(Scalar &s, mlir::Value element, mlir::Value zeroPoint,
                         mlir::Type elementType);

/// x / scale as elements of `elementType`. All are broadcast.
mlir::Value quantize(Node &node, mlir::Value x, Quantization to,
                     mlir::Type elementType);

/// (x - zero point) * scale, computed in f32, as elements of `elementType`.
mlir::Value dequantize(Node &node, mlir::Value x, Quantization from,
                       mlir::Type elementType);

/// What a range that is seen at run time gives: ui8 elements with their scale
/// and zero point.
struct DynamicQuantization {
  mlir::Value elements;
  Quantization parameters;
};
DynamicQuantization quantizeDynamically(Node &node, mlir::Value x);

/// x - zero point as i32. `zeroPoint` may be null.
mlir::Value center(Node &node, mlir::Value x, mlir::Value zeroPoint);

} // namespace lambent::graph

#endif
