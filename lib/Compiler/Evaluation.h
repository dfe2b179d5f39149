//===- Evaluation.h - Runs constant parts of a model by compiling them ----===//

#ifndef LAMBENT_LIB_COMPILER_EVALUATION_H
#define LAMBENT_LIB_COMPILER_EVALUATION_H

#include "lambent/Compiler/Compiler.h"
#include "lambent/Graph/IR/Evaluator.h"

namespace lambent {

/// An evaluator that compiles with these options, for this machine, and runs on
/// the calling thread.
std::unique_ptr<graph::Evaluator>
createEvaluator(const CompileOptions &options);

/// Makes sure that a function of constants compiles, up to the loops of its
/// kernels. Failure was reported.
mlir::LogicalResult checkConstants(mlir::func::FuncOp function,
                                   const CompileOptions &options);

} // namespace lambent

#endif
