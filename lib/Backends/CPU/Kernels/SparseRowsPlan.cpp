//===- SparseRowsPlan.cpp - How a product of few weights is dealt out -----===//

#include "SparseRowsPlan.h"
#include "SplitProduct.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

static SparseWord findWord(const MatmulPlan &plan, const TargetInfo &target) {
  return SparseWord::find(plan.element, target);
}

/// What MatmulPlan is asked for is how operands lie; the tile is of no matter.
static MatmulPlan makeProduct(lir::MatmulOp op, const TargetInfo &target) {
  return MatmulPlan(
      op, target,
      TileShape{1, target.getLanes(Float32Type::get(op.getContext()))});
}

std::string SparseRowsPlan::explainRefusal(lir::MatmulOp op,
                                           const TargetInfo &target) {
  MatmulPlan plan = makeProduct(op, target);
  std::string why =
      SparseWord::explainRefusal(plan.element, plan.accumulator, target);
  if (!why.empty())
    return why;
  if (plan.lanes < 4)
    return "vectors have fewer than four lanes";
  if (!plan.vectorized || plan.swapped)
    return "the output's last dim is not that of the rhs";
  if (!plan.lhs.depth.is(1))
    return "k is not the last dim of the lhs";
  if (!areNumbers({plan.columns, plan.depth}) || plan.columns.is(0) ||
      plan.depth.is(0))
    return "the rhs has no elements";
  AffineMap rhs = cast<AffineMapAttr>(op.getMaps()[1]).getValue();
  for (auto [dim, size] : llvm::enumerate(plan.batch))
    if (rhs.isFunctionOfDim(dim) && !size.is(1))
      return "each product of the batch has a rhs of its own";
  return "";
}

SparseRowsPlan::SparseRowsPlan(lir::MatmulOp op, const TargetInfo &target,
                               const SparseShape &shape)
    : product(makeProduct(op, target)), shape(shape),
      tile{product.lanes, shape.vectors, shape.block,
           findWord(product, target)},
      columns(product.columns.getNumber()), depth(product.depth.getNumber()) {
  kernels::SparseRowPacking::Form form;
  form.outputs = columns;
  int64_t words = tile.word.countWords(depth);
  form.depths = words;
  form.section = shape.section;
  form.block = shape.block;
  form.groups = shape.groups;
  rows = form.getRows();
  tiles = product.rows.ceilDiv(tile.getPixels());
  cut(target);
}

void SparseRowsPlan::cut(const TargetInfo &target) {
  SparseCosts costs(tile, target);
  // Of one tile and group.
  double entries = double(shape.entries) / rows.groups,
         pixels = tile.getPixels(),
         work = entries * costs.entry +
                double(rows.rows) * rows.sections * costs.row +
                pixels * tile.word.countWords(depth) * costs.transpose +
                pixels * rows.getGroupOutputs() * costs.transpose;
  // A chunk is worth being handed out, and there are not more than balance the
  // work.
  constexpr double smallest = 40'000, begin = 300;
  constexpr int64_t mostChunks = 64;
  chunkTiles = std::max<int64_t>(1, int64_t(smallest / work));
  if (tiles.isNumber()) {
    int64_t all = std::max<int64_t>(1, tiles.getNumber());
    chunkTiles = std::max<int64_t>(chunkTiles,
                                   divideCeil(all * rows.groups, mostChunks));
    chunkTiles = divideCeil(all, divideCeil(all, chunkTiles));
  }
  cycles = double(product.getCopies().estimate()) * rows.groups *
           (tiles.estimate() * work + getChunkGrid().estimate() * begin);
}

Size SparseRowsPlan::getNumChunks() const {
  Size count = product.getCopies() * getChunkGrid() * rows.groups;
  return count.is(0) ? Size(1) : count;
}

int64_t SparseRowsPlan::getSumsOffset() const {
  return llvm::alignTo(
      llvm::alignTo(shape.section, tile.lanes) * tile.getRowBytes(), 64);
}

int64_t SparseRowsPlan::getStageOffset() const {
  return getSumsOffset() + rows.getGroupOutputs() * tile.getRowBytes();
}

Size SparseRowsPlan::getScratchBytes() const {
  return getStageOffset() + tile.lanes * tile.lanes * SparseTile::kElementBytes;
}

std::string SparseRowsPlan::describe() const {
  return "matmul sparse " + std::to_string(tile.block) + "x" +
         std::to_string(tile.getPixels());
}

SparseShape cpu::chooseSparseRows(lir::MatmulOp op, const TargetInfo &target,
                                  int64_t block, int64_t entries) {
  MatmulPlan product = makeProduct(op, target);
  SparseWord word = findWord(product, target);
  int64_t lanes = product.lanes,
          words = word.countWords(product.depth.getNumber());
  SparseShape best;
  double least = 0;
  for (int64_t vectors = 1,
               last = SparseTile::getMaxVectors(target, word, block);
       vectors <= last; ++vectors) {
    int64_t most = std::max<int64_t>(lanes, getSectionElements(target) /
                                                (vectors * lanes));
    int64_t sections = divideCeil(words, most),
            section = llvm::alignTo(divideCeil(words, sections), lanes);
    for (int64_t groups : {1, 2, 4, 8}) {
      if (groups > 1 && product.columns.getNumber() < groups * 32)
        break;
      SparseRowsPlan plan(op, target,
                          {block, vectors, section, groups, entries});
      // What several workers take, for whom there may be too few chunks.
      double sum = 0;
      int64_t chunks = std::max<int64_t>(1, plan.getNumChunks().estimate());
      for (int64_t workers : kLikelyWorkers)
        sum += plan.cycles / chunks * divideCeil(chunks, workers) * workers;
      if (least == 0 || sum < least) {
        least = sum;
        best = plan.shape;
      }
    }
  }
  return best;
}
