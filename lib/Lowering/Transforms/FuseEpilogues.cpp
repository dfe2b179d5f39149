//===- FuseEpilogues.cpp - Element-wise consumers into epilogues ----------===//

#include "BufferUses.h"
#include "IndexedDomain.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/Transforms/Passes.h"
#include "mlir/IR/IRMapping.h"

namespace lambent {
#define GEN_PASS_DEF_FUSEEPILOGUES
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

/// Epilogues keep their extra inputs' addresses in registers.
static constexpr size_t maxEpilogueInputs = 8;

/// The kernel that may take `consumer` as its epilogue by way of operand
/// `index`.
static EpilogueOpInterface getKernel(ElementwiseOp consumer, unsigned index) {
  Value root = getRootBuffer(consumer.getInputs()[index]);
  if (!root.getDefiningOp<AllocOp>())
    return {};
  KernelOpInterface writer = getOnlyWriter(root);
  if (!writer || !isa<EpilogueOpInterface>(writer.getOperation()) ||
      !hasOneReader(root))
    return {};
  return cast<EpilogueOpInterface>(writer.getOperation());
}

/// Brings the consumer to a domain that is the index of the kernel's output,
/// which it sees as `shape`, in some order.
static LogicalResult alignShapes(IndexedDomain &domain, unsigned index,
                                 ArrayRef<Size> shape) {
  if (ArrayRef(domain.operands[index].shape) != shape) {
    FailureOr<Sizes> parts =
        getCommonRefinement(shape, domain.operands[index].shape);
    if (failed(parts) || failed(domain.refineOperand(index, *parts)))
      return failure();
    // Now the dims of the operand are `parts`: put those together that are one
    // dim of the output.
    unsigned place = 0;
    for (const Size &size : shape) {
      if (size.is(1)) {
        // A unit dim of the output, indexed by nothing.
        IndexedOperand &operand = domain.operands[index];
        operand.shape.insert(operand.shape.begin() + place, 1);
        operand.terms.insert(operand.terms.begin() + place, IndexTerm{});
        ++place;
        continue;
      }
      unsigned count = 0;
      Size product = 1;
      const IndexedOperand &operand = domain.operands[index];
      while (product != size && place + count < operand.shape.size())
        product *= operand.shape[place + count++];
      if (product != size)
        return failure();
      if (count > 1) {
        for (unsigned part = 0; part < count; ++part)
          if (!operand.terms[place + part].isDim() ||
              operand.terms[place + part].dim !=
                  operand.terms[place].dim + part)
            return failure();
        if (failed(domain.mergeDims(operand.terms[place].dim, count)))
          return failure();
      }
      ++place;
    }
  }
  return success(ArrayRef(domain.operands[index].shape) == shape);
}

namespace {
/// How a kernel is rebuilt around a consumer.
struct Plan {
  /// Of the consumer.
  IndexedDomain domain;
  /// The consumer's dims by the new output's index.
  SmallVector<IndexTerm> toOutput;
  /// Whether both outputs have one order.
  bool inOrder;
  /// The old output's index by the new output's.
  SmallVector<IndexTerm> oldOutput;
};
} // namespace

/// Whether both go through their buffers, whole, in the same order of the
/// domain.
static bool isSameOrder(const IndexedOperand &a, const IndexedOperand &b) {
  SmallVector<std::pair<int64_t, Size>> orders[2];
  for (auto [operand, order] :
       {std::make_pair(&a, &orders[0]), std::make_pair(&b, &orders[1])})
    for (auto [term, size] : llvm::zip_equal(operand->terms, operand->shape)) {
      if (size.is(1))
        continue;
      if (!term.isDim())
        return false;
      order->push_back({term.dim, size});
    }
  return orders[0] == orders[1];
}

/// The product's map to the output of `plan`.
static AffineMap getOutputMap(ProductOpInterface product, const Plan &plan) {
  AffineMap map = cast<AffineMapAttr>(product.getMaps()[2]).getValue();
  // The new output's index by the old one's, then by the product's domain.
  SmallVector<IndexTerm> newByOld =
      *invertTerms(plan.oldOutput, plan.domain.operands.back().shape,
                   getSizes(product->getOperands().back()));
  return getIndexMap(product.getDomain().size(),
                     composeTerms(newByOld, *getIndexTerms(map)),
                     product.getContext());
}

static std::optional<Plan> makePlan(EpilogueOpInterface kernel,
                                    ElementwiseOp consumer, unsigned index) {
  FailureOr<IndexedDomain> domain = getIndexedDomain(consumer);
  // A kernel that has a workspace was planned by a backend as it is.
  unsigned reads = cast<KernelOpInterface>(kernel.getOperation()).getNumReads();
  if (failed(domain) || reads + 1 != kernel->getNumOperands() ||
      consumer.getOutputs().size() != 1 ||
      !consumer.getBody().getOps<IndexOp>().empty())
    return std::nullopt;
  Value output = kernel->getOperands().back();
  Sizes shape = getSizes(output);
  if (failed(alignShapes(*domain, index, shape)))
    return std::nullopt;
  const IndexedOperand &read = domain->operands[index];
  IndexedOperand &written = domain->operands.back();
  // One element of the output for each one of the kernel's result.
  FailureOr<SmallVector<IndexTerm>> fromRead =
      invertTerms(read.terms, domain->sizes, read.shape);
  if (failed(fromRead))
    return std::nullopt;
  if (failed(invertTerms(written.terms, domain->sizes, written.shape))) {
    return std::nullopt;
  }
  // All reads of the result are of the same element.
  Value root = getRootBuffer(output);
  for (const IndexedOperand &operand : ArrayRef(domain->operands).drop_back())
    if (getRootBuffer(operand.buffer) == root &&
        (operand.terms != read.terms || operand.shape != read.shape))
      return std::nullopt;
  Plan plan;
  plan.inOrder = isSameOrder(read, written);
  if (plan.inOrder) {
    // The new output is seen in the old one's shape.
    written.shape = read.shape;
    written.terms = read.terms;
    plan.toOutput = *fromRead;
  } else if (isa<ProductOpInterface>(kernel.getOperation())) {
    plan.toOutput = *invertTerms(written.terms, domain->sizes, written.shape);
  } else {
    return std::nullopt;
  }
  plan.oldOutput = composeTerms(read.terms, plan.toOutput);
  plan.domain = *domain;
  if (!plan.inOrder) {
    auto product = cast<ProductOpInterface>(kernel.getOperation());
    if (!product.mayWriteBy(getOutputMap(product, plan)))
      return std::nullopt;
  }
  // Epilogues read by whole dims, and only what is in a register's reach.
  for (const IndexedOperand &operand : ArrayRef(domain->operands).drop_back()) {
    if (getRootBuffer(operand.buffer) == root)
      continue;
    for (const IndexTerm &term : composeTerms(operand.terms, plan.toOutput))
      if (!term.isDim() && term.dim >= 0)
        return std::nullopt;
  }
  if (kernel.getEpilogueInputsMutableRange().size() +
          consumer.getInputs().size() >
      maxEpilogueInputs + 1)
    return std::nullopt;
  return plan;
}

static void fuse(EpilogueOpInterface kernel, ElementwiseOp consumer,
                 const Plan &plan) {
  MLIRContext *context = kernel->getContext();
  OpBuilder builder(consumer);
  Location loc = builder.getFusedLoc({kernel->getLoc(), consumer.getLoc()});
  Value oldOutput = kernel->getOperands().back();
  auto root = getRootBuffer(oldOutput);
  const IndexedOperand &written = plan.domain.operands.back();
  Value newOutput = materialize(builder, loc, written);

  auto getMap = [&](ArrayRef<IndexTerm> inner, ArrayRef<IndexTerm> outer) {
    SmallVector<IndexTerm> terms = composeTerms(inner, outer);
    normalizeTerms(terms, written.shape);
    return getIndexMap(written.shape.size(), terms, context);
  };
  SmallVector<IndexTerm> identity;
  for (int64_t dim = 0; dim < static_cast<int64_t>(written.shape.size()); ++dim)
    identity.push_back({dim, 1, 0});
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (auto [input, map] : llvm::zip_equal(
           static_cast<OperandRange>(kernel.getEpilogueInputsMutableRange()),
           kernel.getEpilogueMapList().getAsRange<AffineMapAttr>())) {
    inputs.push_back(input);
    maps.push_back(getMap(*getIndexTerms(map.getValue()), plan.oldOutput));
  }
  Block &epilogue = kernel.getEpilogueRegion().front();
  Operation *oldYield = epilogue.getTerminator();
  IRMapping mapping;
  for (auto [argument, operand] :
       llvm::zip_equal(consumer.getBody().getArguments(),
                       ArrayRef(plan.domain.operands).drop_back())) {
    if (getRootBuffer(operand.buffer) == root) {
      mapping.map(argument, oldYield->getOperand(0));
      continue;
    }
    // What lies in the output's order is read at the output's index.
    IndexedOperand read = {operand.buffer, operand.shape,
                           composeTerms(operand.terms, plan.toOutput)};
    IndexedOperand whole = {operand.buffer, written.shape, identity};
    if (isSameOrder(read, whole))
      read = whole;
    normalizeTerms(read.terms, written.shape);
    Value input = materialize(builder, loc, read);
    AffineMap map = getIndexMap(written.shape.size(), read.terms, context);
    unsigned place = 0;
    while (place < inputs.size() &&
           !(inputs[place] == input && maps[place] == map))
      ++place;
    if (place == inputs.size()) {
      inputs.push_back(input);
      maps.push_back(map);
      epilogue.addArgument(argument.getType(), consumer.getLoc());
    }
    mapping.map(argument, epilogue.getArgument(place + 1));
  }
  OpBuilder inner(oldYield);
  for (Operation &op : consumer.getBody().front().without_terminator())
    inner.clone(op, mapping);
  oldYield->setOperand(
      0, mapping.lookupOrDefault(
             consumer.getBody().front().getTerminator()->getOperand(0)));
  // Matrix products write in the order of the consumer.
  if (!plan.inOrder) {
    auto product = cast<ProductOpInterface>(kernel.getOperation());
    product.setMapsAttr(builder.getArrayAttr(
        {product.getMaps()[0], product.getMaps()[1],
         AffineMapAttr::get(getOutputMap(product, plan))}));
  }
  kernel.getEpilogueInputsMutableRange().assign(inputs);
  kernel->setOperand(kernel->getNumOperands() - 1, newOutput);
  kernel.replaceEpilogueMaps(builder.getAffineMapArrayAttr(maps));
  // Here all that the epilogue reads has been computed.
  kernel->moveBefore(consumer);
  kernel->setLoc(loc);
  consumer.erase();
}

/// Makes `consumer` the epilogue of the last kernel that can take it.
static bool fuseConsumer(ElementwiseOp consumer) {
  EpilogueOpInterface best;
  std::optional<Plan> bestPlan;
  for (unsigned index = 0; index < consumer.getInputs().size(); ++index) {
    EpilogueOpInterface kernel = getKernel(consumer, index);
    if (!kernel || kernel == best || (best && kernel->isBeforeInBlock(best)))
      continue;
    if (std::optional<Plan> plan = makePlan(kernel, consumer, index)) {
      best = kernel;
      bestPlan = plan;
    }
  }
  if (!best)
    return false;
  fuse(best, consumer, *bestPlan);
  return true;
}

namespace {
struct FuseEpilogues : lambent::impl::FuseEpiloguesBase<FuseEpilogues> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    for (ElementwiseOp op :
         llvm::make_early_inc_range(function.getOps<ElementwiseOp>()))
      fuseConsumer(op);
    eraseDeadKernels(function);
  }
};
} // namespace
