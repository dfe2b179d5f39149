//===- Offers.h - Values that the caller has for inputs ---------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_OFFERS_H
#define LAMBENT_LIB_GRAPH_IMPORT_OFFERS_H

#include "lambent/Graph/Import/Import.h"
#include "llvm/ADT/StringSet.h"

namespace lambent::graph {

/// The offered constants, and which of them an attempt to import the model has
/// found to be needed: the next attempt uses these.
class Offers {
public:
  explicit Offers(llvm::ArrayRef<OfferedConstant> constants)
      : constants(constants) {}

  bool isEmpty() const { return constants.empty(); }
  /// What is offered for an input, or null.
  const OfferedConstant *find(llvm::StringRef input) const;
  /// What stands for the input in this attempt, or null: the input itself.
  const OfferedConstant *findUsed(llvm::StringRef input) const;
  /// Notes that the model itself has a value for an input. Where that is
  /// needed, the next attempt has no such input, but a constant.
  void addDefault(llvm::StringRef input) { defaults.insert(input); }
  bool usesDefault(llvm::StringRef input) const {
    return used.contains(input) && !find(input);
  }
  /// Notes that an input's value is needed; whether it is offered.
  bool want(llvm::StringRef input);
  /// Whether there is reason for another attempt, which uses all that is
  /// wanted.
  bool beginNextAttempt();

private:
  llvm::ArrayRef<OfferedConstant> constants;
  llvm::StringSet<> used, wanted, defaults;
};

/// "f32[1x3]", as the runtime describes tensors; the name of an element type;
/// "a sequence of f32[?]".
std::string describeType(mlir::Type type);

/// The arguments of the function that values are computed from.
llvm::SmallVector<mlir::BlockArgument>
findInputs(llvm::ArrayRef<mlir::Value> values);

} // namespace lambent::graph

#endif
