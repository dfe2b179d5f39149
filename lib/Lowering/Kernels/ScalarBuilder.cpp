//===- ScalarBuilder.cpp - Writes a kernel's scalar code ------------------===//

#include "lambent/Lowering/Kernels/ScalarBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::kernels;

std::optional<int64_t> kernels::asConstant(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)) &&
      constant.getBitWidth() == 64)
    return constant.getSExtValue();
  return std::nullopt;
}

Type kernels::getStorageType(Type elementType) {
  return elementType.isInteger(1)
             ? IntegerType::get(elementType.getContext(), 8)
             : elementType;
}

unsigned kernels::getStorageAlignment(Type elementType) {
  return std::max<unsigned>(
      1, getStorageType(elementType).getIntOrFloatBitWidth() / 8);
}

//===-- Indices -----------------------------------------------------------===//

Value ScalarBuilder::i64(int64_t value) {
  return create<arith::ConstantOp>(getI64IntegerAttr(value));
}
Value ScalarBuilder::add(Value a, Value b) {
  return createOrFold<arith::AddIOp>(a, b);
}
Value ScalarBuilder::sub(Value a, Value b) {
  return createOrFold<arith::SubIOp>(a, b);
}
Value ScalarBuilder::mul(Value a, Value b) {
  return createOrFold<arith::MulIOp>(a, b);
}
Value ScalarBuilder::min(Value a, Value b) {
  return createOrFold<arith::MinSIOp>(a, b);
}
Value ScalarBuilder::max(Value a, Value b) {
  return createOrFold<arith::MaxSIOp>(a, b);
}
Value ScalarBuilder::divUnsigned(Value a, const Size &b) {
  return createOrFold<arith::DivUIOp>(a, value(b));
}
Value ScalarBuilder::remUnsigned(Value a, const Size &b) {
  return createOrFold<arith::RemUIOp>(a, value(b));
}
Value ScalarBuilder::ceilDivSigned(Value a, int64_t b) {
  if (b == 1)
    return a;
  int64_t bias = int64_t(1) << 30;
  Value positive = add(a, bias * b + b - 1);
  return sub(divUnsigned(positive, b), i64(bias));
}
Value ScalarBuilder::lessThan(Value a, Value b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, a, b);
}

SmallVector<Value> ScalarBuilder::delinearize(Value linear,
                                              ArrayRef<Size> sizes) {
  SmallVector<Value> indices(sizes.size());
  for (size_t d = sizes.size(); d-- > 0;) {
    // The first index needs no remainder: `linear` is in range.
    indices[d] = sizes[d].is(1) ? i64(0)
                 : d == 0       ? linear
                                : remUnsigned(linear, sizes[d]);
    if (d != 0 && !sizes[d].is(1))
      linear = divUnsigned(linear, sizes[d]);
  }
  return indices;
}

Value ScalarBuilder::linearize(ValueRange indices, ArrayRef<Size> sizes) {
  Value linear = i64(0);
  for (auto [index, size] : llvm::zip_equal(indices, sizes))
    linear = size.is(1) ? linear : add(mul(linear, size), index);
  return linear;
}

static Value combine(ScalarBuilder &builder, AffineExprKind kind, Value lhs,
                     Value rhs) {
  switch (kind) {
  case AffineExprKind::Add:
    return builder.add(lhs, rhs);
  case AffineExprKind::Mul:
    return builder.mul(lhs, rhs);
  case AffineExprKind::Mod:
    return builder.createOrFold<arith::RemSIOp>(lhs, rhs);
  case AffineExprKind::CeilDiv:
    return builder.createOrFold<arith::CeilDivSIOp>(lhs, rhs);
  default:
    return builder.createOrFold<arith::FloorDivSIOp>(lhs, rhs);
  }
}

/// i64 arithmetic for an affine expression of sums, products, divisions and
/// constants.
Value ScalarBuilder::expand(AffineExpr expression, ValueRange dims) {
  if (expression.isSymbolicOrConstant())
    return value(Size(expression));
  if (auto dim = dyn_cast<AffineDimExpr>(expression))
    return dims[dim.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expression);
  Value lhs = expand(binary.getLHS(), dims),
        rhs = expand(binary.getRHS(), dims);
  return combine(*this, binary.getKind(), lhs, rhs);
}

Value ScalarBuilder::loadSymbol(unsigned index) {
  assert(symbolPlaces.contains(index) && "the kernel names its symbols");
  return create<LLVM::LoadOp>(
      getI64Type(),
      elementPtr(symbols, getI64Type(), i64(symbolPlaces.lookup(index))), 8);
}

