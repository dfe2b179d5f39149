//===- LargestValue.cpp - The node whose result takes most memory ---------===//

#include "LargestValue.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;

Location lambent::findLargestValue(Operation *root) {
  Location loc = root->getLoc();
  double most = 0; // a product of dims may exceed an integer
  root->walk([&](Operation *op) {
    if (isa<UnknownLoc>(op->getLoc()))
      return; // the arena, and what else no node asked for
    for (Value result : op->getResults()) {
      auto type = dyn_cast<ShapedType>(result.getType());
      if (!type || !type.hasStaticShape() ||
          !type.getElementType().isIntOrFloat())
        continue;
      double bits = type.getElementTypeBitWidth();
      for (int64_t dim : type.getShape())
        bits *= double(dim);
      if (bits <= most)
        continue;
      most = bits;
      loc = op->getLoc();
    }
  });
  return loc;
}
