//===- PlanMemory.cpp - Offsets of buffers and weights --------------------===//

#include "ArenaLayout.h"
#include "BufferLives.h"
#include "BufferUses.h"
#include "lambent/Lowering/Transforms/Passes.h"
#include "llvm/Support/MathExtras.h"

namespace lambent {
#define GEN_PASS_DEF_PLANMEMORY
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// A cache line, and as wide as the widest vector.
static constexpr int64_t alignment = 64;

namespace {
/// Buffers that share one place, one after the other.
struct SharedBlock {
  ArenaBlock block;
  SmallVector<AllocOp> allocs;
};

struct ArenaSizes {
  int64_t arena = 0, live = 0;
};
} // namespace

/// Merges the life of each output with that of an input that it may replace.
static SmallVector<SharedBlock> getSharedBlocks(const BufferLives &lives) {
  SmallVector<SharedBlock> blocks;
  // Blocks by the buffer that holds them last.
  llvm::DenseMap<Value, unsigned> current;
  for (BufferLife life : lives.lives) {
    KernelOpInterface writer = lives.kernels[life.begin];
    Value output = life.alloc.getResult();
    std::optional<unsigned> shared;
    for (Value operand : getReads(writer)) {
      Value input = getRootBuffer(operand);
      auto entry = current.find(input);
      if (entry == current.end() ||
          blocks[entry->second].block.end != life.begin ||
          blocks[entry->second].block.bytes !=
              static_cast<int64_t>(llvm::alignTo(life.bytes, alignment)) ||
          !getSharedOperand(writer, input, output))
        continue;
      shared = entry->second;
      break;
    }
    if (!shared) {
      shared = blocks.size();
      SharedBlock fresh;
      fresh.block.bytes = llvm::alignTo(life.bytes, alignment);
      fresh.block.begin = life.begin;
      blocks.push_back(fresh);
    }
    blocks[*shared].block.end = life.end;
    blocks[*shared].allocs.push_back(life.alloc);
    current[output] = *shared;
  }
  return blocks;
}

static ArenaSizes planArena(func::FuncOp function) {
  Builder builder(function.getContext());
  SmallVector<SharedBlock> shared = getSharedBlocks(getBufferLives(function));
  SmallVector<ArenaBlock> blocks;
  for (const SharedBlock &each : shared)
    blocks.push_back(each.block);
  ArenaSizes sizes;
  sizes.arena = layOutArena(blocks);
  sizes.live = getPeakBytes(blocks);
  for (auto [each, block] : llvm::zip_equal(shared, blocks))
    for (AllocOp alloc : each.allocs)
      alloc.setOffsetAttr(builder.getI64IntegerAttr(block.offset));
  return sizes;
}

/// Lays weights out in the order of their definition. Those that are the same
/// data in the same packing share a place.
static int64_t planWeights(ModuleOp module) {
  Builder builder(module.getContext());
  llvm::DenseMap<std::tuple<Attribute, Attribute, Type>, int64_t> places;
  int64_t size = 0;
  module.walk([&](WeightOp weight) {
    Type type = weight.getResult().getType();
    auto [entry, isNew] = places.try_emplace(
        {weight.getValueAttr(), weight.getPackingAttr(), type}, size);
    if (isNew)
      size += llvm::alignTo(getBufferBytes(cast<MemRefType>(type)), alignment);
    weight.setOffsetAttr(builder.getI64IntegerAttr(entry->second));
  });
  return size;
}

namespace {
struct PlanMemory : lambent::impl::PlanMemoryBase<PlanMemory> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    ArenaSizes sizes;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      eraseDeadKernels(function);
      ArenaSizes own = planArena(function);
      sizes.arena = std::max(sizes.arena, own.arena);
      sizes.live = std::max(sizes.live, own.live);
    }
    Builder builder(module.getContext());
    auto set = [&](StringRef name, int64_t bytes) {
      module->setAttr(name, builder.getI64IntegerAttr(bytes));
    };
    set("lir.arena_bytes", sizes.arena);
    set("lir.live_bytes", sizes.live);
    set("lir.weight_bytes", planWeights(module));
  }
};
} // namespace
