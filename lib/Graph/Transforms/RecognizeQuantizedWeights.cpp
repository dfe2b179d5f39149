//===- RecognizeQuantizedWeights.cpp - Weights that stay narrow -----------===//
//
// A product with constant weights (q - zero) * scale, q of 2, 4 or 8 bits, with
// scales for columns or for blocks of k. Importers write these as element-wise
// ops, parameters of blocks repeated by a gather. Rows that are gathered of
// such a tensor are dequantized by themselves. Of a recurrent layer, bytes with
// one scale a row multiply the hidden state.
//
//===----------------------------------------------------------------------===//

#include "IntegerBuilder.h"
#include "Rewriting.h"
#include "WeightCodes.h"
#include "lambent/Graph/Transforms/Passes.h"
#include <numeric>

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHRECOGNIZEQUANTIZEDWEIGHTS
#include "lambent/Graph/Transforms/Passes.h.inc"

//===-- Parameters of blocks ----------------------------------------------===//

namespace {
/// The shape of weights, and which of their dims is k.
struct WeightShape {
  int64_t columns, depth;
  unsigned depthAxis; ///< 1 for [N, K], else 0
};

/// A parameter as [N or 1, blocks] or [blocks, N or 1], by the weights' order,
/// of blocks of `block` along k.
struct BlockTable {
  Value tensor; ///< null: a number
  int64_t block;
  bool repeats = false; ///< each as often as a block has k
};
} // namespace

/// How many neighbours along k a small constant repeats each entry for, at
/// least: small ones are computed early.
static int64_t getRepetition(Value table, unsigned axis, int64_t depth) {
  auto constant = dyn_cast_or_null<DenseElementsAttr>(getConstantValue(table));
  int64_t rank = getTensorType(table).getRank();
  if (!constant || constant.isSplat())
    return constant ? depth : 1;
  auto values = constant.getValues<Attribute>();
  int64_t count = constant.getNumElements(),
          step = rank == 2 && axis == 0 ? count / depth : 1, repetition = 0;
  for (int64_t i = step; i < count; ++i) {
    int64_t k = i / step % depth;
    if (k > 0 && values[i] != values[i - step])
      repetition = std::gcd(repetition, k);
  }
  return repetition ? repetition : depth;
}

static std::optional<BlockTable> getBlocks(const Parameter &parameter,
                                           const WeightShape &weights) {
  if (!parameter.tensor)
    return BlockTable{nullptr, weights.depth};
  RankedTensorType type = getTensorType(parameter.tensor);
  if (!type.hasStaticShape() || type.getRank() > 2)
    return std::nullopt;
  auto getSize = [](RankedTensorType type, unsigned axis) {
    int64_t place = int64_t(axis) - (2 - type.getRank());
    return place < 0 ? 1 : type.getDimSize(place);
  };
  BlockTable table{parameter.tensor, weights.depth};
  unsigned axis = weights.depthAxis;
  if (getSize(type, axis) != 1) {
    // One of each k: these must repeat those of blocks.
    if (auto gather = parameter.tensor.getDefiningOp<GatherOp>()) {
      auto places = getConstantInts(gather.getIndices());
      if (failed(places) || gather.getAxis() != axis || type.getRank() != 2 ||
          getTensorType(gather.getData()).getRank() != 2)
        return std::nullopt;
      table.block = llvm::count(*places, 0);
      for (auto [k, place] : llvm::enumerate(*places))
        if (table.block == 0 || place != int64_t(k) / table.block)
          return std::nullopt;
      table.tensor = gather.getData();
      type = getTensorType(table.tensor);
    } else {
      table.block = getRepetition(parameter.tensor, axis, weights.depth);
      if (table.block % 16 != 0 && table.block != weights.depth)
        return std::nullopt;
      table.repeats = true;
    }
  }
  int64_t columns = getSize(type, 1 - axis);
  if (columns != 1 && columns != weights.columns)
    return std::nullopt;
  return table;
}

/// The entries of a table that repeats them.
static Value dropRepetitions(OpBuilder &builder, Location loc,
                             const BlockTable &table,
                             const WeightShape &weights) {
  if (!table.repeats)
    return table.tensor;
  int64_t rank = getTensorType(table.tensor).getRank();
  auto list = [&](int64_t value) {
    return createIndexConstant(builder, loc, value);
  };
  return SliceOp::create(builder, loc, table.tensor, list(0),
                         list(weights.depth), list(table.block),
                         ArrayRef<int64_t>(rank == 1 ? 0 : weights.depthAxis));
}

/// A table as [N, blocks].
static Value alignTable(TensorBuilder &tensors, Value table,
                        const WeightShape &weights, int64_t blocks) {
  RankedTensorType type = getTensorType(table);
  SmallVector<int64_t> shape(2 - type.getRank(), 1);
  llvm::append_range(shape, type.getShape());
  table = tensors.reshape(table, shape);
  if (weights.depthAxis == 0)
    table = tensors.transpose(table, {1, 0});
  return tensors.expand(table, {weights.columns, blocks});
}

//===-- Codes -------------------------------------------------------------===//

