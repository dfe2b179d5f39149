//===- Conv.cpp - Convolutions and transposed convolutions ----------------===//
//
// lir.conv works on [N, spatial..., C] with two spatial dims or more: images
// that come channels first are transposed around it, and a 1-D image becomes a
// 2-D one of height 1. A transposed convolution whose windows do not overlap is
// a matrix product, whose rows are then laid out as windows; any other one is a
// convolution by the mirrored filter over the input with zeros in its gaps.
//
//===----------------------------------------------------------------------===//

#include "GraphLowering.h"
#include "lambent/Diagnostics/Unsupported.h"

using namespace mlir;
using namespace lambent;
using lir::IndexTerm;

namespace {
/// A convolution on channels-last buffers. All lists have one entry per spatial
/// dim, pads two.
struct Convolution {
  Value input, filter, bias, output;
  SmallVector<int64_t> filterShape, strides, dilations;
  Sizes pads;
  int64_t group;
};
} // namespace

/// `list` with a 1 at `position`.
template <typename T>
static SmallVector<T> withUnitDim(const SmallVector<T> &list,
                                  unsigned position) {
  SmallVector<T> result(list);
  result.insert(result.begin() + position, 1);
  return result;
}

static Value reshapeFilter(Value filter, ArrayRef<int64_t> shape,
                           GraphLowering &lowering) {
  // The backend packs weights, not views of them.
  if (auto weight = filter.getDefiningOp<lir::WeightOp>())
    if (ElementsAttr value = reshapeElements(weight.getValue(), shape))
      return lowering.createWeight(value);
  return lowering.createView(filter, toSizes(shape));
}

static void createConv(Convolution conv, GraphLowering &lowering) {
  if (conv.strides.size() == 1) {
    conv.input =
        lowering.createView(conv.input, withUnitDim(getSizes(conv.input), 1));
    conv.output =
        lowering.createView(conv.output, withUnitDim(getSizes(conv.output), 1));
    conv.filterShape = withUnitDim(conv.filterShape, 2);
    conv.filter = reshapeFilter(conv.filter, conv.filterShape, lowering);
    conv.strides = withUnitDim(conv.strides, 0);
    conv.dilations = withUnitDim(conv.dilations, 0);
    conv.pads = {0, conv.pads[0], 0, conv.pads[1]};
  }
  OpBuilder &builder = lowering.builder;
  SmallVector<Value> epilogueInputs;
  SmallVector<AffineMap> epilogueMaps;
  if (conv.bias) {
    epilogueInputs.push_back(conv.bias);
    int64_t rank = getShape(conv.output).size();
    epilogueMaps.push_back(lir::getIndexMap(rank, {IndexTerm{rank - 1, 1, 0}},
                                            builder.getContext()));
  }
  Type accumulator = lir::getAccumulatorType(getElementType(conv.output));
  auto op = lir::ConvOp::create(
      builder, lowering.loc, conv.input, conv.filter, epilogueInputs,
      conv.output, /*workspace=*/Value(),
      builder.getAffineMapArrayAttr(epilogueMaps), conv.filterShape,
      conv.strides, conv.dilations, conv.pads, conv.group, DictionaryAttr());
  auto addBias = [&](OpBuilder &inner, Location loc,
                     ValueRange scalars) -> Value {
    if (scalars.size() == 1)
      return scalars[0];
    Value bias = convertFloat(inner, loc, scalars[1], accumulator);
    if (isa<FloatType>(accumulator))
      return arith::AddFOp::create(inner, loc, scalars[0], bias);
    return arith::AddIOp::create(inner, loc, scalars[0], bias);
  };
  buildEpilogue(lowering, op.getEpilogue(), accumulator, epilogueInputs,
                getElementType(conv.output), addBias);
}

