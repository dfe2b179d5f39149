//===- Passes.h - Passes on lir ---------------------------------*- C++ -*-===//

#ifndef LAMBENT_LOWERING_TRANSFORMS_PASSES_H
#define LAMBENT_LOWERING_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace lambent {

#define GEN_PASS_DECL
#include "lambent/Lowering/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lambent/Lowering/Transforms/Passes.h.inc"

} // namespace lambent

#endif
