//===- BufferUses.cpp - Who reads and writes a buffer, through views ------===//

#include "BufferUses.h"
#include "IndexedDomain.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// Calls `visit` with each use until it returns false; returns whether it never
/// did.
static bool forEachUse(Value buffer,
                       llvm::function_ref<bool(const BufferUse &)> visit) {
  for (OpOperand &use : buffer.getUses()) {
    if (auto view = dyn_cast<ViewOp>(use.getOwner())) {
      if (!forEachUse(view.getResult(), visit))
        return false;
    } else if (auto kernel = dyn_cast<KernelOpInterface>(use.getOwner())) {
      if (!visit({kernel, &use}))
        return false;
    }
  }
  return true;
}

SmallVector<BufferUse> lir::getBufferUses(Value buffer) {
  SmallVector<BufferUse> uses;
  forEachUse(buffer, [&](const BufferUse &use) {
    uses.push_back(use);
    return true;
  });
  return uses;
}

KernelOpInterface lir::getOnlyWriter(Value root) {
  KernelOpInterface writer;
  bool isOnly = forEachUse(root, [&](const BufferUse &use) {
    if (!use.isWrite())
      return true;
    if (writer || !isDense(cast<MemRefType>(use.operand->get().getType())))
      return false;
    writer = use.kernel;
    return true;
  });
  if (!isOnly || (writer && writer.isInOut()))
    return {};
  return writer;
}

SmallVector<KernelOpInterface> lir::getReaders(Value root) {
  SmallVector<KernelOpInterface> readers;
  llvm::SmallPtrSet<Operation *, 8> seen;
  forEachUse(root, [&](const BufferUse &use) {
    KernelOpInterface kernel = use.kernel;
    if (!use.isWrite() && seen.insert(kernel.getOperation()).second)
      readers.push_back(kernel);
    return true;
  });
  return readers;
}

bool lir::hasReaders(Value root) {
  return !forEachUse(root, [](const BufferUse &use) { return use.isWrite(); });
}

bool lir::hasOneReader(Value root) {
  Operation *reader = nullptr;
  bool isOnly = forEachUse(root, [&](const BufferUse &use) {
    Operation *kernel = use.kernel;
    if (use.isWrite() || kernel == reader)
      return true;
    return !std::exchange(reader, kernel);
  });
  return reader && isOnly;
}

bool lir::isCopy(ElementwiseOp op) {
  if (op.getInputs().size() != 1 || op.getOutputs().size() != 1)
    return false;
  Block &body = op.getBody().front();
  return body.getTerminator()->getOperand(0) == body.getArgument(0);
}

void lir::createCopy(OpBuilder &builder, Location loc, Value from, Value to) {
  Sizes domain = getSizes(to);
  AffineMap map = builder.getMultiDimIdentityMap(domain.size());
  ElementwiseOp::create(builder, loc, ValueRange(from), ValueRange(to), domain,
                        ArrayRef<AffineMap>{map, map},
                        [](OpBuilder &, Location, ValueRange scalars) {
                          return SmallVector<Value>{scalars[0]};
                        });
}

Value lir::createRootView(OpBuilder &builder, Location loc, Value buffer,
                          ArrayRef<Size> shape) {
  auto type = makeBufferType(
      shape, cast<MemRefType>(buffer.getType()).getElementType());
  if (buffer.getType() == type)
    return buffer;
  Value root = getRootBuffer(buffer);
  if (root.getType() == type)
    return root;
  return ViewOp::create(builder, loc, type, root);
}

FailureOr<MemRefType> lir::getPartType(ElementwiseOp copy, unsigned whole,
                                       unsigned part) {
  FailureOr<IndexedDomain> domain = getIndexedDomain(copy);
  if (failed(domain))
    return failure();
  auto wholeType = cast<MemRefType>(copy->getOperand(whole).getType()),
       partType = cast<MemRefType>(copy->getOperand(part).getType());
  const IndexedOperand &from = domain->operands[whole];
  if (!isDense(wholeType) ||
      failed(invertTerms(from.terms, domain->sizes, from.shape)))
    return failure();
  // How the part's place moves with each dim of the domain.
  Size first = getFirstElement(partType);
  Sizes steps(domain->sizes.size(), 0);
  for (auto [term, stride] :
       llvm::zip_equal(domain->operands[part].terms, getStrides(partType))) {
    first += term.offset * stride;
    if (term.dim >= 0)
      steps[term.dim] += stride * term.stride;
  }
  Sizes strides(from.shape.size());
  Size next = 1;
  for (size_t dim = from.shape.size(); dim-- > 0;) {
    bool isUnit = from.shape[dim].is(1);
    strides[dim] = isUnit ? next : steps[from.terms[dim].dim];
    if (!(strides[dim] - 1).isNotNegative() &&
        !(strides[dim].getExpression() && strides[dim].isNotNegative()))
      return failure();
    next = strides[dim] * from.shape[dim];
  }
  return makePartType(from.shape, wholeType.getElementType(), strides, first);
}

DecidedSizes::DecidedSizes(func::FuncOp function) {
  for (auto op : function.getOps<KernelOpInterface>())
    if (op.getDecidedSymbols().count > 0)
      deciders.push_back(op);
}

SmallVector<KernelOpInterface> DecidedSizes::getDeciders(Value buffer) const {
  llvm::SmallDenseSet<int64_t> symbols;
  for (const Size &size : getSizes(buffer))
    if (AffineExpr expression = size.getExpression())
      expression.walk([&](AffineExpr part) {
        if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
          symbols.insert(symbol.getPosition());
      });
  auto isNeeded = [&](KernelOpInterface decider) {
    DecidedSymbols decided = decider.getDecidedSymbols();
    return llvm::any_of(symbols, [&](int64_t symbol) {
      return symbol >= decided.first && symbol - decided.first < decided.count;
    });
  };
  return llvm::to_vector(llvm::make_filter_range(deciders, isNeeded));
}

bool DecidedSizes::mayBeWrittenEarly(Value buffer, Value source) const {
  return llvm::all_of(getDeciders(buffer), [&](KernelOpInterface decider) {
    return llvm::all_of(getBufferUses(source), [&](const BufferUse &use) {
      return !use.isWrite() ||
             decider->isBeforeInBlock(use.operand->getOwner());
    });
  });
}

void lir::eraseDeadKernels(func::FuncOp function) {
  auto isDead = [](Value output) {
    Value root = getRootBuffer(output);
    return root.getDefiningOp<AllocOp>() && !hasReaders(root);
  };
  SmallVector<Operation *> ops;
  for (Operation &op : function.front().without_terminator())
    ops.push_back(&op);
  for (Operation *op : llvm::reverse(ops)) {
    if (auto kernel = dyn_cast<KernelOpInterface>(op)) {
      // What writes nothing is done for the run's sake.
      OperandRange writes = getWrites(kernel);
      if (!writes.empty() && llvm::all_of(writes, isDead))
        op->erase();
    } else if (op->use_empty() && isa<AllocOp, WeightOp, ViewOp>(op)) {
      op->erase();
    }
  }
}
