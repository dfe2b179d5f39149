//===- LowerKernels.cpp - From gpu.func to LLVM functions -----------------===//

#include "LowerKernels.h"
#include "lambent/Lowering/Kernels/MathExpansion.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cuda;

/// The pointer to element `index` of a memref in workgroup memory.
static Value elementPtr(OpBuilder &builder, Location loc, Value base,
                        MemRefType type, Value index) {
  Value position =
      arith::IndexCastOp::create(builder, loc, builder.getI64Type(), index);
  return LLVM::GEPOp::create(builder, loc, base.getType(),
                             type.getElementType(), base,
                             ArrayRef<LLVM::GEPArg>{position});
}

/// Replaces one op of a kernel by what it is for LLVM; false if it stays.
static bool lowerOp(Operation *op, ArrayRef<Value> pointers,
                    ThreadModel &threads) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  auto toIndex = [&](Value id) {
    return arith::IndexCastOp::create(builder, loc, builder.getIndexType(), id);
  };
  auto pointerOf = [&](Value memref) {
    return pointers[cast<BlockArgument>(memref).getArgNumber()];
  };
  if (auto id = dyn_cast<gpu::ThreadIdOp>(op)) {
    id.replaceAllUsesWith(
        toIndex(threads.createThreadId(builder, loc)).getResult());
  } else if (auto id = dyn_cast<gpu::BlockIdOp>(op)) {
    id.replaceAllUsesWith(
        toIndex(threads.createBlockId(builder, loc)).getResult());
  } else if (isa<gpu::BarrierOp>(op)) {
    threads.createBarrier(builder, loc);
  } else if (auto load = dyn_cast<memref::LoadOp>(op)) {
    Value pointer = elementPtr(builder, loc, pointerOf(load.getMemRef()),
                               load.getMemRefType(), load.getIndices()[0]);
    load.replaceAllUsesWith(
        LLVM::LoadOp::create(builder, loc, load.getType(), pointer)
            .getResult());
  } else if (auto store = dyn_cast<memref::StoreOp>(op)) {
    LLVM::StoreOp::create(builder, loc, store.getValue(),
                          elementPtr(builder, loc, pointerOf(store.getMemRef()),
                                     store.getMemRefType(),
                                     store.getIndices()[0]));
  } else if (isa<gpu::ReturnOp>(op)) {
    LLVM::ReturnOp::create(builder, loc, ValueRange());
  } else {
    return false;
  }
  op->erase();
  return true;
}

static void lowerFunction(gpu::GPUFuncOp kernel, OpBuilder builder,
                          ThreadModel &threads) {
  SmallVector<Value> pointers;
  LLVM::LLVMFuncOp function = threads.createFunction(builder, kernel, pointers);
  Region &body = kernel.getBody();
  body.walk([&](Operation *op) { lowerOp(op, pointers, threads); });
  Block &first = body.front(), &entry = function.getBody().front();
  for (auto [argument, pointer] : llvm::zip(first.getArguments(), pointers))
    argument.replaceAllUsesWith(pointer);
  entry.getOperations().splice(entry.end(), first.getOperations());
  first.erase();
  function.getBody().getBlocks().splice(function.getBody().end(),
                                        body.getBlocks());
  kernel.erase();
}

LogicalResult cuda::lowerKernels(ModuleOp module, ThreadModel &threads) {
  // There is no library of elementary functions on a GPU, and none is linked
  // for the emulator: both run the same polynomials.
  if (failed(expandMath(module)))
    return failure();
  PassManager before(module.getContext());
  before.addPass(createCanonicalizerPass());
  before.addPass(createCSEPass());
  before.addPass(arith::createArithExpandOpsPass());
  before.addPass(createSCFToControlFlowPass());
  if (failed(before.run(module)))
    return failure();
  auto builder = OpBuilder::atBlockEnd(module.getBody());
  for (auto functions :
       llvm::make_early_inc_range(module.getOps<gpu::GPUModuleOp>())) {
    for (auto kernel :
         llvm::make_early_inc_range(functions.getOps<gpu::GPUFuncOp>()))
      lowerFunction(kernel, builder, threads);
    functions.erase();
  }
  PassManager after(module.getContext());
  after.addPass(createConvertMathToLLVMPass());
  after.addPass(createArithToLLVMConversionPass());
  after.addPass(createConvertControlFlowToLLVMPass());
  after.addPass(createReconcileUnrealizedCastsPass());
  return after.run(module);
}
