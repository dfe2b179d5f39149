//===- SizeDescription.cpp - What a model says of its open sizes ----------===//
//
// Mirrors include/lambent-c/model.h field by field.
//
//===----------------------------------------------------------------------===//

#include "SizeDescription.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"
#include "llvm/IR/IRBuilder.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::emit;
using llvm::Constant;

static Constant *placeList(ArrayRef<Constant *> items, StringRef name,
                           llvm::Module &module) {
  llvm::LLVMContext &context = module.getContext();
  if (items.empty())
    return llvm::ConstantPointerNull::get(llvm::PointerType::get(context, 0));
  auto *type = llvm::ArrayType::get(items[0]->getType(), items.size());
  return new llvm::GlobalVariable(module, type, /*isConstant=*/true,
                                  llvm::GlobalValue::PrivateLinkage,
                                  llvm::ConstantArray::get(type, items), name);
}

Constant *emit::describeDims(ArrayRef<Size> dims, SizeTable &sizes,
                             llvm::Module &module) {
  SmallVector<Constant *> numbers;
  if (!areNumbers(dims))
    for (const Size &size : dims)
      numbers.push_back(llvm::ConstantInt::getSigned(
          llvm::Type::getInt32Ty(module.getContext()),
          size.isNumber() ? -1 : sizes.add(size)));
  return placeList(numbers, "sizes", module);
}

namespace {

/// A symbol's place among the inputs: dim = factor * symbol.
struct SymbolPlace {
  int64_t input, dim, factor;
  /// It is the room that a donated input has behind the output along dim.
  bool isSpare = false;
};

} // namespace

/// How often `size` is symbol `index`, if it is no more than that.
static std::optional<int64_t> getFactor(const Size &size, unsigned index) {
  AffineExpr expression = size.getExpression();
  int64_t factor = 1;
  auto product = dyn_cast_or_null<AffineBinaryOpExpr>(expression);
  if (product && product.getKind() == AffineExprKind::Mul)
    if (auto constant = dyn_cast<AffineConstantExpr>(product.getRHS())) {
      factor = constant.getValue();
      expression = product.getLHS();
    }
  auto symbol = dyn_cast_or_null<AffineSymbolExpr>(expression);
  return symbol && symbol.getPosition() == index ? std::optional(factor)
                                                 : std::nullopt;
}

static std::optional<SymbolPlace> findPlace(const Schedule &schedule,
                                            unsigned index) {
  func::FuncOp function = schedule.function;
  int64_t numInputs =
      function->getAttrOfType<IntegerAttr>("lir.num_inputs").getInt();
  for (int64_t input = 0; input < numInputs; ++input)
    for (auto [dim, size] :
         llvm::enumerate(lir::getSizes(function.getArgument(input))))
      if (std::optional<int64_t> factor = getFactor(size, index))
        return SymbolPlace{input, int64_t(dim), *factor};
  for (auto donated : function.getOps<lir::DonateOp>()) {
    if (!donated.getGrown())
      continue;
    int64_t dim = *donated.getGrown();
    Size spare = lir::getSizes(donated.getResult())[dim] -
                 lir::getSizes(donated.getOutput())[dim];
    if (getFactor(spare, index))
      return SymbolPlace{cast<BlockArgument>(donated.getInput()).getArgNumber(),
                         dim, 1, true};
  }
  return std::nullopt;
}

/// The nodes that a location names, for messages.
static std::string getNames(Location loc) {
  std::string text;
  loc->walk([&](Location part) {
    if (auto name = dyn_cast<NameLoc>(part); name && text.empty())
      text = name.getName().str();
    return WalkResult::advance();
  });
  return text;
}

/// The symbols that a size follows from, in order.
static SmallVector<unsigned> getSymbols(const Size &size) {
  SmallVector<unsigned> symbols;
  if (AffineExpr expression = size.getExpression())
    expression.walk([&](AffineExpr part) {
      if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
        symbols.push_back(symbol.getPosition());
    });
  llvm::sort(symbols);
  symbols.erase(llvm::unique(symbols), symbols.end());
  return symbols;
}