/// The buffers of `op`, channels last; its result is transposed back by
/// `finish`.
template <typename Op>
static Convolution getChannelsLast(Op op, GraphLowering &lowering) {
  Convolution conv;
  conv.input = lowering.getBuffer(op.getInput());
  conv.filter = lowering.getBuffer(op.getFilter());
  conv.bias = lowering.getBuffer(op.getBias());
  conv.output = lowering.createResult(op.getResult());
  conv.group = op.getGroup();
  conv.strides = SmallVector<int64_t>(op.getStrides());
  conv.dilations = SmallVector<int64_t>(op.getDilations());
  if (op.getChannelsLast())
    return conv;
  conv.input = lowering.createTransposed(
      conv.input, getToChannelsLast(getShape(conv.input).size()));
  Sizes shape = getSizes(conv.output);
  std::rotate(shape.begin() + 1, shape.begin() + 2, shape.end());
  conv.output = lowering.createBuffer(shape, getElementType(conv.output));
  return conv;
}

template <typename Op>
static void finish(Op op, Value output, GraphLowering &lowering) {
  if (!op.getChannelsLast())
    lowering.createTransposed(output,
                              getToChannelsFirst(getShape(output).size()),
                              lowering.getBuffer(op.getResult()));
}

/// Gives an image of open channels those that the filter is made for, `channels`
/// of them. Fails where a run decides how large the filter is.
static LogicalResult bindChannels(Operation *op, Convolution &conv,
                                  int64_t channels, GraphLowering &lowering) {
  if (ShapedType::isDynamicShape(getShape(conv.filter)))
    return requireBoundDims(op);
  Sizes sizes = getSizes(conv.input);
  if (sizes.back().isNumber())
    return success();
  lowering.requireEqual(sizes.back(), channels,
                        "as many channels as the filter has");
  sizes.back() = channels;
  conv.input = lowering.createView(conv.input, sizes);
  return success();
}

static LogicalResult lowerConv(graph::ConvOp op, GraphLowering &lowering) {
  Convolution conv = getChannelsLast(op, lowering);
  conv.filterShape = SmallVector<int64_t>(getShape(conv.filter));
  if (failed(bindChannels(op, conv, conv.filterShape[1] * conv.group, lowering)))
    return failure();
  conv.pads =
      resolvePads(op.getAutoPad(), op.getPads(), getSpatialSizes(conv.input),
                  getSpatialSizes(conv.output),
                  ArrayRef(conv.filterShape).drop_front(2), conv.strides,
                  conv.dilations);
  createConv(conv, lowering);
  finish(op, conv.output, lowering);
  return success();
}

/// The filter [IC, OC/group, taps...] mirrored and with its channels exchanged:
/// [OC, IC/group, taps...].
static Value mirrorFilter(Value filter, int64_t group,
                          GraphLowering &lowering) {
  ArrayRef<int64_t> shape = getShape(filter), taps = shape.drop_front(2);
  int64_t inputs = shape[0] / group, outputs = shape[1], rank = taps.size();
  SmallVector<int64_t> sourceShape = {group, inputs, outputs},
                       targetShape = {group, outputs, inputs};
  SmallVector<IndexTerm> source = {{0, 1, 0}, {2, 1, 0}, {1, 1, 0}};
  for (int64_t dim = 0; dim < rank; ++dim) {
    sourceShape.push_back(taps[dim]);
    targetShape.push_back(taps[dim]);
    source.push_back(taps[dim] == 1 ? IndexTerm{}
                                    : IndexTerm{dim + 3, -1, taps[dim] - 1});
  }
  SmallVector<int64_t> resultShape = {group * outputs, inputs};
  llvm::append_range(resultShape, taps);
  Value result = lowering.createBuffer(toSizes(resultShape), getElementType(filter));
  lowering.createCopy(
      toSizes(targetShape), {lowering.createView(filter, toSizes(sourceShape)), source},
      {lowering.createView(result, toSizes(targetShape)),
       getIdentityTerms(rank + 3)});
  return result;
}

