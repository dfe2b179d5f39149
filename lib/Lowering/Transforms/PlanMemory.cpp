//===- PlanMemory.cpp - Offsets of buffers and weights --------------------===//

#include "ArenaLayout.h"
#include "BufferLives.h"
#include "BufferUses.h"
#include "lambent/Lowering/Transforms/Passes.h"
#include "mlir/IR/DialectResourceBlobManager.h"

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
  Size bytes;
  ArenaBlock block; ///< its `bytes` where they are a number
  SmallVector<AllocOp> allocs;
};

struct ArenaSizes {
  int64_t arena = 0, live = 0;
};
} // namespace

static Size align(const Size &bytes) { return bytes.alignTo(alignment); }

/// Whether buffers of these sizes take the same place.
static bool areAlike(const Size &a, const Size &b) {
  return a == b || align(a) == align(b);
}

/// Merges the life of each output with that of an input that it may replace.
static SmallVector<SharedBlock> getSharedBlocks(ArrayRef<BufferLife> lives) {
  SmallVector<SharedBlock> blocks;
  // Blocks, and who alone touches them last, by the buffer that holds them.
  struct Holder {
    unsigned block;
    KernelOpInterface last;
  };
  llvm::DenseMap<Value, Holder> current;
  for (BufferLife life : lives) {
    KernelOpInterface writer = life.writer;
    Value output = life.alloc.getResult();
    std::optional<unsigned> shared;
    for (Value operand : getReads(writer)) {
      Value input = getRootBuffer(operand);
      auto entry = current.find(input);
      if (entry == current.end() || entry->second.last != writer)
        continue;
      unsigned block = entry->second.block;
      if (blocks[block].block.end != life.begin ||
          !areAlike(blocks[block].bytes, life.bytes) ||
          !getSharedOperand(writer, input, output))
        continue;
      shared = block;
      break;
    }
    if (!shared) {
      shared = blocks.size();
      SharedBlock fresh;
      fresh.bytes = life.bytes;
      fresh.block.bytes = align(life.bytes).getNumber();
      fresh.block.begin = life.begin;
      blocks.push_back(fresh);
    }
    blocks[*shared].block.end = life.end;
    blocks[*shared].allocs.push_back(life.alloc);
    current[output] = {*shared, life.last};
  }
  return blocks;
}

/// Numbers the blocks of a function with open sizes, which a run places, and
/// lists them as its attribute lir.blocks.
static void listBlocks(func::FuncOp function, ArrayRef<SharedBlock> shared) {
  Builder builder(function.getContext());
  SmallVector<Attribute> list;
  for (auto [index, each] : llvm::enumerate(shared)) {
    for (AllocOp alloc : each.allocs)
      alloc.setBlockAttr(builder.getI64IntegerAttr(index));
    auto number = [&](StringRef name, int64_t value) {
      return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
    };
    auto bytes = SizesAttr::get(builder.getContext(), {each.bytes});
    list.push_back(builder.getDictionaryAttr(
        {builder.getNamedAttr("bytes", bytes),
         number("first", each.block.begin), number("last", each.block.end)}));
  }
  function->setAttr("lir.blocks", builder.getArrayAttr(list));
}

static ArenaSizes planArena(func::FuncOp function) {
  Builder builder(function.getContext());
  SmallVector<SharedBlock> shared = getSharedBlocks(getBufferLives(function));
  if (llvm::any_of(shared, [](const SharedBlock &each) {
        return !each.bytes.isNumber();
      })) {
    listBlocks(function, shared);
    return {};
  }
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

/// A constant's bytes where it is a blob: such of one content have two names
/// where versions of the model folded it apart.
static ArrayRef<char> getBlob(ElementsAttr value) {
  auto resource = dyn_cast<DenseResourceElementsAttr>(value);
  AsmResourceBlob *blob = resource ? resource.getRawHandle().getBlob() : nullptr;
  return blob ? blob->getData() : ArrayRef<char>();
}

/// Whether constants are the same data.
static bool areSame(ElementsAttr a, ElementsAttr b) {
  return a == b || (a.getType() == b.getType() && !getBlob(a).empty() &&
                    getBlob(a) == getBlob(b));
}

/// The same for constants that are the same data, and hardly ever for others.
static llvm::hash_code hashData(ElementsAttr value) {
  constexpr size_t part = 128;
  ArrayRef<char> blob = getBlob(value);
  if (blob.empty())
    return hash_value(value);
  ArrayRef<char> first = blob.take_front(part), last = blob.take_back(part);
  return llvm::hash_combine(
      blob.size(), llvm::hash_combine_range(first.begin(), first.end()),
      llvm::hash_combine_range(last.begin(), last.end()));
}

/// Lays weights out in the order of their definition. Those that are the same
/// data in the same packing share a place.
static int64_t planWeights(ModuleOp module) {
  Builder builder(module.getContext());
  using Key = std::tuple<Attribute, Type, size_t>;
  using Place = std::pair<ElementsAttr, int64_t>;
  llvm::DenseMap<Key, SmallVector<Place, 1>> places;
  int64_t size = 0;
  module.walk([&](WeightOp weight) {
    Type type = weight.getResult().getType();
    ElementsAttr value = weight.getValue();
    SmallVector<Place, 1> &known =
        places[{weight.getPackingAttr(), type, hashData(value)}];
    auto place = llvm::find_if(
        known, [&](const Place &place) { return areSame(place.first, value); });
    if (place == known.end()) {
      place = known.insert(known.end(), {value, size});
      size += align(getBufferBytes(cast<MemRefType>(type))).getNumber();
    }
    weight.setOffsetAttr(builder.getI64IntegerAttr(place->second));
  });
  return size;
}

/// Numbers the slots of a function in the order of the calls that write them.
static void numberSlots(func::FuncOp function) {
  Builder builder(function.getContext());
  int64_t count = 0;
  for (auto call : function.getOps<CallerOpInterface>())
    for (Value output : getWrites(cast<KernelOpInterface>(*call)))
      output.getDefiningOp<SlotOp>().setIndexAttr(
          builder.getI64IntegerAttr(count++));
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
      numberSlots(function);
      ArenaSizes own = planArena(function);
      // What control flow calls has an arena of its own.
      if (function.isPrivate()) {
        setSizes(function, own);
        continue;
      }
      sizes.arena = std::max(sizes.arena, own.arena);
      sizes.live = std::max(sizes.live, own.live);
    }
    setSizes(module, sizes);
    module->setAttr(
        "lir.weight_bytes",
        Builder(module.getContext()).getI64IntegerAttr(planWeights(module)));
  }

  static void setSizes(Operation *op, ArenaSizes sizes) {
    Builder builder(op->getContext());
    op->setAttr("lir.arena_bytes", builder.getI64IntegerAttr(sizes.arena));
    op->setAttr("lir.live_bytes", builder.getI64IntegerAttr(sizes.live));
  }
};
} // namespace
