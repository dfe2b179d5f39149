//===- Matmul.cpp - Matrix products ---------------------------------------===//
//
// A chunk is a block of row tiles times a range of panels of one product of the
// batch. It goes through the panels and, within a panel, through the tiles, so
// that a panel stays in L2 while lhs passes by.
//
//===----------------------------------------------------------------------===//

#include "AlgorithmKernel.h"
#include "AlgorithmPlans.h"
#include "NextPanel.h"
#include "OperandStrides.h"
#include "PanelPacking.h"
#include "RegisterTile.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

/// Emits one op's product as register tiles.
class MatmulEmitter {
public:
  MatmulEmitter(lir::MatmulOp op, KernelBuilder &builder, TileShape tile)
      : op(op), builder(builder), plan(op, builder.getTarget(), tile),
        product(plan.types, builder.getTarget()) {}

  LogicalResult emit() {
    builder.forLoop(builder.getBegin(), builder.getEnd(), 1,
                    [&](Value chunk) { emitChunk(chunk); });
    return status;
  }

private:
  void emitChunk(Value chunk);
  void emitPanel(Value panel, PanelWidth width);
  /// The rows of a tile: `most`, or where `count` is given only so many.
  struct TileRows {
    Value tile, first;
    int64_t most;
    Value count;
  };
  void emitTile(Value panel, PanelWidth width, const TileRows &rows,
                TileOperands operands);
  void packLhs();
  /// Packs k of `columns` columns to packed[step of k][column][group].
  void pack(const StridedMatrix &source, Value columns, int64_t paddedColumns,
            Value packed, int64_t step);
  PanelPrefetch prefetchNext(Value rhs, Value tile, int64_t vectors);
  /// Visits the chunk's tiles, those of each size in a loop of their own.
  using TileBody = function_ref<void(const TileRows &rows)>;
  void forEachTile(TileBody body);

  /// The first element of lhs or rhs for the chunk's place in the batch.
  Value batchPtr(Value base, ArrayRef<Size> strides) {
    Value offset = builder.i64(0);
    for (auto [index, stride] : llvm::zip_equal(batchIndices, strides))
      offset = builder.add(offset, builder.mul(index, stride));
    return builder.elementPtr(base, plan.element, offset);
  }

  /// The first row of a tile.
  Value rowOfTile(Value tile) {
    Value row = builder.mul(tile, plan.split.rows);
    if (!plan.rows.isNumber() || plan.split.bigTiles == plan.split.tiles)
      return row;
    Value small = builder.max(
        builder.sub(tile, builder.i64(plan.split.bigTiles)), builder.i64(0));
    return builder.sub(row, small);
  }

  /// A tile of lhs in scratch memory: [steps][rows, padded][group].
  Value packedTile(Value tile) {
    Value position = builder.mul(builder.sub(tile, tileBegin),
                                 plan.steps * plan.getPackedLhsStep());
    return builder.elementPtr(packedLhs, plan.element, position);
  }

  lir::MatmulOp op;
  KernelBuilder &builder;
  MatmulPlan plan;
  TileProduct product;
  LogicalResult status = success();

  // Of the current chunk.
  SmallVector<Value> batchIndices;
  Value tileBegin, tileEnd, panelBegin, panelEnd;
  Value lhs, rhs; ///< of this product in the batch
  Value packedLhs, packedRhs, stage;
};

} // namespace

