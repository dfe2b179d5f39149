//===- SplitBatch.cpp - Kernels in a row take a batch by parts ------------===//
//
// Between two kernels on a large batch the buffer does not stay in a cache: it
// is written to memory and read from there. Kernels in a row that treat each
// image by itself go through some images all of them, then through the next
// ones; what lies between them is as small as those images.
//
//===----------------------------------------------------------------------===//

#include "BufferUses.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/Transforms/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_SPLITBATCH
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// More parts than this are long code and little work each.
constexpr int64_t kMostParts = 32;

/// As large as this many caches, a buffer is gone before it is read again.
constexpr int64_t kFarCaches = 4;

static MemRefType getType(Value buffer) {
  return cast<MemRefType>(buffer.getType());
}

/// The bytes of a buffer's elements, as many as `countElements` says.
static int64_t getDataBytes(MemRefType type) {
  int64_t bits = type.getElementTypeBitWidth();
  return countElements(type).getNumber() * std::max<int64_t>(1, bits / 8);
}

namespace {

/// A kernel that treats each index of a batch by itself.
struct BatchedKernel {
  KernelOpInterface op;
  SmallVector<unsigned> operands; ///< with the batch as their first dim
  int64_t batchBytes = 0;         ///< of all these
  int64_t sharedBytes = 0;        ///< of the others, as weights

  bool isBatched(OpOperand &operand) const {
    return llvm::is_contained(operands, operand.getOperandNumber());
  }
};

/// Kernels in a row, and the batch that they share.
struct Group {
  SmallVector<BatchedKernel> kernels;
  int64_t batch = 0;

  int64_t getPartSize(int64_t cacheBytes) const;
};

} // namespace

/// As many images as the cache holds what one kernel does with them, at least
/// one; a divisor of the batch. 0 where that makes too many parts, or one.
int64_t Group::getPartSize(int64_t cacheBytes) const {
  int64_t most = 1;
  for (const BatchedKernel &kernel : kernels)
    most = std::max(most, kernel.batchBytes / batch);
  int64_t size = std::clamp<int64_t>(cacheBytes / most, 1, batch);
  while (batch % size)
    --size;
  while (batch / size > kMostParts || batch % size)
    ++size;
  return size == batch ? 0 : size;
}

//===-- Which kernels -----------------------------------------------------===//

static std::optional<BatchedKernel> getBatchedKernel(Operation *op,
                                                     int64_t &batch) {
  auto kernel = dyn_cast<KernelOpInterface>(op);
  if (!kernel)
    return std::nullopt;
  BatchedKernel result{kernel, kernel.getBatchedOperands()};
  if (result.operands.empty())
    return std::nullopt;
  for (OpOperand &operand : op->getOpOperands()) {
    MemRefType type = getType(operand.get());
    Sizes all = getSizes(type);
    all.append(getStrides(type));
    if (!areNumbers(all))
      return std::nullopt;
    if (!result.isBatched(operand)) {
      result.sharedBytes += getDataBytes(type);
      continue;
    }
    // A shared operand's first dim of 1 is no batch.
    int64_t size = type.getRank() ? type.getDimSize(0) : 0;
    if (size < 2 || (batch && size != batch))
      return std::nullopt;
    batch = size;
    result.batchBytes += getDataBytes(type);
  }
  return result;
}

/// Drops kernels from both ends that gain nothing, and from the end as long as
/// what all parts share, as weights, is more to read again than the batch is.
static void trim(Group &group, int64_t cacheBytes) {
  auto gains = [&](int64_t batchBytes, int64_t sharedBytes) {
    int64_t size = group.getPartSize(cacheBytes);
    return size && sharedBytes * (group.batch / size) <= batchBytes;
  };
  auto isWorthIt = [&](const BatchedKernel &kernel) {
    return kernel.batchBytes > kFarCaches * cacheBytes &&
           gains(kernel.batchBytes, kernel.sharedBytes);
  };
  SmallVector<BatchedKernel> &kernels = group.kernels;
  kernels.erase(kernels.begin(), llvm::find_if(kernels, isWorthIt));
  auto areWorthIt = [&] {
    int64_t batchBytes = 0, sharedBytes = 0;
    for (const BatchedKernel &kernel : kernels) {
      batchBytes += kernel.batchBytes;
      sharedBytes += kernel.sharedBytes;
    }
    return gains(batchBytes, sharedBytes);
  };
  while (!kernels.empty() && !(isWorthIt(kernels.back()) && areWorthIt()))
    kernels.pop_back();
}

/// The groups of a block worth splitting.
static SmallVector<Group> findGroups(Block &block, int64_t cacheBytes) {
  SmallVector<Group> groups;
  Group group;
  auto finish = [&] {
    trim(group, cacheBytes);
    if (group.kernels.size() > 1 && group.getPartSize(cacheBytes))
      groups.push_back(group);
    group = Group();
  };
  for (Operation &op : block) {
    if (isa<AllocOp, WeightOp, ViewOp>(op))
      continue;
    int64_t batch = group.batch;
    std::optional<BatchedKernel> kernel = getBatchedKernel(&op, batch);
    if (!kernel) {
      finish();
      batch = 0;
      kernel = getBatchedKernel(&op, batch);
    }
    if (kernel) {
      group.kernels.push_back(*kernel);
      group.batch = batch;
    }
  }
  finish();
  return groups;
}

