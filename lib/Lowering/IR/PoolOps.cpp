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

bool lir::PoolOp::mayShareBuffer(unsigned index) {
  return index >= 1 &&
         mayShareEpilogueInput(*this, index - 1,
                               cast<MemRefType>(getOutput().getType()));
}

uint64_t lir::PoolOp::getFlops() {
  uint64_t window = getRegionFlops(getEpilogue());
  uint64_t taps = 1;
  for (int64_t size : getKernel())
    taps *= size;
  return toFlops(productOf(getSizes(getOutput())) * Size(window + taps));
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/PoolOps.cpp.inc"