void MatmulEmitter::emitChunk(Value chunk) {
  Sizes grid(plan.batch);
  grid.append({plan.getChunkGrid(0), plan.getChunkGrid(1)});
  SmallVector<Value> indices = builder.delinearize(chunk, grid);
  batchIndices.assign(indices.begin(), indices.end() - 2);
  Value block = indices[plan.batch.size()], range = indices.back();
  tileBegin = builder.mul(block, plan.chunkTiles);
  tileEnd = builder.min(builder.add(tileBegin, builder.value(plan.chunkTiles)),
                        builder.value(plan.tiles));
  panelBegin = builder.mul(range, plan.chunkPanels);
  panelEnd = builder.min(builder.add(panelBegin, plan.chunkPanels),
                         builder.value(plan.panels));

  OpOperand &lhsOperand =
      plan.swapped ? op.getRhsMutable() : op.getLhsMutable();
  OpOperand &rhsOperand =
      plan.swapped ? op.getLhsMutable() : op.getRhsMutable();
  lhs = batchPtr(builder.getBuffer(lhsOperand), plan.lhs.batch);
  rhs = batchPtr(builder.getBuffer(rhsOperand), plan.rhs.batch);
  packedLhs = builder.getScratch();
  packedRhs =
      builder.bytePtr(packedLhs, builder.value(plan.getLhsScratchBytes()));
  stage = builder.bytePtr(packedRhs, builder.value(plan.getRhsScratchBytes()));

  if (plan.lhsAccess == OperandAccess::CopyInto)
    packLhs();
  forEachPanel(builder, panelBegin, panelEnd, plan.columns,
               plan.tile.columns / plan.lanes, plan.lanes,
               [&](Value panel, PanelWidth width) { emitPanel(panel, width); });
}

void MatmulEmitter::pack(const StridedMatrix &source, Value columns,
                         int64_t paddedColumns, Value packed, int64_t step) {
  if (plan.group == 1)
    packMatrix(builder, source, plan.depth, columns, paddedColumns, plan.lanes,
               packed, step);
  else
    packGroups(builder, source, plan.depth, columns, paddedColumns, plan.lanes,
               packed, step);
}

void MatmulEmitter::packLhs() {
  forEachTile([&](const TileRows &rows) {
    Value from = builder.elementPtr(lhs, plan.element,
                                    builder.mul(rows.first, plan.lhs.row));
    pack({plan.element, from, plan.lhs.depth, plan.lhs.row},
         rows.count ? rows.count : builder.i64(rows.most),
         plan.getPackedLhsStep() / plan.group, packedTile(rows.tile),
         plan.getPackedLhsStep());
  });
}

void MatmulEmitter::emitPanel(Value panel, PanelWidth width) {
  TileOperands operands;
  operands.depth = builder.value(plan.steps);
  Value column = builder.mul(panel, plan.tile.columns);
  Value source = builder.elementPtr(rhs, plan.element,
                                    builder.mul(column, plan.rhs.column));
  int64_t columns = width.vectors * plan.lanes;
  Value count = width.count ? width.count : builder.i64(columns);
  switch (plan.rhsAccess) {
  case OperandAccess::Packed:
    operands.rhs = builder.elementPtr(
        rhs, plan.element,
        builder.mul(panel, plan.steps * plan.getPanelStep()));
    operands.rhsStep = plan.getPanelStep();
    break;
  case OperandAccess::CopyInto:
    pack({plan.element, source, plan.rhs.depth, plan.rhs.column}, count,
         columns, packedRhs, plan.getPanelStep());
    operands.rhs = packedRhs;
    operands.rhsStep = plan.getPanelStep();
    break;
  case OperandAccess::InPlace:
    operands.rhs = source;
    operands.rhsStep = plan.rhs.depth;
    operands.readableColumns = width.count;
    break;
  }
  forEachTile([&](const TileRows &rows) {
    emitTile(panel, width, rows, operands);
  });
}

void MatmulEmitter::forEachTile(TileBody body) {
  int64_t rows = plan.split.rows;
  bool isOpen = !plan.rows.isNumber();
  // All tiles have the most rows up to here.
  Value middle = isOpen ? builder.value(plan.rows.floorDiv(rows))
                        : builder.i64(plan.split.bigTiles);
  auto visit = [&](Value tile, int64_t most, Value count = nullptr) {
    body({tile, rowOfTile(tile), most, count});
  };
  builder.forLoop(tileBegin, builder.min(tileEnd, middle), 1,
                  [&](Value tile) { visit(tile, rows); });
  if (isOpen && rows > 1)
    builder.ifThen(builder.lessThan(middle, tileEnd), [&] {
      visit(middle, rows - 1, builder.value(plan.rows.mod(rows)));
    });
  else if (!isOpen && plan.split.bigTiles != plan.split.tiles)
    builder.forLoop(builder.max(tileBegin, middle), tileEnd, 1,
                    [&](Value tile) { visit(tile, rows - 1); });
}

