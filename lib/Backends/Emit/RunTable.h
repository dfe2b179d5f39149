//===- RunTable.h - A model's layers as tables, and their walk --*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_EMIT_RUNTABLE_H
#define LAMBENT_LIB_BACKENDS_EMIT_RUNTABLE_H

#include "SizeTable.h"
#include "lambent/Backends/Emit/Schedule.h"
#include "llvm/IR/Module.h"

namespace lambent::emit {

/// Adds to `module` the tables of `schedule` and `void name(LambentCall *)`,
/// which calls parallel_for once for each of their layers, in order, or invoke
/// for a layer that is a call. `kernels` are the model's. Open sizes that it
/// needs are added to `sizes`.
llvm::Function *buildRun(const Schedule &schedule,
                         llvm::ArrayRef<KernelUse> kernels, SizeTable &sizes,
                         llvm::StringRef name, llvm::Module &module);

} // namespace lambent::emit

#endif
