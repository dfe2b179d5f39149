//===- SplitAttentionPlan.cpp - Attention on tiles of parts ---------------===//

#include "SplitAttentionPlan.h"
#include "SplitTilesVariant.h"
#include "SplitWeights.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;
using llvm::divideCeil;

std::string SplitAttentionPlan::explainRefusal(lir::AttentionOp op,
                                               const TargetInfo &target) {
  AttentionPlan plan(op, target);
  if (!plan.element.isF32())
    return "the operands are not f32";
  if (!areNumbers({plan.queries, plan.keys, plan.depth, plan.width}))
    return "the sizes of a head are open";
  if ((plan.queries * plan.keys * plan.depth * plan.width).is(0))
    return "a head has no elements";
  if (plan.queries.getNumber() <= AttentionPlan::mostInPlace)
    return "there are few queries";
  if (!plan.query.column.is(1) || !plan.key.column.is(1))
    return "rows of query or key do not lie side by side";
  return "";
}

/// A product of f32 as parts of bf16.
static SplitProduct makeProduct(const TargetInfo &target, MLIRContext *context,
                                int64_t parts, int64_t depth, int64_t columns) {
  SplitProduct product(DotStep::getBF16(Builder(context)), target, parts);
  product.steps = divideCeil(depth, product.step.getDepth());
  product.setColumns(columns);
  return product;
}

SplitAttentionPlan::SplitAttentionPlan(lir::AttentionOp op,
                                       const TargetInfo &target, int64_t parts)
    : attention(op, target), keys(attention.keys.getNumber()),
      depth(attention.depth.getNumber()), width(attention.width.getNumber()),
      scores(makeProduct(target, op.getContext(), parts, depth, keys)),
      outputs(makeProduct(target, op.getContext(), parts, keys, width)) {
  // Even tiles, for an instruction takes as long as it has rows.
  int64_t most = std::max<int64_t>(
      1, std::min(attention.queries.getNumber(),
                  attention.tilesPerPart * attention.split.rows));
  chunkTiles = divideCeil(most, DotStep::kRows);
  int64_t rows = divideCeil(most, chunkTiles);
  // Two pairs of tiles share each panel, whose scores stay in L2.
  constexpr int64_t mostTiles = 4;
  blockTiles = std::min(chunkTiles, mostTiles);
  for (SplitProduct *product : {&scores, &outputs}) {
    product->rows = rows;
    product->chunkPairs = divideCeil(blockTiles, 2);
    product->chunkPanels = product->panels;
    product->chooseBlockSteps(target, product->chunkPairs);
  }
  estimate(target);
}

void SplitAttentionPlan::estimate(const TargetInfo &target) {
  SplitCosts scoreCosts(scores, target), outputCosts(outputs, target);
  double queries = attention.queries.getNumber(),
         chunks = std::max<int64_t>(1, getNumChunks().estimate()),
         rows = std::min<double>(queries, chunkTiles * getRows()),
         blocks = divideCeil(chunkTiles, blockTiles), pairs = blockTiles / 2.0;
  // The key is transposed, too, which takes about as long again.
  double packing = scoreCosts.getSplitting(2.0 * keys * depth + rows * depth) +
                   outputCosts.getSplitting(double(keys) * width);
  double block = scoreCosts.getChunk(pairs, scores.panels, 0) +
                 outputCosts.getChunk(
                     pairs, outputs.panels,
                     outputCosts.getSplitting(pairs * 2 * getRows() * keys));
  cycles =
      chunks * (packing + blocks * block) * target.description.tiles.slowdown;
  // Two multiply-adds a cycle, most of the time, and a copy of key and value.
  constexpr double share = 0.8;
  double lanes = attention.lanes;
  vectorCycles = chunks * (rows * keys * (depth + width) / (2 * lanes * share) +
                           keys * (depth + width) / lanes);
}

SplitAttentionPlan::Scratch SplitAttentionPlan::getScratch() const {
  constexpr int64_t line = DotStep::kRowBytes, number = sizeof(float);
  Scratch scratch;
  scratch.scores =
      scores.getScratch(llvm::alignTo(chunkTiles, 2) * scores.getLhsBytes());
  // The unit, whose memory comes first, is one for both.
  SplitProduct::Scratch &second = scratch.outputs;
  second =
      outputs.getScratch(llvm::alignTo(blockTiles, 2) * outputs.getLhsBytes());
  int64_t moved = llvm::alignTo(scratch.scores.bytes, line);
  for (int64_t *place :
       {&second.stage, &second.sums, &second.lhs, &second.panel, &second.bytes})
    *place += moved;
  auto place = [&](int64_t &at, int64_t bytes) {
    at = scratch.bytes;
    scratch.bytes += llvm::alignTo(bytes, line);
  };
  scratch.bytes = llvm::alignTo(second.bytes, line);
  place(scratch.key, scores.parts * scores.getPartBytes());
  place(scratch.value, outputs.parts * outputs.getPartBytes());
  place(scratch.keyRows, scores.steps * scores.parts * DotStep::kRows * line);
  place(scratch.blockScores, getBlockRows() * getScoreStride() * number);
  place(scratch.inverses, getBlockRows() * attention.lanes * number);
  return scratch;
}

Size SplitAttentionPlan::getScratchBytes() const {
  // Chunks that tiles are wrong for take what vectors need instead.
  int64_t vectors =
      attention.getScratchElements().getNumber() * int64_t(sizeof(float));
  return std::max(getScratch().bytes, vectors);
}

Proposal cpu::proposeSplitAttention(Operation *op, const Selection &selection) {
  auto attention = cast<lir::AttentionOp>(op);
  std::string reason =
      SplitAttentionPlan::explainRefusal(attention, selection.target);
  if (!reason.empty())
    return Proposal::reject(reason);
  int64_t parts = selection.strict ? 3 : 2;
  SplitAttentionPlan plan(attention, selection.target, parts);
  reason = explainTime(plan.cycles, plan.vectorCycles);
  if (!reason.empty())
    return Proposal::reject(reason);
  return {SplitAttentionAttr::get(op->getContext(), parts), "", plan.cycles};
}