FailureOr<SizeDescription>
emit::describeSizes(const Schedule &schedule, SizeTable &sizes, StringRef name,
                    llvm::Module &module,
                    function_ref<Constant *(StringRef)> getText) {
  llvm::IRBuilder<> builder(module.getContext());
  SizeDescription result;
  result.symbols = result.checks = result.blocks = result.evaluate =
      llvm::ConstantPointerNull::get(builder.getPtrTy());
  if (!schedule.isOpen())
    return result;
  func::FuncOp function = schedule.function;
  auto makeRow = [](ArrayRef<Constant *> fields) -> Constant * {
    return llvm::ConstantStruct::getAnon(fields);
  };
  auto getInt = [](Attribute dictionary, StringRef key, int64_t otherwise) {
    auto entry = dyn_cast<DictionaryAttr>(dictionary);
    auto number = entry ? entry.getAs<IntegerAttr>(key) : IntegerAttr();
    return number ? number.getInt() : otherwise;
  };
  auto getSize = [](Attribute dictionary, StringRef key) {
    return cast<DictionaryAttr>(dictionary)
        .getAs<lir::SizesAttr>(key)
        .getSizes()
        .front();
  };

  auto placeNumbers = [&](ArrayRef<unsigned> numbers) {
    SmallVector<Constant *> constants;
    for (unsigned number : numbers)
      constants.push_back(builder.getInt32(number));
    return constants;
  };

  SmallVector<Constant *> symbols, checks, blocks;
  for (auto [index, entry] :
       llvm::enumerate(function->getAttrOfType<ArrayAttr>("lir.symbols"))) {
    unsigned epoch = schedule.symbolEpochs[index];
    std::optional<SymbolPlace> place =
        epoch ? SymbolPlace{-1, 0, 1} : findPlace(schedule, index);
    // A body has the symbols of the function that calls it.
    if (!place && function.isPrivate())
      place = SymbolPlace{-1, 0, 1};
    if (!place)
      return function.emitError("expected an input whose dim is symbol ")
             << index;
    auto text = dyn_cast<StringAttr>(entry);
    if (auto dictionary = dyn_cast<DictionaryAttr>(entry))
      text = dictionary.getAs<StringAttr>("name");
    symbols.push_back(
        makeRow({getText(text ? text.getValue() : ""),
                 builder.getInt64(getInt(entry, "least", 0)),
                 builder.getInt64(getInt(entry, "most", INT64_MAX)),
                 builder.getInt64(place->factor),
                 builder.getInt32(place->input), builder.getInt32(place->dim),
                 builder.getInt32(epoch), builder.getInt32(place->isSpare)}));
  }
  if (auto list = function->getAttrOfType<ArrayAttr>("lir.size_checks"))
    for (auto entry : list.getAsRange<DictionaryAttr>())
      checks.push_back(makeRow(
          {getText(getNames(Location(entry.getAs<LocationAttr>("loc")))),
           getText(entry.getAs<StringAttr>("expected").getValue()),
           builder.getInt32(sizes.add(getSize(entry, "size"))),
           builder.getInt32(entry.getAs<BoolAttr>("is_zero").getValue()),
           builder.getInt32(sizes.getEpoch(getSize(entry, "size"))),
           builder.getInt32(getSymbols(getSize(entry, "size")).size()),
           placeList(placeNumbers(getSymbols(getSize(entry, "size"))),
                     "symbols", module)}));
  if (auto list = function->getAttrOfType<ArrayAttr>("lir.blocks"))
    for (Attribute entry : list)
      blocks.push_back(
          makeRow({builder.getInt32(sizes.add(getSize(entry, "bytes"))),
                   builder.getInt32(sizes.getEpoch(getSize(entry, "bytes"))),
                   builder.getInt32(getInt(entry, "first", 0)),
                   builder.getInt32(getInt(entry, "last", 0))}));
  if (!schedule.openScratch.empty()) {
    Sizes scratch = schedule.openScratch;
    scratch.push_back(schedule.scratchBytes);
    result.scratchValue = sizes.addLargest(scratch);
  }
  result.numSymbols = symbols.size();
  result.numChecks = checks.size();
  result.numBlocks = blocks.size();
  result.numValues = sizes.size();
  result.symbols = placeList(symbols, "symbols", module);
  result.checks = placeList(checks, "size_checks", module);
  result.blocks = placeList(blocks, "blocks", module);
  result.evaluate = sizes.build(name, module);
  return result;
}
