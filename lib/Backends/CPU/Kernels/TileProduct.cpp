//===- TileProduct.cpp - How a register tile multiplies -------------------===//

#include "TileProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

ProductTypes ProductTypes::find(Type element, Type accumulator,
                                const TargetInfo &target) {
  if (element.isInteger(8) && accumulator.isInteger(32))
    return {IntegerType::get(element.getContext(), 8, IntegerType::Unsigned),
            element, accumulator, 4};
  bool hasPairs = target.hasBF16 && element.isBF16() && accumulator.isF32();
  return {element, element, accumulator, hasPairs ? 2 : 1};
}

ProductTypes ProductTypes::find(Type element, Type accumulator,
                                int64_t channels, const TargetInfo &target) {
  ProductTypes types = find(element, accumulator, target);
  if (!types.areBytes() && channels % types.group != 0)
    types.group = 1;
  return types;
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
  Short, ///< vpmaddubsw on bytes, whose sums of a chain vpmaddwd widens
  Each,  ///< one after the other as 32 bits
};
} // namespace

static GroupKind getGroupKind(const ProductTypes &types,
                              const TargetInfo &target) {
  if (!target.isX86)
    return GroupKind::Each;
  if (types.chain)
    return GroupKind::Short;
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
static TileProduct::Parts splitGroup(KernelBuilder &builder, GroupKind kind,
                                     Value dwords, bool isSigned) {
  switch (kind) {
  case GroupKind::Dot:
  case GroupKind::Short:
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

/// What makes vectors of `lanes` i32 of two operands: sums of products.
static Value callProduct(KernelBuilder &builder, Type type, StringRef sse,
                         StringRef avx2, StringRef avx512,
                         ValueRange arguments) {
  int64_t bits = cast<VectorType>(type).getNumElements() *
                 cast<VectorType>(type).getElementTypeBitWidth();
  StringRef name = bits == 512 ? avx512 : bits == 256 ? avx2 : sse;
  return builder
      .create<LLVM::CallIntrinsicOp>(type, builder.getStringAttr(name),
                                     arguments)
      .getResult(0);
}

/// Pairs of 16-bit integers as their sums of products of 32 bits.
static Value multiplyPairs(KernelBuilder &builder, Type type, Value a,
                           Value b) {
  return callProduct(builder, type, "llvm.x86.sse2.pmadd.wd",
                     "llvm.x86.avx2.pmadd.wd", "llvm.x86.avx512.pmaddw.d.512",
                     {a, b});
}

/// Adds the products of unsigned bytes and signed ones.
static Value addGroup(KernelBuilder &builder, GroupKind kind,
                      ArrayRef<Value> lhs, ArrayRef<Value> rhs, Value sum) {
  Type type = sum.getType();
  if (kind == GroupKind::Dot)
    return callProduct(builder, type, "llvm.x86.avx512.vpdpbusd.128",
                       "llvm.x86.avx512.vpdpbusd.256",
                       "llvm.x86.avx512.vpdpbusd.512", {sum, lhs[0], rhs[0]});
  for (auto [left, right] : llvm::zip_equal(lhs, rhs)) {
    Value product = kind == GroupKind::Pairs
                        ? multiplyPairs(builder, type, left, right)
                        : builder.create<arith::MulIOp>(left, right);
    sum = builder.create<arith::AddIOp>(sum, product);
  }
  return sum;
}

Value cpu::addDwordProducts(KernelBuilder &builder, int64_t group, Value lhs,
                            Value rhs, Value sum) {
  GroupKind kind = group == 4 ? GroupKind::Dot : GroupKind::Pairs;
  unsigned bits = 32 / group;
  return addGroup(builder, kind, bitcast(builder, lhs, bits),
                  bitcast(builder, rhs, bits), sum);
}

/// Adds those of a chain, whose sums fit 16 bits: sums of weights of one sign
/// are at most 128, so that no order of them overflows.
static Value addChain(KernelBuilder &builder, ArrayRef<TileProduct::Parts> lhs,
                      ArrayRef<TileProduct::Parts> rhs, Value sum) {
  auto type = cast<VectorType>(sum.getType());
  Type words =
      VectorType::get(2 * type.getNumElements(), builder.getIntegerType(16));
  Value chain;
  for (auto [left, right] : llvm::zip_equal(lhs, rhs)) {
    Value product = callProduct(
        builder, words, "llvm.x86.ssse3.pmadd.ub.sw.128",
        "llvm.x86.avx2.pmadd.ub.sw", "llvm.x86.avx512.pmaddubs.w.512",
        {left.front(), right.front()});
    chain = chain ? builder.create<arith::AddIOp>(chain, product).getResult()
                  : product;
  }
  Value wide = multiplyPairs(builder, type, chain, builder.constant(words, 1));
  return builder.create<arith::AddIOp>(sum, wide);
}

//===-- Pairs of bf16 -----------------------------------------------------===//

static TileProduct::Parts getPairs(KernelBuilder &builder, Value dwords,
                                   Type element) {
  int64_t lanes = cast<VectorType>(dwords.getType()).getNumElements();
  return {builder.create<vector::BitCastOp>(
      builder.vectorType(element, 2 * lanes), dwords)};
}

static Value addPairs(KernelBuilder &builder, Value lhs, Value rhs, Value sum) {
  Type type = sum.getType();
  int64_t bits = cast<VectorType>(type).getNumElements() * 32;
  std::string name = "llvm.x86.avx512bf16.dpbf16ps." + std::to_string(bits);
  return builder
      .create<LLVM::CallIntrinsicOp>(type, builder.getStringAttr(name),
                                     ValueRange{sum, lhs, rhs})
      .getResult(0);
}

//===-- Steps -------------------------------------------------------------===//

TileProduct::Parts TileProduct::loadLhs(KernelBuilder &builder, Value base,
                                        Value offset, int64_t lanes) const {
  if (group == 1)
    return {builder.broadcast(
        widen(builder, builder.load(types.lhs, base, offset)), lanes)};
  Value dword = builder.load(types.accumulator,
                             elementPtr(builder, base, offset), builder.i64(0));
  return splitLhs(builder, builder.broadcast(dword, lanes));
}

TileProduct::Parts TileProduct::splitLhs(KernelBuilder &builder,
                                         Value dwords) const {
  if (!types.areBytes())
    return getPairs(builder, dwords, types.lhs);
  return splitGroup(builder, getGroupKind(types, builder.getTarget()), dwords,
                    /*isSigned=*/!types.lhs.isUnsignedInteger());
}

TileProduct::Parts TileProduct::loadRhs(KernelBuilder &builder, Value base,
                                        int64_t offset, Value count,
                                        int64_t lanes) const {
  if (group == 1)
    return {widen(builder, builder.loadVector(types.rhs, lanes, base,
                                              builder.i64(offset), count))};
  Value dwords = builder.loadVector(
      types.accumulator, lanes, elementPtr(builder, base, builder.i64(offset)),
      builder.i64(0), count);
  if (!types.areBytes())
    return getPairs(builder, dwords, types.rhs);
  return splitGroup(builder, getGroupKind(types, builder.getTarget()), dwords,
                    /*isSigned=*/!types.rhs.isUnsignedInteger());
}

Value TileProduct::multiplyAdd(KernelBuilder &builder, ArrayRef<Parts> lhs,
                               ArrayRef<Parts> rhs, Value sum) const {
  if (group == 1)
    return builder.fma(lhs[0][0], rhs[0][0], sum);
  if (!types.areBytes())
    return addPairs(builder, lhs[0][0], rhs[0][0], sum);
  if (!types.lhs.isUnsignedInteger())
    std::swap(lhs, rhs);
  GroupKind kind = getGroupKind(types, builder.getTarget());
  if (kind == GroupKind::Short)
    return addChain(builder, lhs, rhs, sum);
  return addGroup(builder, kind, lhs[0], rhs[0], sum);
}

Value TileProduct::zero(KernelBuilder &builder, int64_t lanes) const {
  return builder.constant(builder.vectorType(types.accumulator, lanes), 0);
}

StepCosts StepCosts::find(const ProductTypes &types, const TargetInfo &target) {
  if (!types.areBytes())
    return {.slowness = types.group == 1 ? 1 : target.description.pairSlowness};
  switch (getGroupKind(types, target)) {
  case GroupKind::Dot:
    return {};
  case GroupKind::Pairs:
    return {2, 2, 4, 2, 3};
  case GroupKind::Short:
    // One vpmaddubsw a step, and one instruction that widens. The ones that
    // this multiplies by stay in a register.
    return {types.chain, 2, 2.0 * (types.chain + 1) / types.chain};
  case GroupKind::Each:
    return {4, 4, 8};
  }
  llvm_unreachable("all kinds are covered");
}
