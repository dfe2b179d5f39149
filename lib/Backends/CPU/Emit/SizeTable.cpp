//===- SizeTable.cpp - The values that a run computes its sizes as --------===//
//
// See SizeTable.h.
//
//===----------------------------------------------------------------------===//

#include "SizeTable.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

namespace {

/// Writes the arithmetic of expressions, saturated so that what overflows is
/// told from a size.
class ExpressionWriter {
public:
  ExpressionWriter(llvm::IRBuilder<> &builder, llvm::Value *values)
      : builder(builder), values(values) {}

  llvm::Value *write(AffineExpr expression) {
    if (llvm::Value *known = written.lookup(expression))
      return known;
    llvm::Value *value = compute(expression); // which writes its parts
    written[expression] = value;
    return value;
  }

private:
  llvm::Value *compute(AffineExpr expression) {
    llvm::Type *i64 = builder.getInt64Ty();
    if (auto constant = dyn_cast<AffineConstantExpr>(expression))
      return builder.getInt64(constant.getValue());
    if (auto symbol = dyn_cast<AffineSymbolExpr>(expression))
      return builder.CreateLoad(
          i64, builder.CreateConstGEP1_64(i64, values, symbol.getPosition()));
    auto binary = cast<AffineBinaryOpExpr>(expression);
    llvm::Value *lhs = write(binary.getLHS()), *rhs = write(binary.getRHS());
    switch (binary.getKind()) {
    case AffineExprKind::Add:
      return builder.CreateBinaryIntrinsic(llvm::Intrinsic::sadd_sat, lhs, rhs);
    case AffineExprKind::Mul:
      return multiply(lhs, rhs);
    case AffineExprKind::Mod: {
      llvm::Value *quotient = floorDivide(lhs, rhs);
      return builder.CreateSub(lhs, builder.CreateMul(quotient, rhs));
    }
    case AffineExprKind::CeilDiv:
      return builder.CreateNeg(floorDivide(builder.CreateNeg(lhs), rhs));
    default:
      return floorDivide(lhs, rhs);
    }
  }

  llvm::Value *multiply(llvm::Value *lhs, llvm::Value *rhs) {
    llvm::Value *both = builder.CreateBinaryIntrinsic(
        llvm::Intrinsic::smul_with_overflow, lhs, rhs);
    return builder.CreateSelect(builder.CreateExtractValue(both, 1),
                                builder.getInt64(INT64_MAX),
                                builder.CreateExtractValue(both, 0));
  }

  /// The divisor is positive; of what saturated, INT64_MAX stays.
  llvm::Value *floorDivide(llvm::Value *lhs, llvm::Value *rhs) {
    llvm::Value *divisor = builder.CreateBinaryIntrinsic(
        llvm::Intrinsic::smax, rhs, builder.getInt64(1));
    llvm::Value *quotient = builder.CreateSDiv(lhs, divisor);
    llvm::Value *rest =
        builder.CreateSub(lhs, builder.CreateMul(quotient, divisor));
    llvm::Value *isBelow = builder.CreateICmpSLT(rest, builder.getInt64(0));
    llvm::Value *rounded = builder.CreateSub(
        quotient, builder.CreateZExt(isBelow, builder.getInt64Ty()));
    return builder.CreateSelect(
        builder.CreateICmpEQ(lhs, builder.getInt64(INT64_MAX)), lhs, rounded);
  }

  llvm::IRBuilder<> &builder;
  llvm::Value *values;
  llvm::DenseMap<AffineExpr, llvm::Value *> written;
};

} // namespace

SizeTable::SizeTable(unsigned numSymbols, MLIRContext *context)
    : numSymbols(numSymbols), context(context) {
  for (unsigned index = 0; index < numSymbols; ++index)
    add(Size::symbol(index, context));
}

int32_t SizeTable::add(const Size &size) {
  AffineExpr expression = size.getExpression(context);
  auto [entry, isNew] = numbers.try_emplace(expression, entries.size());
  if (isNew)
    entries.push_back({{expression}});
  return entry->second;
}

int32_t SizeTable::addLargest(ArrayRef<Size> sizes) {
  Entry entry;
  for (const Size &size : sizes)
    entry.expressions.push_back(size.getExpression(context));
  entries.push_back(entry);
  return entries.size() - 1;
}

llvm::Function *SizeTable::build(StringRef name, llvm::Module &module) const {
  llvm::IRBuilder<> builder(module.getContext());
  llvm::Type *pointer = builder.getPtrTy(), *i64 = builder.getInt64Ty();
  auto *function = llvm::Function::Create(
      llvm::FunctionType::get(builder.getVoidTy(), {pointer, i64}, false),
      llvm::GlobalValue::InternalLinkage, name, module);
  builder.SetInsertPoint(
      llvm::BasicBlock::Create(module.getContext(), "entry", function));
  llvm::Value *values = function->getArg(0);
  ExpressionWriter writer(builder, values);
  for (size_t index = numSymbols; index < entries.size(); ++index) {
    llvm::Value *largest = nullptr;
    for (AffineExpr expression : entries[index].expressions) {
      llvm::Value *value = writer.write(expression);
      largest = largest ? builder.CreateBinaryIntrinsic(llvm::Intrinsic::smax,
                                                        largest, value)
                        : value;
    }
    builder.CreateStore(largest,
                        builder.CreateConstGEP1_64(i64, values, index));
  }
  builder.CreateRetVoid();
  return function;
}
