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
  int64_t partSize = 0; ///< images of a part
};

} // namespace

/// As many images as the cache holds what one kernel does with them, at least
/// one; a divisor of the batch. 0 where no number of parts will do.
static int64_t getPartSize(const Group &group, int64_t cacheBytes) {
  int64_t most = 0;
  for (const BatchedKernel &kernel : group.kernels)
    most = std::max(most, kernel.batchBytes);
  int64_t wanted =
      std::clamp<int64_t>(llvm::divideCeil(most, cacheBytes), 2, kMostParts);
  for (int64_t parts = wanted; parts <= kMostParts; ++parts)
    if (group.batch % parts == 0)
      return group.batch / parts;
  for (int64_t parts = wanted; parts > 1; --parts)
    if (group.batch % parts == 0)
      return group.batch / parts;
  return 0;
}

//===-- Which kernels -----------------------------------------------------===//

/// Whether the operand's elements at an index of the batch lie in that part of
/// its root of as many: then parts of the batch have no element in common.
static bool isByImage(Value operand, int64_t batch) {
  MemRefType type = getType(operand), root = getType(getRootBuffer(operand));
  if (!root.hasStaticShape())
    return false;
  int64_t elements = root.getNumElements();
  Sizes sizes = getSizes(type), strides = getStrides(type);
  int64_t last = getFirstElement(type).getNumber();
  for (unsigned dim = 1; dim < sizes.size(); ++dim)
    last += (sizes[dim].getNumber() - 1) * strides[dim].getNumber();
  return elements % batch == 0 && strides.front().is(elements / batch) &&
         last < elements / batch;
}

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
    return sharedBytes * (group.batch / group.partSize) <= batchBytes;
  };
  auto isWorthIt = [&](const BatchedKernel &kernel) {
    return kernel.batchBytes > kFarCaches * cacheBytes &&
           gains(kernel.batchBytes, kernel.sharedBytes);
  };
  SmallVector<BatchedKernel> &kernels = group.kernels;
  kernels.erase(kernels.begin(), llvm::find_if(kernels, isWorthIt));
  int64_t batchBytes = 0, sharedBytes = 0;
  for (const BatchedKernel &kernel : kernels) {
    batchBytes += kernel.batchBytes;
    sharedBytes += kernel.sharedBytes;
  }
  while (!kernels.empty() &&
         !(isWorthIt(kernels.back()) && gains(batchBytes, sharedBytes))) {
    batchBytes -= kernels.back().batchBytes;
    sharedBytes -= kernels.back().sharedBytes;
    kernels.pop_back();
  }
}

namespace {

/// Finds the groups of a block that are worth splitting.
class GroupFinder {
public:
  explicit GroupFinder(int64_t cacheBytes) : cacheBytes(cacheBytes) {}

  SmallVector<Group> find(Block &block) {
    for (Operation &op : block) {
      if (isa<AllocOp, WeightOp, ViewOp>(op) || add(&op))
        continue;
      finish();
      if (!add(&op))
        finish();
    }
    finish();
    return std::move(groups);
  }

private:
  /// Adds a kernel to the group. Fails, and then finish must follow, where it
  /// treats no batch, another one, or must come behind the whole of a kernel
  /// that is there.
  bool add(Operation *op);
  void finish();

  /// How the group's kernels use a buffer.
  struct Use {
    bool isWritten = false;
    bool isByImage = true;
  };

  int64_t cacheBytes;
  Group group;
  llvm::DenseMap<Value, Use> uses;
  SmallVector<Group> groups;
};

} // namespace

bool GroupFinder::add(Operation *op) {
  int64_t batch = group.batch;
  std::optional<BatchedKernel> kernel = getBatchedKernel(op, batch);
  if (!kernel)
    return false;
  for (OpOperand &operand : op->getOpOperands()) {
    Use &use = uses[getRootBuffer(operand.get())];
    use.isWritten |= operand.getOperandNumber() >= kernel->op.getNumReads();
    use.isByImage &=
        kernel->isBatched(operand) && isByImage(operand.get(), batch);
    // What one part writes must be what this part alone reads.
    if (use.isWritten && !use.isByImage)
      return false;
  }
  group.kernels.push_back(*kernel);
  group.batch = batch;
  return true;
}

void GroupFinder::finish() {
  if (!group.kernels.empty())
    group.partSize = getPartSize(group, cacheBytes);
  if (group.partSize)
    trim(group, cacheBytes);
  if (group.partSize && group.kernels.size() > 1)
    groups.push_back(std::move(group));
  group = Group();
  uses.clear();
}

//===-- Splitting ---------------------------------------------------------===//

namespace {

/// Makes kernels for each part of a group's batch.
class Splitter {
public:
  Splitter(const Group &group, const AcceptsLayout &accepts)
      : group(group), size(group.partSize), accepts(accepts) {}

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
      bool isInner = llvm::all_of(getBufferUses(root), [&](BufferUse use) {
        auto user = llvm::find_if(group.kernels, [&](const BatchedKernel &k) {
          return k.op == use.kernel;
        });
        return user != group.kernels.end() && user->isBatched(*use.operand) &&
               isByImage(use.operand->get(), group.batch);
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
        GroupFinder(cacheBytes).find(function.getBody().front());
    for (const Group &group : groups)
      Splitter(group, accepts).split();
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
