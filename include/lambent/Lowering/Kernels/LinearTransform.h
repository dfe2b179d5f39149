//===- LinearTransform.h - Exact matrices as straight lines -----*- C++ -*-===//
//
// A small constant matrix of fractions, and the steps that multiply a vector by
// it. Rows that are each other's mirror image (even parts equal, odd parts
// negated, as points p and -p make them) share both parts; so do such columns.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LOWERING_KERNELS_LINEARTRANSFORM_H
#define LAMBENT_LOWERING_KERNELS_LINEARTRANSFORM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace lambent::kernels {

/// A fraction in lowest terms with a positive denominator.
class Fraction {
public:
  Fraction(int64_t numerator = 0, int64_t denominator = 1);

  int64_t getNumerator() const { return numerator; }
  int64_t getDenominator() const { return denominator; }
  double toDouble() const { return double(numerator) / double(denominator); }
  bool isZero() const { return numerator == 0; }

  friend Fraction operator+(Fraction a, Fraction b);
  friend Fraction operator-(Fraction a) {
    return {-a.numerator, a.denominator};
  }
  friend Fraction operator-(Fraction a, Fraction b) { return a + -b; }
  friend Fraction operator*(Fraction a, Fraction b);
  friend Fraction operator/(Fraction a, Fraction b);
  bool operator==(const Fraction &other) const = default;

private:
  int64_t numerator, denominator;
};

class FractionMatrix {
public:
  FractionMatrix(int64_t rows = 0, int64_t columns = 0)
      : rows(rows), columns(columns), entries(rows * columns) {}

  int64_t getRows() const { return rows; }
  int64_t getColumns() const { return columns; }
  Fraction &at(int64_t row, int64_t column) {
    return entries[row * columns + column];
  }
  const Fraction &at(int64_t row, int64_t column) const {
    return entries[row * columns + column];
  }

private:
  int64_t rows, columns;
  std::vector<Fraction> entries;
};

/// matrix * values as a list of steps.
class LinearTransform {
public:
  explicit LinearTransform(const FractionMatrix &matrix);

  /// Runs the steps. `arithmetic` has multiply(Fraction c, T x), multiplyAdd(c,
  /// x, sum), add(a, b) and subtract(a, b). No row of the matrix may be zero.
  template <typename T, typename Arithmetic>
  llvm::SmallVector<T> apply(llvm::ArrayRef<T> values,
                             Arithmetic &&arithmetic) const {
    llvm::SmallVector<T> all(values);
    for (const Step &step : steps)
      switch (step.kind) {
      case Kind::Multiply:
        all.push_back(arithmetic.multiply(step.factor, all[step.a]));
        break;
      case Kind::MultiplyAdd:
        all.push_back(
            arithmetic.multiplyAdd(step.factor, all[step.a], all[step.b]));
        break;
      case Kind::Add:
        all.push_back(arithmetic.add(all[step.a], all[step.b]));
        break;
      case Kind::Subtract:
        all.push_back(arithmetic.subtract(all[step.a], all[step.b]));
        break;
      }
    llvm::SmallVector<T> results;
    for (unsigned result : outputs)
      results.push_back(all[result]);
    return results;
  }

  /// Multiplications, additions and both at once.
  int64_t getNumSteps() const { return steps.size(); }

private:
  enum class Kind { Multiply, MultiplyAdd, Add, Subtract };
  /// factor * a, factor * a + b, a + b or a - b, of values by their number.
  struct Step {
    Kind kind;
    unsigned a, b;
    Fraction factor;
  };
  struct Term {
    Fraction factor;
    unsigned value;
  };
  using Terms = llvm::SmallVector<Term>;

  unsigned push(Kind kind, unsigned a, unsigned b = 0, Fraction factor = 1);
  /// sum + factor * value.
  unsigned addTerm(Term term, unsigned sum);
  unsigned sumTerms(Terms terms);
  /// Replaces mirrored columns by their sum and difference.
  void pairColumns(std::vector<Terms> &rows, const FractionMatrix &matrix);
  void sumRows(llvm::ArrayRef<Terms> rows);

  unsigned numValues;
  std::vector<Step> steps;
  llvm::SmallVector<unsigned> outputs;
};

} // namespace lambent::kernels

#endif
