//===- MathTarget.cpp - What elementary functions may use of a CPU --------===//

#include "MathTarget.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace lambent;

/// An instruction of AVX-512 on all lanes of the register that `x` fills; null
/// if it fills none.
static Value callAVX512(OpBuilder &builder, Location loc, StringRef instruction,
                        Value x, Value second) {
  auto type = dyn_cast<VectorType>(x.getType());
  if (!type || type.getRank() != 1)
    return nullptr;
  bool isF32 = type.getElementType().isF32();
  int64_t lanes = type.getNumElements(),
          bits = lanes * type.getElementTypeBitWidth();
  if ((!isF32 && !type.getElementType().isF64()) ||
      (bits != 128 && bits != 256 && bits != 512))
    return nullptr;
  std::string name = "llvm.x86.avx512.mask." + instruction.str() + ".p" +
                     std::string(isF32 ? "s." : "d.") + std::to_string(bits);
  // The mask has a bit a lane, and eight at least.
  Type maskType = builder.getIntegerType(std::max<int64_t>(lanes, 8));
  SmallVector<Value> operands{x, second, x};
  operands.push_back(LLVM::ConstantOp::create(
      builder, loc, maskType, builder.getIntegerAttr(maskType, -1)));
  if (bits == 512) { // rounding: as the processor is set
    Type i32 = builder.getI32Type();
    operands.push_back(LLVM::ConstantOp::create(builder, loc, i32,
                                                builder.getI32IntegerAttr(4)));
  }
  return LLVM::CallIntrinsicOp::create(builder, loc, type,
                                       builder.getStringAttr(name), operands)
      .getResult(0);
}

static Value scaleByPowerOfTwo(OpBuilder &builder, Location loc, Value x,
                               Value n) {
  return callAVX512(builder, loc, "scalef", x, n);
}

static std::pair<Value, Value> splitNearest(OpBuilder &builder, Location loc,
                                            Value x) {
  // No fraction bits; to nearest even; no exception for what is inexact.
  constexpr int32_t toInteger = 8;
  Value how = LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                       builder.getI32IntegerAttr(toInteger));
  Value nearest = callAVX512(builder, loc, "rndscale", x, how);
  return {nearest,
          nearest ? callAVX512(builder, loc, "reduce", x, how) : Value()};
}

MathTarget cpu::getMathTarget(const TargetInfo &target) {
  MathTarget math;
  math.hasFMA = target.hasFMA;
  math.hasRound = target.hasRound;
  math.hasF16Conversions = target.hasF16C;
  if (target.hasAVX512) {
    math.scaleByPowerOfTwo = scaleByPowerOfTwo;
    math.splitNearest = splitNearest;
  }
  return math;
}
