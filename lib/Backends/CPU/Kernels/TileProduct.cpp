//===- TileProduct.cpp - How a register tile multiplies -------------------===//

#include "TileProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

ProductTypes ProductTypes::find(Type element, Type accumulator) {
  if (!element.isInteger(8) || !accumulator.isInteger(32))
    return {element, element, accumulator};
  return {IntegerType::get(element.getContext(), 8, IntegerType::Unsigned),
          element, accumulator};
}

Value TileProduct::widen(KernelBuilder &builder, Value value) const {
  if (types.lhs == types.accumulator)
    return value;
  Type type = types.accumulator;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    type = builder.vectorType(type, vector.getNumElements());
  return builder.create<arith::ExtFOp>(type, value);
}

//===-- Groups of 8-bit integers ------------------------------------------===//

namespace {
/// The ways to add up a group's products, and what they make of 32 bits.
enum class GroupKind {
  Dot,   ///< vpdpbusd on bytes
  Pairs, ///< vpmaddwd on bytes 0, 2 and on 1, 3 as 16 bits
  Each,  ///< one after the other as 32 bits
};
} // namespace

static GroupKind getGroupKind(const TargetInfo &target) {
  if (!target.isX86)
    return GroupKind::Each;
  return target.hasVNNI ? GroupKind::Dot : GroupKind::Pairs;
}

static Value bitcast(KernelBuilder &builder, Value value, unsigned bits) {
  auto type = cast<VectorType>(value.getType());
  int64_t lanes = type.getNumElements() * type.getElementTypeBitWidth() / bits;
  return builder.create<vector::BitCastOp>(
      VectorType::get(lanes, builder.getIntegerType(bits)), value);
}

template <typename ShiftOp>
static Value shift(KernelBuilder &builder, Value value, unsigned count) {
  return count == 0 ? value
                    : builder
                          .create<ShiftOp>(
                              value, builder.constant(value.getType(), count))
                          .getResult();
}

/// Byte `byte` of each integer of `bits` bits, widened: it is shifted to the
/// top and down again.
static Value takeByte(KernelBuilder &builder, Value lanes, unsigned bits,
                      unsigned byte, bool isSigned) {
  Value top = shift<arith::ShLIOp>(builder, lanes, bits - 8 * (byte + 1));
  return isSigned ? shift<arith::ShRSIOp>(builder, top, bits - 8)
                  : shift<arith::ShRUIOp>(builder, top, bits - 8);
}

/// The bytes of each 32 bits, widened.
static TileProduct::Parts splitGroup(KernelBuilder &builder, Value dwords,
                                     bool isSigned) {
  switch (getGroupKind(builder.getTarget())) {
  case GroupKind::Dot:
    return {bitcast(builder, dwords, 8)};
  case GroupKind::Pairs: {
    Value words = bitcast(builder, dwords, 16);
    return {takeByte(builder, words, 16, 0, isSigned),
            takeByte(builder, words, 16, 1, isSigned)};
  }
  case GroupKind::Each:
    break;
  }
  TileProduct::Parts parts;
  for (unsigned byte = 0; byte < 4; ++byte)
    parts.push_back(takeByte(builder, dwords, 32, byte, isSigned));
  return parts;
}

/// The intrinsic of vectors of `lanes` i32.
static StringRef getIntrinsic(GroupKind kind, int64_t lanes) {
  bool isDot = kind == GroupKind::Dot;
  switch (lanes) {
  case 16:
    return isDot ? "llvm.x86.avx512.vpdpbusd.512"
                 : "llvm.x86.avx512.pmaddw.d.512";
  case 8:
    return isDot ? "llvm.x86.avx512.vpdpbusd.256" : "llvm.x86.avx2.pmadd.wd";
  default:
    return "llvm.x86.sse2.pmadd.wd";
  }
}

/// Adds the products of unsigned bytes and signed ones.
static Value addGroup(KernelBuilder &builder, ArrayRef<Value> lhs,
                      ArrayRef<Value> rhs, Value sum) {
  GroupKind kind = getGroupKind(builder.getTarget());
  Type type = sum.getType();
  auto call = [&](ValueRange arguments) {
    StringRef name =
        getIntrinsic(kind, cast<VectorType>(type).getNumElements());
    return builder
        .create<LLVM::CallIntrinsicOp>(type, builder.getStringAttr(name),
                                       arguments)
        .getResult(0);
  };
  if (kind == GroupKind::Dot)
    return call({sum, lhs[0], rhs[0]});
  for (auto [left, right] : llvm::zip_equal(lhs, rhs)) {
    Value product = kind == GroupKind::Pairs
                        ? call({left, right})
                        : builder.create<arith::MulIOp>(left, right);
    sum = builder.create<arith::AddIOp>(sum, product);
  }
  return sum;
}

//===-- Steps -------------------------------------------------------------===//

TileProduct::Parts TileProduct::loadLhs(KernelBuilder &builder, Value base,
                                        Value offset, int64_t lanes) const {
  if (group == 1)
    return {builder.broadcast(
        widen(builder, builder.load(types.lhs, base, offset)), lanes)};
  Value dword = builder.load(types.accumulator, builder.bytePtr(base, offset),
                             builder.i64(0));
  return splitLhs(builder, builder.broadcast(dword, lanes));
}

TileProduct::Parts TileProduct::splitLhs(KernelBuilder &builder,
                                         Value dwords) const {
  return splitGroup(builder, dwords,
                    /*isSigned=*/!types.lhs.isUnsignedInteger());
}

TileProduct::Parts TileProduct::loadRhs(KernelBuilder &builder, Value base,
                                        int64_t offset, Value count,
                                        int64_t lanes) const {
  if (group == 1)
    return {widen(builder, builder.loadVector(types.rhs, lanes, base,
                                              builder.i64(offset), count))};
  Value dwords = builder.loadVector(types.accumulator, lanes,
                                    builder.bytePtr(base, builder.i64(offset)),
                                    builder.i64(0), count);
  return splitGroup(builder, dwords,
                    /*isSigned=*/!types.rhs.isUnsignedInteger());
}

Value TileProduct::multiplyAdd(KernelBuilder &builder, const Parts &lhs,
                               const Parts &rhs, Value sum) const {
  if (group == 1)
    return builder.fma(lhs[0], rhs[0], sum);
  return types.lhs.isUnsignedInteger() ? addGroup(builder, lhs, rhs, sum)
                                       : addGroup(builder, rhs, lhs, sum);
}

Value TileProduct::zero(KernelBuilder &builder, int64_t lanes) const {
  return builder.constant(builder.vectorType(types.accumulator, lanes), 0);
}

StepCosts StepCosts::find(const ProductTypes &types, const TargetInfo &target) {
  if (types.getGroup() == 1)
    return {};
  switch (getGroupKind(target)) {
  case GroupKind::Dot:
    return {};
  case GroupKind::Pairs:
    return {2, 2, 4};
  case GroupKind::Each:
    return {4, 4, 8};
  }
  llvm_unreachable("all kinds are covered");
}
