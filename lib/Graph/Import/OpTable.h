//===- OpTable.h - Which handler imports which op of which opset ----------===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_OPTABLE_H
#define LAMBENT_LIB_GRAPH_IMPORT_OPTABLE_H

#include "lambent/Graph/Import/Import.h"
#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringMap.h"
#include <functional>

namespace lambent::graph {

class Node;
using Handler = std::function<llvm::LogicalResult(Node &)>;

/// The opsets of the default domain that the table is written for.
inline constexpr int64_t oldestOpset = 1, newestOpset = 28;

/// One row per op and version that changed it.
class OpTable {
public:
  /// All families.
  OpTable();

  /// An op of another domain than the default one is `DOMAIN.OP`.
  void add(llvm::StringRef op, int64_t since, Handler handler);
  /// All rows, in alphabetical order.
  std::vector<ImportedOp> list() const;
  bool knows(llvm::StringRef op) const { return rows.contains(op); }
  /// The newest row that is not above `opset`, or null. `since` is set to the
  /// oldest version of a known op.
  const Handler *find(llvm::StringRef op, int64_t opset, int64_t &since) const;

private:
  struct Row {
    int64_t since;
    Handler handler;
  };
  llvm::StringMap<llvm::SmallVector<Row, 2>> rows;
};

void addActivationRows(OpTable &table);
void addAttentionRows(OpTable &table);
void addBlockRows(OpTable &table);
void addBoxRows(OpTable &table);
void addConstantRows(OpTable &table);
void addContribActivationRows(OpTable &table);
void addContribAttentionRows(OpTable &table);
void addContribNormRows(OpTable &table);
void addControlFlowLoopRows(OpTable &table);
void addControlFlowRows(OpTable &table);
void addControlFlowScanRows(OpTable &table);
void addConvDeformRows(OpTable &table);
void addConvRows(OpTable &table);
void addDetRows(OpTable &table);
void addEinsumRows(OpTable &table);
void addElementwiseRows(OpTable &table);
void addGatherRows(OpTable &table);
void addGridAffineRows(OpTable &table);
void addGridSampleRows(OpTable &table);
void addGroupedAttentionRows(OpTable &table);
void addImageRows(OpTable &table);
void addIntegerRows(OpTable &table);
void addLinearAttentionRows(OpTable &table);
void addLossRows(OpTable &table);
void addMatmulRows(OpTable &table);
void addNgramRows(OpTable &table);
void addNormRows(OpTable &table);
void addOneHotRows(OpTable &table);
void addPadRows(OpTable &table);
void addPoolRegionsRows(OpTable &table);
void addOptionalRows(OpTable &table);
void addPoolRows(OpTable &table);
void addPoolUnpoolRows(OpTable &table);
void addQuantizedAttentionRows(OpTable &table);
void addQuantizedContribRows(OpTable &table);
void addQuantizedPoolRows(OpTable &table);
void addQuantizedProductRows(OpTable &table);
void addQuantizedWeightRows(OpTable &table);
void addQuantizeRows(OpTable &table);
void addRandomRows(OpTable &table);
void addRecurrentRows(OpTable &table);
void addReduceRows(OpTable &table);
void addResizeRows(OpTable &table);
void addReverseSequenceRows(OpTable &table);
void addRotaryRows(OpTable &table);
void addScanRows(OpTable &table);
void addScatterRows(OpTable &table);
void addSelectionRows(OpTable &table);
void addSequenceRows(OpTable &table);
void addShapeRows(OpTable &table);
void addShapeAxesRows(OpTable &table);
void addSignalRows(OpTable &table);
void addSignalTableRows(OpTable &table);
void addSliceRows(OpTable &table);
void addSplitRows(OpTable &table);
void addUniqueRows(OpTable &table);

} // namespace lambent::graph

#endif
