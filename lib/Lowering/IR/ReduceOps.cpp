//===- ReduceOps.cpp - Checks and facts of reductions ---------------------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

LogicalResult lir::ReduceOp::verify() {
  auto input = cast<MemRefType>(getInput().getType()),
       output = cast<MemRefType>(getOutput().getType());
  // C1
  if (!llvm::is_contained({"sum", "prod", "max", "min"}, getKind()))
    return emitOpError() << "expected kind sum, prod, max or min, but got \""
                         << getKind() << "\"";
  // C2
  for (auto [index, dim] : llvm::enumerate(getDims()))
    if (dim < 0 || dim >= input.getRank() ||
        (index > 0 && getDims()[index - 1] >= dim))
      return emitOpError() << "expected sorted, unique dims below "
                           << input.getRank() << ", but got [" << getDims()
                           << "]";
  // C3
  SmallVector<int64_t> rest;
  for (auto [dim, size] : llvm::enumerate(input.getShape()))
    if (!llvm::is_contained(getDims(), static_cast<int64_t>(dim)))
      rest.push_back(size);
  if (output.getShape() != ArrayRef(rest))
    return emitOpError() << "expected an output of "
                         << MemRefType::get(rest, output.getElementType())
                         << ", but got " << output;
  return verifyEpilogue(*this, output,
                        getAccumulatorType(input.getElementType()));
}

unsigned lir::ReduceOp::getNumReads() { return getNumOperands() - 1; }

/// The reduced input is never shared: a chunk reads more than the element that
/// it writes.
bool lir::ReduceOp::mayShareBuffer(unsigned index) {
  return index >= 1 &&
         mayShareEpilogueInput(*this, index - 1,
                               cast<MemRefType>(getOutput().getType()));
}

uint64_t lir::ReduceOp::getFlops() {
  return cast<MemRefType>(getInput().getType()).getNumElements() +
         cast<MemRefType>(getOutput().getType()).getNumElements() *
             getRegionFlops(getEpilogue());
}

LogicalResult lir::ArgReduceOp::verify() {
  auto input = cast<MemRefType>(getInput().getType()),
       output = cast<MemRefType>(getOutput().getType());
  if (getKind() != "max" && getKind() != "min")
    return emitOpError() << "expected kind max or min, but got \"" << getKind()
                         << "\"";
  int64_t axis = getAxis();
  if (axis < 0 || axis >= input.getRank())
    return emitOpError() << "expected an axis from 0 to " << input.getRank() - 1
                         << ", but got " << axis;
  SmallVector<int64_t> rest(input.getShape());
  rest.erase(rest.begin() + axis);
  auto expected = MemRefType::get(rest, IntegerType::get(getContext(), 64));
  if (!areAlike(output, expected))
    return emitOpError() << "expected an output of " << expected << ", but got "
                         << output;
  return success();
}

unsigned lir::ArgReduceOp::getNumReads() { return 1; }
uint64_t lir::ArgReduceOp::getFlops() {
  return cast<MemRefType>(getInput().getType()).getNumElements();
}

LogicalResult lir::CumSumOp::verify() {
  if (!areAlike(getInput().getType(), getOutput().getType()))
    return emitOpError() << "expected an output of " << getInput().getType()
                         << ", but got " << getOutput().getType();
  int64_t axis = getAxis(),
          rank = cast<MemRefType>(getInput().getType()).getRank();
  if (axis < 0 || axis >= rank)
    return emitOpError() << "expected an axis from 0 to " << rank - 1
                         << ", but got " << axis;
  return success();
}

unsigned lir::CumSumOp::getNumReads() { return 1; }
bool lir::CumSumOp::mayShareBuffer(unsigned index) { return index == 0; }
uint64_t lir::CumSumOp::getFlops() {
  return cast<MemRefType>(getInput().getType()).getNumElements();
}

LogicalResult lir::TopKOp::verify() {
  auto input = cast<MemRefType>(getInput().getType());
  int64_t axis = getAxis();
  // C1
  if (axis < 0 || axis >= input.getRank())
    return emitOpError() << "expected an axis from 0 to " << input.getRank() - 1
                         << ", but got " << axis;
  // C2
  Value first = getValues() ? getValues() : getPositions();
  if (!first)
    return emitOpError("expected values or positions, but got no output");
  // C3
  SmallVector<int64_t> shape(input.getShape());
  int64_t count = cast<MemRefType>(first.getType()).getRank() == input.getRank()
                      ? cast<MemRefType>(first.getType()).getDimSize(axis)
                      : -1;
  if (count > shape[axis])
    return emitOpError() << "expected at most " << shape[axis]
                         << " elements, but got " << count;
  shape[axis] = count < 0 ? shape[axis] : count;
  Type i64 = IntegerType::get(getContext(), 64);
  for (auto [output, element] : {std::pair(getValues(), input.getElementType()),
                                 std::pair(getPositions(), i64)}) {
    auto expected = MemRefType::get(shape, element);
    if (output && !areAlike(output.getType(), expected))
      return emitOpError() << "expected an output of " << expected
                           << ", but got " << output.getType();
  }
  return success();
}

unsigned lir::TopKOp::getNumReads() { return 1; }
uint64_t lir::TopKOp::getFlops() {
  return cast<MemRefType>(getInput().getType()).getNumElements();
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ReduceOps.cpp.inc"
