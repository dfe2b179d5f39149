//===- Conv.cpp - Direct convolution as an implicit matrix product --------===//
//
// output[pixel, oc] = sum over taps and ic of input[pixel + tap, ic] *
// filter[tap, ic, oc]. A register tile holds neighbouring pixels of a row times
// a panel of output channels. In a row of taps the input of (tap, ic) is
// contiguous, so that all taps together are one long step of the product.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmKernel.h"
#include "ConvRows.h"
#include "Kernels.h"
#include "OperandStrides.h"
#include "PanelPacking.h"
#include "SparseSteps.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class DirectConv : public ConvRows {
public:
  using ConvRows::ConvRows;

private:
  void accumulate(RegisterTile &registers, const TapRow &row) override;
  /// The same by a sparse panel's list.
  void accumulateKept(RegisterTile &registers, const TapRow &row,
                      const TileOperands &pixels, PixelRange range,
                      int64_t firstTap, int64_t endTap);
  void packFilter(Value packed, Value group, Value panel,
                  int64_t channels) override;
  /// Copies what a tile at an edge reads of a row into scratch memory, with
  /// zeros for what is outside the image.
  void copyWindow(const TapRow &row);
  /// Copies neighbouring elements; without a source they become zeros.
  void copyElements(Value source, Value from, Value to, Value count);
};

} // namespace

void DirectConv::accumulate(RegisterTile &registers, const TapRow &row) {
  const ConvDim &along = plan.getColumns();
  Value isCopied = row.open.leavesImage;
  if (isCopied)
    builder.ifThen(isCopied, [&] { copyWindow(row); });
  int64_t panelStep = plan.inputChannels * plan.tile.columns;
  // Neighbouring taps of equal range go together.
  for (int64_t first = 0, next; first < along.taps; first = next) {
    PixelRange pixels = row.columns.taps[first];
    next = first + 1;
    while (next < along.taps && row.columns.taps[next] == pixels)
      ++next;
    if (pixels.begin == pixels.end)
      continue;
    TileOperands operands;
    for (int64_t p = 0; p < row.columns.pixels; ++p)
      operands.rowOffsets.push_back(builder.i64(
          (p - pixels.begin) * along.stride * getPixelStride()));
    if (plan.keptSteps) {
      accumulateKept(registers, row, operands, pixels, first, next);
      continue;
    }
    operands.lhsStep = plan.getStepChannels();
    operands.rhsStep = plan.getPanelStep();
    int64_t tapSteps = plan.inputChannels / plan.getStepChannels();
    auto add = [&](Value tap, int64_t taps) {
      // The first pixel that is in the image for these taps.
      Value column = builder.add(
          builder.mul(builder.add(row.firstPixel, pixels.begin), along.stride),
          builder.sub(builder.mul(tap, along.dilation),
                      builder.value(along.pad)));
      Value offset = builder.add(builder.mul(column, getPixelStride()),
                                 builder.mul(getGroup(), plan.inputChannels));
      operands.lhs = elementPtr(row.input, offset);
      if (isCopied)
        operands.lhs = arith::SelectOp::create(
            builder, isCopied,
            elementPtr(getWindow(), builder.mul(tap, along.dilation *
                                                         getPixelStride())),
            operands.lhs);
      operands.rhs = elementPtr(row.filter, builder.mul(tap, panelStep));
      operands.depth = builder.i64(taps * tapSteps);
      operands.prefetch = prefetchNext(operands.rhs, taps * tapSteps);
      registers.accumulate(operands, pixels.begin, pixels.end);
      if (plan.shortSums.extraSteps)
        ShortExtra(builder, plan.getShortPanel(), getPanel())
            .accumulate(registers, operands, pixels.begin, pixels.end,
                        builder.add(row.firstTap, tap), taps);
    };
    if (along.dilation == 1 && getPixelStride() == plan.inputChannels)
      add(builder.i64(first), next - first);
    else
      registers.forLoop(builder.i64(first), builder.i64(next),
                        [&](Value tap) { add(tap, 1); });
  }
}

void DirectConv::accumulateKept(RegisterTile &registers, const TapRow &row,
                                const TileOperands &pixels, PixelRange range,
                                int64_t firstTap, int64_t endTap) {
  const ConvDim &along = plan.getColumns();
  TileOperands operands = pixels;
  // The list counts from the first tap of all.
  Value column = getFirstColumn(builder.add(row.firstPixel, range.begin));
  operands.lhs = row.input;
  operands.lhsOrigin = builder.add(
      builder.add(builder.mul(column, getPixelStride()), row.rowOrigin),
      builder.mul(getGroup(), plan.inputChannels));
  if (Value isCopied = row.open.leavesImage) {
    operands.lhs =
        arith::SelectOp::create(builder, isCopied, getWindow(), operands.lhs);
    operands.lhsOrigin = arith::SelectOp::create(
        builder, isCopied, builder.i64(0), operands.lhsOrigin);
  }
  SparseSteps(builder, plan.getSparsePanel(), getPanel())
      .select(operands, builder.add(row.firstTap, firstTap),
              builder.add(row.endTap, endTap - along.taps));
  registers.accumulate(operands, range.begin, range.end);
}

