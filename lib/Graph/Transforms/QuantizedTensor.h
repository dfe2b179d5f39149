//===- QuantizedTensor.h - Matches what stands for narrow integers --------===//
//
// The importer writes quantized operands as element-wise ops: element - zero
// point, times a scale.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_QUANTIZEDTENSOR_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_QUANTIZEDTENSOR_H

#include "ScalarPattern.h"
#include "mlir/IR/PatternMatch.h"

namespace lambent::graph {

/// A scale or zero point: a tensor that is broadcast to the elements, or a
/// number inside the region that uses it. Neither: there is none.
struct Parameter {
  mlir::Value tensor;
  std::optional<int64_t> integer; ///< as i32
  mlir::FloatAttr number;         ///< as f32

  explicit operator bool() const { return tensor || integer || number; }
  /// Whether it is the same for all elements.
  bool isOneNumber() const;
  /// Whether a zero point is known to be `number` for all elements; none is 0.
  bool isAll(int64_t number) const;
  /// A tensor without dims of one number, of others a vector.
  mlir::Value materialize(mlir::PatternRewriter &rewriter,
                          mlir::Location loc) const;
};

/// A tensor of integers as 8-bit elements minus zero points: (element - zero).
/// With a scale, times that, as f32.
struct QuantizedTensor {
  mlir::Value elements; ///< ui8 or i8
  Parameter zero;       ///< a tensor is of the same type
  Parameter scale;

  /// No integer is farther from 0.
  int64_t getMostMagnitude() const;
};

/// What an operand of a product of `element` stands for: integers of i32, or
/// dequantized f32.
std::optional<QuantizedTensor> matchQuantized(mlir::Value operand,
                                              mlir::Type element);

} // namespace lambent::graph

#endif
