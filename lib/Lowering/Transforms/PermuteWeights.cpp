//===- PermuteWeights.cpp - Permuted rows into the order of weights -------===//

#include "BufferUses.h"
#include "IndexedDomain.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/Transforms/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_PERMUTEWEIGHTS
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

namespace {
/// A copy whose rows are those of its source, each permuted.
struct PermutedRows {
  Value source;
  /// The dims of a row in the source's order, and how far the row in the
  /// copy's order is apart along each.
  SmallVector<int64_t> sizes, steps;
};
} // namespace

/// The copy that alone makes `buffer`, read as rows of `depth` elements.
static std::optional<PermutedRows> getPermutedRows(Value buffer,
                                                   const Size &depth) {
  Value root = getRootBuffer(buffer);
  if (!root.getDefiningOp<AllocOp>() || !hasOneReader(root))
    return std::nullopt;
  KernelOpInterface writer = getOnlyWriter(root);
  auto copy =
      writer ? dyn_cast<ElementwiseOp>(writer.getOperation()) : ElementwiseOp();
  if (!copy || !isCopy(copy))
    return std::nullopt;
  FailureOr<IndexedDomain> domain = getIndexedDomain(copy);
  if (failed(domain) ||
      !isDense(cast<MemRefType>(copy->getOperand(0).getType())))
    return std::nullopt;
  // The dims of more than one element, by the dims of the domain.
  SmallVector<int64_t> orders[2];
  for (auto [operand, order] : llvm::zip_equal(domain->operands, orders)) {
    if (failed(invertTerms(operand.terms, domain->sizes, operand.shape)))
      return std::nullopt;
    for (auto [term, size] : llvm::zip_equal(operand.terms, operand.shape))
      if (!size.is(1))
        order.push_back(term.dim);
  }
  // From the inside, what makes up a row of the copy.
  size_t first = orders[1].size();
  int64_t elements = 1;
  llvm::DenseMap<int64_t, int64_t> steps;
  while (first > 0 && depth != elements) {
    int64_t dim = orders[1][--first];
    if (!domain->sizes[dim].isNumber())
      return std::nullopt;
    steps[dim] = elements;
    elements *= domain->sizes[dim].getNumber();
  }
  if (depth != elements ||
      !std::equal(orders[0].begin(), orders[0].begin() + first,
                  orders[1].begin()))
    return std::nullopt;
  PermutedRows rows;
  rows.source = copy.getInputs()[0];
  for (int64_t dim : ArrayRef(orders[0]).drop_front(first)) {
    rows.sizes.push_back(domain->sizes[dim].getNumber());
    rows.steps.push_back(steps[dim]);
  }
  return rows;
}

/// Lets `op` read the source of a permuting copy by a constant rhs that is
/// permuted the same way.
static bool permuteWeight(MatmulOp op) {
  ArrayRef<Size> domain = op.getDomain();
  auto weight = op.getRhs().getDefiningOp<WeightOp>();
  if (domain.size() != 3 || !weight || weight.getPacking() ||
      !weight->hasOneUse())
    return false;
  Size rows = domain[0], depth = domain[2];
  MLIRContext *context = op.getContext();
  AffineExpr m, n, k;
  bindDims(context, m, n, k);
  auto getMap = [&](unsigned index) {
    return cast<AffineMapAttr>(op.getMaps()[index]).getValue();
  };
  bool depthFirst = getMap(1) == AffineMap::get(3, 0, {k, n}, context);
  if (getMap(0) != AffineMap::get(3, 0, {m, k}, context) ||
      (!depthFirst && getMap(1) != AffineMap::get(3, 0, {n, k}, context)))
    return false;
  std::optional<PermutedRows> permuted = getPermutedRows(op.getLhs(), depth);
  if (!permuted)
    return false;

  // The new weight has the rows' dims in the place of k.
  SmallVector<int64_t> shape = permuted->sizes;
  unsigned count = shape.size(), columnDim = depthFirst ? count : 0,
           firstDim = depthFirst ? 0 : 1;
  shape.insert(shape.begin() + columnDim, domain[1].getNumber());
  AffineExpr place = getAffineConstantExpr(0, context);
  for (auto [index, step] : llvm::enumerate(permuted->steps))
    place = place + getAffineDimExpr(firstDim + index, context) * step;
  SmallVector<AffineExpr> results{getAffineDimExpr(columnDim, context), place};
  if (depthFirst)
    std::swap(results[0], results[1]);
  OpBuilder builder(weight);
  Type element = weight.getType().getElementType();
  auto map = AffineMap::get(count + 1, 0, results, context);
  auto packing = PackingAttr::get(map);
  auto moved = WeightOp::create(builder, weight.getLoc(),
                                MemRefType::get(shape, element),
                                weight.getValue(), packing, IntegerAttr());
  moved->setDiscardableAttrs(weight->getDiscardableAttrDictionary());
  Value rhs = ViewOp::create(builder, weight.getLoc(), weight.getType(), moved);
  op.getRhsMutable().assign(rhs);
  builder.setInsertionPoint(op);
  op.getLhsMutable().assign(
      createRootView(builder, op.getLoc(), permuted->source,
                     Sizes{rows, depth}));
  return true;
}

namespace {
struct PermuteWeights : lambent::impl::PermuteWeightsBase<PermuteWeights> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    for (MatmulOp op : function.getOps<MatmulOp>())
      permuteWeight(op);
    eraseDeadKernels(function);
  }
};
} // namespace
