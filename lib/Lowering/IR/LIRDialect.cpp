//===- LIRDialect.cpp - Registers the lir dialect -------------------------===//

#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

#include "lambent/Lowering/IR/LIRDialect.cpp.inc"
#include "lambent/Lowering/IR/LIRInterfaces.cpp.inc"
#include "lambent/Lowering/IR/PackingInterfaces.cpp.inc"

void lir::LIRDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "lambent/Lowering/IR/AttentionOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/BlockOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/BufferOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/CheckOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/ControlFlowOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/ConvOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/ElementwiseOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/GatherOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/MatmulOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/NormOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/PoolOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/RecurrentOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/ReduceOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/ResampleOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/ScatterOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/SelectionOps.cpp.inc"
      ,
#define GET_OP_LIST
#include "lambent/Lowering/IR/SequenceOps.cpp.inc"
      >();
}
