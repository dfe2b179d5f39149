//===- ShapeAxes.cpp - Dims of 1 that are dropped and inserted ------------===//

#include "Assumptions.h"
#include "Axes.h"
#include "ControlFlow.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// axes as an attribute, or since opset 13 as an input; the result's rank
/// follows from their number.
std::optional<Axes> getAxes(Node &node) {
  if (node.getOpset() >= 13) {
    if (!node.hasInput(1))
      return std::nullopt;
    Axes axes = readAxes(node, 1, "axes");
    if (axes.open)
      (void)getLength(node, axes.open, "axes");
    return axes;
  }
  return node.hasAttribute("axes")
             ? std::optional(Axes{node.getInts("axes"), {}})
             : std::nullopt;
}

/// Drops dims of 1 where a run decides which.
Value squeezeOpen(Node &node, Value x, Value axes) {
  int64_t rank = getType(x).getRank(),
          left = rank - getType(axes).getDimSize(0);
  Value dims = getDims(node, x),
        marks = markAxes(node, normalizeOpenAxes(node, axes, rank), rank);
  Value dropped =
      mapInts(node, {marks, dims}, [](Scalar &s, ArrayRef<Value> args) {
        Type type = args[0].getType();
        return s.select(s.equal(args[0], s.integer(type, 0)),
                        s.integer(type, 1), args[1]);
      });
  ValueRule rule{dropped, 1, 1, /*isExcluded=*/false, "squeezed dims of 1"};
  if (failed(demand(node, rule)))
    return {};
  Value shape =
      node.decideSizes(dropMarked(node, dims, marks, left), "the axes");
  return node.create<ReshapeOp>(x, shape, /*allow_zero=*/true);
}

/// Whether an open dim is 1 in this version of the model, or in this function.
/// Nothing where that is refused or must be asked again.
std::optional<bool> isUnitDim(Node &node, Value x, int64_t axis,
                              unsigned &question) {
  Importer &importer = node.getImporter();
  Size size = getSizes(getType(x))[axis];
  std::string dim = "dim " + std::to_string(axis);
  constexpr StringLiteral reason = ", as it is squeezed without axes";
  if (importer.isInputSize(size)) {
    if (isa<AffineSymbolExpr>(size.getExpression()) && !importer.mayBeOne(size))
      return false;
    Size condition = 1 - isNotOne(size);
    std::optional<bool> isOne = importer.assumeCondition(
        node.getLoc(), condition, (dim + " to be 1" + reason).str(),
        (dim + " to be other than 1" + reason).str());
    if (!isOne)
      (void)refuseConditions(node, condition);
    return isOne;
  }
  Value isOne =
      node.map({node.create<ShapeOp>(x, axis, axis + 1)},
               IntegerType::get(node.getContext(), 1),
               [](Scalar &s, ArrayRef<Value> args) {
                 return s.equal(args[0], s.integer(args[0].getType(), 1));
               });
  if (node.hasFailed())
    return std::nullopt;
  return importer.chooseRest(node, isOne, question++,
                             dim + " is squeezed where data make it 1",
                             ": give the node axes", /*usual=*/false);
}

/// The dims of size 1.
SmallVector<int64_t> findUnitDims(Node &node, Value x) {
  SmallVector<int64_t> axes;
  unsigned question = 0;
  for (auto [axis, dim] : enumerate(getType(x).getShape())) {
    std::optional<bool> isOne = ShapedType::isDynamic(dim)
                                    ? isUnitDim(node, x, axis, question)
                                    : dim == 1;
    if (!isOne)
      break;
    if (*isOne)
      axes.push_back(int64_t(axis));
  }
  return axes;
}

LogicalResult importSqueeze(Node &node) {
  Value x = node.input(0, "data", MovedKind);
  std::optional<Axes> given = getAxes(node);
  if (node.hasFailed())
    return failure();
  if (given && given->open)
    return node.result(squeezeOpen(node, x, given->open));
  SmallVector<int64_t> axes =
      given ? node.normalizeAxes(given->known, getType(x).getRank())
            : findUnitDims(node, x);
  if (node.hasFailed())
    return failure();
  return node.result(node.create<SqueezeOp>(x, axes));
}

/// Inserts dims of 1 where a run decides their places.
Value unsqueezeOpen(Node &node, Value x, Value axes) {
  int64_t rank = getType(x).getRank() + getType(axes).getDimSize(0);
  Value marks = markAxes(node, normalizeOpenAxes(node, axes, rank), rank);
  Value shape = node.decideSizes(spreadUnmarked(node, getDims(node, x), marks),
                                 "the axes");
  return node.create<ReshapeOp>(x, shape, /*allow_zero=*/true);
}

LogicalResult importUnsqueeze(Node &node) {
  Value x = node.input(0, "data", MovedKind);
  std::optional<Axes> axes = getAxes(node);
  if (node.hasFailed())
    return failure();
  if (!axes)
    return node.error("the required axes are missing");
  if (axes->open)
    return node.result(unsqueezeOpen(node, x, axes->open));
  int64_t rank = getType(x).getRank() + int64_t(axes->known.size());
  return node.result(
      node.create<UnsqueezeOp>(x, node.normalizeAxes(axes->known, rank)));
}

} // namespace

void addShapeAxesRows(OpTable &table) {
  table.add("Squeeze", 1, importSqueeze);
  table.add("Unsqueeze", 1, importUnsqueeze);
}

} // namespace lambent::graph
