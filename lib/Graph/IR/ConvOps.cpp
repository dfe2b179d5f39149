//===- ConvOps.cpp - Convolutions -----------------------------------------===//

#include "EmptyTensors.h"
#include "Window.h"

using namespace mlir;

namespace lambent::graph {

/// What conv and conv_transpose have in common: ranks, element types, and the
/// bias's size.
template <typename Adaptor>
static LogicalResult checkConv(Adaptor op, const Window &window,
                               int64_t outChannels, EmitError emitError,
                               bool isWide = false) {
  RankedTensorType input = typeOf(op.getInput()),
                   filter = typeOf(op.getFilter());
  if (failed(checkWindow(window, input, emitError)))
    return failure();
  Type element = getProductElementType(input, filter, isWide);
  if (!element && isWide)
    return emitError() << "expected an input and a filter of f16 or of bf16 "
                          "for wide sums, but got "
                       << input << " and " << filter;
  if (!element)
    return emitError() << "expected a filter of " << input.getElementType()
                       << ", or of i8 for ui8, but got " << filter;
  if (Value bias = op.getBias()) {
    RankedTensorType type = typeOf(bias);
    if (type.getRank() != 1 || !dimsAgree(type.getDimSize(0), outChannels) ||
        type.getElementType() != element)
      return emitError() << "expected a bias of " << describeShape(outChannels)
                         << " " << element << ", but got " << type;
  }
  return success();
}

/// Fails unless group is positive and the filter has the input's rank.
template <typename Adaptor>
static LogicalResult checkGroup(Adaptor op, EmitError emitError) {
  RankedTensorType input = typeOf(op.getInput()),
                   filter = typeOf(op.getFilter());
  if (input.getRank() < 3 || filter.getRank() != input.getRank())
    return emitError()
           << "expected input and filter of one rank, at least 3, but got "
           << input << " and " << filter;
  int64_t group = op.getGroup();
  if (group < 1 || group > maxElements)
    return emitError() << "expected group between 1 and 2^40, but got "
                       << group;
  return success();
}

template <typename OpTy> static Window getConvWindow(OpTy op) {
  Window window;
  window.kernel = typeOf(op.getFilter()).getShape().drop_front(2);
  window.strides = op.getStrides();
  window.dilations = op.getDilations();
  window.pads = op.getPads();
  window.autoPad = op.getAutoPad();
  return window;
}

/// A convolution of no channels, or of an empty image, is its bias everywhere:
/// zero here, where there is none.
template <typename OpTy> static OpFoldResult foldWithoutProducts(OpTy op) {
  if (!isEmpty(op.getInput()) || op.getBias())
    return {};
  return getCombinationOfNothing(op.getResult().getType(), "sum");
}

/// The same with a bias, or of open sizes.
template <typename OpTy>
static LogicalResult becomeBias(OpTy op, PatternRewriter &rewriter) {
  if (!isEmpty(op.getInput()))
    return rewriter.notifyMatchFailure(op, "has products");
  if (!op.getBias())
    return becomeCombinationOfNothing(op, "sum", rewriter);
  RankedTensorType type = op.getResult().getType();
  int64_t axis = getChannelAxis(type, op.getChannelsLast());
  Sizes sizes = getSizes(type);
  if (!areKnown(sizes) || isEmpty(op.getResult()) || type.isDynamicDim(axis))
    return rewriter.notifyMatchFailure(op, "is empty or of any size");
  Shape shape(type.getRank(), 1);
  shape[axis] = type.getDimSize(axis);
  Value bias = ReshapeOp::create(
      rewriter, op.getLoc(),
      RankedTensorType::get(shape, type.getElementType()), op.getBias(),
      createIndexConstant(rewriter, op.getLoc(), shape),
      /*allow_zero=*/true);
  rewriter.replaceOpWithNewOp<ExpandOp>(
      op, type, bias, createSizeList(rewriter, op.getLoc(), sizes));
  return success();
}

//===-- conv --------------------------------------------------------------===//

FailureOr<RankedTensorType> ConvOp::inferType(Adaptor op, EmitError emitError) {
  RankedTensorType input = typeOf(op.getInput()),
                   filter = typeOf(op.getFilter());
  if (failed(checkGroup(op, emitError)))
    return failure();
  Window window = getConvWindow(op);
  int64_t outChannels = filter.getDimSize(0), group = op.getGroup();
  if (failed(checkConv(op, window, outChannels, emitError, op.getWide())))
    return failure();
  int64_t channels =
      input.getDimSize(getChannelAxis(input, op.getChannelsLast()));
  int64_t perGroup = filter.getDimSize(1);
  if (!isOpen(channels) && !isOpen(perGroup) &&
      Wide(perGroup) * group != channels)
    return emitError() << "expected " << perGroup << " * " << group
                       << " input channels, but got " << channels;
  if (!isOpen(outChannels) && outChannels % group != 0)
    return emitError() << "expected output channels to be a multiple of group "
                       << group << ", but got " << outChannels;
  auto spatial = slideWindow(
      window, getSpatialSizes(input, op.getChannelsLast()), emitError);
  if (failed(spatial))
    return failure();
  return makeImageType(getSizes(input)[0], outChannels, *spatial,
                       getProductElementType(input, filter, op.getWide()),
                       op.getChannelsLast());
}

Value ConvOp::buildChannelsLast(OpBuilder &builder, ValueRange inputs) {
  return cloneChannelsLast(builder, *this, inputs);
}

/// auto_pad becomes pads once the input's size is known.
static LogicalResult resolveConvPads(ConvOp op, PatternRewriter &rewriter) {
  if (op.getAutoPad() == "NOTSET")
    return rewriter.notifyMatchFailure(op, "has pads");
  auto pads =
      resolvePads(getConvWindow(op), getSpatialDims(op.getInput().getType(),
                                                    op.getChannelsLast()));
  if (failed(pads))
    return rewriter.notifyMatchFailure(op, "open dims");
  rewriter.modifyOpInPlace(op, [&] {
    op.setPads(*pads);
    op.setAutoPad("NOTSET");
  });
  return success();
}

void ConvOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                         MLIRContext *context) {
  patterns.add(resolveConvPads);
  patterns.add(becomeBias<ConvOp>);
}

