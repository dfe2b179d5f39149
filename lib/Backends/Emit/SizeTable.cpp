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
using namespace lambent::emit;

/// Writes the arithmetic of expressions, saturated so that what overflows is
/// told from a size.
class emit::ExpressionWriter {
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

  llvm::Value *getLarger(llvm::Value *a, llvm::Value *b) {
    return builder.CreateBinaryIntrinsic(llvm::Intrinsic::smax, a, b);
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

SizeTable::SizeTable(ArrayRef<unsigned> symbolEpochs, MLIRContext *context)
    : symbolEpochs(symbolEpochs), context(context) {
  for (unsigned index = 0; index < symbolEpochs.size(); ++index)
    add(Size::symbol(index, context));
}

unsigned SizeTable::getEpoch(const Size &size) const {
  unsigned epoch = 0;
  if (AffineExpr expression = size.getExpression())
    expression.walk([&](AffineExpr part) {
      if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
        epoch = std::max(epoch, symbolEpochs[symbol.getPosition()]);
    });
  return epoch;
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
  entry.isRenewed = true;
  entries.push_back(entry);
  return entries.size() - 1;
}

/// The value of an entry in an epoch; null where it is known from another.
llvm::Value *SizeTable::writeEntry(const Entry &entry, unsigned epoch,
                                   ExpressionWriter &writer) const {
  llvm::Value *largest = nullptr;
  for (AffineExpr expression : entry.expressions) {
    unsigned known = getEpoch(Size(expression));
    if (entry.isRenewed ? known > epoch : known != epoch)
      continue;
    llvm::Value *value = writer.write(expression);
    largest = largest ? writer.getLarger(largest, value) : value;
  }
  return largest;
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
  auto *done = llvm::BasicBlock::Create(module.getContext(), "done", function);
  unsigned numEpochs = 1;
  for (unsigned epoch : symbolEpochs)
    numEpochs = std::max(numEpochs, epoch + 1);
  llvm::SwitchInst *epochs =
      builder.CreateSwitch(function->getArg(1), done, numEpochs);
  for (unsigned epoch = 0; epoch < numEpochs; ++epoch) {
    auto *block =
        llvm::BasicBlock::Create(module.getContext(), "epoch", function);
    epochs->addCase(builder.getInt64(epoch), block);
    builder.SetInsertPoint(block);
    ExpressionWriter writer(builder, values);
    for (size_t index = symbolEpochs.size(); index < entries.size(); ++index)
      if (llvm::Value *value = writeEntry(entries[index], epoch, writer))
        builder.CreateStore(value,
                            builder.CreateConstGEP1_64(i64, values, index));
    builder.CreateBr(done);
  }
  builder.SetInsertPoint(done);
  builder.CreateRetVoid();
  return function;
}
