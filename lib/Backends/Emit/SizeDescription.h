//===- SizeDescription.h - What a model says of its open sizes --*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_EMIT_SIZEDESCRIPTION_H
#define LAMBENT_LIB_BACKENDS_EMIT_SIZEDESCRIPTION_H

#include "SizeTable.h"
#include "lambent/Backends/Emit/Schedule.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"

namespace lambent::emit {

/// The last fields of LambentModel; zeros and nulls where every dim is bound.
struct SizeDescription {
  int64_t numSymbols = 0, numValues = 0, numBlocks = 0, numChecks = 0;
  int32_t scratchValue = -1;
  llvm::Constant *symbols, *checks, *blocks, *evaluate;
};

/// Describes the open sizes of `schedule` in `module`, and those that others
/// have added to `sizes` so far. `getText` places a string. Fails, with an error
/// on the function, where no input decides a symbol.
mlir::FailureOr<SizeDescription>
describeSizes(const Schedule &schedule, SizeTable &sizes, llvm::StringRef name,
              llvm::Module &module,
              llvm::function_ref<llvm::Constant *(llvm::StringRef)> getText);

/// Which values are the sizes of a tensor's dims, or -1 for numbers; null where
/// all are bound.
llvm::Constant *describeDims(llvm::ArrayRef<Size> dims, SizeTable &sizes,
                             llvm::Module &module);

} // namespace lambent::emit

#endif