/// What expressions have in common is computed once: written out, those of
/// several open dims would be many thousands of operations.
Value ScalarBuilder::value(const Size &size) {
  if (size.isNumber())
    return i64(size.getNumber());
  AffineExpr expression = size.getExpression();
  if (Value known = openSizes.lookup(expression))
    return known;
  OpBuilder::InsertionGuard guard(*this);
  if (lastOfSizes)
    setInsertionPointAfter(lastOfSizes);
  else
    setInsertionPointToStart(symbols.getParentBlock());
  Value result;
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expression)) {
    result = loadSymbol(symbol.getPosition());
  } else {
    auto binary = cast<AffineBinaryOpExpr>(expression);
    Value lhs = value(Size(binary.getLHS())),
          rhs = value(Size(binary.getRHS()));
    result = combine(*this, binary.getKind(), lhs, rhs);
  }
  lastOfSizes = &*std::prev(getInsertionPoint());
  openSizes[expression] = result;
  return result;
}

SmallVector<Value> ScalarBuilder::applyMap(AffineMap map, ValueRange dims) {
  SmallVector<Value> results;
  for (AffineExpr expr : map.getResults())
    results.push_back(expr.isSymbolicOrConstant() ? value(Size(expr) + 0)
                                                  : expand(expr, dims));
  return results;
}

//===-- Control flow ------------------------------------------------------===//

void ScalarBuilder::forLoop(Value lower, Value upper, int64_t step,
                            function_ref<void(Value)> body) {
  forLoop(lower, upper, step, {}, [&](Value iv, ValueRange) {
    body(iv);
    return SmallVector<Value>();
  });
}

SmallVector<Value> ScalarBuilder::forLoop(
    Value lower, Value upper, int64_t step, ValueRange init,
    function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  std::optional<int64_t> first = asConstant(lower), last = asConstant(upper);
  if (first && last && *first >= *last)
    return llvm::to_vector(init);
  if (first && last && *first + step >= *last) // one trip
    return body(lower, init);
  auto loop = create<scf::ForOp>(lower, upper, i64(step), init);
  OpBuilder::InsertionGuard guard(*this);
  // A loop without carried values comes with its terminator.
  Block *block = loop.getBody();
  if (init.empty())
    setInsertionPoint(block->getTerminator());
  else
    setInsertionPointToEnd(block);
  SmallVector<Value> next =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!init.empty())
    create<scf::YieldOp>(next);
  return llvm::to_vector_of<Value>(loop.getResults());
}

void ScalarBuilder::ifThen(Value condition, function_ref<void()> then,
                           function_ref<void()> otherwise) {
  auto branch =
      create<scf::IfOp>(condition, /*withElseRegion=*/bool(otherwise));
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPoint(branch.thenBlock()->getTerminator());
  then();
  if (!otherwise)
    return;
  setInsertionPoint(branch.elseBlock()->getTerminator());
  otherwise();
}

Value ScalarBuilder::likely(Value condition) {
  Value holds = create<arith::ConstantOp>(getBoolAttr(true));
  return create<LLVM::ExpectOp>(condition, holds);
}

SmallVector<Value>
ScalarBuilder::select(Value condition, function_ref<SmallVector<Value>()> then,
                      function_ref<SmallVector<Value>()> otherwise) {
  auto build = [](function_ref<SmallVector<Value>()> body) {
    return [body](OpBuilder &builder, Location location) {
      scf::YieldOp::create(builder, location, body());
    };
  };
  auto branch = create<scf::IfOp>(condition, build(then), build(otherwise));
  return llvm::to_vector_of<Value>(branch.getResults());
}

//===-- Memory ------------------------------------------------------------===//

Value ScalarBuilder::elementPtr(Value base, Type elementType, Value index) {
  if (asConstant(index) == 0)
    return base;
  return create<LLVM::GEPOp>(base.getType(), getStorageType(elementType), base,
                             ArrayRef<LLVM::GEPArg>{index},
                             LLVM::GEPNoWrapFlags::inbounds);
}

Value ScalarBuilder::load(Type elementType, Value base, Value index) {
  Value value = create<LLVM::LoadOp>(getStorageType(elementType),
                                     elementPtr(base, elementType, index),
                                     getStorageAlignment(elementType));
  if (!elementType.isInteger(1))
    return value;
  return create<arith::CmpIOp>(arith::CmpIPredicate::ne, value,
                               create<arith::ConstantOp>(getI8IntegerAttr(0)));
}

void ScalarBuilder::store(Value value, Value base, Value index) {
  Type type = value.getType();
  if (type.isInteger(1))
    value = create<arith::ExtUIOp>(getI8Type(), value);
  create<LLVM::StoreOp>(value, elementPtr(base, type, index),
                        getStorageAlignment(type));
}

//===-- Numbers -----------------------------------------------------------===//

Value ScalarBuilder::constant(Type type, double value) {
  Type element = getElementTypeOrSelf(type);
  TypedAttr attr = isa<FloatType>(element)
                       ? TypedAttr(getFloatAttr(element, value))
                       : TypedAttr(getIntegerAttr(element, int64_t(value)));
  if (auto vector = dyn_cast<VectorType>(type))
    return create<arith::ConstantOp>(
        cast<TypedAttr>(DenseElementsAttr::get(vector, Attribute(attr))));
  return create<arith::ConstantOp>(attr);
}
