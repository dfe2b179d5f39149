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

void Importer::noteBranch(Location loc, const Size &condition, bool isTrue) {
  needed.usualBranches = true;
  std::string expected =
      std::string("sizes for which the condition is ") +
      (isTrue ? "true" : "false") +
      ", since the other branch gives a result of another rank";
  demandZero(loc, isTrue ? 1 - condition : condition, expected);
}

} // namespace lambent::graph
