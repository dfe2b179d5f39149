//===- AssumedSizes.cpp - What open sizes are taken to be -----------------===//

#include "AssumedSizes.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

AssumedSizes::AssumedSizes(Operation *op) {
  auto function = op->getParentOfType<func::FuncOp>();
  auto symbols = function ? function->getAttrOfType<ArrayAttr>("lir.symbols")
                          : ArrayAttr();
  if (!symbols)
    return;
  for (Attribute symbol : symbols) {
    Range range;
    auto read = [&](StringRef key, int64_t &number) {
      auto entry = dyn_cast<DictionaryAttr>(symbol);
      if (auto value = entry ? entry.getAs<IntegerAttr>(key) : IntegerAttr())
        number = value.getInt();
    };
    read("least", range.least);
    read("most", range.most);
    read("factor", range.factor);
    range.factor = std::max<int64_t>(1, range.factor);
    ranges.push_back(range);
  }
}

int64_t AssumedSizes::get(const Size &size, int64_t usual) const {
  AffineExpr expression = size.getExpression();
  if (!expression)
    return size.getNumber();
  // Larger ones make no difference, but their products might overflow.
  constexpr int64_t large = 1 << 15;
  DenseMap<AffineExpr, AffineExpr> numbers;
  expression.walk([&](AffineExpr part) {
    auto symbol = dyn_cast<AffineSymbolExpr>(part);
    if (!symbol)
      return;
    unsigned index = symbol.getPosition();
    Range range = index < ranges.size() ? ranges[index] : Range();
    int64_t dim = std::min(std::max(usual, range.least), range.most);
    numbers[part] = getAffineConstantExpr(
        std::clamp<int64_t>(dim / range.factor, 1, large), part.getContext());
  });
  // A quotient by 0 or less stays one, and then nothing is known.
  auto number = dyn_cast<AffineConstantExpr>(expression.replace(numbers));
  return number ? std::clamp<int64_t>(number.getValue(), 1, large) : 1;
}