/// How far unsigned codes lie above signed ones.
static int64_t getMiddle(IntegerType type) {
  return type.isUnsigned() ? int64_t(1) << (type.getWidth() - 1) : 0;
}

static Value byte(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantOp::create(b, loc, b.getI8IntegerAttr(int8_t(value)));
}

/// Codes as i8, in two's complement.
static Value makeCodes(PatternRewriter &rewriter, Location loc, Value codes) {
  IntegerType type = getCodeType(codes);
  int64_t middle = getMiddle(type);
  if (type.getWidth() == 8 && middle == 0)
    return codes;
  return IntegerBuilder(rewriter, loc)
      .map(codes, rewriter.getI8Type(),
           [&](OpBuilder &b, Location l, ValueRange args) -> Value {
             return middle ? arith::XOrIOp::create(b, l, args[0],
                                                   byte(b, l, middle))
                                 .getResult()
                           : args[0];
           });
}

//===-- Patterns ----------------------------------------------------------===//

namespace {

struct QuantizeMatmul : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = getTensorType(op.getRhs());
    if (op.getTransposeLhs() || type.getRank() != 2 || !type.hasStaticShape() ||
        !type.getElementType().isF32() || type.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "expected weights of f32");
    auto found = matchWeights(op.getRhs());
    if (!found || getTensorType(found->elements).getShape() != type.getShape())
      return rewriter.notifyMatchFailure(op, "the rhs is not quantized");
    for (Value part :
         {found->elements, found->zero.tensor, found->scale.tensor})
      if (part && !isConstantExpression(part))
        return rewriter.notifyMatchFailure(op, "the rhs is not constant");
    unsigned depthAxis = op.getTransposeRhs() ? 1 : 0;
    WeightShape weights{type.getDimSize(1 - depthAxis),
                        type.getDimSize(depthAxis), depthAxis};
    auto scales = getBlocks(found->scale, weights),
         zeros = getBlocks(found->zero, weights);
    if (!scales || !zeros)
      return rewriter.notifyMatchFailure(op, "parameters are not of blocks");
    IntegerType codeType = getCodeType(found->elements);
    int64_t zeroNumber = found->zero.integer.value_or(0) - getMiddle(codeType);
    if (!zeros->tensor && zeroNumber != int8_t(zeroNumber))
      return rewriter.notifyMatchFailure(op, "the zero point is no i8");
    int64_t block = std::min(scales->block, zeros->block), k = weights.depth;
    auto fits = [&](int64_t size) { return size == block || size >= k; };
    if (!fits(scales->block) || !fits(zeros->block) ||
        (block < k && block % 16 != 0))
      return rewriter.notifyMatchFailure(
          op, "expected blocks of one size, a multiple of 16");
    block = std::min(block, k);
    int64_t blocks = int64_t(llvm::divideCeil(k, block));

    Location loc = op.getLoc();
    TensorBuilder tensors(rewriter, loc);
    Value scale = dropRepetitions(rewriter, loc, *scales, weights);
    if (!scale)
      scale = tensors.splat(rewriter.getF32Type(), {1, 1},
                            found->scale.number.getValueAsDouble());
    scale = alignTable(tensors, scale, weights, blocks);
    Value zero = makeZeros(rewriter, loc, *found,
                           dropRepetitions(rewriter, loc, *zeros, weights),
                           weights, blocks);
    Value codes = makeCodes(rewriter, loc, found->elements);
    if (depthAxis == 0)
      codes = tensors.transpose(codes, {1, 0});
    rewriter.replaceOpWithNewOp<QuantizedMatmulOp>(
        op, op.getLhs(), codes, scale, zero, codeType.getWidth(), block);
    return success();
  }

private:
  /// The zero points of such codes, or null where all are 0.
  static Value makeZeros(PatternRewriter &rewriter, Location loc,
                         const QuantizedTensor &from, Value table,
                         const WeightShape &weights, int64_t blocks) {
    IntegerType type = getCodeType(from.elements);
    int64_t middle = getMiddle(type);
    if (!table) {
      int64_t number = from.zero.integer.value_or(0) - middle; // an i8
      if (number == 0)
        return nullptr;
      auto shape = RankedTensorType::get({weights.columns, blocks},
                                         rewriter.getI8Type());
      return ConstantOp::create(
          rewriter, loc,
          DenseElementsAttr::get(shape,
                                 rewriter.getI8IntegerAttr(int8_t(number))));
    }
    if (Parameter{table, std::nullopt, nullptr}.isAll(middle))
      return nullptr;
    int64_t unused = 8 - int64_t(type.getWidth());
    Value numbers =
        IntegerBuilder(rewriter, loc)
            .map(table, rewriter.getI8Type(),
                 [&](OpBuilder &b, Location l, ValueRange args) -> Value {
                   if (middle)
                     return arith::SubIOp::create(b, l, args[0],
                                                  byte(b, l, middle));
                   if (unused == 0)
                     return args[0];
                   Value amount = byte(b, l, unused);
                   return arith::ShRSIOp::create(
                       b, l, arith::ShLIOp::create(b, l, args[0], amount),
                       amount);
                 });
    TensorBuilder tensors(rewriter, loc);
    return alignTable(tensors, numbers, weights, blocks);
  }
};

