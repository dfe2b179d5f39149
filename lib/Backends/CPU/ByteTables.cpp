//===- ByteTables.cpp - Entries of tables of 256 bytes --------------------===//
//
// With AVX512-VBMI a register's 64 bytes are taken from a table in registers:
// from either half of it, whichever the top bit says. Elsewhere each byte is
// loaded by itself.
//
//===----------------------------------------------------------------------===//

#include "lambent/Backends/CPU/KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lambent::cpu;

/// The bytes of a register of 512 bits.
static constexpr int64_t kLanes = 64;

Value KernelBuilder::getTable(DenseElementsAttr table) {
  Operation *function = getInsertionBlock()->getParentOp();
  while (!isa<LLVM::LLVMFuncOp>(function))
    function = function->getParentOp();
  auto module = function->getParentOfType<ModuleOp>();
  LLVM::GlobalOp global;
  int64_t count = 0;
  for (auto other : module.getOps<LLVM::GlobalOp>()) {
    ++count;
    if (other.getValueOrNull() == table)
      global = other;
  }
  if (!global) {
    std::string name = (cast<SymbolOpInterface>(function).getName() +
                        "_table" + Twine(count))
                           .str();
    OpBuilder::InsertionGuard guard(*this);
    setInsertionPointToStart(module.getBody());
    global = create<LLVM::GlobalOp>(
        LLVM::LLVMArrayType::get(getI8Type(), table.getNumElements()),
        /*isConstant=*/true, LLVM::Linkage::Private, name, table,
        /*alignment=*/kLanes);
  }
  return create<LLVM::AddressOfOp>(global);
}

Value KernelBuilder::lookUp(const Lookup &lookup) {
  Value table = getTable(lookup.table), places = lookup.places, result;
  auto type = dyn_cast<VectorType>(places.getType());
  auto loadEntry = [&](Value place) {
    return load(getI8Type(), table,
                create<arith::ExtUIOp>(getI64Type(), place));
  };
  if (!type) {
    result = loadEntry(places);
  } else if (target.hasVBMI && type.getNumElements() <= kLanes) {
    // What is missing of a register reads anything.
    int64_t lanes = type.getNumElements();
    SmallVector<int64_t> all(kLanes, vector::ShuffleOp::kPoisonIndex);
    for (int64_t i = 0; i < lanes; ++i)
      all[i] = i;
    if (lanes < kLanes)
      places = create<vector::ShuffleOp>(places, places, all);
    VectorType bytes = vectorType(getI8Type(), kLanes);
    auto loadPart = [&](int64_t part) {
      return loadVector(getI8Type(), kLanes, table, i64(part * kLanes));
    };
    auto takeHalf = [&](int64_t half) {
      return create<LLVM::CallIntrinsicOp>(
                 bytes, getStringAttr("llvm.x86.avx512.vpermi2var.qi.512"),
                 ValueRange{loadPart(2 * half), places, loadPart(2 * half + 1)})
          .getResult(0);
    };
    Value isHigh = create<arith::CmpIOp>(arith::CmpIPredicate::slt, places,
                                         constant(bytes, 0));
    result = create<arith::SelectOp>(isHigh, takeHalf(1), takeHalf(0));
    if (lanes < kLanes)
      result = create<vector::ExtractStridedSliceOp>(
          result, ArrayRef<int64_t>(0), ArrayRef(lanes), ArrayRef<int64_t>(1));
  } else {
    result = constant(type, 0);
    for (int64_t i = 0; i < type.getNumElements(); ++i)
      result = create<vector::InsertOp>(
          loadEntry(create<vector::ExtractOp>(places, i)), result, i);
  }
  lookups[result] = lookup;
  return result;
}

std::optional<KernelBuilder::Lookup>
KernelBuilder::findLookup(Value bytes) const {
  auto found = lookups.find(bytes);
  return found == lookups.end() ? std::nullopt : std::optional(found->second);
}
