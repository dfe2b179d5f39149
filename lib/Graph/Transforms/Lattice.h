//===- Lattice.h - Numbers that are multiples of one step -------*- C++ -*-===//
//
// Training for few bits leaves weights code * step, rounded to f32, with small
// integers for codes. The step is found from a set of such numbers, exactly:
// what every number is computed from again has its bits.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_TRANSFORMS_LATTICE_H
#define LAMBENT_LIB_GRAPH_TRANSFORMS_LATTICE_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>

namespace lambent::graph {

/// Numbers code * step, with codes from `least` to `most`, 0 among them.
struct Lattice {
  float step = 1;
  int64_t least = 0, most = 0;

  /// The code of a number; nothing where code * step, in f32, is another
  /// number. Both zeros have the code 0.
  std::optional<int64_t> getCode(float number) const;
  /// How many bits codes take, of 2, 4 and 8, with a zero point where they
  /// need one; 0 where 8 are not enough.
  int64_t getBits() const;
  /// The zero point with which codes of `bits` are signed: 0 where it can be.
  int64_t getZero(int64_t bits) const;
  /// Codes negated, and the step, where that saves a zero point: -7 to 8
  /// become -8 to 7.
  Lattice preferSigned(int64_t bits) const;
};

/// Collects numbers until it is known whether they lie on a lattice of at most
/// 8 bits.
class LatticeSearch {
public:
  LatticeSearch() : slots(numSlots, 0) {}
  /// Forgets all numbers.
  void clear();
  /// Adds a number; false where there is no lattice for it and those before:
  /// they are too many, or no finite numbers of a usual size.
  bool add(float number);
  /// The coarsest lattice that all numbers lie on. Of zeros alone, or of
  /// nothing, it has one code.
  std::optional<Lattice> find() const;

private:
  static constexpr size_t numSlots = 1024; ///< of which 256 are used at most
  llvm::SmallVector<uint32_t, 0> slots;    ///< bits of numbers, hashed
  llvm::SmallVector<float> numbers;        ///< but 0
};

} // namespace lambent::graph

#endif
