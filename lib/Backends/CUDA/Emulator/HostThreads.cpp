//===- HostThreads.cpp - A GPU's threads as calls of a host function ------===//

#include "HostThreads.h"

using namespace mlir;
using namespace lambent::cuda;

/// Positions among HostKernel's arguments.
enum : unsigned { kBuffers, kThread, kBlock, kShared, kBarrier, kScheduler };

LLVM::LLVMFuncOp HostThreads::createFunction(OpBuilder &builder,
                                             gpu::GPUFuncOp kernel,
                                             SmallVectorImpl<Value> &pointers) {
  Location loc = kernel.getLoc();
  Type pointer = LLVM::LLVMPointerType::get(kernel.getContext()),
       i64 = builder.getI64Type();
  function = LLVM::LLVMFuncOp::create(
      builder, loc, kernel.getName(),
      LLVM::LLVMFunctionType::get(
          LLVM::LLVMVoidType::get(kernel.getContext()),
          {pointer, i64, i64, pointer, pointer, pointer}));
  builder.setInsertionPointToStart(function.addEntryBlock(builder));
  auto elementPtr = [&](Value base, Type type, int64_t index) {
    return LLVM::GEPOp::create(builder, loc, pointer, type, base,
                               ArrayRef<LLVM::GEPArg>{int32_t(index)});
  };
  for (unsigned i = 0; i < kernel.getNumArguments(); ++i)
    pointers.push_back(LLVM::LoadOp::create(
        builder, loc, pointer,
        elementPtr(function.getArgument(kBuffers), pointer, i)));
  int64_t offset = 0;
  for (BlockArgument memref : kernel.getWorkgroupAttributions()) {
    auto type = cast<MemRefType>(memref.getType());
    pointers.push_back(
        elementPtr(function.getArgument(kShared), builder.getI8Type(), offset));
    offset += llvm::alignTo(
        type.getNumElements() * type.getElementTypeBitWidth() / 8, 16);
  }
  sharedBytes = std::max(sharedBytes, offset);
  return function;
}

Value HostThreads::createThreadId(OpBuilder &, Location) {
  return function.getArgument(kThread);
}
Value HostThreads::createBlockId(OpBuilder &, Location) {
  return function.getArgument(kBlock);
}

void HostThreads::createBarrier(OpBuilder &builder, Location loc) {
  auto type = LLVM::LLVMFunctionType::get(
      LLVM::LLVMVoidType::get(builder.getContext()),
      {LLVM::LLVMPointerType::get(builder.getContext())});
  LLVM::CallOp::create(builder, loc, type,
                       ValueRange{function.getArgument(kBarrier),
                                  function.getArgument(kScheduler)});
}
