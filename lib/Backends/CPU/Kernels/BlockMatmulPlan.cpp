//===- BlockMatmulPlan.cpp - How a lir.block_matmul is tiled --------------===//

#include "BlockMatmulPlan.h"
#include "OperandStrides.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

/// A tile keeps a block's integer sums beside those of f32, the step's weights
/// and what is broadcast of lhs. Of two rows and more it has enough of them
/// that weights are loaded less often than multiplied by.
static TileShape chooseBlockTile(const Size &rows, int64_t columns,
                                 int64_t lanes, const TargetInfo &target) {
  bool isWide = target.vectorRegisters >= 32;
  int64_t most =
      std::max<int64_t>(1, rows.isNumber() ? rows.getNumber() : 8192);
  int64_t vectors = isWide ? 4 : 2, height = isWide ? 3 : 2;
  if (most == 1 && !isWide && target.hasVNNI)
    vectors = 3;
  vectors =
      std::clamp<int64_t>(int64_t(divideCeil(columns, lanes)), 1, vectors);
  return {std::min(most, height), vectors * lanes};
}

BlockMatmulPlan::BlockMatmulPlan(lir::BlockMatmulOp op,
                                 const TargetInfo &target,
                                 std::optional<TileShape> chosen)
    : format(*findBlockFormat(op.getFormat().str().c_str())),
      packed(cast<AffineMapAttr>(op.getMaps()[1]).getValue().getNumResults() ==
             0),
      hasTable(!op.getTable().empty()),
      lanes(target.getLanes(op.getAccumulatorType())), rows(op.getDomain()[0]),
      columns(op.getDomain()[1].getNumber()),
      depth(op.getDomain()[2].getNumber()), blocks(depth / format.size) {
  Sizes strides = getDimStrides(cast<AffineMapAttr>(op.getMaps()[0]).getValue(),
                                cast<MemRefType>(op.getLhs().getType()));
  lhsRow = strides[0];
  lhsDepth = strides[2];
  tile = chosen ? *chosen : chooseBlockTile(rows, columns, lanes, target);
  panels = std::max<int64_t>(1, divideCeil(columns, tile.columns));
  // The codes of a chunk's rows stay in L2, beside a panel.
  constexpr int64_t mostRows = 48, codeBytes = 1 << 18;
  int64_t fitting =
      std::clamp<int64_t>(codeBytes / std::max<int64_t>(1, depth), 1, mostRows);
  chunkRows = std::max<int64_t>(1, fitting / tile.rows) * tile.rows;
  if (rows.isNumber())
    chunkRows = std::clamp<int64_t>(rows.getNumber(), 1, chunkRows);
  // Every range of panels rounds the rows anew, which takes as long as some 20
  // columns of a product.
  constexpr int64_t wantedChunks = 32, leastColumns = 256;
  int64_t rowChunks = rows.isNumber() ? getRowChunks().getNumber() : 4,
          ranges = std::clamp<int64_t>(
              wantedChunks / std::max<int64_t>(1, rowChunks), 1,
              std::max<int64_t>(1, columns / leastColumns)),
          work = std::max<int64_t>(1, chunkRows * columns * depth / kChunkWork);
  chunkPanels = divideCeil(panels, std::min(ranges, work));
}

int64_t BlockMatmulPlan::getPanelRanges() const {
  return divideCeil(panels, chunkPanels);
}

Size BlockMatmulPlan::getNumChunks() const {
  Size count = getRowChunks() * getPanelRanges();
  return count.is(0) ? Size(1) : count;
}

int64_t BlockMatmulPlan::getCodeBytes() const {
  return llvm::alignTo(chunkRows * depth, 64);
}

int64_t BlockMatmulPlan::getParameterBytes() const {
  return llvm::alignTo(chunkRows * blocks * 8, 64);
}

Size BlockMatmulPlan::getScratchBytes() const {
  return getCodeBytes() + getParameterBytes() +
         int64_t(llvm::alignTo(tile.rows * tile.columns * 4, 64));
}

std::string BlockMatmulPlan::describe() const {
  return "matmul " + std::to_string(tile.rows) + "x" +
         std::to_string(tile.columns) + " " + format.name +
         (packed ? hasTable ? " 4 bits" : " 8 bits" : "");
}

double BlockMatmulPlan::estimateCycles() const {
  constexpr double perVector = 1.25; // of four k
  return double(rows.estimate()) * double(columns) * double(depth) /
         double(4 * lanes) * perVector;
}
