//===- Passes.h - From graph to lir -----------------------------*- C++ -*-===//

#ifndef LAMBENT_LOWERING_GRAPHTOLIR_PASSES_H
#define LAMBENT_LOWERING_GRAPHTOLIR_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace lambent {

#define GEN_PASS_DECL
#include "lambent/Lowering/GraphToLIR/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "lambent/Lowering/GraphToLIR/Passes.h.inc"

} // namespace lambent

#endif
