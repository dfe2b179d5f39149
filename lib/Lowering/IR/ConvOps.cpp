//===- ConvOps.cpp - Checks and facts of lir.conv -------------------------===//

#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

LogicalResult lir::ConvOp::verify() {
  auto input = cast<MemRefType>(getInput().getType()),
       output = cast<MemRefType>(getOutput().getType());
  // C1
  int64_t spatial = input.getRank() - 2;
  if (spatial < 1 || spatial > 3 || output.getRank() != input.getRank())
    return emitOpError() << "expected [N, spatial..., C] buffers of one rank "
                            "from 3 to 5, but got "
                         << input << " and " << output;
  size_t rank = spatial;
  ArrayRef<int64_t> filter = getFilterShape();
  if (filter.size() != rank + 2 || getStrides().size() != rank ||
      getDilations().size() != rank || getPads().size() != 2 * rank)
    return emitOpError() << "expected " << rank + 2 << " filter sizes, " << rank
                         << " strides and dilations and " << 2 * rank
                         << " pads, but got " << filter.size() << ", "
                         << getStrides().size() << ", " << getDilations().size()
                         << " and " << getPads().size();
  for (ArrayRef<int64_t> sizes : {filter, getStrides(), getDilations()})
    if (llvm::any_of(sizes, [](int64_t size) { return size <= 0; }))
      return emitOpError() << "expected positive filter sizes, strides and "
                              "dilations, but got ["
                           << sizes << "]";
  // C2
  int64_t group = getGroup();
  if (group <= 0 || input.getShape().back() != filter[1] * group ||
      output.getShape().back() != filter[0] || filter[0] % group != 0)
    return emitOpError() << "expected channels that agree with filter ["
                         << filter << "] and group " << group << ", but got "
                         << input << " and " << output;
  Sizes inputs = getSizes(input), outputs = getSizes(output);
  for (size_t dim = 0; dim < rank; ++dim) {
    Size padded = inputs[dim + 1] + getPads()[dim] + getPads()[dim + rank];
    int64_t window = getDilations()[dim] * (filter[dim + 2] - 1) + 1;
    Size size = padded.isNumber() && padded.getNumber() < window
                    ? Size(0)
                    : (padded - window).floorDiv(getStrides()[dim]) + 1;
    if (outputs[dim + 1] != size)
      return emitOpError() << "expected an output size of " << size
                           << " in spatial dim " << dim << ", but got "
                           << outputs[dim + 1];
  }
  if (inputs[0] != outputs[0])
    return emitOpError() << "expected a batch of " << inputs[0]
                         << ", but got " << outputs[0];
  // C3
  return verifyEpilogue(*this, output,
                        getAccumulatorType(input.getElementType()));
}

unsigned lir::ConvOp::getNumReads() { return getNumOperands() - 1; }

bool lir::ConvOp::mayShareBuffer(unsigned index) {
  return index >= 2 &&
         mayShareEpilogueInput(*this, index - 2,
                               cast<MemRefType>(getOutput().getType()));
}

uint64_t lir::ConvOp::getFlops() {
  uint64_t products = getRegionFlops(getEpilogue());
  uint64_t taps = 2;
  for (int64_t size : getFilterShape().drop_front())
    taps *= size;
  return toFlops(productOf(getSizes(getOutput())) * Size(products + taps));
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ConvOps.cpp.inc"
