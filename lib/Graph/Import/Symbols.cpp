//===- Symbols.cpp - Sizes that a run decides, by their symbols -----------===//

#include "Importer.h"
#include "lambent/Graph/IR/Graph.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Size Importer::getSymbol(StringRef name) {
  auto found = find(symbols, name);
  if (found == symbols.end() || name.empty())
    found = symbols.insert(symbols.end(), name.str());
  const DimRange *range = ranges.lookup(name);
  return Size::symbol(found - symbols.begin(), context) *
         (range ? range->factor : 1);
}

Size Importer::getInputSymbol(StringRef name, StringRef input, size_t index) {
  Size symbol = getSymbol(name);
  if (openDims.size() < symbols.size())
    openDims.push_back(
        name.empty() ? ("dim " + Twine(index) + " of '" + input + "'").str()
                     : name.str());
  return symbol;
}

Sizes Importer::decide(Location loc, Value sizes) {
  size_t first = symbols.size();
  symbols.resize(first + cast<RankedTensorType>(sizes.getType()).getDimSize(0));
  DecideOp::create(builder, loc, sizes, builder.getI64IntegerAttr(first));
  Sizes decided;
  for (size_t symbol = first; symbol < symbols.size(); ++symbol)
    decided.push_back(Size::symbol(symbol, context));
  return decided;
}

/// The name of each symbol, and where the options say it the range of its dim
/// and how often that is the symbol.
ArrayAttr Importer::describeSymbols() {
  SmallVector<Attribute> list;
  for (const std::string &name : symbols) {
    list.push_back(builder.getStringAttr(name));
    const DimRange *range = name.empty() ? nullptr : ranges.lookup(name);
    if (!range)
      continue;
    auto number = [&](StringRef key, int64_t value) {
      return builder.getNamedAttr(key, builder.getI64IntegerAttr(value));
    };
    SmallVector<NamedAttribute> entry{builder.getNamedAttr("name", list.back()),
                                      number("least", range->least),
                                      number("most", range->most)};
    if (range->factor != 1)
      entry.push_back(number("factor", range->factor));
    list.back() = builder.getDictionaryAttr(entry);
  }
  return builder.getArrayAttr(list);
}

std::string Importer::askForSymbols(ArrayRef<unsigned> positions) const {
  SmallVector<StringRef> names, options;
  for (unsigned position : positions) {
    names.push_back(openDims[position]);
    StringRef option = symbols[position].empty() ? "--shape" : "--dim";
    if (!is_contained(options, option))
      options.push_back(option);
  }
  return names.empty() ? ""
                       : ": bind the open dims (" + join(names, ", ") +
                             ") with " + join(options, " and ");
}

std::string Importer::askForDims() const {
  return askForSymbols(to_vector(seq<unsigned>(0, openDims.size())));
}

std::string Importer::askForDims(const Size &size) const {
  llvm::SmallSetVector<unsigned, 4> positions;
  if (!size.getExpression() || !isInputSize(size))
    return "";
  size.getExpression().walk([&](AffineExpr part) {
    if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
      positions.insert(symbol.getPosition());
  });
  return askForSymbols(positions.getArrayRef());
}

} // namespace lambent::graph
