//===- ValueRule.h - What an op asks of integers that it is given -*- C++ -*-=//

#ifndef LAMBENT_GRAPH_IR_VALUERULE_H
#define LAMBENT_GRAPH_IR_VALUERULE_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <string>

namespace lambent::graph {

/// Integers that must lie in [low, high], or, with `isExcluded`, outside.
struct ValueRule {
  mlir::Value values;
  int64_t low, high;
  bool isExcluded;
  std::string expected; ///< for messages: "an index from -5 to 4"
  /// The rule is about the elements `first`, `first + step`, ... only.
  int64_t first = 0, step = 1;
  /// Whether every run checks it, since sizes follow from the values; else those
  /// that check values do.
  bool isAlways = false;

  /// Indices into a dim of `size` elements, counting from the end where
  /// negative.
  static ValueRule forIndices(mlir::Value indices, int64_t size);
  static ValueRule forDivisors(mlir::Value divisors);

  bool allows(int64_t value) const {
    return (value >= low && value <= high) != isExcluded;
  }
  /// Whether the values are constants.
  bool isKnown() const;
  /// The first value of a constant, of any size, that breaks the rule.
  std::optional<int64_t> findWrongValue() const;
};

/// The rules for tuples of indices, along the last dim of `indices`, into dims
/// of these sizes; open ones have none.
llvm::SmallVector<ValueRule> getIndexTupleRules(mlir::Value indices,
                                                llvm::ArrayRef<int64_t> sizes);

} // namespace lambent::graph

#endif
