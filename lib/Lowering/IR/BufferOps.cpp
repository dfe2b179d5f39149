//===- BufferOps.cpp - Buffers, weights and views -------------------------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

int64_t lir::getElementBytes(Type elementType) {
  return (elementType.getIntOrFloatBitWidth() + 7) / 8;
}

Size lir::getBufferBytes(MemRefType type) {
  return countElements(type) * getElementBytes(type.getElementType());
}

Type lir::getAccumulatorType(Type elementType) {
  auto floating = dyn_cast<FloatType>(elementType);
  if (floating && floating.getWidth() < 32)
    return Float32Type::get(elementType.getContext());
  return elementType;
}

Type lir::getProductType(EpilogueOpInterface op, Type elementType) {
  Region &epilogue = op.getEpilogueRegion();
  bool hasArgument =
      !epilogue.empty() && epilogue.front().getNumArguments() != 0;
  if (elementType.isInteger(8) && hasArgument &&
      epilogue.getArgument(0).getType().isInteger(32))
    return epilogue.getArgument(0).getType();
  return getAccumulatorType(elementType);
}

Value lir::getRootBuffer(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewOp>())
    buffer = view.getSource();
  return buffer;
}

static bool hasOpenSize(Attribute attribute) {
  if (auto sizes = dyn_cast<lir::SizesAttr>(attribute))
    return !areNumbers(sizes.getSizes());
  if (auto map = dyn_cast<AffineMapAttr>(attribute))
    return map.getValue().getNumSymbols() > 0;
  auto list = dyn_cast<ArrayAttr>(attribute);
  return list && llvm::any_of(list, hasOpenSize);
}

bool lir::hasOpenSizes(Operation *kernel) {
  auto isOpen = [](Value operand) {
    auto type = dyn_cast<MemRefType>(operand.getType());
    return type && isa<LayoutAttr>(type.getLayout());
  };
  return llvm::any_of(kernel->getOperands(), isOpen) ||
         llvm::any_of(kernel->getAttrs(),
                      [](NamedAttribute entry) {
                        return hasOpenSize(entry.getValue());
                      }) ||
         llvm::any_of(kernel->getRegions(), [](Region &region) {
           return !region.empty() && !region.getOps<SizeOp>().empty();
         });
}

LogicalResult lir::verifyKernel(Operation *op) {
  // Bodies are given empty tensors like any other.
  if (isa<CallerOpInterface>(op))
    return success();
  for (Value operand : op->getOperands())
    if (auto type = dyn_cast<MemRefType>(operand.getType());
        type && llvm::is_contained(type.getShape(), 0))
      return op->emitOpError()
             << "expected buffers that hold elements, but got " << type;
  return success();
}

OperandRange lir::getReads(KernelOpInterface kernel) {
  return kernel->getOperands().take_front(kernel.getNumReads());
}

OperandRange lir::getWrites(KernelOpInterface kernel) {
  return kernel->getOperands().drop_front(kernel.getNumReads());
}

LogicalResult lir::ViewOp::verify() {
  auto source = cast<MemRefType>(getSource().getType()),
       result = cast<MemRefType>(getResult().getType());
  // C3
  if (!isDense(source))
    return emitOpError() << "expected a dense source, but got " << source;
  Size elements = countElements(source);
  if (!elements.isKnown() || !countElements(result).isKnown())
    return success();
  if (!isDense(result)) {
    // C2
    if (source.getElementType() != result.getElementType() ||
        !result.isStrided() || !mayBePartOf(result, elements))
      return emitOpError() << "expected a part of " << source << ", but got "
                           << result;
    return success();
  }
  // C1, as far as the sizes' forms show.
  Size difference = getBufferBytes(source) - getBufferBytes(result);
  if (difference.isNumber() && !difference.is(0))
    return emitOpError() << "expected equal sizes, but got "
                         << getBufferBytes(source) << " and "
                         << getBufferBytes(result) << " bytes";
  return success();
}

/// A view of a view is a view of the source, which is dense like the view in
/// between; a view with the same type is its source.
OpFoldResult lir::ViewOp::fold(FoldAdaptor) {
  if (getSource().getType() == getResult().getType())
    return getSource();
  auto inner = getSource().getDefiningOp<ViewOp>();
  if (!inner)
    return {};
  if (inner.getSource().getType() == getResult().getType())
    return inner.getSource();
  auto part = cast<MemRefType>(getResult().getType());
  if (!isDense(part) &&
      part.getElementType() !=
          cast<MemRefType>(inner.getSource().getType()).getElementType())
    return {};
  getSourceMutable().assign(inner.getSource());
  return getResult();
}

LogicalResult lir::DonateOp::verify() {
  auto input = cast<MemRefType>(getInput().getType()),
       output = cast<MemRefType>(getOutput().getType()),
       memory = cast<MemRefType>(getResult().getType());
  Sizes before = getSizes(input), after = getSizes(output),
        room = getSizes(memory);
  // C1
  auto countOthers = [](ArrayRef<Size> a, ArrayRef<Size> b) {
    return llvm::count_if(llvm::zip_equal(a, b), [](auto pair) {
      return std::get<0>(pair) != std::get<1>(pair);
    });
  };
  bool isRight = before.size() == after.size() && room.size() == after.size() &&
                 isDense(input) && isDense(output) && isDense(memory);
  if (isRight && getGrown()) {
    isRight = *getGrown() < room.size();
    if (isRight)
      room[*getGrown()] = after[*getGrown()];
  }
  if (!isRight || countOthers(before, after) > 1 ||
      countOthers(after, room) > 0)
    return emitOpError() << "expected dense buffers whose sizes differ along "
                            "one dim, but got "
                         << input << ", " << output << " and " << memory;
  // C2
  for (auto [name, value] : {std::pair<StringRef, Value>("input", getInput()),
                             {"output", getOutput()}})
    if (!isa<BlockArgument>(value))
      return emitOpError() << "expected an " << name
                           << " that is an argument of the function, but got "
                              "the result of "
                           << value.getDefiningOp()->getName();
  return success();
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/BufferOps.cpp.inc"
