//===- SortDigits.h - Sorts numbers digit by digit --------------*- C++ -*-===//
//
// A radix sort from the lowest digit (8 bits) of a number's key up: unsigned
// keys ascend as the numbers do. All digits are counted in one walk; a digit
// that is the same everywhere takes no other.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_KERNELS_SORTDIGITS_H
#define LAMBENT_LIB_BACKENDS_CPU_KERNELS_SORTDIGITS_H

#include "lambent/Backends/CPU/KernelBuilder.h"

namespace lambent::cpu {

class SortDigits {
public:
  /// Of numbers of type `compared`: `load` gives that of a row. `counts` is
  /// memory of getCountBytes.
  SortDigits(KernelBuilder &builder, mlir::Type compared, bool isUnsigned,
             mlir::Value counts, std::function<mlir::Value(mlir::Value)> load);

  /// Bytes that counting takes.
  static int64_t getCountBytes(mlir::Type compared);

  /// Sorts `rows` rows, listed in `from`, by their numbers, those of equal ones
  /// kept in order; `to` is a list to work with. Returns which of both has
  /// them.
  mlir::Value sort(mlir::Value rows, mlir::Value from, mlir::Value to);

private:
  mlir::Value getKey(mlir::Value row);
  /// The place in `counts` of a key's digit `digit`.
  mlir::Value findCount(mlir::Value key, mlir::Value digit);
  void countAll(mlir::Value rows);
  void addUp(mlir::Value digit);
  void move(mlir::Value rows, mlir::Value digit, mlir::Value from,
            mlir::Value to);

  KernelBuilder &builder;
  mlir::Type compared, i64;
  bool isUnsigned;
  mlir::Value counts;
  std::function<mlir::Value(mlir::Value)> load;
  int64_t digits;
};

} // namespace lambent::cpu

#endif
