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
  Sizes rest;
  for (auto [dim, size] : llvm::enumerate(getSizes(input)))
    if (!llvm::is_contained(getDims(), static_cast<int64_t>(dim)))
      rest.push_back(size);
  if (getSizes(output) != rest)
    return emitOpError() << "expected an output of "
                         << makeBufferType(rest, output.getElementType())
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

Size lir::ReduceOp::getFlops() {
  return productOf(getSizes(getInput())) +
         productOf(getSizes(getOutput())) * Size(getRegionFlops(getEpilogue()));
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
  Sizes rest = getSizes(input);
  rest.erase(rest.begin() + axis);
  auto expected = makeBufferType(rest, IntegerType::get(getContext(), 64));
  if (!areAlike(output, expected))
    return emitOpError() << "expected an output of " << expected << ", but got "
                         << output;
  return success();
}

unsigned lir::ArgReduceOp::getNumReads() { return 1; }
Size lir::ArgReduceOp::getFlops() { return productOf(getSizes(getInput())); }

LogicalResult lir::CumSumOp::verify() {
  // C1
  if (!areAlike(getInput().getType(), getOutput().getType()))
    return emitOpError() << "expected an output of " << getInput().getType()
                         << ", but got " << getOutput().getType();
  // C2
  int64_t axis = getAxis(),
          rank = cast<MemRefType>(getInput().getType()).getRank();
  if (axis < 0 || axis >= rank)
    return emitOpError() << "expected an axis from 0 to " << rank - 1
                         << ", but got " << axis;
  // C3
  if (getKind() != "sum" && getKind() != "prod")
    return emitOpError() << "expected a kind of sum or prod, but got "
                         << getKind();
  return success();
}

unsigned lir::CumSumOp::getNumReads() { return 1; }
bool lir::CumSumOp::mayShareBuffer(unsigned index) { return index == 0; }
Size lir::CumSumOp::getFlops() { return productOf(getSizes(getInput())); }

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
  Sizes shape = getSizes(input);
  if (cast<MemRefType>(first.getType()).getRank() == input.getRank()) {
    Size count = getSizes(first)[axis];
    if ((count - shape[axis] - 1).isNotNegative())
      return emitOpError() << "expected at most " << shape[axis]
                           << " elements, but got " << count;
    shape[axis] = count;
  }
  Type i64 = IntegerType::get(getContext(), 64);
  for (auto [output, element] : {std::pair(getValues(), input.getElementType()),
                                 std::pair(getPositions(), i64)}) {
    auto expected = makeBufferType(shape, element);
    if (output && !areAlike(output.getType(), expected))
      return emitOpError() << "expected an output of " << expected
                           << ", but got " << output.getType();
  }
  return success();
}

unsigned lir::TopKOp::getNumReads() { return 1; }
Size lir::TopKOp::getFlops() { return productOf(getSizes(getInput())); }

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ReduceOps.cpp.inc"
