//===- WinogradPruning.h - How much of a Winograd filter goes ---*- C++ -*-===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_TRANSFORMS_WINOGRADPRUNING_H
#define LAMBENT_LIB_BACKENDS_CPU_TRANSFORMS_WINOGRADPRUNING_H

#include "mlir/IR/Location.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

namespace lambent::cpu {

/// The options `winograd-zeros` and `winograd-zeros-of`.
class WinogradPruning {
public:
  /// A percentage for all ops, and others as NAME=PERCENT.
  static llvm::Expected<WinogradPruning>
  create(double percent, llvm::ArrayRef<std::string> layers);

  /// The part of the vectors that an op of this location may leave out.
  double getShare(mlir::Location location) const;

private:
  double all = 0;
  llvm::StringMap<double> layers;
};

} // namespace lambent::cpu

#endif
