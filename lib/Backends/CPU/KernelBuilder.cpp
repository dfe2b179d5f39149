//===- KernelBuilder.cpp - Writes the loops of one CPU kernel -------------===//

#include "lambent/Backends/CPU/KernelBuilder.h"
#include "lambent/Backends/CPU/ByteRounding.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace lambent::cpu;
using namespace lambent::kernels;

Value KernelBuilder::getSize(Value operand, unsigned dim) {
  return value(lir::getSizes(operand)[dim]);
}

Value KernelBuilder::getPosition(ValueRange indices, MemRefType type) {
  if (lir::isDense(type))
    return linearize(indices, lir::getSizes(type));
  Value position = i64(0);
  for (auto [index, size, stride] :
       llvm::zip_equal(indices, lir::getSizes(type), lir::getStrides(type)))
    if (!size.is(1))
      position = add(position, mul(index, stride));
  return position;
}

//===-- Memory ------------------------------------------------------------===//

Value KernelBuilder::bytePtr(Value base, Value bytes) {
  return elementPtr(base, getI8Type(), bytes);
}

void KernelBuilder::fetchLines(Value base, int64_t bytes, bool isWritten) {
  constexpr int64_t lineBytes = 64;
  for (int64_t byte = 0; byte < bytes; byte += lineBytes)
    create<LLVM::Prefetch>(bytePtr(base, i64(byte)),
                           /*rw=*/uint32_t(isWritten), /*hint=*/3u,
                           /*cache=*/1u);
}

VectorType KernelBuilder::vectorType(Type elementType, int64_t lanes) {
  return VectorType::get(lanes, elementType);
}

Value KernelBuilder::laneMask(int64_t lanes, Value count) {
  VectorType type = vectorType(getI1Type(), lanes);
  if (std::optional<int64_t> known = asConstant(count)) {
    SmallVector<bool> bits(lanes);
    for (int64_t i = 0; i < lanes; ++i)
      bits[i] = i < *known;
    return create<arith::ConstantOp>(DenseElementsAttr::get(type, bits));
  }
  SmallVector<int32_t> steps(lanes);
  for (int64_t i = 0; i < lanes; ++i)
    steps[i] = i;
  VectorType stepType = vectorType(getI32Type(), lanes);
  Value step = create<arith::ConstantOp>(
      DenseElementsAttr::get(stepType, ArrayRef(steps)));
  // A count beyond the lanes, or below zero, must not wrap when it is narrowed.
  Value clamped = min(max(count, i64(0)), i64(lanes));
  Value limit =
      broadcast(create<arith::TruncIOp>(getI32Type(), clamped), lanes);
  return create<arith::CmpIOp>(arith::CmpIPredicate::slt, step, limit);
}

Value KernelBuilder::loadVector(Type elementType, int64_t lanes, Value base,
                                Value index, Value count) {
  if (lanes == 0)
    return load(elementType, base, index);
  if (count)
    if (std::optional<int64_t> known = asConstant(count);
        known && *known >= lanes)
      count = nullptr;
  VectorType type = vectorType(getStorageType(elementType), lanes);
  Value pointer = elementPtr(base, elementType, index);
  unsigned alignment = getStorageAlignment(elementType);
  Value value;
  if (count) {
    Value zero = create<arith::ConstantOp>(getZeroAttr(type));
    value = create<LLVM::MaskedLoadOp>(type, pointer, laneMask(lanes, count),
                                       zero, alignment);
  } else {
    value = create<LLVM::LoadOp>(type, pointer, alignment);
  }
  if (!elementType.isInteger(1))
    return value;
  return create<arith::CmpIOp>(arith::CmpIPredicate::ne, value,
                               create<arith::ConstantOp>(getZeroAttr(type)));
}

void KernelBuilder::storeVector(Value vector, Value base, Value index,
                                Value count) {
  auto type = dyn_cast<VectorType>(vector.getType());
  if (!type)
    return store(vector, base, index);
  int64_t lanes = type.getNumElements();
  Type elementType = type.getElementType();
  if (elementType.isInteger(1))
    vector = create<arith::ExtUIOp>(vectorType(getI8Type(), lanes), vector);
  if (count)
    if (std::optional<int64_t> known = asConstant(count)) {
      if (*known >= lanes)
        count = nullptr;
      // Of narrowed numbers LLVM would store the first one as wide as it was.
      else if (*known == 1)
        return store(create<vector::ExtractOp>(vector, int64_t(0)), base,
                     index);
    }
  Value pointer = elementPtr(base, elementType, index);
  unsigned alignment = getStorageAlignment(elementType);
  if (count)
    create<LLVM::MaskedStoreOp>(vector, pointer, laneMask(lanes, count),
                                alignment);
  else
    create<LLVM::StoreOp>(vector, pointer, alignment);
}