void MatmulEmitter::emitTile(Value panel, PanelWidth width,
                             const TileRows &rows, TileOperands operands) {
  bool copied = plan.lhsAccess == OperandAccess::CopyInto;
  operands.lhs = copied
                     ? packedTile(rows.tile)
                     : builder.elementPtr(lhs, plan.element,
                                          builder.mul(rows.first, plan.lhs.row));
  operands.lhsStep =
      copied ? Size(plan.getPackedLhsStep()) : plan.lhs.depth * plan.group;
  for (int64_t r = 0; r < rows.most; ++r)
    operands.rowOffsets.push_back(
        builder.i64(r * (copied ? plan.group : plan.lhs.row.getNumber())));
  operands.prefetch = prefetchNext(operands.rhs, rows.tile, width.vectors);
  std::optional<int64_t> columns =
      width.count ? getConstantIntValue(width.count) : std::nullopt;
  TileLimits limits(builder.getTarget(), plan.accumulator);
  RegisterTile registers(builder, product, rows.most, width.vectors, rows.count,
                         columns ? limits.getLastLanes(*columns) : plan.lanes);
  AffineMap map = cast<AffineMapAttr>(op.getMaps()[2]).getValue();
  Value column = builder.mul(panel, plan.tile.columns);
  auto indexOfRow = [&](Value r) {
    SmallVector<Value> domain(batchIndices);
    domain.append({builder.add(rows.first, r), column, builder.i64(0)});
    if (plan.swapped)
      std::swap(domain[batchIndices.size()], domain[batchIndices.size() + 1]);
    return builder.applyMap(map, domain);
  };
  TileOutput output{op, builder.getBuffer(op.getOutputMutable()), width.count,
                    indexOfRow, stage};
  registers.fetch(output);
  registers.accumulate(operands);
  if (failed(registers.store(output)))
    status = failure();
}

/// What a tile fetches of the panel behind the one at `rhs`.
PanelPrefetch MatmulEmitter::prefetchNext(Value rhs, Value tile,
                                          int64_t vectors) {
  if (plan.rhsAccess != OperandAccess::Packed || !plan.rows.isNumber() ||
      !plan.depth.isNumber() || !plan.chunkTiles.isNumber())
    return {};
  int64_t depth = plan.steps.getNumber(),
          panelBytes = depth * plan.getPanelStep() * plan.getElementBytes();
  int64_t tiles = std::min(plan.chunkTiles.getNumber(), plan.split.tiles);
  const CPUDescription &description = builder.getTarget().description;
  int64_t unroll = description.depthUnroll;
  NextPanel next(description.prefetchStreams, tiles, unroll * vectors,
                 panelBytes * plan.panels.getNumber());
  return next.getPart(builder, rhs, builder.sub(tile, tileBegin),
                      depth / unroll, panelBytes);
}

//===-- One element at a time ---------------------------------------------===//

/// For outputs whose last dim is neither m nor n. Chunks are runs of the output
/// domain's elements.
static constexpr int64_t kScalarChunk = 1024;

static LogicalResult emitScalarProduct(lir::MatmulOp op,
                                       KernelBuilder &builder) {
  ArrayRef<Size> domain = op.getDomain();
  auto maps = llvm::to_vector(op.getMaps().getAsValueRange<AffineMapAttr>());
  Type accumulator = op.getAccumulatorType();
  LogicalResult status = success();
  Type element = cast<MemRefType>(op.getLhs().getType()).getElementType();
  ProductTypes types = ProductTypes::find(element, accumulator);
  auto read = [&](OpOperand &operand, Type type, AffineMap map,
                  ValueRange indices) -> Value {
    Value position =
        builder.getPosition(builder.applyMap(map, indices),
                            cast<MemRefType>(operand.get().getType()));
    Value value = builder.load(element, builder.getBuffer(operand), position);
    if (element == accumulator)
      return value;
    if (isa<FloatType>(accumulator))
      return builder.create<arith::ExtFOp>(accumulator, value);
    if (type.isUnsignedInteger())
      return builder.create<arith::ExtUIOp>(accumulator, value);
    return builder.create<arith::ExtSIOp>(accumulator, value);
  };
  Value first = builder.mul(builder.getBegin(), kScalarChunk);
  Value last = builder.min(builder.mul(builder.getEnd(), kScalarChunk),
                           builder.value(productOf(domain.drop_back())));
  builder.forLoop(first, last, 1, [&](Value linear) {
    SmallVector<Value> indices =
        builder.delinearize(linear, domain.drop_back());
    indices.push_back(builder.i64(0));
    Value zero = builder.constant(accumulator, 0);
    SmallVector<Value> sum = builder.forLoop(
        builder.i64(0), builder.value(domain.back()), 1, zero,
        [&](Value k, ValueRange sums) {
          indices.back() = k;
          return SmallVector<Value>{builder.fma(
              read(op.getLhsMutable(), types.lhs, maps[0], indices),
              read(op.getRhsMutable(), types.rhs, maps[1], indices), sums[0])};
        });
    indices.back() = builder.i64(0);
    SmallVector<Value> place = builder.applyMap(maps[2], indices);
    FailureOr<Value> result = builder.applyEpilogue(op, sum[0], place, 0);
    if (failed(result)) {
      status = failure();
      return;
    }
    builder.store(
        *result, builder.getBuffer(op.getOutputMutable()),
        builder.getPosition(place, cast<MemRefType>(op.getOutput().getType())));
  });
  return status;
}

