//===- ControlFlowScan.h - What versions of Scan share ----------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_CONTROLFLOWSCAN_H
#define LAMBENT_LIB_GRAPH_IMPORT_CONTROLFLOWSCAN_H

#include "ControlFlow.h"
#include "Node.h"

namespace lambent::graph {

/// Where slices come from or go to.
struct ScanSide {
  llvm::SmallVector<int64_t> axes, directions;
};

/// Opsets 8 and 9 differ in where a batch is and in names.
struct Scan {
  llvm::SmallVector<mlir::Value> states, inputs;
  ScanSide from, to;
  const onnx::GraphProto *body = nullptr;
  mlir::Value steps; ///< as many count, of those that there are; null: all
};

/// A list of one number for each of `count` values; `name` may be left out.
llvm::SmallVector<int64_t> getScanList(Node &node, llvm::StringRef name,
                                       size_t count);
void checkScanDirections(Node &node, llvm::ArrayRef<int64_t> directions);

/// Reads the inputs from `first` on: states, and as many to scan as the node
/// says.
mlir::LogicalResult readScanInputs(Node &node, unsigned first, Scan &scan);

/// The number of outputs that are stacks; an error where there are none left.
size_t countScanStacks(Node &node, const Scan &scan);

/// Behind the steps that count, states stay what they were `before`, and
/// outputs are 0, as in ONNX Runtime.
void keepWithin(Node &node, mlir::Value counts,
                llvm::ArrayRef<mlir::Value> before,
                llvm::SmallVectorImpl<mlir::Value> &results);

/// All of the node's results.
llvm::SmallVector<mlir::Value> importScan(Node &node, Scan &scan);

/// Scan of opset 8, of a batch.
mlir::LogicalResult importScan8(Node &node);

} // namespace lambent::graph

#endif