//===-- Splitting ---------------------------------------------------------===//

namespace {

/// Makes kernels for each part of a group's batch.
class Splitter {
public:
  Splitter(const Group &group, int64_t size, const AcceptsLayout &accepts)
      : group(group), size(size), accepts(accepts) {}

  /// Changes nothing where a kernel does not take a part of a buffer.
  void split() {
    collectInner();
    if (!mayRead())
      return;
    OpBuilder builder(group.kernels.back().op);
    for (int64_t begin = 0; begin < group.batch; begin += size)
      makePart(builder, begin);
    for (const BatchedKernel &kernel : group.kernels)
      kernel.op->erase();
  }

private:
  void collectInner();
  bool mayRead();
  void makePart(OpBuilder &builder, int64_t begin);
  /// The type of a part of `operand`, which begins at `begin`: in a buffer of
  /// its own size where the root is an inner one.
  MemRefType getPartType(Value operand, int64_t begin) const;

  const Group &group;
  int64_t size;
  const AcceptsLayout &accepts;
  llvm::MapVector<Value, MemRefType> inner; ///< buffers of the group alone
};

} // namespace

void Splitter::collectInner() {
  for (const BatchedKernel &kernel : group.kernels)
    for (unsigned index : kernel.operands) {
      Value root = getRootBuffer(kernel.op->getOperand(index));
      MemRefType type = getType(root);
      if (inner.contains(root) || !root.getDefiningOp<AllocOp>() ||
          !type.getRank() || type.getDimSize(0) != group.batch)
        continue;
      int64_t imageElements = type.getNumElements() / group.batch;
      bool isInner = llvm::all_of(getBufferUses(root), [&](BufferUse use) {
        auto user = llvm::find_if(group.kernels, [&](const BatchedKernel &k) {
          return k.op == use.kernel;
        });
        MemRefType seen = getType(use.operand->get());
        return user != group.kernels.end() && user->isBatched(*use.operand) &&
               getStrides(seen).front().is(imageElements) &&
               getFirstElement(seen).getNumber() < imageElements;
      });
      if (!isInner)
        continue;
      Sizes sizes = getSizes(type);
      sizes.front() = size;
      inner[root] = makeBufferType(sizes, type.getElementType());
    }
}

MemRefType Splitter::getPartType(Value operand, int64_t begin) const {
  MemRefType type = getType(operand);
  Sizes sizes = getSizes(type), strides = getStrides(type);
  sizes.front() = size;
  Size first = getFirstElement(type);
  auto room = inner.find(getRootBuffer(operand));
  if (room == inner.end())
    first += strides.front() * begin;
  else if (isDense(type))
    return makeBufferType(sizes, type.getElementType());
  return makePartType(sizes, type.getElementType(), strides, first);
}

bool Splitter::mayRead() {
  for (const BatchedKernel &kernel : group.kernels)
    for (unsigned index : kernel.operands) {
      OpOperand &operand = kernel.op->getOpOperand(index);
      MemRefType part = getPartType(operand.get(), size);
      if (!isDense(part) && accepts && !accepts(operand, part))
        return false;
    }
  return true;
}

void Splitter::makePart(OpBuilder &builder, int64_t begin) {
  IRMapping rooms;
  for (auto [root, type] : inner)
    rooms.map(root, AllocOp::create(builder, root.getLoc(), type).getResult());
  for (const BatchedKernel &kernel : group.kernels) {
    IRMapping mapping;
    for (unsigned index : kernel.operands) {
      Value operand = kernel.op->getOperand(index);
      Value root = getRootBuffer(operand);
      Value from = rooms.lookupOrDefault(root);
      MemRefType part = getPartType(operand, begin);
      if (from.getType() != part)
        from = ViewOp::create(builder, operand.getLoc(), part, from);
      mapping.map(operand, from);
    }
    Operation *copy = builder.clone(*kernel.op, mapping);
    cast<KernelOpInterface>(copy).resizeBatch(size);
  }
}

namespace lambent {
namespace {
struct SplitBatch : impl::SplitBatchBase<SplitBatch> {
  using SplitBatchBase::SplitBatchBase;
  SplitBatch(int64_t bytes, AcceptsLayout accepts)
      : accepts(std::move(accepts)) {
    cacheBytes = bytes;
  }
  SplitBatch(const SplitBatch &) = default;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    SmallVector<Group> groups =
        findGroups(function.getBody().front(), cacheBytes);
    for (const Group &group : groups)
      Splitter(group, group.getPartSize(cacheBytes), accepts).split();
    if (!groups.empty())
      eraseDeadKernels(function);
  }

  AcceptsLayout accepts;
};
} // namespace

std::unique_ptr<Pass> createSplitBatch(int64_t cacheBytes,
                                       AcceptsLayout accepts) {
  return std::make_unique<SplitBatch>(cacheBytes, std::move(accepts));
}
} // namespace lambent
