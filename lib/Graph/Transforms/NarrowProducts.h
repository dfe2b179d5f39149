//===- NarrowProducts.h - Products of quantized operands --------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_NARROWPRODUCTS_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_NARROWPRODUCTS_H

#include "mlir/IR/PatternMatch.h"

namespace lambent::graph {

/// Divides the scales of integer sums by that of the quantization behind them.
void populateFoldRequantizationPatterns(mlir::RewritePatternSet &patterns);

/// Drops pairs of a dequantization and the quantization that undoes it.
void populateFoldRoundTripPatterns(mlir::RewritePatternSet &patterns);

/// Reshapes, transposes and pools bytes before they are widened.
void populateSinkDequantizationPatterns(mlir::RewritePatternSet &patterns);

} // namespace lambent::graph

#endif
