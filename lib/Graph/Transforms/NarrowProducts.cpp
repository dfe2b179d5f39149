//===- NarrowProducts.cpp - Products of quantized operands as integers ----===//
//
// With a = a8 - za and b = b8 + ob, where a8 is ui8 and b8 is i8,
//
//   sum(a b) = sum(a8 b8) + ob sum(a8) - za (sum(b8) + K ob),
//
// in wrapping i32, so that an integer product becomes one of 8-bit operands and
// per-row and per-column terms, most of which are constant or zero. Those of a
// convolution's windows are one of a filter of ones. A float
// product of dequantized operands is the integer one times both scales.
//
//===----------------------------------------------------------------------===//

#include "NarrowProducts.h"
#include "IntegerBuilder.h"
#include "QuantizedTensor.h"
#include "Rewriting.h"
#include "lambent/Graph/Transforms/Passes.h"
#include <limits>

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHNARROWPRODUCTS
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {
/// An operand in the type that products take: element + offset, where a null
/// offset stands for 0.
struct NarrowOperand {
  Value elements;
  Value offset; ///< i32
};
} // namespace

/// `from` as elements of ui8 or i8, as `isUnsigned` says.
static NarrowOperand convert(PatternRewriter &rewriter, Location loc,
                             const QuantizedTensor &from, bool isUnsigned) {
  IntegerBuilder integers(rewriter, loc);
  bool isOther =
      getTensorType(from.elements).getElementType().isUnsignedInteger() !=
      isUnsigned;
  Value elements = isOther ? integers.flip(from.elements) : from.elements;
  // Flipped, ui8 has 128 too much, and i8 as much too little.
  int32_t bias = !isOther ? 0 : isUnsigned ? -128 : 128;
  if (from.zero.isAll(bias))
    return {elements, nullptr};
  if (!from.zero.tensor)
    return {elements,
            integers.number(bias - int32_t(from.zero.integer.value_or(0)))};
  Value zero = integers.extend(from.zero.materialize(rewriter, loc));
  return {elements, integers.sub(integers.number(bias), zero)};
}

/// Whether sums of `depth` products fit i32, so that they are those of floats.
static bool fitSums(const QuantizedTensor &lhs, const QuantizedTensor &rhs,
                    int64_t depth) {
  int64_t most = lhs.getMostMagnitude() * rhs.getMostMagnitude();
  return depth <= std::numeric_limits<int32_t>::max() / most;
}

/// Integer sums times both scales, which broadcast to them.
static Value scaleSums(PatternRewriter &rewriter, Location loc, Value sums,
                       Value left, Value right, Value bias) {
  SmallVector<Value> inputs{sums,
                            TensorBuilder(rewriter, loc).mul(left, right)};
  if (bias)
    inputs.push_back(bias);
  return ElementwiseOp::create(
      rewriter, loc, inputs, rewriter.getF32Type(),
      [&](OpBuilder &b, Location l, ValueRange args) -> Value {
        Value number = arith::SIToFPOp::create(b, l, b.getF32Type(), args[0]);
        Value scaled = arith::MulFOp::create(b, l, number, args[1]);
        if (!bias)
          return scaled;
        return arith::AddFOp::create(b, l, scaled, args[2]);
      });
}

