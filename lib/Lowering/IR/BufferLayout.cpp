//===- BufferLayout.cpp - How a buffer's elements lie in memory -----------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

bool lir::isDense(MemRefType type) {
  // Strides say that this is a part, also where they happen to be those of a
  // whole buffer.
  return isa<AffineMapAttr>(type.getLayout()) && type.getLayout().isIdentity();
}

bool lir::areAlike(Type a, Type b) {
  auto first = cast<MemRefType>(a), second = cast<MemRefType>(b);
  return first.getShape() == second.getShape() &&
         first.getElementType() == second.getElementType();
}

SmallVector<int64_t> lir::getStrides(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  // MLIR gives an empty dense buffer dynamic strides.
  if (isDense(type)) {
    strides.assign(type.getRank(), 1);
    for (size_t dim = strides.size(); dim-- > 1;)
      strides[dim - 1] = strides[dim] * type.getDimSize(dim);
    return strides;
  }
  if (failed(type.getStridesAndOffset(strides, offset)))
    strides.assign(type.getRank(), 0);
  return strides;
}

int64_t lir::getFirstElement(MemRefType type) {
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (isDense(type))
    return 0;
  (void)type.getStridesAndOffset(strides, offset);
  return offset;
}

bool lir::isPartOf(MemRefType type, int64_t elements) {
  int64_t first = getFirstElement(type), last = first;
  for (auto [size, stride] :
       llvm::zip_equal(type.getShape(), getStrides(type))) {
    if (size == 0 || stride < 0)
      return size == 0;
    last += (size - 1) * stride;
  }
  return first >= 0 && last < elements;
}

/// The elements [begin, end) of every `period` that `type` touches; failure
/// where they wrap around.
static FailureOr<std::pair<int64_t, int64_t>> getInterval(MemRefType type,
                                                          int64_t period) {
  int64_t begin = lir::getFirstElement(type) % period, end = begin + 1;
  for (auto [size, stride] :
       llvm::zip_equal(type.getShape(), lir::getStrides(type)))
    if (size != 1 && stride % period != 0)
      end += (size - 1) * stride;
  if (end > period)
    return failure();
  return std::pair(begin, end);
}

bool lir::areDisjoint(MemRefType a, MemRefType b) {
  SmallVector<int64_t> periods = getStrides(a);
  // Runs that follow one another: they fall into no period but their buffer.
  periods.push_back(int64_t(1) << 60);
  for (int64_t period : periods) {
    if (period <= 1)
      continue;
    auto ofA = getInterval(a, period), ofB = getInterval(b, period);
    if (succeeded(ofA) && succeeded(ofB) &&
        (ofA->second <= ofB->first || ofB->second <= ofA->first))
      return true;
  }
  return false;
}

FailureOr<MemRefType> lir::reshapeLayout(MemRefType type,
                                         ArrayRef<int64_t> shape) {
  if (isDense(type))
    return MemRefType::get(shape, type.getElementType());
  // The dims of more than one element, innermost last; those that run on into
  // one another as one.
  struct Run {
    int64_t size, stride;
  };
  SmallVector<Run> runs;
  for (auto [size, stride] :
       llvm::zip_equal(type.getShape(), getStrides(type))) {
    if (size == 1)
      continue;
    if (!runs.empty() && runs.back().stride == size * stride)
      runs.back() = {runs.back().size * size, stride};
    else
      runs.push_back({size, stride});
  }
  SmallVector<int64_t> strides(shape.size());
  int64_t left = 1, next = 1; // of the current run, and the stride in it
  for (size_t dim = shape.size(); dim-- > 0;) {
    if (shape[dim] != 1 && left == 1) {
      if (runs.empty())
        return failure();
      left = runs.back().size;
      next = runs.pop_back_val().stride;
    }
    if (shape[dim] == 0 || left % shape[dim] != 0)
      return failure();
    strides[dim] = next;
    left /= shape[dim];
    next *= shape[dim];
  }
  if (left != 1 || !runs.empty())
    return failure();
  return MemRefType::get(shape, type.getElementType(),
                         StridedLayoutAttr::get(type.getContext(),
                                                getFirstElement(type),
                                                strides));
}

Value lir::reshapeBuffer(OpBuilder &builder, Location loc, Value buffer,
                         ArrayRef<int64_t> shape) {
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
