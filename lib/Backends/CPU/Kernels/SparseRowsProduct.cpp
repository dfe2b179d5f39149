//===- SparseRowsProduct.cpp - Products of weights that are mostly zero ---===//

#include "AlgorithmPlans.h"
#include "SparseRows.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

class SparseProductEmitter {
public:
  SparseProductEmitter(lir::MatmulOp op, KernelBuilder &builder,
                       const SparseRowsPlan &plan)
      : op(op), builder(builder), plan(plan), values(builder.getScratch()),
        engine(op, builder, plan.tile, plan.rows,
               builder.getBuffer(op.getRhsMutable()),
               {builder.bytePtr(values, builder.i64(plan.getSumsOffset())),
                plan.tile.getPixels(),
                builder.bytePtr(values, builder.i64(plan.getStageOffset()))}) {}

  LogicalResult emit() {
    builder.forLoop(builder.getBegin(), builder.getEnd(), 1,
                    [&](Value chunk) { emitChunk(chunk); });
    return status;
  }

private:
  void emitChunk(Value chunk);
  void emitTile(Value tile);
  /// Lays a section of the tile's rows out as [words of k][row].
  void readSection(const SparseRowsEmitter::Section &section);
  void storeVector(Value vector);
  /// Whether a tile may have fewer rows than it has room for.
  bool hasPartialTiles() const {
    return !plan.product.rows.isMultipleOf(plan.tile.getPixels());
  }

  lir::MatmulOp op;
  KernelBuilder &builder;
  const SparseRowsPlan &plan;
  Value values;
  SparseRowsEmitter engine;
  LogicalResult status = success();

  // Of the current chunk and tile.
  SmallVector<Value> batchIndices;
  Value group, lhs, firstRow;
};

} // namespace

void SparseProductEmitter::emitChunk(Value chunk) {
  const MatmulPlan &whole = plan.product;
  // Groups of the same rows are neighbours.
  Sizes grid(whole.batch);
  grid.append({plan.getChunkGrid(), plan.rows.groups});
  SmallVector<Value> indices = builder.delinearize(chunk, grid);
  batchIndices.assign(indices.begin(), indices.end() - 2);
  group = indices.back();
  Value offset = builder.i64(0);
  for (auto [index, stride] : llvm::zip_equal(batchIndices, whole.lhs.batch))
    offset = builder.add(offset, builder.mul(index, stride));
  lhs = builder.elementPtr(builder.getBuffer(op.getLhsMutable()), whole.element,
                           offset);
  Value begin = builder.mul(indices[whole.batch.size()], plan.chunkTiles),
        end = builder.min(builder.add(begin, plan.chunkTiles),
                          builder.value(plan.tiles));
  builder.forLoop(begin, end, 1, [&](Value tile) { emitTile(tile); });
}

void SparseProductEmitter::emitTile(Value tile) {
  firstRow = builder.mul(tile, plan.tile.getPixels());
  engine.forSections([&](Value section, bool isFirst) {
    readSection(engine.getSection(section, plan.shape.section, plan.depth));
    engine.addSection(group, section, builder.i64(0), values, isFirst);
  });
  builder.forLoop(builder.i64(0), builder.i64(plan.tile.vectors), 1,
                  [&](Value vector) { storeVector(vector); });
}

void SparseProductEmitter::readSection(
    const SparseRowsEmitter::Section &section) {
  int64_t lanes = plan.tile.lanes;
  builder.forLoop(
      builder.i64(0), builder.i64(plan.tile.vectors), 1, [&](Value vector) {
        SmallVector<Value> pixels;
        Value row = builder.add(firstRow, builder.mul(vector, lanes));
        for (int64_t i = 0; i < lanes; ++i) {
          Value at = builder.add(row, i);
          // A row that does not exist is the last one again.
          if (hasPartialTiles())
            at = builder.min(at,
                             builder.add(builder.value(plan.product.rows), -1));
          pixels.push_back(
              builder.elementPtr(lhs, plan.product.element,
                                 builder.mul(at, plan.product.lhs.row)));
        }
        engine.forVectors(section, [&](Value word, Value count) {
          SmallVector<Value> from;
          Value k = builder.mul(word, plan.tile.word.channels);
          for (Value pixel : pixels)
            from.push_back(builder.elementPtr(pixel, plan.product.element, k));
          Value place = builder.add(
              builder.mul(builder.sub(word, section.begin),
                          plan.tile.getRowBytes()),
              builder.mul(vector, lanes * SparseTile::kElementBytes));
          engine.transpose(from, count, builder.bytePtr(values, place),
                           plan.tile.getRowBytes());
        });
      });
}

void SparseProductEmitter::storeVector(Value vector) {
  AffineMap map = cast<AffineMapAttr>(op.getMaps()[2]).getValue();
  Value first = builder.mul(vector, plan.tile.lanes),
        row = builder.add(firstRow, first);
  auto getIndex = [&](Value pixel, Value column) {
    SmallVector<Value> domain(batchIndices);
    domain.append({builder.add(row, pixel), column, builder.i64(0)});
    return builder.applyMap(map, domain);
  };
  Value count = hasPartialTiles()
                    ? builder.sub(builder.value(plan.product.rows), row)
                    : Value();
  if (failed(engine.store(builder.getBuffer(op.getOutputMutable()), group,
                          plan.columns, {first, count, getIndex})))
    status = failure();
}

SparseRowsPlan cpu::planKernel(SparseRowsAttr algorithm, Operation *op,
                               const TargetInfo &target) {
  return SparseRowsPlan(cast<lir::MatmulOp>(op), target,
                        SparseShape::of(algorithm));
}

LogicalResult SparseRowsAttr::emitKernel(Operation *op,
                                         KernelBuilder &builder) const {
  auto matmul = cast<lir::MatmulOp>(op);
  return emitSparseRows<SparseProductEmitter>(*this, matmul, matmul.getRhs(),
                                              "product", builder);
}