OpFoldResult ConvOp::fold(FoldAdaptor adaptor) {
  return foldWithoutProducts(*this);
}

//===-- conv_transpose ----------------------------------------------------===//

/// The size of a transposed convolution's result before output_shape has a say.
static Wide getFullSize(const Window &window, int64_t input,
                        int64_t outputPadding, size_t d) {
  return (Wide(input) - 1) * window.strides[d] + outputPadding +
         window.extent(d);
}

FailureOr<RankedTensorType> ConvTransposeOp::inferType(Adaptor op,
                                                       EmitError emitError) {
  RankedTensorType input = typeOf(op.getInput()),
                   filter = typeOf(op.getFilter());
  if (failed(checkGroup(op, emitError)))
    return failure();
  Window window = getConvWindow(op);
  int64_t perGroup = filter.getDimSize(1), group = op.getGroup();
  int64_t outChannels =
      isOpen(perGroup) ? openDim : boundDim(Wide(perGroup) * group);
  if (failed(checkConv(op, window, outChannels, emitError)) ||
      failed(checkEntries("output_padding", op.getOutputPadding(),
                          window.rank(), 0, emitError)))
    return failure();
  int64_t channels =
      input.getDimSize(getChannelAxis(input, op.getChannelsLast()));
  if (!dimsAgree(channels, filter.getDimSize(0)))
    return emitError() << "expected " << filter.getDimSize(0)
                       << " input channels, but got " << channels;
  int64_t known = mergeDims(channels, filter.getDimSize(0));
  if (!isOpen(known) && known % group != 0)
    return emitError() << "expected input channels to be a multiple of group "
                       << group << ", but got " << known;
  std::optional<ArrayRef<int64_t>> sizes = op.getOutputShape();
  if (sizes && !sizes->empty() &&
      failed(checkEntries("output_shape", *sizes, window.rank(), 0, emitError)))
    return failure();
  Sizes spatial;
  for (auto [d, dim] :
       llvm::enumerate(getSpatialSizes(input, op.getChannelsLast()))) {
    if (sizes && !sizes->empty()) {
      spatial.push_back((*sizes)[d]);
    } else if (window.autoPad.starts_with("SAME")) {
      spatial.push_back(dim * window.strides[d]);
    } else if (isOpen(window.kernel[d])) {
      spatial.push_back(Size::unknown());
    } else {
      Wide added = getFullSize(window, 0, op.getOutputPadding()[d], d) -
                   window.pads[d] - window.pads[d + window.rank()];
      Size size =
          dim.isNumber()
              ? boundNumber(Wide(dim.getNumber()) * window.strides[d] + added)
              : dim * window.strides[d] + boundNumber(added);
      if (size.isNumber() && size.getNumber() < 0)
        return emitError()
               << "expected pads of at most the size of spatial dim " << d
               << ", but got " << window.pads[d] << " and "
               << window.pads[d + window.rank()];
      spatial.push_back(size);
    }
  }
  return makeImageType(getSizes(input)[0], outChannels, spatial,
                       input.getElementType(), op.getChannelsLast());
}

Value ConvTransposeOp::buildChannelsLast(OpBuilder &builder,
                                         ValueRange inputs) {
  return cloneChannelsLast(builder, *this, inputs);
}

