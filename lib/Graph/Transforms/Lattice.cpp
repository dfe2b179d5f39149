//===- Lattice.cpp - Numbers that are multiples of one step ---------------===//
//
// The least magnitude m of a set is code * step for one of 255 codes, and each
// guess c tells all others: v is c * v / m. A step is known up to its rounding
// from the largest magnitude, of which three f32 are tried.
//
//===----------------------------------------------------------------------===//

#include "Lattice.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <cstring>

using namespace mlir;

namespace lambent::graph {

static constexpr int64_t mostCodes = 256;

std::optional<int64_t> Lattice::getCode(float number) const {
  double code = std::nearbyint(double(number) / double(step));
  if (!(std::abs(code) < mostCodes) || float(code) * step != number)
    return std::nullopt;
  return int64_t(code);
}

/// The least signed number of `bits`.
static int64_t getFirst(int64_t bits) { return -(int64_t(1) << (bits - 1)); }

int64_t Lattice::getBits() const {
  for (int64_t bits : {2, 4, 8})
    if (most - least < int64_t(1) << bits)
      return bits;
  return 0;
}

int64_t Lattice::getZero(int64_t bits) const {
  int64_t first = getFirst(bits);
  return least >= first && most < -first ? 0 : first - least;
}

Lattice Lattice::preferSigned(int64_t bits) const {
  Lattice other{-step, -most, -least};
  return getZero(bits) != 0 && other.getZero(bits) == 0 ? other : *this;
}

void LatticeSearch::clear() {
  llvm::fill(slots, 0);
  numbers.clear();
}

bool LatticeSearch::add(float number) {
  if (number == 0)
    return true;
  // Far from what f32 holds a product by a code rounds as any other.
  constexpr float least = 0x1p-100f, most = 0x1p100f;
  if (!(std::abs(number) >= least && std::abs(number) <= most))
    return false;
  uint32_t bits;
  std::memcpy(&bits, &number, sizeof bits);
  size_t slot = (bits * 2654435769u) >> 22;
  for (; slots[slot] != 0; slot = (slot + 1) % numSlots)
    if (slots[slot] == bits)
      return true;
  if (int64_t(numbers.size()) + 1 >= mostCodes)
    return false;
  slots[slot] = bits;
  numbers.push_back(number);
  return true;
}

std::optional<Lattice> LatticeSearch::find() const {
  if (numbers.empty())
    return Lattice();
  auto magnitudes = llvm::map_range(
      numbers, [](float number) { return double(std::abs(number)); });
  double least = *llvm::min_element(magnitudes),
         most = *llvm::max_element(magnitudes);
  for (int64_t code = 1; code < mostCodes; ++code) {
    double last = std::nearbyint(double(code) * most / least);
    if (last >= mostCodes)
      return std::nullopt;
    float guess = float(most / last);
    for (float step : {guess, std::nextafter(guess, 0.0f),
                       std::nextafter(guess, INFINITY)}) {
      Lattice lattice{step};
      bool holds = llvm::all_of(numbers, [&](float number) {
        std::optional<int64_t> found = lattice.getCode(number);
        lattice.least = std::min(lattice.least, found.value_or(0));
        lattice.most = std::max(lattice.most, found.value_or(0));
        return found.has_value();
      });
      if (holds && lattice.getBits())
        return lattice;
    }
  }
  return std::nullopt;
}

} // namespace lambent::graph
