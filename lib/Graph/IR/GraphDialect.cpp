//===- GraphDialect.cpp - Lists the ops of the graph dialect --------------===//

#include "EmptyTensors.h"

#include "lambent/Graph/IR/Graph.h"
#include "mlir/Interfaces/FoldInterfaces.h"

using namespace mlir;
using namespace lambent::graph;

#include "lambent/Graph/IR/GraphDialect.cpp.inc"
#include "lambent/Graph/IR/GraphInterfaces.cpp.inc"

namespace {
struct GraphFoldInterface : DialectFoldInterface {
  using DialectFoldInterface::DialectFoldInterface;
  /// What an op's own folder left alone.
  LogicalResult fold(Operation *op, ArrayRef<Attribute>,
                     SmallVectorImpl<OpFoldResult> &results) const override {
    // What has effects is done for them, too.
    if (isMemoryEffectFree(op))
      llvm::append_range(results, foldEmptyResults(op));
    return success(!results.empty());
  }
  /// Scalar constants stay in the element-wise region that uses them.
  bool shouldMaterializeInto(Region *region) const override {
    return isa<ElementwiseOp>(region->getParentOp());
  }
};
} // namespace

void GraphDialect::initialize() {
  addInterfaces<GraphFoldInterface>();
  registerAttributes();
  registerTypes();
  addOperations<
#define GET_OP_LIST
#include "lambent/Graph/IR/AttentionOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/BlockOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/CheckOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/ConstantOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/ControlFlowOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/ConvOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/ElementwiseOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/IndexingOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/MatmulOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/NormOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/PoolOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/RecurrentOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/ReduceOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/ResizeOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/SelectionOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/SequenceOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Graph/IR/ShapeOps.cpp.inc"
      >();
}

Operation *GraphDialect::materializeConstant(OpBuilder &builder,
                                             Attribute value, Type type,
                                             Location loc) {
  if (!ConstantOp::isBuildableWith(value, type))
    return nullptr;
  return ConstantOp::create(builder, loc, cast<ElementsAttr>(value));
}
