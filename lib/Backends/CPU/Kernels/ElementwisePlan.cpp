//===- ElementwisePlan.cpp - How an elementwise op becomes loops ----------===//

#include "ElementwisePlan.h"
#include "Lanes.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

/// Integer divisions trap on the zeros of a partial vector, and are no faster
/// as vectors.
static bool hasIntegerDivision(Region &region) {
  return llvm::any_of(region.front(), [](Operation &op) {
    return isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
               arith::FloorDivSIOp, arith::CeilDivSIOp, arith::CeilDivUIOp>(op);
  });
}

/// About how many simple operations an element costs.
static int64_t estimateCost(Region &region) {
  int64_t cost = 1;
  for (Operation &op : region.front())
    cost += isa<math::MathDialect>(op.getDialect()) ? 6 : 1;
  return (cost + 1) / 2;
}

ElementwisePlan::ElementwisePlan(lir::ElementwiseOp op,
                                 const TargetInfo &target)
    : op(op), domain(op), numOutputs(op.getOutputs().size()) {
  if (domain.rank() == 0) {
    domain.sizes.push_back(1);
    for (Access &access : domain.accesses)
      access.strides.push_back(0);
  }
  vectorDim = domain.rank() - 1;
  int64_t widest = 8;
  auto see = [&](Type type) {
    if (!type.isInteger(1) && type.isIntOrFloat())
      widest = std::max<int64_t>(widest, type.getIntOrFloatBitWidth());
  };
  for (const Access &access : domain.accesses)
    see(access.elementType);
  for (Operation &inner : op.getBody().front())
    for (Type type : inner.getResultTypes())
      see(type);
  int64_t full = std::max<int64_t>(1, target.vectorBits / widest);
  bool scalar = hasIntegerDivision(op.getBody());
  if (!scalar && isShort(full, widest)) {
    shortDim = vectorDim--;
    elementBits = widest;
  }
  lanes = fitLanes(full, domain.sizes[vectorDim]);
  if (lanes == 1 || scalar)
    lanes = 0;
  if (shortDim < 0)
    findTile(full);
  cut();
}

bool ElementwisePlan::isShort(int64_t full, int64_t bits) const {
  constexpr int64_t fewestRows = 4;
  int64_t last = vectorDim, before = last - 1;
  // Vectors end where a constant number of rows does.
  if (full < fewestRows || last == 0 || !areNumbers({size(last), size(before)}))
    return false;
  int64_t width = size(last).getNumber();
  if (width < 2 || width * 2 > full || size(before).getNumber() < fewestRows)
    return false;
  // All elements are shuffled as they are, narrow ones only as they lie.
  if (bits < 32 && width * bits >= 128)
    return false;
  for (const Access &access : domain.accesses)
    if (std::max<int64_t>(8, access.elementType.getIntOrFloatBitWidth()) !=
        bits)
      return false;
  return llvm::all_of(ArrayRef(domain.accesses).take_back(numOutputs),
                      [&](const Access &output) {
                        return output.strides[last].is(1) &&
                               output.strides[before] == size(last);
                      });
}

bool ElementwisePlan::isTransposedAlong(unsigned operand, int64_t dim) const {
  const Access &access = domain.accesses[operand];
  const Size &stride = access.strides[vectorDim];
  return access.strides[dim].is(1) &&
         (!stride.isNumber() || std::abs(stride.getNumber()) > 1);
}

void ElementwisePlan::findTile(int64_t fullLanes) {
  if (lanes == 0)
    return;
  for (int64_t dim = 0; dim < vectorDim; ++dim)
    for (unsigned operand = 0; operand < numInputs(); ++operand)
      if (isTransposedAlong(operand, dim) &&
          (size(dim) * size(vectorDim)).estimate() >= 16) {
        tileDim = dim;
        lanes = std::min<int64_t>(fullLanes, 16);
        // Nothing is gained by tiles larger than both dims.
        lanes = std::min(lanes, std::max(fitLanes(lanes, size(dim)),
                                         fitLanes(lanes, size(vectorDim))));
        return;
      }
}

void ElementwisePlan::cut() {
  constexpr int64_t itemElements = 4096;
  int64_t step = std::max<int64_t>(lanes, 1),
          inner = tileDim >= 0    ? lanes
                  : shortDim >= 0 ? size(shortDim).getNumber()
                                  : 1;
  block = std::max(itemElements / inner / step * step, step);
  const Size &along = size(vectorDim);
  if (along.isNumber() && block * 2 > along.getNumber())
    block = std::max<int64_t>(along.getNumber(), 1);
  inner *= block;
  // Take dims into the item, from the inside, while it is small.
  int64_t dim = vectorDim - 1;
  if (tileDim < 0 && along.is(block))
    for (; dim >= 0 && size(dim).isNumber() &&
           inner * size(dim).getNumber() <= itemElements;
         --dim)
      inner *= size(dim).getNumber();
  // An item ends with the vector dim, which may be short.
  Size cost = along.isNumber() ? Size(inner) : along * (inner / block);
  Size items = tileBlocks() * vectorBlocks();
  for (int64_t d = 0; d <= dim; ++d)
    if (d != tileDim) {
      itemDims.push_back(d);
      items *= size(d);
    }
  chunks = Chunks::cut(items, cost * estimateCost(op.getBody()));
}
