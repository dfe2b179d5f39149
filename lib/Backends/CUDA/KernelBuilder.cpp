//===- KernelBuilder.cpp - Writes what one thread of a GPU kernel does ----===//

#include "lambent/Backends/CUDA/KernelBuilder.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cuda;

KernelBuilder::KernelBuilder(gpu::GPUFuncOp function)
    : ImplicitLocOpBuilder(function.getLoc(), function.getContext()),
      function(function) {
  setInsertionPoint(function.getBody().back().getTerminator());
  auto id = [&](auto op) -> Value {
    return create<arith::IndexCastOp>(getI64Type(), op.getResult());
  };
  thread = id(create<gpu::ThreadIdOp>(gpu::Dimension::x));
  block = id(create<gpu::BlockIdOp>(gpu::Dimension::x));
}

//===-- Indices -----------------------------------------------------------===//

Value KernelBuilder::i64(int64_t value) {
  return create<arith::ConstantOp>(getI64IntegerAttr(value));
}
Value KernelBuilder::add(Value a, Value b) {
  return createOrFold<arith::AddIOp>(a, b);
}
Value KernelBuilder::mul(Value a, int64_t b) {
  return createOrFold<arith::MulIOp>(a, i64(b));
}
Value KernelBuilder::divUnsigned(Value a, int64_t b) {
  return createOrFold<arith::DivUIOp>(a, i64(b));
}
Value KernelBuilder::remUnsigned(Value a, int64_t b) {
  return createOrFold<arith::RemUIOp>(a, i64(b));
}
Value KernelBuilder::lessThan(Value a, Value b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, a, b);
}
Value KernelBuilder::both(Value a, Value b) {
  return createOrFold<arith::AndIOp>(a, b);
}
Value KernelBuilder::select(Value condition, Value a, Value b) {
  return createOrFold<arith::SelectOp>(condition, a, b);
}

SmallVector<Value> KernelBuilder::delinearize(Value linear,
                                              ArrayRef<int64_t> sizes) {
  SmallVector<Value> indices(sizes.size());
  for (size_t d = sizes.size(); d-- > 0;) {
    // The first index needs no remainder: `linear` is in range.
    indices[d] = d == 0 ? linear : remUnsigned(linear, sizes[d]);
    if (d != 0)
      linear = divUnsigned(linear, sizes[d]);
  }
  return indices;
}

static Value expandExpr(KernelBuilder &builder, AffineExpr expr,
                        ValueRange dims) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return builder.i64(constant.getValue());
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Value lhs = expandExpr(builder, binary.getLHS(), dims),
        rhs = expandExpr(builder, binary.getRHS(), dims);
  switch (binary.getKind()) {
  case AffineExprKind::Add:
    return builder.add(lhs, rhs);
  case AffineExprKind::Mul:
    return builder.createOrFold<arith::MulIOp>(lhs, rhs);
  case AffineExprKind::Mod:
    return builder.createOrFold<arith::RemSIOp>(lhs, rhs);
  case AffineExprKind::CeilDiv:
    return builder.createOrFold<arith::CeilDivSIOp>(lhs, rhs);
  default:
    return builder.createOrFold<arith::FloorDivSIOp>(lhs, rhs);
  }
}

Value KernelBuilder::position(AffineMap map, ValueRange dims,
                              ArrayRef<int64_t> sizes) {
  Value linear = i64(0);
  for (auto [expr, size] : llvm::zip_equal(map.getResults(), sizes))
    linear = add(mul(linear, size), expandExpr(*this, expr, dims));
  return linear;
}

//===-- Control flow ------------------------------------------------------===//

Value KernelBuilder::forLoop(Value lower, Value upper, int64_t step, Value init,
                             function_ref<Value(Value, Value)> body) {
  auto loop = create<scf::ForOp>(lower, upper, i64(step), ValueRange(init));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToEnd(loop.getBody());
  create<scf::YieldOp>(
      body(loop.getInductionVar(), loop.getRegionIterArgs().front()));
  return loop.getResult(0);
}

void KernelBuilder::forLoop(Value lower, Value upper, int64_t step,
                            function_ref<void(Value)> body) {
  auto loop = create<scf::ForOp>(lower, upper, i64(step));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPoint(loop.getBody()->getTerminator());
  body(loop.getInductionVar());
}

void KernelBuilder::ifThen(Value condition, function_ref<void()> then) {
  auto branch = create<scf::IfOp>(condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPoint(branch.thenBlock()->getTerminator());
  then();
}

//===-- Memory ------------------------------------------------------------===//

static Value elementPtr(KernelBuilder &builder, Value base, Type storage,
                        Value index) {
  return builder.create<LLVM::GEPOp>(base.getType(), storage, base,
                                     ArrayRef<LLVM::GEPArg>{index},
                                     LLVM::GEPNoWrapFlags::inbounds);
}

Value KernelBuilder::load(Type elementType, Value base, Value index) {
  bool isBool = elementType.isInteger(1);
  Type storage = isBool ? getI8Type() : elementType;
  Value value =
      create<LLVM::LoadOp>(storage, elementPtr(*this, base, storage, index));
  if (!isBool)
    return value;
  return create<arith::CmpIOp>(arith::CmpIPredicate::ne, value,
                               create<arith::ConstantOp>(getI8IntegerAttr(0)));
}

void KernelBuilder::store(Value value, Value base, Value index) {
  if (value.getType().isInteger(1))
    value = create<arith::ExtUIOp>(getI8Type(), value);
  create<LLVM::StoreOp>(value, elementPtr(*this, base, value.getType(), index));
}

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

Value KernelBuilder::constant(Type type, double value) {
  return create<arith::ConstantOp>(
      isa<FloatType>(type) ? TypedAttr(getFloatAttr(type, value))
                           : TypedAttr(getIntegerAttr(type, int64_t(value))));
}

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