Value KernelBuilder::loadStrided(Type elementType, int64_t lanes, Value base,
                                 Value index, const Size &stride, Value count) {
  if (lanes == 0 || stride.is(0))
    return broadcast(load(elementType, base, index), lanes);
  if (stride.is(1))
    return loadVector(elementType, lanes, base, index, count);
  // Element by element: hardware gathers are no faster, and this serves every
  // type and target.
  VectorType type = vectorType(elementType, lanes);
  Value result = create<arith::ConstantOp>(getZeroAttr(type));
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Value position = add(index, mul(value(stride), lane));
    if (count) // a lane beyond the count re-reads the first
      position = createOrFold<arith::SelectOp>(lessThan(i64(lane), count),
                                               position, index);
    result = create<vector::InsertOp>(load(elementType, base, position), result,
                                      lane);
  }
  return result;
}

void KernelBuilder::storeStrided(Value vector, Value base, Value index,
                                 const Size &stride, Value count) {
  auto type = dyn_cast<VectorType>(vector.getType());
  if (!type || stride.is(1))
    return storeVector(vector, base, index, count);
  for (int64_t lane = 0; lane < type.getNumElements(); ++lane) {
    auto storeLane = [&] {
      store(create<vector::ExtractOp>(vector, lane), base,
            add(index, mul(value(stride), lane)));
    };
    std::optional<int64_t> known =
        count ? asConstant(count)
              : std::optional<int64_t>(type.getNumElements());
    if (!known)
      ifThen(lessThan(i64(lane), count), storeLane);
    else if (lane < *known)
      storeLane();
  }
}

//===-- Arithmetic --------------------------------------------------------===//

Value KernelBuilder::broadcast(Value value, int64_t lanes) {
  if (lanes == 0 || isa<VectorType>(value.getType()))
    return value;
  return create<vector::BroadcastOp>(vectorType(value.getType(), lanes), value);
}

Value KernelBuilder::fma(Value a, Value b, Value c) {
  Type element = getElementTypeOrSelf(a.getType());
  if (isa<IntegerType>(element))
    return createOrFold<arith::AddIOp>(createOrFold<arith::MulIOp>(a, b), c);
  if (target.hasFMA && (element.isF32() || element.isF64()))
    return create<math::FmaOp>(a, b, c);
  return addf(mulf(a, b), c);
}

Value KernelBuilder::addf(Value a, Value b) {
  if (isa<IntegerType>(getElementTypeOrSelf(a.getType())))
    return createOrFold<arith::AddIOp>(a, b);
  return create<arith::AddFOp>(a, b);
}

Value KernelBuilder::mulf(Value a, Value b) {
  if (isa<IntegerType>(getElementTypeOrSelf(a.getType())))
    return createOrFold<arith::MulIOp>(a, b);
  return create<arith::MulFOp>(a, b);
}

/// What an op of a region looks up, by the values that its operands became.
static std::optional<KernelBuilder::Lookup>
matchLookup(tensor::ExtractOp op, const IRMapping &mapping) {
  DenseElementsAttr table;
  if (op.getIndices().size() != 1 ||
      !matchPattern(op.getTensor(), m_Constant(&table)) ||
      table.getNumElements() != 256 || !table.getElementType().isInteger(8))
    return std::nullopt;
  auto place = op.getIndices().front().getDefiningOp<arith::IndexCastUIOp>();
  if (!place || !place.getIn().getType().isInteger(8))
    return std::nullopt;
  return KernelBuilder::Lookup{mapping.lookupOrDefault(place.getIn()), table};
}

