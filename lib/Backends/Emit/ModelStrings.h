//===- ModelStrings.h - The strings of a model's constants ------*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_EMIT_MODELSTRINGS_H
#define LAMBENT_LIB_BACKENDS_EMIT_MODELSTRINGS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/IR/Module.h"

namespace lambent::emit {

/// `lir.strings` as an array of LambentString, whose bytes lie one behind the
/// other; a null pointer without any.
llvm::Constant *describeStrings(mlir::ArrayAttr strings, llvm::Module &module);

} // namespace lambent::emit

#endif
