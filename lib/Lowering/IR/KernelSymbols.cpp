//===- KernelSymbols.cpp - The symbols that a kernel's code reads ---------===//

#include "lambent/Lowering/IR/KernelSymbols.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace lambent;

SmallVector<unsigned> lir::listSymbols(Operation *op) {
  llvm::SetVector<unsigned> symbols;
  auto addExpression = [&](AffineExpr expression) {
    expression.walk([&](AffineExpr part) {
      if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
        symbols.insert(symbol.getPosition());
    });
  };
  auto add = [&](const Size &size) {
    if (AffineExpr expression = size.getExpression())
      addExpression(expression);
  };
  AttrTypeWalker walker;
  walker.addWalk(
      [&](SizesAttr sizes) { llvm::for_each(sizes.getSizes(), add); });
  walker.addWalk([&](LayoutAttr layout) {
    llvm::for_each(layout.getSizes(), add);
    llvm::for_each(layout.getStrides(), add);
    add(layout.getOffset());
  });
  walker.addWalk([&](AffineMapAttr map) {
    llvm::for_each(map.getValue().getResults(), addExpression);
  });
  for (Value operand : op->getOperands())
    walker.walk(operand.getType());
  op->walk<WalkOrder::PreOrder>(
      [&](Operation *inner) { walker.walk(inner->getAttrDictionary()); });
  return symbols.takeVector();
}

void lir::renumberSymbols(Operation *op, ArrayRef<unsigned> symbols) {
  MLIRContext *context = op->getContext();
  llvm::DenseMap<AffineExpr, AffineExpr> numbers;
  for (auto [index, symbol] : llvm::enumerate(symbols))
    numbers[getAffineSymbolExpr(symbol, context)] =
        getAffineSymbolExpr(index, context);
  auto renumber = [&](const Size &size) {
    AffineExpr expression = size.getExpression();
    return expression ? Size(expression.replace(numbers)) : size;
  };
  auto renumberAll = [&](ArrayRef<Size> sizes) {
    return Sizes(llvm::map_range(sizes, renumber));
  };
  AttrTypeReplacer replacer;
  replacer.addReplacement([&](SizesAttr sizes) -> Attribute {
    return SizesAttr::get(context, renumberAll(sizes.getSizes()));
  });
  replacer.addReplacement([&](LayoutAttr layout) -> Attribute {
    return LayoutAttr::get(context, renumberAll(layout.getSizes()),
                           renumberAll(layout.getStrides()),
                           renumber(layout.getOffset()));
  });
  replacer.addReplacement([&](AffineMapAttr map) -> Attribute {
    SmallVector<AffineExpr> results;
    for (AffineExpr result : map.getValue().getResults())
      results.push_back(result.replace(numbers));
    return AffineMapAttr::get(AffineMap::get(
        map.getValue().getNumDims(),
        map.getValue().getNumSymbols() ? symbols.size() : 0, results, context));
  });
  replacer.recursivelyReplaceElementsIn(op, /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
  for (Value operand : op->getOperands())
    operand.setType(replacer.replace(operand.getType()));
}
