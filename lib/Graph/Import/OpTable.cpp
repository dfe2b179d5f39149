//===- OpTable.cpp - Which handler imports which op of which opset --------===//

#include "OpTable.h"

using namespace llvm;

namespace lambent::graph {

OpTable::OpTable() {
  addActivationRows(*this);
  addAttentionRows(*this);
  addBlockRows(*this);
  addBoxRows(*this);
  addConstantRows(*this);
  addContribActivationRows(*this);
  addContribAttentionRows(*this);
  addContribNormRows(*this);
  addControlFlowLoopRows(*this);
  addControlFlowRows(*this);
  addControlFlowScanRows(*this);
  addConvDeformRows(*this);
  addConvRows(*this);
  addDetRows(*this);
  addEinsumRows(*this);
  addElementwiseRows(*this);
  addGatherRows(*this);
  addGridAffineRows(*this);
  addGridSampleRows(*this);
  addGroupedAttentionRows(*this);
  addImageRows(*this);
  addIntegerRows(*this);
  addLinearAttentionRows(*this);
  addLossRows(*this);
  addMatmulRows(*this);
  addNgramRows(*this);
  addNormRows(*this);
  addOneHotRows(*this);
  addPadRows(*this);
  addPoolRegionsRows(*this);
  addOptionalRows(*this);
  addPoolRows(*this);
  addPoolUnpoolRows(*this);
  addQuantizedAttentionRows(*this);
  addQuantizedContribRows(*this);
  addQuantizedPoolRows(*this);
  addQuantizedProductRows(*this);
  addQuantizedWeightRows(*this);
  addQuantizeRows(*this);
  addRandomRows(*this);
  addRecurrentRows(*this);
  addReduceRows(*this);
  addResizeRows(*this);
  addReverseSequenceRows(*this);
  addRotaryRows(*this);
  addScanRows(*this);
  addScatterRows(*this);
  addSelectionRows(*this);
  addSequenceRows(*this);
  addShapeRows(*this);
  addShapeAxesRows(*this);
  addSignalRows(*this);
  addSignalTableRows(*this);
  addSliceRows(*this);
  addSplitRows(*this);
  addUniqueRows(*this);
}

void OpTable::add(StringRef op, int64_t since, Handler handler) {
  rows[op].push_back({since, std::move(handler)});
}

std::vector<ImportedOp> OpTable::list() const {
  std::vector<ImportedOp> all;
  for (const auto &entry : rows)
    for (const Row &row : entry.second)
      all.push_back({entry.first().str(), row.since});
  llvm::sort(all, [](const ImportedOp &a, const ImportedOp &b) {
    return std::tie(a.op, a.since) < std::tie(b.op, b.since);
  });
  return all;
}

std::vector<ImportedOp> listImportedOps() { return OpTable().list(); }

const Handler *OpTable::find(StringRef op, int64_t opset,
                             int64_t &since) const {
  auto found = rows.find(op);
  if (found == rows.end())
    return nullptr;
  const Row *best = nullptr;
  since = found->second.front().since;
  for (const Row &row : found->second) {
    since = std::min(since, row.since);
    if (row.since <= opset && (!best || row.since > best->since))
      best = &row;
  }
  return best ? &best->handler : nullptr;
}

} // namespace lambent::graph
