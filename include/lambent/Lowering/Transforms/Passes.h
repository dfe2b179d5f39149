//===- Passes.h - Passes on lir ---------------------------------*- C++ -*-===//

#ifndef LAMBENT_LOWERING_TRANSFORMS_PASSES_H
#define LAMBENT_LOWERING_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include <functional>

namespace lambent {

#define GEN_PASS_DECL
#include "lambent/Lowering/Transforms/Passes.h.inc"

/// Set by lir-group-independent on kernels that may run together with the one
/// before them.
constexpr llvm::StringLiteral kWithPrevious = "lir.with_previous";

/// Set by lir-bound-roundings on a math.roundeven whose operand is below 2^31
/// in magnitude and no NaN.
constexpr llvm::StringLiteral kWithinI32 = "lir.within_i32";

/// Whether a kernel's operand may have a type that is not dense.
using AcceptsLayout = std::function<bool(mlir::OpOperand &, mlir::MemRefType)>;

/// lir-remove-part-copies for a backend that takes parts of buffers as
/// `accepts` says.
std::unique_ptr<mlir::Pass> createRemovePartCopies(AcceptsLayout accepts);

/// lir-donate-inputs for such a backend.
std::unique_ptr<mlir::Pass> createDonateInputs(AcceptsLayout accepts);

/// lir-split-batch for such a backend and a cache of so many bytes.
std::unique_ptr<mlir::Pass> createSplitBatch(int64_t cacheBytes,
                                             AcceptsLayout accepts);

#define GEN_PASS_REGISTRATION
#include "lambent/Lowering/Transforms/Passes.h.inc"

} // namespace lambent

#endif
