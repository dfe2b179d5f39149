//===- MathTarget.cpp - What elementary functions may use of a CPU --------===//

#include "MathTarget.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace lambent;

/// The AVX-512 instruction `name` of all elements of a register that
/// `operands`, which end with what it merges into, fill; null if they fill
/// none.
static Value callMasked(OpBuilder &builder, Location loc, StringRef name,
                        ArrayRef<Value> operands) {
  auto type = dyn_cast<VectorType>(operands.front().getType());
  if (!type || type.getRank() != 1)
    return nullptr;
  bool isF32 = type.getElementType().isF32();
  int64_t lanes = type.getNumElements(),
          bits = lanes * type.getElementTypeBitWidth();
  if ((!isF32 && !type.getElementType().isF64()) ||
      (bits != 128 && bits != 256 && bits != 512))
    return nullptr;
  std::string full =
      ("llvm.x86.avx512.mask." + name + (isF32 ? ".ps." : ".pd.") + Twine(bits))
          .str();
  // The mask has a bit a lane, and eight at least.
  Type maskType = builder.getIntegerType(std::max<int64_t>(lanes, 8));
  SmallVector<Value> arguments(operands);
  arguments.push_back(LLVM::ConstantOp::create(
      builder, loc, maskType, builder.getIntegerAttr(maskType, -1)));
  if (bits == 512) // rounding: as the processor is set
    arguments.push_back(LLVM::ConstantOp::create(
        builder, loc, builder.getI32Type(), builder.getI32IntegerAttr(4)));
  return LLVM::CallIntrinsicOp::create(builder, loc, type,
                                       builder.getStringAttr(full), arguments)
      .getResult(0);
}

/// vscalefps and vscalefpd.
static Value scaleByPowerOfTwo(OpBuilder &builder, Location loc, Value x,
                               Value n) {
  return callMasked(builder, loc, "scalef", {x, n, x});
}

/// vreduceps and vreducepd.
static Value takeFraction(OpBuilder &builder, Location loc, Value x) {
  // What is left of a number rounded down, without fraction bits.
  Value down = LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                        builder.getI32IntegerAttr(1));
  return callMasked(builder, loc, "reduce", {x, down, x});
}

/// vrndscaleps and vreduceps, and those of f64.
static std::pair<Value, Value> splitNearest(OpBuilder &builder, Location loc,
                                            Value x) {
  // No fraction bits; to nearest even; no exception for what is inexact.
  constexpr int32_t toInteger = 8;
  Value how = LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                       builder.getI32IntegerAttr(toInteger));
  Value nearest = callMasked(builder, loc, "rndscale", {x, how, x});
  return {nearest,
          nearest ? callMasked(builder, loc, "reduce", {x, how, x}) : Value()};
}

/// vcvtneps2bf16 of registers that numbers fill.
static Value roundToBF16(OpBuilder &builder, Location loc, Value x) {
  auto type = dyn_cast<VectorType>(x.getType());
  if (!type || type.getRank() != 1 ||
      (type.getNumElements() != 8 && type.getNumElements() != 16))
    return nullptr;
  std::string name =
      ("llvm.x86.avx512bf16.cvtneps2bf16." + Twine(32 * type.getNumElements()))
          .str();
  return LLVM::CallIntrinsicOp::create(builder, loc,
                                       type.clone(builder.getBF16Type()),
                                       builder.getStringAttr(name), x)
      .getResult(0);
}

MathTarget cpu::getMathTarget(const TargetInfo &target) {
  MathTarget math;
  math.hasFMA = target.hasFMA;
  math.hasRound = target.hasRound;
  math.hasF16Conversions = target.hasF16C;
  if (target.hasAVX512) {
    math.scaleByPowerOfTwo = scaleByPowerOfTwo;
    math.splitNearest = splitNearest;
    math.fraction = takeFraction;
  }
  if (target.hasBF16)
    math.roundToBF16 = roundToBF16;
  return math;
}
