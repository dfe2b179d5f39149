//===- Pipelines.h - The order of all passes --------------------*- C++ -*-===//

#ifndef LAMBENT_COMPILER_PIPELINES_H
#define LAMBENT_COMPILER_PIPELINES_H

#include "lambent/Backends/Backend.h"
#include "lambent/Graph/IR/Evaluator.h"

namespace lambent {

/// The imported graph to the graph that is lowered: shapes inferred, constants
/// folded, patterns recognised and fused, images in the backend's layout.
/// Without an evaluator (as when it compiles a constant part itself) nothing is
/// folded by running it.
void buildGraphPipeline(mlir::OpPassManager &passes, const Backend &backend,
                        const TargetOptions &options,
                        graph::Evaluator *evaluator);

/// The graph to planned lir.
void buildLoweringPipeline(mlir::OpPassManager &passes, const Backend &backend);

/// Registers the two as `lambent-graph` and `lambent-lower`, for lambent-opt.
/// Both take `cpu` and `strict`; constants are not folded by running them.
void registerPipelines();

} // namespace lambent

#endif