namespace {

struct NarrowMatmul : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    Type element = getTensorType(op.getResult()).getElementType();
    auto lhs = matchQuantized(op.getLhs(), element),
         rhs = matchQuantized(op.getRhs(), element);
    if (!lhs || !rhs)
      return rewriter.notifyMatchFailure(op, "operands are not quantized");
    if (!lhs->zero.isOneNumber() || !lhs->scale.isOneNumber() ||
        !isPerColumn(op, rhs->zero) || !isPerColumn(op, rhs->scale))
      return rewriter.notifyMatchFailure(
          op, "expected one scale and zero point of lhs, and one per column");
    if (ShapedType::isDynamic(getDepth(op)))
      return rewriter.notifyMatchFailure(op, "expected a known number of k");
    if (lhs->scale && !fitSums(*lhs, *rhs, getDepth(op)))
      return rewriter.notifyMatchFailure(op, "sums may not fit i32");
    Location loc = op.getLoc();
    IntegerBuilder integers(rewriter, loc);
    NarrowOperand a = convert(rewriter, loc, *lhs, /*isUnsigned=*/true),
                  b = convert(rewriter, loc, *rhs, /*isUnsigned=*/false);
    Value sums = MatmulOp::create(rewriter, loc, a.elements, b.elements,
                                  op.getTransposeLhs(), op.getTransposeRhs());
    // Sums of b, [..., 1, N], and of a, [..., M, 1].
    if (a.offset) {
      Value columns = sumDepth(integers, op, b.elements, /*ofLhs=*/false);
      if (b.offset)
        columns = integers.add(
            columns,
            integers.mul(b.offset, integers.number(int32_t(getDepth(op)))));
      sums = integers.add(sums, integers.mul(columns, a.offset));
    }
    if (b.offset) {
      Value rows = sumDepth(integers, op, a.elements, /*ofLhs=*/true);
      sums = integers.add(sums, integers.mul(rows, b.offset));
    }
    rewriter.replaceOp(
        op, lhs->scale
                ? scaleSums(rewriter, loc, sums,
                            lhs->scale.materialize(rewriter, loc),
                            rhs->scale.materialize(rewriter, loc), nullptr)
                : sums);
    return success();
  }

private:
  /// Whether a parameter of rhs has one entry, or one per column.
  static bool isPerColumn(MatmulOp op, const Parameter &parameter) {
    if (parameter.isOneNumber())
      return true;
    RankedTensorType type = getTensorType(parameter.tensor);
    int64_t rank = getTensorType(op.getRhs()).getRank(),
            fromEnd = op.getTransposeRhs() ? 2 : 1;
    if (!type.hasStaticShape() || type.getRank() < fromEnd ||
        type.getRank() > rank)
      return false;
    return type.getDimSize(type.getRank() - fromEnd) == type.getNumElements();
  }

  static int64_t getDepthAxis(MatmulOp op, bool ofLhs) {
    int64_t rank = getTensorType(ofLhs ? op.getLhs() : op.getRhs()).getRank();
    bool isLast =
        ofLhs != (ofLhs ? op.getTransposeLhs() : op.getTransposeRhs());
    return rank - (isLast ? 1 : 2);
  }

  /// The sums along k of one operand, with a unit dim in its place, in the
  /// order of the result's dims.
  static Value sumDepth(IntegerBuilder &integers, MatmulOp op, Value elements,
                        bool ofLhs) {
    Value sums = integers.sum(integers.extend(elements),
                              getDepthAxis(op, ofLhs), /*keepDims=*/true);
    bool isTransposed = ofLhs ? op.getTransposeLhs() : op.getTransposeRhs();
    return isTransposed ? integers.swapLast(sums) : sums;
  }

  static int64_t getDepth(MatmulOp op) {
    return getTensorType(op.getLhs())
        .getDimSize(getDepthAxis(op, /*ofLhs=*/true));
  }
};