FailureOr<SmallVector<Value>>
KernelBuilder::applyRegion(Region &region, ValueRange arguments, int64_t lanes,
                           ValueRange indices, int64_t vectorDim) {
  IRMapping mapping;
  Block &block = region.front();
  for (auto [argument, value] :
       llvm::zip_equal(block.getArguments(), arguments))
    mapping.map(argument, broadcast(value, lanes));
  for (Operation &op : block.without_terminator()) {
    if (auto index = dyn_cast<lir::IndexOp>(op)) {
      Value position = broadcast(indices[index.getDim()], lanes);
      if (lanes && int64_t(index.getDim()) == vectorDim) {
        SmallVector<int64_t> steps(lanes);
        for (int64_t i = 0; i < lanes; ++i)
          steps[i] = i;
        position = create<arith::AddIOp>(
            position, create<arith::ConstantOp>(DenseElementsAttr::get(
                          vectorType(getI64Type(), lanes), ArrayRef(steps))));
      }
      mapping.map(index.getResult(), position);
      continue;
    }
    if (auto size = dyn_cast<lir::SizeOp>(op)) {
      mapping.map(size.getResult(),
                  broadcast(value(size.getSize().front()), lanes));
      continue;
    }
    if (auto constantOp = dyn_cast<arith::ConstantOp>(op)) {
      if (isa<TensorType>(constantOp.getType())) // a table
        continue;
      Value value = clone(op)->getResult(0);
      // Folded, for expansions of functions look for constants.
      if (lanes)
        value = createOrFold<vector::BroadcastOp>(
            vectorType(value.getType(), lanes), value);
      mapping.map(constantOp.getResult(), value);
      continue;
    }
    if (auto entry = dyn_cast<tensor::ExtractOp>(op)) {
      auto lookup = matchLookup(entry, mapping);
      if (!lookup)
        return entry.emitOpError("expected a byte's entry of a constant table");
      mapping.map(entry.getResult(), lookUp(*lookup));
      continue;
    }
    if (isa<arith::IndexCastUIOp>(op)) // a place in a table
      continue;
    if (op.getNumRegions() != 0 ||
        (lanes && !OpTrait::hasElementwiseMappableTraits(&op))) {
      op.emitOpError("expected an element-wise op in a kernel's region");
      return failure();
    }
    Operation *copy = clone(op, mapping);
    if (!lanes)
      continue;
    for (Value result : copy->getResults())
      result.setType(vectorType(result.getType(), lanes));
    // What quantizes and dequantizes.
    if (Value bytes = roundToBytes(*this, copy))
      mapping.map(op.getResult(0), bytes);
    else if (Value wide = widenRounded(copy))
      mapping.map(op.getResult(0), wide);
  }
  SmallVector<Value> results;
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(value));
  return results;
}

FailureOr<Value> KernelBuilder::applyEpilogue(Operation *op, Value accumulator,
                                              ValueRange indices, int64_t lanes,
                                              Value count) {
  auto epilogue = cast<lir::EpilogueOpInterface>(op);
  SmallVector<Value> arguments{accumulator};
  MutableOperandRange inputs = epilogue.getEpilogueInputsMutableRange();
  for (auto [i, attr] : llvm::enumerate(
           epilogue.getEpilogueMapList().getAsRange<AffineMapAttr>())) {
    AffineMap map = attr.getValue();
    OpOperand &operand = inputs[i];
    auto type = cast<MemRefType>(operand.get().getType());
    Value position = getPosition(applyMap(map, indices), type);
    // How far the input's position moves when the output's last index grows by
    // one.
    Size stride = 0;
    unsigned last = indices.empty() ? 0 : indices.size() - 1;
    Sizes steps = lir::getStrides(type);
    for (size_t d = map.getNumResults(); d-- > 0;) {
      if (!map.getNumDims())
        break;
      AffineExpr expr = map.getResult(d);
      SmallVector<AffineExpr> zeros(map.getNumDims(), getAffineConstantExpr(0)),
          ones = zeros;
      ones[last] = getAffineConstantExpr(1);
      // Results are sums of dims times constants: verified.
      Size at0(expr.replaceDims(zeros)), at1(expr.replaceDims(ones));
      stride += (at1 - at0) * steps[d];
    }
    arguments.push_back(loadStrided(type.getElementType(), lanes,
                                    getBuffer(operand), position, stride,
                                    count));
  }
  FailureOr<SmallVector<Value>> results =
      applyRegion(epilogue.getEpilogueRegion(), arguments, lanes);
  if (failed(results))
    return failure();
  return broadcast(results->front(), lanes);
}
