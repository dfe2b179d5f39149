//===- BufferLayout.cpp - How a buffer's elements lie in memory -----------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

bool lir::isDense(MemRefType type) {
  // Strides say that this is a part, also where they happen to be those of a
  // whole buffer.
  if (auto layout = dyn_cast<LayoutAttr>(type.getLayout()))
    return layout.isIdentity();
  return isa<AffineMapAttr>(type.getLayout()) && type.getLayout().isIdentity();
}

bool lir::areAlike(Type a, Type b) {
  auto first = cast<MemRefType>(a), second = cast<MemRefType>(b);
  return getSizes(first) == getSizes(second) &&
         first.getElementType() == second.getElementType();
}

//===-- Types and sizes ---------------------------------------------------===//

Sizes lir::getSizes(MemRefType type) {
  if (auto layout = dyn_cast<LayoutAttr>(type.getLayout()))
    return Sizes(layout.getSizes());
  return toSizes(type.getShape());
}

Sizes lir::getSizes(Value buffer) {
  return getSizes(cast<MemRefType>(buffer.getType()));
}

Size lir::countElements(MemRefType type) { return productOf(getSizes(type)); }

MemRefType lir::makeBufferType(ArrayRef<Size> sizes, Type elementType) {
  SmallVector<int64_t> shape = getNumbers(sizes);
  if (areNumbers(sizes) || !areKnown(sizes))
    return MemRefType::get(shape, elementType);
  return MemRefType::get(
      shape, elementType,
      LayoutAttr::get(elementType.getContext(), sizes, {}, 0));
}

MemRefType lir::makePartType(ArrayRef<Size> sizes, Type elementType,
                             ArrayRef<Size> strides, Size offset) {
  SmallVector<int64_t> shape = getNumbers(sizes);
  MLIRContext *context = elementType.getContext();
  if (areNumbers(sizes) && areNumbers(strides) && offset.isNumber())
    return MemRefType::get(shape, elementType,
                           StridedLayoutAttr::get(context, offset.getNumber(),
                                                  getNumbers(strides)));
  return MemRefType::get(shape, elementType,
                         LayoutAttr::get(context, sizes, strides, offset));
}

Sizes lir::getStrides(MemRefType type) {
  if (isDense(type)) {
    Sizes strides(type.getRank(), 1), sizes = getSizes(type);
    for (size_t dim = strides.size(); dim-- > 1;)
      strides[dim - 1] = strides[dim] * sizes[dim];
    return strides;
  }
  if (auto layout = dyn_cast<LayoutAttr>(type.getLayout()))
    return Sizes(layout.getStrides());
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (failed(type.getStridesAndOffset(strides, offset)))
    strides.assign(type.getRank(), 0);
  return toSizes(strides);
}

Size lir::getFirstElement(MemRefType type) {
  if (isDense(type))
    return 0;
  if (auto layout = dyn_cast<LayoutAttr>(type.getLayout()))
    return layout.getOffset();
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  (void)type.getStridesAndOffset(strides, offset);
  return offset;
}

//===-- Parts -------------------------------------------------------------===//

bool lir::mayBePartOf(MemRefType type, const Size &elements) {
  Size first = getFirstElement(type), last = first;
  for (auto [size, stride] : llvm::zip_equal(getSizes(type), getStrides(type))) {
    if (size.is(0))
      return true;
    if (stride.isNumber() && stride.getNumber() < 0)
      return false;
    last += (size - 1) * stride;
  }
  Size after = elements - last - 1;
  return !(first.isNumber() && first.getNumber() < 0) &&
         !(after.isNumber() && after.getNumber() < 0);
}

/// The elements [begin, end) of every `period` that `type` touches; failure
/// where they wrap around.
static FailureOr<std::pair<Size, Size>> getInterval(MemRefType type,
                                                    const Size &period) {
  Size first = lir::getFirstElement(type);
  // A whole number of periods before it, as far as can be seen. What begins
  // where the first one ends has no elements, or wraps around.
  bool isInFirst =
      !areNumbers({first, period}) && (period - first).isNotNegative();
  Size begin = isInFirst ? first : first - first.floorDiv(period) * period;
  Size end = begin + 1;
  for (auto [size, stride] :
       llvm::zip_equal(lir::getSizes(type), lir::getStrides(type)))
    if (!size.is(1) && !divideWhole(stride, period).isKnown())
      end += (size - 1) * stride;
  if (!(period - end).isNotNegative())
    return failure();
  return std::pair(begin, end);
}

bool lir::areDisjoint(MemRefType a, MemRefType b) {
  Sizes periods = getStrides(a);
  // Runs that follow one another: they fall into no period but their buffer.
  periods.push_back(int64_t(1) << 59);
  for (const Size &period : periods) {
    if (period.isNumber() && period.getNumber() <= 1)
      continue;
    auto ofA = getInterval(a, period), ofB = getInterval(b, period);
    if (succeeded(ofA) && succeeded(ofB) &&
        ((ofB->first - ofA->second).isNotNegative() ||
         (ofA->first - ofB->second).isNotNegative()))
      return true;
  }
  return false;
}

//===-- Other shapes ------------------------------------------------------===//

FailureOr<MemRefType> lir::reshapeLayout(MemRefType type,
                                         ArrayRef<Size> shape) {
  if (isDense(type))
    return makeBufferType(shape, type.getElementType());
  // The dims of more than one element, innermost last; those that run on into
  // one another as one.
  struct Run {
    Size size, stride;
  };
  SmallVector<Run> runs;
  for (auto [size, stride] :
       llvm::zip_equal(getSizes(type), getStrides(type))) {
    if (size.is(1))
      continue;
    if (!runs.empty() && runs.back().stride == size * stride)
      runs.back() = {runs.back().size * size, stride};
    else
      runs.push_back({size, stride});
  }
  Sizes strides(shape.size());
  Size left = 1, next = 1; // of the current run, and the stride in it
  for (size_t dim = shape.size(); dim-- > 0;) {
    if (!shape[dim].is(1) && left.is(1)) {
      if (runs.empty())
        return failure();
      left = runs.back().size;
      next = runs.pop_back_val().stride;
    }
    Size quotient = left;
    if (!shape[dim].is(1))
      quotient = shape[dim].is(0) ? Size::unknown()
                                  : divideWhole(left, shape[dim]);
    if (!quotient.isKnown())
      return failure();
    strides[dim] = next;
    left = quotient;
    next = next * shape[dim];
  }
  if (!left.is(1) || !runs.empty())
    return failure();
  return makePartType(shape, type.getElementType(), strides,
                      getFirstElement(type));
}

Value lir::reshapeBuffer(OpBuilder &builder, Location loc, Value buffer,
                         ArrayRef<Size> shape) {
  auto type = cast<MemRefType>(buffer.getType());
  FailureOr<MemRefType> reshaped = reshapeLayout(type, shape);
  if (failed(reshaped))
    return {};
  if (*reshaped == type)
    return buffer;
  // Parts are views of dense buffers only.
  if (auto part = buffer.getDefiningOp<ViewOp>(); part && !isDense(type))
    buffer = part.getSource();
  return ViewOp::create(builder, loc, *reshaped, buffer);
}
