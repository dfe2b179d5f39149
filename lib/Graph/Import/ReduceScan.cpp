//===- ReduceScan.cpp - Running products ----------------------------------===//

#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The elements `distance` places further along (back where it is negative),
/// with ones coming in.
Value shift(Node &node, Value x, int64_t axis, int64_t distance) {
  if (!x || node.hasFailed())
    return {};
  return node.create<PadOp>(x, node.indices({distance, -distance}),
                            node.scalar(getType(x).getElementType(), 1),
                            StringRef("constant"), ArrayRef<int64_t>(axis));
}

/// Each step multiplies with what lies twice as far as the step before.
LogicalResult importCumProd(Node &node) {
  Value x = node.input(0, "x", NumberKind);
  SmallVector<int64_t> axes = node.constantInts(1, "axis");
  bool exclusive = node.getBool("exclusive", false),
       reverse = node.getBool("reverse", false);
  if (node.hasFailed())
    return failure();
  if (axes.size() != 1)
    return node.error("expected one axis, but got " + Twine(axes.size()));
  int64_t axis = node.normalizeAxis(axes[0], getType(x).getRank());
  if (node.hasFailed())
    return failure();
  int64_t size = getType(x).getDimSize(axis);
  if (ShapedType::isDynamic(size))
    return node.undetermined("the size of dim " + Twine(axis));
  Type type = getType(x).getElementType();
  bool isNarrow = isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32;
  Value product =
      isNarrow ? node.cast(x, Float32Type::get(node.getContext())) : x;
  int64_t direction = reverse ? -1 : 1;
  if (exclusive && size > 0)
    product = shift(node, product, axis, direction);
  for (int64_t distance = 1; distance < size && !node.hasFailed();
       distance *= 2)
    product = node.map(
        {shift(node, product, axis, direction * distance), product},
        getType(product).getElementType(), [](Scalar &s, ArrayRef<Value> args) {
          return s.mul(args[0], args[1]);
        });
  return node.result(node.cast(product, type));
}

} // namespace

void addScanRows(OpTable &table) { table.add("CumProd", 26, importCumProd); }

} // namespace lambent::graph
