//===- Rewriting.h - Applies patterns until none matches --------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_REWRITING_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_REWRITING_H

#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace lambent::graph {

/// Rewrites what is below `root`, operands before their users, so that what was
/// merged once is merged with in one step. MLIR makes ten sweeps and calls it a failure
/// where a pattern still matches then; the IR is right all the same, if not as
/// simple as it could be.
inline void rewriteGreedily(mlir::Operation *root,
                            mlir::RewritePatternSet patterns) {
  (void)mlir::applyPatternsGreedily(
      root, std::move(patterns),
      mlir::GreedyRewriteConfig().setUseTopDownTraversal());
}

} // namespace lambent::graph

#endif
