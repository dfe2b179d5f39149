//===- Considered.h - What the choice of an algorithm leaves on an op -----===//
//
// cpu-select-algorithms writes down what each variant of an op said. Nothing
// follows from it: a compiled model hands it on to whoever asks why.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_EMIT_CONSIDERED_H
#define LAMBENT_BACKENDS_EMIT_CONSIDERED_H

#include "mlir/IR/Operation.h"
#include <string>
#include <vector>

namespace lambent::emit {

/// The attribute: a list of dictionaries, one a variant, in the table's order.
constexpr llvm::StringLiteral kConsidered = "lir.considered";

/// The attribute: by which key choices that were measured know the op.
constexpr llvm::StringLiteral kChoiceKey = "lir.choice_key";

/// A variant of an op, and what it said.
struct Considered {
  std::string variant;
  mlir::Attribute algorithm; ///< null where it cannot compute the op
  std::string rejection;     ///< then, why
  int64_t cycles = 0;        ///< else; 0 where there is no estimate
  bool isChosen = false;
  std::string note; ///< else, what it costs besides time, or ""
};

void setConsidered(mlir::Operation *op, llvm::ArrayRef<Considered> variants);

/// Empty where nothing was written down.
std::vector<Considered> getConsidered(mlir::Operation *op);

} // namespace lambent::emit

#endif
