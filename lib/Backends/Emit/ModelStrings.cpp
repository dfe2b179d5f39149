//===- ModelStrings.cpp - The strings of a model's constants --------------===//

#include "ModelStrings.h"
#include "llvm/IR/IRBuilder.h"

using namespace lambent;
using llvm::Constant;

Constant *emit::describeStrings(mlir::ArrayAttr strings, llvm::Module &module) {
  llvm::LLVMContext &context = module.getContext();
  auto *pointer = llvm::PointerType::get(context, 0);
  if (!strings)
    return llvm::ConstantPointerNull::get(pointer);
  llvm::IRBuilder<> builder(context);
  auto addConstant = [&](Constant *value, llvm::StringRef name) {
    return new llvm::GlobalVariable(module, value->getType(), true,
                                    llvm::GlobalValue::PrivateLinkage, value,
                                    name);
  };
  std::string bytes;
  for (auto string : strings.getAsRange<mlir::StringAttr>())
    bytes += string.getValue();
  Constant *text =
      addConstant(llvm::ConstantDataArray::getString(context, bytes), "text");
  llvm::SmallVector<Constant *> entries;
  uint64_t offset = 0;
  for (auto string : strings.getAsRange<mlir::StringAttr>()) {
    uint64_t length = string.getValue().size();
    entries.push_back(llvm::ConstantStruct::getAnon(
        context, {llvm::ConstantExpr::getInBoundsGetElementPtr(
                      builder.getInt8Ty(), text, builder.getInt64(offset)),
                  builder.getInt64(length)}));
    offset += length;
  }
  auto *type = llvm::ArrayType::get(entries[0]->getType(), entries.size());
  return addConstant(llvm::ConstantArray::get(type, entries), "strings");
}
