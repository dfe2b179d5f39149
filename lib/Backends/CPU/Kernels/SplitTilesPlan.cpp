//===- SplitTilesPlan.cpp - How a product on tiles is dealt out -----------===//
//
// A chunk splits its rows of lhs first, and then goes through its panels of rhs
// and, within a panel, through its rows. So it wants many panels to split rows
// for, many rows to read panels for, and there should be many chunks.
//
//===----------------------------------------------------------------------===//

#include "SplitTilesPlan.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

static Type getLhsElement(lir::MatmulOp op) {
  return cast<MemRefType>(op.getLhs().getType()).getElementType();
}

std::string SplitTilesPlan::explainRefusal(lir::MatmulOp op,
                                           const TargetInfo &target) {
  MatmulPlan plan(op, target, TileShape{DotStep::kRows, kPanelColumns});
  if (!plan.vectorized || plan.swapped)
    return "the output's last dim is not that of the rhs";
  if (!plan.lhs.depth.is(1))
    return "k is not the last dim of the lhs";
  if (!areNumbers({plan.columns, plan.depth}) || plan.columns.is(0) ||
      plan.depth.is(0))
    return "the rhs has no elements";
  return "";
}

std::string SplitTilesPlan::explainWrongRhs(lir::MatmulOp op, int64_t parts) {
  Type element = getLhsElement(op);
  DotStep step = DotStep::get(element);
  ArrayRef<Size> domain = op.getDomain();
  auto type = cast<MemRefType>(op.getRhs().getType());
  bool isF32 = element.isF32(),
       isConstant =
           domain.back().isNumber() && domain[domain.size() - 2].isNumber();
  if (parts == 1 && !DotStep::takes(element, op.getAccumulatorType()))
    return DotStep::kWrongElements.str();
  if (isF32 && (!isConstant || (parts != 2 && parts != 3)))
    return "expected two or three parts of a constant rhs";
  if (!isF32 && (!isConstant || parts != 1))
    return "expected one part of a constant rhs";
  int64_t steps = divideCeil(domain.back().getNumber(), step.getDepth()),
          panels =
              divideCeil(domain[domain.size() - 2].getNumber(), kPanelColumns);
  // Behind the dims of the batch.
  int64_t wanted[] = {parts, panels, steps * step.getDepth() / step.group,
                      kPanelColumns, step.group};
  ArrayRef<int64_t> shape = type.getShape();
  if (type.getElementType() == step.rhs && type.hasStaticShape() &&
      shape.size() == domain.size() + 2 &&
      shape.take_back(5) == ArrayRef(wanted))
    return "";
  std::string text = "expected a rhs packed as [batch..., ";
  text +=
      llvm::join(llvm::map_range(
                     wanted, [](int64_t size) { return std::to_string(size); }),
                 ", ");
  return text + (step.rhs.isBF16() ? "] of bf16" : "] of i8");
}

SplitTilesPlan::SplitTilesPlan(lir::MatmulOp op, const TargetInfo &target,
                               int64_t parts)
    : SplitProduct(DotStep::get(getLhsElement(op)), target, parts),
      product(op, target, TileShape{DotStep::kRows, kPanelColumns}) {
  steps = divideCeil(product.depth.getNumber(), step.getDepth());
  setColumns(product.columns.getNumber());
  rows = DotStep::kRows;
  // Even tiles, for an instruction takes as long as it has rows.
  if (product.rows.isNumber() && !product.rows.is(0)) {
    int64_t count = product.rows.getNumber();
    rows = divideCeil(count, divideCeil(count, DotStep::kRows));
  }
  tiles = product.rows.ceilDiv(rows);
  cut(target);
  chooseBlockSteps(target, chunkPairs);
}

void SplitTilesPlan::cut(const TargetInfo &target) {
  SplitCosts costs(*this, target);
  double splitting = costs.getSplitting(2.0 * rows * steps * step.getDepth());
  // An open number of rows is cut so that many of them run well.
  constexpr int64_t manyTiles = 16;
  auto countPairs = [](int64_t tiles) -> int64_t {
    return divideCeil(std::max<int64_t>(1, tiles), 2);
  };
  int64_t likely = countPairs(tiles.estimate()),
          all = tiles.isNumber() ? likely
                                 : std::max(likely, countPairs(manyTiles)),
          copies = std::max<int64_t>(1, product.getCopies().estimate()),
          room = target.description.l2Bytes / 4 * 3,
          most = std::max<int64_t>(
              1, room / (2 * getLhsTileBytes() * steps * parts));
  auto countChunks = [&](int64_t pairs, int64_t atOnce, int64_t atOncePanels) {
    return copies * divideCeil(pairs, atOnce) *
           divideCeil(panels, atOncePanels);
  };
  double best = 0;
  for (int64_t p = 1; p <= std::min(all, most); ++p)
    for (int64_t q = 1; q <= panels; ++q) {
      double chunk = costs.getChunk(p, q, p * splitting), sum = 0;
      for (int64_t workers : kLikelyWorkers)
        sum += chunk * divideCeil(countChunks(all, p, q), workers) * workers;
      if (best && sum >= best)
        continue;
      best = sum;
      chunkPairs = p;
      chunkPanels = q;
    }
  double pairs = std::min(chunkPairs, likely);
  int64_t chunks = countChunks(likely, pairs, chunkPanels);
  // One tile is half a pair.
  if (tiles.is(1))
    pairs = 0.5;
  cycles = costs.compareChunk(pairs, chunkPanels, pairs * splitting) * chunks *
           target.description.tiles.slowdown;
}

Size SplitTilesPlan::getChunkGrid(unsigned which) const {
  return which == 0 ? product.rows.ceilDiv(getChunkRows())
                    : Size(divideCeil(panels, chunkPanels));
}

Size SplitTilesPlan::getNumChunks() const {
  Size count = product.getCopies() * getChunkGrid(0) * getChunkGrid(1);
  return count.is(0) ? Size(1) : count;
}
