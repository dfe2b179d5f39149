//===- FoldTranspose.h - Moves transposes into constant weights -----------===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_FOLDTRANSPOSE_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_FOLDTRANSPOSE_H

#include "mlir/IR/PatternMatch.h"

namespace lambent::graph {

/// A product of flattened images by constant weights takes the images in any
/// order once its weights are permuted.
void populateFoldTransposePatterns(mlir::RewritePatternSet &patterns);

} // namespace lambent::graph

#endif