//===-- Algorithms --------------------------------------------------------===//

template <typename AlgorithmT> static TileShape getTile(AlgorithmT algorithm) {
  return {algorithm.getRows(), algorithm.getColumns()};
}

MatmulPlan cpu::planKernel(PanelsAttr algorithm, Operation *op,
                           const TargetInfo &target) {
  return MatmulPlan(cast<lir::MatmulOp>(op), target, getTile(algorithm));
}

MatmulPlan cpu::planKernel(RegisterTilesAttr algorithm, Operation *op,
                           const TargetInfo &target) {
  return MatmulPlan(cast<lir::MatmulOp>(op), target, getTile(algorithm));
}

ScalarProductPlan cpu::planKernel(ScalarAttr, Operation *op,
                                  const TargetInfo &) {
  Size total = productOf(cast<lir::MatmulOp>(op).getDomain().drop_back());
  return {total.ceilDiv(kScalarChunk)};
}

LogicalResult PanelsAttr::emitKernel(Operation *op,
                                     KernelBuilder &builder) const {
  return MatmulEmitter(cast<lir::MatmulOp>(op), builder, getTile(*this)).emit();
}

LogicalResult RegisterTilesAttr::emitKernel(Operation *op,
                                            KernelBuilder &builder) const {
  return MatmulEmitter(cast<lir::MatmulOp>(op), builder, getTile(*this)).emit();
}

LogicalResult ScalarAttr::emitKernel(Operation *op,
                                     KernelBuilder &builder) const {
  auto matmul = cast<lir::MatmulOp>(op);
  AffineMap rhs = cast<AffineMapAttr>(matmul.getMaps()[1]).getValue();
  if (rhs.getNumResults() == 0 &&
      cast<MemRefType>(matmul.getRhs().getType()).getRank() != 0)
    return op->emitOpError(
        "expected an output whose last dim is n with a packed rhs");
  return emitScalarProduct(matmul, builder);
}

namespace {

struct MatmulKernel
    : AlgorithmKernel<MatmulKernel, lir::MatmulOp, getMatmulVariants> {
  LogicalResult emitKernel(Operation *op, KernelBuilder &builder) const {
    auto matmul = cast<lir::MatmulOp>(op);
    Type element = cast<MemRefType>(matmul.getLhs().getType()).getElementType();
    Type rhs = cast<MemRefType>(matmul.getRhs().getType()).getElementType();
    if (!isa_and_nonnull<SplitTilesAttr>(matmul.getAlgorithmAttr()) &&
        element != rhs)
      return emitUnsupported(op)
             << "expected operands of one element type, but got "
             << matmul.getRhs().getType();
    if (element.isInteger(1))
      return emitUnsupported(op)
             << "expected a product of numbers, but got bool";
    return AlgorithmKernel::emitKernel(op, builder);
  }

  bool takesOpenSizes(Operation *) const { return true; }
  bool acceptsLayout(Operation *, unsigned, MemRefType type) const {
    return hasContiguousRows(type);
  }
};

} // namespace

void cpu::attachMatmulKernels(MLIRContext &context) {
  lir::MatmulOp::attachInterface<MatmulKernel>(context);
}
