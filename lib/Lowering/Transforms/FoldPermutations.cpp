//===- FoldPermutations.cpp - Copies into the maps of products ------------===//

#include "BufferUses.h"
#include "IndexedDomain.h"
#include "lambent/Lowering/Transforms/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_FOLDPERMUTATIONS
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

namespace {
/// A kernel with a map per operand from a domain of fixed meaning.
struct MappedKernel {
  Operation *op;
  Sizes sizes;
  ArrayAttr maps;
  SmallVector<unsigned> operands; ///< the operand of each map
  unsigned output;                ///< the output's map
  unsigned splittable;            ///< how many of the first dims may be split
};
} // namespace

static std::optional<MappedKernel> getMappedKernel(Operation &op) {
  if (auto product = dyn_cast<ProductOpInterface>(op))
    return MappedKernel{product,
                        Sizes(product.getDomain()),
                        product.getMaps(),
                        {0, 1, product->getNumOperands() - 1},
                        2,
                        static_cast<unsigned>(product.getDomain().size()) - 3};
  if (auto attention = dyn_cast<AttentionOp>(op)) {
    MappedKernel kernel{attention,
                        Sizes(attention.getDomain()),
                        attention.getMaps(),
                        {0, 1, 2, attention.getNumReads()},
                        3,
                        0};
    if (attention.getMask())
      kernel.operands.push_back(3);
    return kernel;
  }
  return std::nullopt;
}

static void setMaps(MappedKernel &kernel, const IndexedDomain &domain) {
  OpBuilder builder(kernel.op);
  SmallVector<AffineMap> maps;
  for (auto [number, operand] :
       llvm::zip_equal(kernel.operands, domain.operands)) {
    kernel.op->setOperand(number,
                          materialize(builder, kernel.op->getLoc(), operand));
    maps.push_back(
        getIndexMap(domain.sizes.size(), operand.terms, builder.getContext()));
  }
  kernel.op->setAttr("maps", builder.getAffineMapArrayAttr(maps));
  kernel.op->setAttr("domain", SizesAttr::get(builder.getContext(), domain.sizes));
}

static FailureOr<IndexedDomain> getDomain(const MappedKernel &kernel) {
  SmallVector<Value> buffers;
  for (unsigned number : kernel.operands)
    buffers.push_back(kernel.op->getOperand(number));
  return getIndexedDomain(kernel.sizes, kernel.maps, buffers);
}

/// Brings both to one shape. Fails where that would change what the kernel's
/// dims mean, or an output under which an epilogue is defined.
static LogicalResult alignShapes(const MappedKernel &kernel,
                                 IndexedDomain &domain, unsigned index,
                                 IndexedDomain &copy, unsigned copyIndex) {
  ArrayRef<Size> own = domain.operands[index].shape,
                    other = copy.operands[copyIndex].shape;
  if (own == other)
    return success();
  FailureOr<Sizes> shape = getCommonRefinement(own, other);
  size_t rank = domain.sizes.size();
  Sizes last(
      ArrayRef(domain.sizes).drop_front(kernel.splittable));
  Sizes outputShape = domain.operands[kernel.output].shape;
  if (failed(shape) || failed(domain.refineOperand(index, *shape)) ||
      failed(copy.refineOperand(copyIndex, *shape)))
    return failure();
  bool sameDims =
      ArrayRef(domain.sizes).take_back(last.size()) == ArrayRef(last) &&
      (kernel.splittable > 0 || domain.sizes.size() == rank);
  bool sameOutput =
      !isa<EpilogueOpInterface>(kernel.op) ||
      domain.operands[kernel.output].shape == outputShape ||
      cast<EpilogueOpInterface>(kernel.op).getEpilogueMapList().empty();
  return success(sameDims && sameOutput);
}

static bool arePlain(ArrayRef<IndexTerm> terms) {
  return llvm::all_of(terms, [](const IndexTerm &term) {
    return term.isDim() || term.isZero();
  });
}