/// auto_pad and output_shape become pads, and output padding where the full
/// result is too small.
static LogicalResult resolveOutputShape(ConvTransposeOp op,
                                        PatternRewriter &rewriter) {
  if (op.getAutoPad() == "NOTSET" &&
      op.getOutputShape().value_or(ArrayRef<int64_t>()).empty())
    return rewriter.notifyMatchFailure(op, "has pads");
  Window window = getConvWindow(op);
  Sizes input = getSpatialSizes(op.getInput().getType(), op.getChannelsLast()),
        output = getSpatialSizes(op.getResult().getType(), op.getChannelsLast());
  size_t rank = window.rank();
  Shape pads(2 * rank, 0), outputPadding(op.getOutputPadding());
  for (size_t d = 0; d < rank; ++d) {
    if (isOpen(window.kernel[d]))
      return rewriter.notifyMatchFailure(op, "open taps");
    Size spread = input[d] * window.strides[d] - output[d];
    if (!spread.isNumber())
      return rewriter.notifyMatchFailure(op, "a run decides what is cut off");
    Wide total =
        getFullSize(window, 0, outputPadding[d], d) + spread.getNumber();
    if (total < 0) {
      outputPadding[d] = boundDim(outputPadding[d] - total);
      total = 0;
    }
    // ONNX puts the odd element at the beginning unless the mode is SAME_UPPER.
    Wide less = total / 2, more = total - less;
    bool upper = op.getAutoPad() == "SAME_UPPER";
    pads[d] = boundDim(upper ? less : more);
    pads[d + rank] = boundDim(upper ? more : less);
  }
  rewriter.modifyOpInPlace(op, [&] {
    op.setPads(pads);
    op.setOutputPadding(outputPadding);
    op.removeOutputShapeAttr();
    op.setAutoPad("NOTSET");
  });
  return success();
}

void ConvTransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                  MLIRContext *context) {
  patterns.add(resolveOutputShape);
  patterns.add(becomeBias<ConvTransposeOp>);
}

OpFoldResult ConvTransposeOp::fold(FoldAdaptor adaptor) {
  return foldWithoutProducts(*this);
}

//===-- deform_columns ----------------------------------------------------===//

/// C3 of offsets or a mask, which have `channels` for each place.
static LogicalResult checkMoves(StringRef name, Value value,
                                RankedTensorType input, int64_t channels,
                                ArrayRef<Size> places, EmitError emitError) {
  RankedTensorType type = typeOf(value);
  Sizes expected = {getSizes(input)[0], channels};
  llvm::append_range(expected, places);
  bool fits = type.getRank() == 4 &&
              type.getElementType() == input.getElementType();
  if (fits)
    for (auto [have, want] : llvm::zip_equal(getSizes(type), expected))
      fits &= dimsAgree(have, want);
  if (fits)
    return success();
  return emitError() << "expected " << name << " of " << describeShape(expected)
                     << " " << input.getElementType() << ", but got " << type;
}

FailureOr<RankedTensorType> DeformColumnsOp::inferType(Adaptor op,
                                                       EmitError emitError) {
  RankedTensorType input = typeOf(op.getInput());
  Window window;
  window.kernel = op.getKernel();
  window.strides = op.getStrides();
  window.dilations = op.getDilations();
  window.pads = op.getPads();
  window.autoPad = "NOTSET";
  // C1
  if (input.getRank() != 4)
    return emitError() << "expected an input of two spatial dims, but got "
                       << input;
  if (failed(checkWindow(window, input, emitError)))
    return failure();
  auto places = slideWindow(
      window, getSpatialSizes(input, op.getChannelsLast()), emitError);
  if (failed(places))
    return failure();
  // C2
  int64_t channels =
      input.getDimSize(getChannelAxis(input, op.getChannelsLast()));
  for (int64_t group : {op.getGroup(), op.getOffsetGroups()})
    if (group < 1 || group > maxElements ||
        (!isOpen(channels) && channels % group != 0))
      return emitError() << "expected channels to be a multiple of " << group
                         << " groups, but got " << input;
  // C3
  int64_t taps = productOf(op.getKernel()), groups = op.getOffsetGroups();
  Type element = input.getElementType();
  if (!element.isF32() && !element.isF64())
    return emitError() << "expected f32 or f64, but got " << input;
  if (failed(checkMoves("offsets", op.getOffsets(), input,
                        boundDim(Wide(taps) * 2 * groups), *places,
                        emitError)) ||
      (op.getMask() &&
       failed(checkMoves("a mask", op.getMask(), input,
                         boundDim(Wide(taps) * groups), *places, emitError))))
    return failure();
  return makeImageType(getSizes(input)[0],
                       isOpen(channels) ? openDim
                                        : boundDim(Wide(channels) * taps),
                       *places, element, op.getChannelsLast());
}

Value DeformColumnsOp::buildChannelsLast(OpBuilder &builder,
                                         ValueRange inputs) {
  return cloneChannelsLast(builder, *this, inputs);
}

OpFoldResult DeformColumnsOp::fold(FoldAdaptor adaptor) {
  if (!isEmpty(getInput()))
    return {};
  return getCombinationOfNothing(getResult().getType(), "sum");
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/ConvOps.cpp.inc"