/// A recurrent layer whose states are multiplied with bytes, of one scale a
/// row.
struct QuantizeRecurrent : OpRewritePattern<RecurrentOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(RecurrentOp op,
                                PatternRewriter &rewriter) const override {
    RankedTensorType type = getTensorType(op.getWeights());
    if (op.getScales() || !type.hasStaticShape() ||
        !type.getElementType().isF32() || type.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "expected weights of f32");
    auto found = matchWeights(op.getWeights());
    if (!found || getTensorType(found->elements).getShape() != type.getShape())
      return rewriter.notifyMatchFailure(op, "weights are not quantized");
    IntegerType codeType = getCodeType(found->elements);
    if (codeType.getWidth() != 8 || !found->zero.isAll(getMiddle(codeType)))
      return rewriter.notifyMatchFailure(op, "expected symmetric bytes");
    Location loc = op.getLoc();
    TensorBuilder tensors(rewriter, loc);
    ArrayRef<int64_t> rows = type.getShape().drop_back();
    Value scales = found->scale.tensor;
    if (scales) {
      ArrayRef<int64_t> own = getTensorType(scales).getShape();
      if (!own.empty() && own.back() != 1)
        return rewriter.notifyMatchFailure(op, "expected a scale for each row");
      scales = tensors.expand(
          tensors.reshape(scales, own.empty() ? own : own.drop_back()), rows);
    } else {
      scales = tensors.splat(rewriter.getF32Type(), rows,
                             found->scale.number.getValueAsDouble());
    }
    Value codes = makeCodes(rewriter, loc, found->elements);
    rewriter.modifyOpInPlace(op, [&] {
      op.getWeightsMutable().assign(codes);
      op.getScalesMutable().assign(scales);
    });
    return success();
  }
};

/// Rows of a dequantized table are gathered before they are dequantized.
struct GatherCodes : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(GatherOp op,
                                PatternRewriter &rewriter) const override {
    auto table = op.getData().getDefiningOp<ElementwiseOp>();
    if (!table || isConstantExpression(op.getIndices()) ||
        !isConstantExpression(table.getResult()) ||
        llvm::none_of(table.getInputs(),
                      [](Value input) { return bool(getCodeType(input)); }))
      return rewriter.notifyMatchFailure(op, "the data is not dequantized");
    SmallVector<Value> inputs;
    for (Value input : table.getInputs()) {
      FailureOr<Value> rows = gather(rewriter, op, input);
      if (failed(rows))
        return rewriter.notifyMatchFailure(op, "parameters are not of rows");
      inputs.push_back(*rows);
    }
    auto rows = cast<ElementwiseOp>(rewriter.clone(*table));
    rows->setOperands(inputs);
    rows.getResult().setType(cast<RankedTensorType>(op.getResult().getType()));
    rewriter.replaceOp(op, rows.getResult());
    return success();
  }

private:
  /// What of an input, which broadcasts to the data, belongs to the rows.
  static FailureOr<Value> gather(PatternRewriter &rewriter, GatherOp op,
                                 Value input) {
    RankedTensorType type = getTensorType(input);
    if (!type.hasStaticShape())
      return failure();
    int64_t axis = int64_t(op.getAxis()) -
                   (getTensorType(op.getData()).getRank() - type.getRank());
    if (axis < 0)
      return input;
    if (type.getDimSize(axis) != 1)
      return gatherRows(rewriter, op, input, axis);
    ArrayRef<int64_t> shape = type.getShape();
    if (llvm::any_of(shape.take_front(axis), [](int64_t d) { return d != 1; }))
      return failure();
    return TensorBuilder(rewriter, op.getLoc())
        .reshape(input, shape.drop_front(axis + 1));
  }

  static Value gatherRows(PatternRewriter &rewriter, GatherOp op, Value input,
                          int64_t axis) {
    // What repeats parameters of blocks does so with those of the rows.
    auto repeat = input.getDefiningOp<GatherOp>();
    if (!repeat || int64_t(repeat.getAxis()) == axis ||
        getTensorType(repeat.getIndices()).getRank() != 1)
      return GatherOp::create(rewriter, op.getLoc(), input, op.getIndices(),
                              axis);
    Value rows = gatherRows(rewriter, op, repeat.getData(), axis);
    int64_t place = repeat.getAxis();
    if (place > axis)
      place += getTensorType(op.getIndices()).getRank() - 1;
    return GatherOp::create(rewriter, op.getLoc(), rows, repeat.getIndices(),
                            place);
  }
};

struct RecognizeQuantizedWeights
    : impl::GraphRecognizeQuantizedWeightsBase<RecognizeQuantizedWeights> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<QuantizeMatmul, QuantizeRecurrent, GatherCodes>(&getContext());
    rewriteGreedily(getOperation(), std::move(patterns));
    getOperation().walk([&](QuantizedMatmulOp) { ++numProducts; });
  }
};

} // namespace

} // namespace lambent::graph
