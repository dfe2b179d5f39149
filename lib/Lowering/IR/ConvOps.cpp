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
                        getProductType(*this, input.getElementType()));
}

unsigned lir::ConvOp::getNumReads() {
  return getNumOperands() - (getWorkspace() ? 2 : 1);
}

SmallVector<unsigned> lir::ConvOp::getBatchedOperands() {
  return getBatchedOfEpilogue(*this, {0});
}

bool lir::ConvOp::mayShareBuffer(unsigned index) {
  return index >= 2 &&
         mayShareEpilogueInput(*this, index - 2,
                               cast<MemRefType>(getOutput().getType()));
}

Size lir::ConvOp::getFlops() {
  uint64_t products = getRegionFlops(getEpilogue());
  uint64_t taps = 2;
  for (int64_t size : getFilterShape().drop_front())
    taps *= size;
  return productOf(getSizes(getOutput())) * Size(products + taps);
}

LogicalResult lir::DeformColumnsOp::verify() {
  auto input = cast<MemRefType>(getInput().getType()),
       output = cast<MemRefType>(getOutput().getType());
  // C1
  for (ArrayRef<int64_t> list :
       {getKernel(), getStrides(), getDilations(), getPads()})
    if (list.size() != 2)
      return emitOpError() << "expected 2 kernel sizes, strides, dilations and "
                              "pads, but got ["
                           << list << "]";
  // C2
  int64_t taps = llvm::product_of(getKernel()), group = getGroup(),
          offsetGroups = getOffsetGroups(), channels = input.getShape().back();
  if (input.getRank() != 4 || ShapedType::isDynamic(channels) || group < 1 ||
      offsetGroups < 1 || channels % group != 0 || channels % offsetGroups != 0)
    return emitOpError() << "expected an input [N, H, W, C] of channels that "
                         << group << " and " << offsetGroups
                         << " groups share, but got " << input;
  // C3
  auto checkMoves = [&](Value buffer, int64_t entries) -> LogicalResult {
    auto type = cast<MemRefType>(buffer.getType());
    Sizes expected = getSizes(output);
    expected.pop_back();
    expected.insert(expected.begin() + 1, offsetGroups * entries);
    if (type.getElementType() == input.getElementType() &&
        getSizes(type) == expected)
      return success();
    return emitOpError() << "expected "
                         << makeBufferType(expected, input.getElementType())
                         << " beside the output, but got " << type;
  };
  if (output.getRank() != 4 || output.getShape().back() != taps * channels ||
      output.getElementType() != input.getElementType())
    return emitOpError() << "expected an output of " << taps * channels
                         << " channels, but got " << output;
  if (failed(checkMoves(getOffsets(), 2 * taps)))
    return failure();
  return getMask() ? checkMoves(getMask(), taps) : success();
}

unsigned lir::DeformColumnsOp::getNumReads() { return getNumOperands() - 1; }

Size lir::DeformColumnsOp::getFlops() {
  return productOf(getSizes(getOutput())) * Size(8);
}

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/ConvOps.cpp.inc"