/// Lets the kernel read what a copy in front of its operand reads.
static bool foldRead(MappedKernel kernel, unsigned index) {
  Value root = getRootBuffer(kernel.op->getOperand(kernel.operands[index]));
  if (!root.getDefiningOp<AllocOp>())
    return false;
  KernelOpInterface writer = getOnlyWriter(root);
  auto copy =
      writer ? dyn_cast<ElementwiseOp>(writer.getOperation()) : ElementwiseOp();
  if (!copy || !isCopy(copy))
    return false;
  FailureOr<IndexedDomain> domain = getDomain(kernel),
                           from = getIndexedDomain(copy);
  if (failed(domain) || failed(from) ||
      failed(alignShapes(kernel, *domain, index, *from, 1)))
    return false;
  const IndexedOperand &source = from->operands[0], &target = from->operands[1];
  FailureOr<SmallVector<IndexTerm>> inverse =
      invertTerms(target.terms, from->sizes, target.shape);
  if (failed(inverse))
    return false;
  IndexedOperand &operand = domain->operands[index];
  SmallVector<IndexTerm> terms =
      composeTerms(source.terms, composeTerms(*inverse, operand.terms));
  if (!arePlain(terms))
    return false;
  operand = {source.buffer, source.shape, terms};
  setMaps(kernel, *domain);
  kernel.op->setLoc(FusedLoc::get(kernel.op->getContext(),
                                  {copy.getLoc(), kernel.op->getLoc()}));
  return true;
}

/// Lets attention write what a copy behind it writes. (Matrix products have
/// that from lir-fuse-epilogues.)
static bool foldWrite(MappedKernel kernel) {
  if (!isa<AttentionOp>(kernel.op))
    return false;
  Value root =
      getRootBuffer(kernel.op->getOperand(kernel.operands[kernel.output]));
  SmallVector<KernelOpInterface> readers = getReaders(root);
  if (!root.getDefiningOp<AllocOp>() || readers.size() != 1)
    return false;
  auto copy = dyn_cast<ElementwiseOp>(readers.front().getOperation());
  if (!copy || !isCopy(copy))
    return false;
  FailureOr<IndexedDomain> domain = getDomain(kernel),
                           to = getIndexedDomain(copy);
  if (failed(domain) || failed(to) ||
      failed(alignShapes(kernel, *domain, kernel.output, *to, 0)))
    return false;
  const IndexedOperand &source = to->operands[0], &target = to->operands[1];
  FailureOr<SmallVector<IndexTerm>> inverse =
      invertTerms(source.terms, to->sizes, source.shape);
  if (failed(inverse) ||
      failed(invertTerms(target.terms, to->sizes, target.shape)))
    return false;
  IndexedOperand &output = domain->operands[kernel.output];
  SmallVector<IndexTerm> terms =
      composeTerms(target.terms, composeTerms(*inverse, output.terms));
  if (!arePlain(terms))
    return false;
  output = {target.buffer, target.shape, terms};
  kernel.op->moveBefore(copy);
  setMaps(kernel, *domain);
  kernel.op->setLoc(FusedLoc::get(kernel.op->getContext(),
                                  {kernel.op->getLoc(), copy.getLoc()}));
  copy.erase();
  return true;
}

namespace {
struct FoldPermutations
    : lambent::impl::FoldPermutationsBase<FoldPermutations> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    SmallVector<Operation *> ops;
    for (Operation &op : function.front())
      if (getMappedKernel(op))
        ops.push_back(&op);
    for (Operation *op : ops) {
      // Each fold may uncover the next copy.
      for (bool changed = true; changed;) {
        changed = false;
        MappedKernel kernel = *getMappedKernel(*op);
        for (unsigned index = 0; index < kernel.operands.size() && !changed;
             ++index)
          changed = index != kernel.output && foldRead(kernel, index);
        if (!changed)
          changed = foldWrite(kernel);
      }
    }
    eraseDeadKernels(function);
  }
};
} // namespace
