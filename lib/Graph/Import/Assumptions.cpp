//===- Assumptions.cpp - What is taken for granted of input sizes ---------===//

#include "Assumptions.h"
#include "ControlFlow.h"
#include "Importer.h"
#include "lambent/Graph/IR/Graph.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

bool Importer::isInputSize(const Size &size) const {
  return isSizeOutside(size, numInputSymbols);
}

bool Importer::mayBeOne(const Size &size) const {
  auto symbol = dyn_cast_or_null<AffineSymbolExpr>(size.getExpression());
  if (!symbol || !isInputSize(size))
    return false;
  StringRef name = symbols[symbol.getPosition()];
  const DimRange *range = name.empty() ? nullptr : ranges.lookup(name);
  return !range || (range->least <= 1 && range->most >= 1);
}

void Importer::demandZero(Location loc, const Size &size, StringRef expected) {
  // Behind those of nodes before: the first that fails is reported.
  Block &entry = main.getBody().front();
  auto place =
      find_if(entry, [](Operation &op) { return !isa<SizesOp, CheckOp>(op); });
  OpBuilder begin(&entry, place);
  Value sizes = createSizeList(begin, loc, {size});
  CheckOp::create(begin, loc,
                  ValueRule{sizes, 0, 0, /*isExcluded=*/false, expected.str(),
                            0, 1, /*isAlways=*/true});
}

bool isPlainSize(const Size &size) {
  return size.isNumber() ||
         isa_and_present<AffineSymbolExpr>(size.getExpression());
}

Size isNotOne(const Size &size) {
  return indicatePositive(size - 1) + 1 - indicatePositive(size);
}

void Importer::noteEqualDims(Location loc, ArrayRef<Size> sizes) {
  SmallVector<Size> dims = to_vector(make_filter_range(sizes, isPlainSize));
  if (dims.size() < 2)
    return;
  needed.equalDims |=
      any_of(sizes, [&](const Size &size) { return mayBeOne(size); });
  // The lowering checks what its kernels need. But a body would find out too
  // late to choose another version, and shapes may be all that is needed.
  for (const Size &dim : ArrayRef(dims).drop_front())
    if (Size difference = dims.front() - dim; !difference.isNumber())
      demandZero(loc, difference, "operands whose sizes agree");
}

std::optional<bool> Importer::assumeCondition(Location loc,
                                              const Size &condition,
                                              StringRef ifTrue,
                                              StringRef ifFalse) {
  for (auto [known, isTrue] : conditions) {
    if (known == condition)
      return isTrue;
    if (known == 1 - condition)
      return !isTrue;
  }
  size_t index = conditions.size();
  if (index == SizeAssumptions::mostConditions)
    return std::nullopt;
  bool isUsual =
      index >= assumed.usualBranches.size() || assumed.usualBranches[index];
  bool isTrue = (condition.estimate() != 0) == isUsual;
  needed.usualBranches.push_back(isUsual);
  conditions.push_back({condition, isTrue});
  demandZero(loc, isTrue ? 1 - condition : condition,
             isTrue ? ifTrue : ifFalse);
  return isTrue;
}

} // namespace lambent::graph