void DirectConv::copyWindow(const TapRow &row) {
  const ConvDim &along = plan.getColumns();
  Value columns = row.open.window;
  Value first = getFirstColumn(row.firstPixel);
  auto clamp = [&](Value value) {
    return builder.min(builder.max(value, builder.i64(0)), columns);
  };
  Value begin = clamp(builder.sub(builder.i64(0), first)),
        end = builder.max(begin, clamp(builder.sub(
                                     builder.value(along.input), first)));
  // Neighbouring pixels of all channels lie one after the other.
  bool isDense = getPixelStride() == plan.inputChannels;
  auto copy = [&](Value source, Value from, Value to) {
    Value channels = builder.mul(getGroup(), plan.inputChannels);
    auto copyFrom = [&](Value column, Value count) {
      Value at = builder.mul(builder.add(first, column), getPixelStride());
      copyElements(source, builder.add(at, channels),
                   builder.mul(column, getPixelStride()), count);
    };
    if (isDense)
      return copyFrom(from,
                      builder.mul(builder.sub(to, from), plan.inputChannels));
    builder.forLoop(from, to, 1, [&](Value column) {
      copyFrom(column, builder.i64(plan.inputChannels));
    });
  };
  copy(nullptr, builder.i64(0), begin);
  copy(row.input, begin, end);
  copy(nullptr, end, columns);
}

void DirectConv::copyElements(Value source, Value from, Value to,
                              Value count) {
  VectorType type = builder.vectorType(plan.element, plan.lanes);
  auto copyVector = [&](Value at, Value lanes) {
    Value vector =
        source ? builder.loadVector(plan.element, plan.lanes, source,
                                    builder.add(from, at), lanes)
               : builder.constant(type, 0);
    builder.storeVector(vector, getWindow(), builder.add(to, at), lanes);
  };
  Value whole = builder.mul(builder.divUnsigned(count, plan.lanes), plan.lanes);
  builder.forLoop(builder.i64(0), whole, plan.lanes,
                  [&](Value at) { copyVector(at, nullptr); });
  if (plan.inputChannels % plan.lanes != 0)
    copyVector(whole, builder.sub(count, whole));
}

void DirectConv::packFilter(Value packed, Value group, Value panel,
                            int64_t channels) {
  int64_t taps = 1;
  for (const ConvDim &dim : plan.dims)
    taps *= dim.taps;
  int64_t channelStride = plan.inputChannels * taps;
  Value channel = builder.add(builder.mul(group, plan.outputChannels),
                              builder.mul(panel, plan.tile.columns));
  Value source = elementPtr(builder.getBuffer(op.getFilterMutable()),
                            builder.mul(channel, channelStride));
  builder.forLoop(builder.i64(0), builder.i64(taps), 1, [&](Value tap) {
    int64_t step = plan.inputChannels * plan.tile.columns;
    auto pack = plan.getStepChannels() == 1 ? packMatrix : packGroups;
    pack(builder, {plan.element, elementPtr(source, tap), taps, channelStride},
         plan.inputChannels, builder.i64(channels),
         llvm::alignTo(channels, plan.lanes), plan.lanes,
         elementPtr(packed, builder.mul(tap, step)), plan.getPanelStep());
  });
}

LogicalResult cpu::emitDirectConv(lir::ConvOp op, KernelBuilder &builder,
                                  const ConvPlan::Form &form) {
  return DirectConv(op, builder, form).emit();
}

/// Whether neighbouring pixels of a row lie at a constant distance, as the
/// rows of a tile do.
static bool hasBoundPixels(MemRefType input) {
  Sizes sizes = lir::getSizes(input), strides = lir::getStrides(input);
  for (int64_t dim = input.getRank() - 2; dim > 0; --dim) {
    if (!strides[dim].isNumber())
      return false;
    if (!sizes[dim].is(1))
      break; // makes the rows
  }
  return true;
}

namespace {

struct ConvKernel : AlgorithmKernel<ConvKernel, lir::ConvOp, getConvVariants> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    auto conv = cast<lir::ConvOp>(op);
    auto input = cast<MemRefType>(conv.getInput().getType());
    auto filter = cast<MemRefType>(conv.getFilter().getType());
    Type element = input.getElementType();
    if (element.isInteger(1) || !element.isIntOrFloat() ||
        (filter.getElementType() != element &&
         !isa_and_nonnull<SplitConvAttr, SparseConvAttr>(
             conv.getAlgorithmAttr())))
      return emitUnsupported(op)
             << "expected an input and a filter of one type of numbers, but "
                "got "
             << input << " and " << filter;
    return AlgorithmKernel::emitKernel(op, builder);
  }

  bool takesOpenSizes(Operation *op) const {
    auto conv = cast<lir::ConvOp>(op);
    return hasBoundPixels(cast<MemRefType>(conv.getInput().getType()));
  }

  bool acceptsLayout(Operation *op, unsigned index, MemRefType type) const {
    // The filter is packed, or read as it is.
    return index != 1 && hasContiguousRows(type) &&
           (index != 0 || hasBoundPixels(type));
  }
};

} // namespace

void cpu::attachConvKernels(MLIRContext &context) {
  lir::ConvOp::attachInterface<ConvKernel>(context);
}
