//===- LinearTransform.cpp - Exact matrices as straight lines -------------===//

#include "lambent/Lowering/Kernels/LinearTransform.h"
#include <algorithm>
#include <cassert>
#include <numeric>

using namespace lambent::kernels;

//===-- Fractions ---------------------------------------------------------===//

Fraction::Fraction(int64_t top, int64_t bottom) {
  assert(bottom != 0 && "a fraction of 0");
  int64_t common = std::gcd(top, bottom) * (bottom < 0 ? -1 : 1);
  numerator = top / common;
  denominator = bottom / common;
}

namespace lambent::kernels {

Fraction operator+(Fraction a, Fraction b) {
  return {a.numerator * b.denominator + b.numerator * a.denominator,
          a.denominator * b.denominator};
}

Fraction operator*(Fraction a, Fraction b) {
  return {a.numerator * b.numerator, a.denominator * b.denominator};
}

Fraction operator/(Fraction a, Fraction b) {
  return a * Fraction(b.denominator, b.numerator);
}

} // namespace lambent::kernels

//===-- Steps -------------------------------------------------------------===//

unsigned LinearTransform::push(Kind kind, unsigned a, unsigned b,
                               Fraction factor) {
  steps.push_back({kind, a, b, factor});
  return numValues + steps.size() - 1;
}

unsigned LinearTransform::addTerm(Term term, unsigned sum) {
  if (term.factor == 1)
    return push(Kind::Add, sum, term.value);
  if (term.factor == -1)
    return push(Kind::Subtract, sum, term.value);
  return push(Kind::MultiplyAdd, term.value, sum, term.factor);
}

unsigned LinearTransform::sumTerms(Terms terms) {
  // A term that needs no multiplication begins.
  auto first = llvm::find_if(terms, [](Term t) { return t.factor == 1; });
  if (first == terms.end())
    first = terms.begin();
  std::swap(*first, terms.front());
  unsigned sum = terms[0].factor == 1
                     ? terms[0].value
                     : push(Kind::Multiply, terms[0].value, 0, terms[0].factor);
  for (Term term : llvm::ArrayRef(terms).drop_front())
    sum = addTerm(term, sum);
  return sum;
}

/// Whether b is a or -a at every place, and how: 1, -1, or 0 where both are 0.
template <typename GetPair>
static std::optional<llvm::SmallVector<int>> findMirror(int64_t count,
                                                        GetPair get) {
  llvm::SmallVector<int> signs;
  for (int64_t i = 0; i < count; ++i) {
    auto [a, b] = get(i);
    if (a.isZero() && b.isZero())
      signs.push_back(0);
    else if (a == b)
      signs.push_back(1);
    else if (a == -b)
      signs.push_back(-1);
    else
      return std::nullopt;
  }
  if (!llvm::is_contained(signs, 1) || !llvm::is_contained(signs, -1))
    return std::nullopt;
  return signs;
}

void LinearTransform::pairColumns(std::vector<Terms> &rows,
                                  const FractionMatrix &matrix) {
  int64_t columns = matrix.getColumns();
  llvm::SmallVector<bool> isDone(columns, false);
  for (int64_t i = 0; i < columns; ++i) {
    std::optional<llvm::SmallVector<int>> signs;
    int64_t j = i + 1;
    for (; j < columns && !isDone[i] && !signs; ++j)
      if (!isDone[j])
        signs = findMirror(matrix.getRows(), [&](int64_t row) {
          return std::pair(matrix.at(row, i), matrix.at(row, j));
        });
    unsigned sum = 0, difference = 0;
    if (signs) {
      isDone[j - 1] = true;
      sum = push(Kind::Add, i, j - 1);
      difference = push(Kind::Subtract, i, j - 1);
    }
    for (int64_t row = 0; row < matrix.getRows() && !isDone[i]; ++row)
      if (!matrix.at(row, i).isZero())
        rows[row].push_back({matrix.at(row, i), !signs ? unsigned(i)
                                                : (*signs)[row] > 0
                                                    ? sum
                                                    : difference});
  }
}

void LinearTransform::sumRows(llvm::ArrayRef<Terms> rows) {
  outputs.assign(rows.size(), ~0u);
  auto factorOf = [&](const Terms &terms, unsigned value) {
    auto term = llvm::find_if(terms, [&](Term t) { return t.value == value; });
    return term == terms.end() ? Fraction(0) : term->factor;
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    if (outputs[i] != ~0u)
      continue;
    unsigned values = numValues + steps.size();
    std::optional<llvm::SmallVector<int>> signs;
    size_t j = i + 1;
    for (; j < rows.size() && !signs; ++j)
      if (outputs[j] == ~0u)
        signs = findMirror(values, [&](int64_t value) {
          return std::pair(factorOf(rows[i], value), factorOf(rows[j], value));
        });
    if (!signs) {
      outputs[i] = sumTerms(rows[i]);
      continue;
    }
    Terms even, odd;
    for (Term term : rows[i])
      ((*signs)[term.value] > 0 ? even : odd).push_back(term);
    // The odd part without the factor of its last term.
    Fraction factor = odd.back().factor;
    for (Term &term : odd)
      term.factor = term.factor / factor;
    unsigned evenSum = sumTerms(even), oddSum = sumTerms(odd);
    outputs[i] = addTerm({factor, oddSum}, evenSum);
    outputs[j - 1] = addTerm({-factor, oddSum}, evenSum);
  }
}

LinearTransform::LinearTransform(const FractionMatrix &matrix)
    : numValues(matrix.getColumns()) {
  std::vector<Terms> rows(matrix.getRows());
  pairColumns(rows, matrix);
  sumRows(rows);
}
