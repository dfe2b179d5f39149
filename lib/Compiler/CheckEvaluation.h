//===- CheckEvaluation.h - Constant folding without the work ----*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_CHECKEVALUATION_H
#define LAMBENT_LIB_COMPILER_CHECKEVALUATION_H

#include "lambent/Compiler/Compiler.h"
#include "lambent/Graph/IR/Evaluator.h"

namespace lambent {

/// An evaluator for a model that is only checked: it makes sure that constant
/// parts compile, and computes what passes may read of them. A larger result is
/// of the right type, and all zeros that take no memory.
std::unique_ptr<graph::Evaluator>
createCheckEvaluator(const CompileOptions &options);

} // namespace lambent

#endif