/// Windows that do not overlap: rows [N * spatial, IC] times [IC, OC * taps],
/// each row then a window of the output.
static void lowerAsMatmul(graph::ConvTransposeOp op, Convolution &conv,
                          GraphLowering &lowering) {
  OpBuilder &builder = lowering.builder;
  Sizes image = getSizes(conv.input);
  ArrayRef<int64_t> filter = getShape(conv.filter);
  int64_t rank = conv.strides.size(), ic = filter[0], oc = filter[1],
          columns = oc;
  image.pop_back();
  Size rows = productOf(image);
  for (int64_t size : filter.drop_front(2))
    columns *= size;
  Value rhs = reshapeFilter(conv.filter, {ic, columns}, lowering);
  Value lhs = lowering.createView(conv.input, Sizes{rows, ic});
  Value product =
      lowering.createBuffer(Sizes{rows, columns}, getElementType(conv.output));
  auto getMap = [&](int64_t row, int64_t column) {
    return lir::getIndexMap(3, {IndexTerm{row, 1, 0}, IndexTerm{column, 1, 0}},
                            builder.getContext());
  };
  AffineMap maps[] = {getMap(0, 2), getMap(2, 1), getMap(0, 1)};
  Type accumulator = lir::getAccumulatorType(getElementType(lhs));
  auto matmul = lir::MatmulOp::create(
      builder, lowering.loc, lhs, rhs, ValueRange(), product,
      Sizes{rows, columns, ic}, builder.getAffineMapArrayAttr(maps),
      builder.getArrayAttr({}), DictionaryAttr());
  buildEpilogue(
      lowering, matmul.getEpilogue(), accumulator, {}, getElementType(product),
      [](OpBuilder &, Location, ValueRange scalars) { return scalars[0]; });
  // Domain and output: [N, s0, t0, s1, t1, ..., OC]; product: [N, s0, s1, ...,
  // OC, t0, t1, ...].
  Sizes domain = {image[0]}, productShape = image;
  SmallVector<IndexTerm> source = {{0, 1, 0}};
  for (int64_t dim = 0; dim < rank; ++dim) {
    llvm::append_values(domain, image[dim + 1], Size(filter[dim + 2]));
    source.push_back({2 * dim + 1, 1, 0});
  }
  domain.push_back(oc);
  productShape.push_back(oc);
  source.push_back({2 * rank + 1, 1, 0});
  for (int64_t dim = 0; dim < rank; ++dim) {
    productShape.push_back(filter[dim + 2]);
    source.push_back({2 * dim + 2, 1, 0});
  }
  SmallVector<BufferAccess> inputs = {
      {lowering.createView(product, productShape), source}};
  if (conv.bias)
    inputs.push_back({conv.bias, {{2 * rank + 1, 1, 0}}});
  auto addBias = [](OpBuilder &inner, Location loc,
                    ValueRange scalars) -> Value {
    return scalars.size() == 1
               ? scalars[0]
               : arith::AddFOp::create(inner, loc, scalars[0], scalars[1])
                     .getResult();
  };
  lowering.createElementwise(domain, inputs,
                             {lowering.createView(conv.output, domain),
                              getIdentityTerms(domain.size())},
                             addBias);
}

/// The input with stride - 1 zeros between its elements.
static Value spreadInput(Value input, ArrayRef<int64_t> strides,
                         GraphLowering &lowering) {
  Sizes image = getSizes(input);
  if (llvm::all_of(strides, [](int64_t stride) { return stride == 1; }))
    return input;
  Sizes shape = image;
  SmallVector<IndexTerm> terms = getIdentityTerms(image.size());
  for (auto [dim, stride] : llvm::enumerate(strides)) {
    shape[dim + 1] = (image[dim + 1] - 1) * stride + 1;
    terms[dim + 1].stride = stride;
  }
  Value spread = lowering.createBuffer(shape, getElementType(input));
  lowering.createElementwise(
      shape, {}, {spread, getIdentityTerms(shape.size())},
      [&](OpBuilder &builder, Location loc, ValueRange) {
        return createScalar(builder, loc, getElementType(input), 0);
      });
  lowering.createCopy(image, {input, getIdentityTerms(image.size())},
                      {spread, terms});
  return spread;
}

namespace {
/// Where the windows of a transposed convolution lie.
struct TransposedWindows {
  bool areApart; ///< each output element is in one window
  /// Of the convolution over the input with zeros in its gaps: all begins, then
  /// all ends.
  Sizes pads;
};
} // namespace