struct NarrowConv : OpRewritePattern<ConvOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    Type element = getTensorType(op.getResult()).getElementType();
    auto input = matchQuantized(op.getInput(), element),
         filter = matchQuantized(op.getFilter(), element);
    if (!input || !filter || !isConstantExpression(filter->elements))
      return rewriter.notifyMatchFailure(op, "operands are not quantized");
    RankedTensorType shape = getTensorType(op.getFilter());
    if (!shape.hasStaticShape() || (shape.getDimSize(1) % kGroup != 0 &&
                                    op.getGroup() != 1 && !isDepthwise(op)))
      return rewriter.notifyMatchFailure(
          op, "expected groups of channels that are a multiple of 4, or of one "
              "channel each");
    if (input->scale && !fitSums(*input, *filter,
                                 shape.getNumElements() /
                                     std::max<int64_t>(1, shape.getDimSize(0))))
      return rewriter.notifyMatchFailure(op, "sums may not fit i32");
    if (!input->zero.isOneNumber() || !input->scale.isOneNumber() ||
        !isPerChannel(op, filter->scale) || !isPerChannel(op, filter->zero))
      return rewriter.notifyMatchFailure(
          op, "expected one scale and zero point of the input, and one per "
              "output channel of the filter");
    bool isUnsigned =
        getTensorType(filter->elements).getElementType().isUnsignedInteger();
    // A second convolution of bytes takes more than one of floats saves.
    if (isDepthwise(op) && input->scale &&
        !filter->zero.isAll(isUnsigned ? 128 : 0))
      return rewriter.notifyMatchFailure(
          op, "the filter of channels by themselves is not symmetric");
    bool isPadded =
        op.getAutoPad() != "NOTSET" ||
        llvm::any_of(op.getPads(), [](int64_t pad) { return pad != 0; });
    if (isPadded &&
        (op.getAutoPad() != "NOTSET" ||
         llvm::any_of(op.getPads(), [](int64_t pad) { return pad < 0; })))
      return rewriter.notifyMatchFailure(op, "its padding is not known");

    Location loc = op.getLoc();
    TensorBuilder tensors(rewriter, loc);
    IntegerBuilder integers(rewriter, loc);
    NarrowOperand x = convert(rewriter, loc, *input, /*isUnsigned=*/true),
                  w = convert(rewriter, loc, *filter, /*isUnsigned=*/false);
    SmallVector<int64_t> pads(op.getPads());
    // A depthwise kernel finds its padding in the image, and others find their
    // channels by fours.
    int64_t more =
        isDepthwise(op) ? 0 : (kGroup - shape.getDimSize(1) % kGroup) % kGroup;
    if ((isPadded && (x.offset || isDepthwise(op))) || more) {
      x.elements = pad(rewriter, op, integers, x, more);
      pads.assign(pads.size(), 0);
    }
    if (more)
      w.elements = padChannels(rewriter, op, w.elements, more);
    // The integer bias: what the zero point adds, and the op's own.
    auto convolve = [&](Value elements, Value bias) -> Value {
      if (x.offset) {
        auto axes = llvm::to_vector(llvm::seq<int64_t>(1, shape.getRank()));
        Value term = integers.mul(
            integers.sum(integers.extend(elements), axes, /*keepDims=*/false),
            x.offset);
        bias = bias ? integers.add(bias, term) : term;
      }
      return ConvOp::create(rewriter, loc, x.elements, elements, bias,
                            op.getStrides(), op.getDilations(), pads,
                            op.getGroup(), "NOTSET", op.getChannelsLast());
    };
    auto align = [&](Value vector) {
      if (!vector || getTensorType(vector).getRank() == 0)
        return vector;
      SmallVector<int64_t> sizes{shape.getDimSize(0)};
      if (!op.getChannelsLast())
        sizes.append(shape.getRank() - 2, 1);
      return tensors.reshape(vector, sizes);
    };
    Value sums = convolve(w.elements, input->scale ? Value() : op.getBias());
    if (w.offset) {
      Value windows = convolve(createOnes(rewriter, op, w.elements), Value());
      sums = integers.add(sums, integers.mul(windows, align(w.offset)));
    }
    if (!input->scale) {
      rewriter.replaceOp(op, sums);
      return success();
    }
    rewriter.replaceOp(
        op,
        scaleSums(rewriter, loc, sums, input->scale.materialize(rewriter, loc),
                  align(filter->scale.materialize(rewriter, loc)),
                  align(op.getBias())));
    return success();
  }

