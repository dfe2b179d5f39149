//===- KernelBuilder.cpp - Writes what one thread of a GPU kernel does ----===//

#include "lambent/Backends/CUDA/KernelBuilder.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cuda;

KernelBuilder::KernelBuilder(gpu::GPUFuncOp function)
    : ScalarBuilder(function.getLoc(), function.getContext()),
      function(function) {
  setInsertionPoint(function.getBody().back().getTerminator());
  auto id = [&](auto op) -> Value {
    return create<arith::IndexCastOp>(getI64Type(), op.getResult());
  };
  thread = id(create<gpu::ThreadIdOp>(gpu::Dimension::x));
  block = id(create<gpu::BlockIdOp>(gpu::Dimension::x));
}

//===-- Indices and control flow ------------------------------------------===//

Value KernelBuilder::both(Value a, Value b) {
  return createOrFold<arith::AndIOp>(a, b);
}
Value KernelBuilder::select(Value condition, Value a, Value b) {
  return createOrFold<arith::SelectOp>(condition, a, b);
}

Value KernelBuilder::position(AffineMap map, ValueRange dims,
                              ArrayRef<int64_t> sizes) {
  return linearize(applyMap(map, dims), toSizes(sizes));
}

Value KernelBuilder::forLoop(Value lower, Value upper, int64_t step, Value init,
                             function_ref<Value(Value, Value)> body) {
  auto carry = [&](Value iv, ValueRange carried) {
    return SmallVector<Value>{body(iv, carried.front())};
  };
  return forLoop(lower, upper, step, ValueRange(init), carry).front();
}

//===-- Workgroup memory --------------------------------------------------===//

Value KernelBuilder::toIndex(Value value) {
  return create<arith::IndexCastOp>(getIndexType(), value);
}

Value KernelBuilder::allocateShared(Type elementType, int64_t size) {
  auto space =
      gpu::AddressSpaceAttr::get(getContext(), gpu::AddressSpace::Workgroup);
  return function.addWorkgroupAttribution(
      MemRefType::get({size}, elementType, MemRefLayoutAttrInterface(), space),
      getLoc());
}

Value KernelBuilder::loadShared(Value memory, Value index) {
  return create<memref::LoadOp>(memory, ValueRange(toIndex(index)));
}

void KernelBuilder::storeShared(Value value, Value memory, Value index) {
  create<memref::StoreOp>(value, memory, ValueRange(toIndex(index)));
}

//===-- Arithmetic --------------------------------------------------------===//

Value KernelBuilder::multiplyAdd(Value a, Value b, Value c) {
  if (isa<FloatType>(a.getType()))
    return create<math::FmaOp>(a, b, c);
  return add(createOrFold<arith::MulIOp>(a, b), c);
}

Value KernelBuilder::convertFloat(Value value, Type type) {
  unsigned from = value.getType().getIntOrFloatBitWidth(),
           to = type.getIntOrFloatBitWidth();
  if (from < to)
    return create<arith::ExtFOp>(type, value);
  return from > to ? Value(create<arith::TruncFOp>(type, value)) : value;
}

FailureOr<SmallVector<Value>> KernelBuilder::applyRegion(Region &region,
                                                         ValueRange arguments,
                                                         ValueRange indices) {
  IRMapping mapping;
  Block &body = region.front();
  mapping.map(body.getArguments(), arguments);
  for (Operation &op : body.without_terminator()) {
    if (auto index = dyn_cast<lir::IndexOp>(op)) {
      mapping.map(index.getResult(), indices[index.getDim()]);
      continue;
    }
    if (op.getNumRegions() != 0)
      return op.emitOpError("expected an element-wise op in a kernel's region");
    clone(op, mapping);
  }
  SmallVector<Value> results;
  for (Value value : body.getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(value));
  return results;
}

FailureOr<Value> KernelBuilder::applyEpilogue(Operation *op, Value accumulator,
                                              ValueRange indices) {
  auto epilogue = cast<lir::EpilogueOpInterface>(op);
  SmallVector<Value> arguments{accumulator};
  MutableOperandRange inputs = epilogue.getEpilogueInputsMutableRange();
  for (auto [i, attr] : llvm::enumerate(
           epilogue.getEpilogueMapList().getAsRange<AffineMapAttr>())) {
    OpOperand &operand = inputs[i];
    auto type = cast<MemRefType>(operand.get().getType());
    arguments.push_back(
        load(type.getElementType(), getBuffer(operand.getOperandNumber()),
             position(attr.getValue(), indices, type.getShape())));
  }
  FailureOr<SmallVector<Value>> results =
      applyRegion(epilogue.getEpilogueRegion(), arguments);
  if (failed(results))
    return failure();
  return results->front();
}