static TransposedWindows
resolveWindows(graph::ConvTransposeOp op, const Convolution &conv) {
  Sizes image = getSpatialSizes(conv.input),
        output = getSpatialSizes(conv.output);
  ArrayRef<int64_t> taps = getShape(conv.filter).drop_front(2);
  size_t rank = taps.size();
  TransposedWindows windows{conv.group == 1, Sizes(2 * rank)};
  for (size_t dim = 0; dim < rank; ++dim) {
    int64_t window = conv.dilations[dim] * (taps[dim] - 1) + 1;
    Size spread = (image[dim] - 1) * conv.strides[dim] + 1;
    Size full = spread + (window - 1);
    // ONNX: what auto_pad or a given output size cuts off is spread over both
    // ends.
    Size cut = full + op.getOutputPadding()[dim] - output[dim];
    Size beyond = output[dim] + (window - 1) - spread;
    Size begin = op.getPads()[dim];
    if (op.getAutoPad() == "SAME_UPPER")
      begin = cut.floorDiv(2);
    else if (op.getAutoPad() == "SAME_LOWER" || op.getOutputShape())
      begin = cut - cut.floorDiv(2);
    windows.areApart &= window == conv.strides[dim] &&
                        conv.dilations[dim] == 1 && output[dim] == full &&
                        begin.is(0);
    windows.pads[dim] = Size(window - 1) - begin;
    windows.pads[dim + rank] = beyond - windows.pads[dim];
  }
  return windows;
}

static LogicalResult lowerConvTranspose(graph::ConvTransposeOp op,
                                        GraphLowering &lowering) {
  Convolution conv = getChannelsLast(op, lowering);
  if (!isa<FloatType>(getElementType(conv.input)))
    return emitUnsupported(op)
           << "a transposed convolution of elements of type "
           << getElementType(conv.input) << " is not supported";
  if (failed(bindChannels(op, conv, getShape(conv.filter)[0], lowering)))
    return failure();
  TransposedWindows windows = resolveWindows(op, conv);
  if (windows.areApart) {
    lowerAsMatmul(op, conv, lowering);
    finish(op, conv.output, lowering);
    return success();
  }
  conv.input = spreadInput(conv.input, conv.strides, lowering);
  conv.filter = mirrorFilter(conv.filter, conv.group, lowering);
  conv.filterShape = SmallVector<int64_t>(getShape(conv.filter));
  conv.pads = windows.pads;
  conv.strides.assign(conv.strides.size(), 1);
  createConv(conv, lowering);
  finish(op, conv.output, lowering);
  return success();
}

static LogicalResult lowerDeformColumns(graph::DeformColumnsOp op,
                                        GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        result = lowering.createResult(op.getResult()), output = result;
  if (!op.getChannelsLast()) {
    input = lowering.createTransposed(input, getToChannelsLast(4));
    output = lowering.createChannelsLast(result);
  }
  Sizes sizes = getSizes(output);
  if (!sizes.back().isNumber())
    return requireBoundDims(op);
  int64_t taps = llvm::product_of(op.getKernel());
  for (const Size &size : getSpatialSizes(input))
    lowering.requireNotNegative(size - 1, "an image that holds pixels");
  auto getMoves = [&](Value tensor, int64_t entries) {
    Value buffer = lowering.getBuffer(tensor);
    if (!buffer)
      return buffer;
    Sizes expected = {sizes[0], op.getOffsetGroups() * entries, sizes[1],
                      sizes[2]};
    for (auto [have, want] : llvm::zip_equal(getSizes(buffer), expected))
      lowering.requireEqual(have, want, "offsets and a mask for each place");
    return lowering.createView(buffer, expected);
  };
  lir::DeformColumnsOp::create(
      lowering.builder, lowering.loc, input, getMoves(op.getOffsets(), 2 * taps),
      getMoves(op.getMask(), taps), output, op.getKernel(), op.getStrides(),
      op.getDilations(), op.getPads().take_front(2), op.getGroup(),
      op.getOffsetGroups());
  if (output != result)
    lowering.createTransposed(output, getToChannelsFirst(4), result);
  return success();
}

void lambent::addConvLowerings(LoweringTable &table) {
  table.add(lowerDeformColumns);
  table.add(lowerConv);
  table.add(lowerConvTranspose);
}