private:
  /// Input channels that kernels take together.
  static constexpr int64_t kGroup = 4;

  /// Whether each channel is by itself, in an image of known sizes.
  static bool isDepthwise(ConvOp op) {
    RankedTensorType filter = getTensorType(op.getFilter()),
                     input = getTensorType(op.getInput());
    return op.getGroup() > 1 && filter.getDimSize(1) == 1 &&
           filter.getDimSize(0) == int64_t(op.getGroup()) &&
           filter.getRank() <= 4 &&
           !ShapedType::isDynamicShape(input.getShape().drop_front());
  }

  static bool isPerChannel(ConvOp op, const Parameter &parameter) {
    if (parameter.isOneNumber())
      return true;
    RankedTensorType type = getTensorType(parameter.tensor),
                     filter = getTensorType(op.getFilter());
    return type.hasStaticShape() && type.getRank() == filter.getRank() &&
           type.getDimSize(0) == type.getNumElements();
  }

  /// A filter that sums windows: of all channels, or of each group for its own.
  static Value createOnes(PatternRewriter &rewriter, ConvOp op, Value filter) {
    SmallVector<int64_t> sizes(getTensorType(filter).getShape());
    if (op.getGroup() == 1)
      sizes[0] = 1;
    return ConstantOp::create(
        rewriter, op.getLoc(),
        DenseElementsAttr::get(
            RankedTensorType::get(sizes, rewriter.getI8Type()), int8_t(1)));
  }

  static Value createPad(PatternRewriter &rewriter, Location loc, Value x,
                         ArrayRef<int64_t> axes, ArrayRef<int64_t> amounts,
                         Value value) {
    auto type =
        RankedTensorType::get({int64_t(amounts.size())}, rewriter.getI64Type());
    Value pads = ConstantOp::create(rewriter, loc,
                                    DenseElementsAttr::get(type, amounts));
    return PadOp::create(rewriter, loc, x, pads, value, "constant", axes);
  }

  /// The input with its zero point around it, and `more` channels.
  static Value pad(PatternRewriter &rewriter, ConvOp op,
                   IntegerBuilder &integers, const NarrowOperand &x,
                   int64_t more) {
    int64_t first = op.getChannelsLast() ? 1 : 2,
            rank = getTensorType(op.getInput()).getRank(), spatial = rank - 2;
    SmallVector<int64_t> axes =
        llvm::to_vector(llvm::seq<int64_t>(first, first + spatial));
    axes.push_back(op.getChannelsLast() ? rank - 1 : 1);
    SmallVector<int64_t> amounts(op.getPads().take_front(spatial));
    amounts.push_back(0);
    llvm::append_range(amounts, op.getPads().drop_front(spatial));
    amounts.push_back(more);
    Value offset = x.offset ? x.offset : integers.number(0);
    Value zero = integers.map(
        offset, getTensorType(x.elements).getElementType(),
        [](OpBuilder &b, Location l, ValueRange args) -> Value {
          Value none = arith::ConstantOp::create(b, l, b.getI32IntegerAttr(0));
          return arith::TruncIOp::create(
              b, l, b.getI8Type(), arith::SubIOp::create(b, l, none, args[0]));
        });
    return createPad(rewriter, op.getLoc(), x.elements, axes, amounts, zero);
  }

  /// The filter with `more` input channels of zeros.
  static Value padChannels(PatternRewriter &rewriter, ConvOp op, Value filter,
                           int64_t more) {
    Value zero = ConstantOp::create(
        rewriter, op.getLoc(),
        DenseElementsAttr::get(RankedTensorType::get({}, rewriter.getI8Type()),
                               int8_t(0)));
    return createPad(rewriter, op.getLoc(), filter, {1}, {0, more}, zero);
  }
};

struct NarrowProducts : impl::GraphNarrowProductsBase<NarrowProducts> {
  using GraphNarrowProductsBase::GraphNarrowProductsBase;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<NarrowMatmul, NarrowConv>(&getContext());
    populateSinkDequantizationPatterns(patterns);
    populateFoldRoundTripPatterns(patterns);
    if (!strict)
      populateFoldRequantizationPatterns(patterns);
    rewriteGreedily(getOperation(), std::move(patterns));
  }
};

} // namespace

} // namespace lambent::graph
