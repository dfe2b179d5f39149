//===- PoolOps.cpp - Checks and facts of lir.pool -------------------------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

LogicalResult lir::PoolOp::verify() {
  auto input = cast<MemRefType>(getInput().getType()),
       output = cast<MemRefType>(getOutput().getType());
  if (!llvm::is_contained({"max", "sum", "average"}, getKind()))
    return emitOpError() << "expected kind max, sum or average, but got \""
                         << getKind() << "\"";
  // C1
  int64_t spatial = input.getRank() - 2;
  if (spatial < 0 || output.getRank() != input.getRank())
    return emitOpError()
           << "expected [N, spatial..., C] buffers of one rank, but got "
           << input << " and " << output;
  size_t rank = spatial;
  if (getKernel().size() != rank || getStrides().size() != rank ||
      getDilations().size() != rank || getPads().size() != 2 * rank)
    return emitOpError() << "expected " << rank
                         << " kernel sizes, strides and dilations and "
                         << 2 * rank << " pads, but got " << getKernel().size()
                         << ", " << getStrides().size() << ", "
                         << getDilations().size() << " and "
                         << getPads().size();
  for (ArrayRef<int64_t> sizes : {getKernel(), getStrides(), getDilations()})
    if (llvm::any_of(sizes, [](int64_t size) { return size <= 0; }))
      return emitOpError() << "expected positive kernel sizes, strides and "
                              "dilations, but got ["
                           << sizes << "]";
  if (getSizes(input)[0] != getSizes(output)[0] ||
      input.getShape().back() != output.getShape().back())
    return emitOpError() << "expected equal batch and channel sizes, but got "
                         << input << " and " << output;
  return verifyEpilogue(*this, output,
                        getAccumulatorType(input.getElementType()));
}

unsigned lir::PoolOp::getNumReads() { return getNumOperands() - 1; }

SmallVector<unsigned> lir::PoolOp::getBatchedOperands() {
  return getBatchedOfEpilogue(*this, {0});
}

bool lir::PoolOp::mayShareBuffer(unsigned index) {
  return index >= 1 &&
         mayShareEpilogueInput(*this, index - 1,
                               cast<MemRefType>(getOutput().getType()));
}

Size lir::PoolOp::getFlops() {
  uint64_t window = getRegionFlops(getEpilogue());
  uint64_t taps = 1;
  for (int64_t size : getKernel())
    taps *= size;
  return productOf(getSizes(getOutput())) * Size(window + taps);
}

LogicalResult lir::PoolRegionsOp::verify() {
  auto input = cast<MemRefType>(getInput().getType()),
       corners = cast<MemRefType>(getCorners().getType()),
       batches = cast<MemRefType>(getBatches().getType()),
       output = cast<MemRefType>(getOutput().getType());
  // C1
  if (!llvm::is_contained({"average", "max", "max_pixels"}, getKind()))
    return emitOpError()
           << "expected kind average, max or max_pixels, but got \"" << getKind()
           << "\"";
  // C2
  bool fits =
      input.getRank() == 4 && output.getRank() == 4 && corners.getRank() == 2 &&
      batches.getRank() == 1 && corners.getDimSize(1) == 4 &&
      getSizes(corners)[0] == getSizes(output)[0] &&
      getSizes(batches)[0] == getSizes(output)[0] &&
      getSizes(input)[3] == getSizes(output)[3] && !output.isDynamicDim(1) &&
      !output.isDynamicDim(2) && batches.getElementType().isInteger(64);
  if (!fits)
    return emitOpError() << "expected input [N, H, W, C], corners [R, 4], i64 "
                            "batches [R] and output [R, H', W', C], but got "
                         << input << ", " << corners << ", " << batches
                         << " and " << output;
  // C3
  if (corners.getElementType() != input.getElementType() ||
      output.getElementType() != input.getElementType())
    return emitOpError() << "expected corners and output of "
                         << input.getElementType() << ", but got " << corners
                         << " and " << output;
  return success();
}

unsigned lir::PoolRegionsOp::getNumReads() { return 3; }

Size lir::PoolRegionsOp::getFlops() {
  int64_t points = std::max<int64_t>(getSamples(), 2);
  return productOf(getSizes(getOutput())) * Size(8 * points * points);
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/PoolOps.cpp.inc"
