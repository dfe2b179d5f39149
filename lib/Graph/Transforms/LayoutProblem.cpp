//===- LayoutProblem.cpp - Which images to store channels last ------------===//

#include "LayoutProblem.h"

using namespace mlir;

namespace lambent::graph {

/// Counts more than moving a few elements: each transpose is a kernel of its
/// own.
static constexpr int64_t transposeOverhead = 1024;
/// A reshape moves nothing, but stands between ops that would be one kernel.
static constexpr int64_t reshapeCost = 1;
/// What an open dim counts.
static constexpr int64_t openDimEstimate = 16;

/// What transposing a value between the layouts costs; nothing when it is done
/// at compile time.
static int64_t getCost(Value value) {
  auto type = getTensorType(value);
  if (isConstantExpression(value))
    return 0;
  if (movesOnlyUnitDims(type.getShape(),
                        getPermutationToChannelsLast(type.getRank())))
    return reshapeCost;
  int64_t cost = 1;
  for (int64_t dim : type.getShape())
    cost = std::min<int64_t>(
        cost * (ShapedType::isDynamic(dim) ? openDimEstimate : dim), int64_t(1)
                                                                         << 40);
  return cost + transposeOverhead;
}

static bool isImage(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() >= 3;
}

/// A spatial op that still works on channels first.
static bool needsChannelsLast(Operation *op) {
  auto spatial = dyn_cast<SpatialOpInterface>(op);
  return spatial && !spatial.getChannelsLast() && isImage(op->getResult(0));
}

bool LayoutProblem::isPermutable(Operation *op) {
  auto layout = dyn_cast<LayoutOpInterface>(op);
  if (!layout || op->getNumResults() != 1 || !isImage(op->getResult(0)))
    return false;
  int64_t rank = getTensorType(op->getResult(0)).getRank();
  bool any = false;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!layout.isDataOperand(operand.getOperandNumber()))
      continue;
    // A reduction that drops dims has a result of another rank.
    if (getTensorType(operand.get()).getRank() > rank)
      return false;
    any |= getTensorType(operand.get()).getRank() == rank;
  }
  return any;
}

const DimRegrouping *LayoutProblem::getRegrouping(Operation *op) const {
  auto it = regroupings.find(op);
  return it == regroupings.end() ? nullptr : &it->second;
}

MinimumCut::Node LayoutProblem::getNode(Value value) const {
  auto it = nodes.find(value);
  return it == nodes.end() ? MinimumCut::sink : it->second;
}

void LayoutProblem::demand(Value value, MinimumCut::Node node) {
  demands[value].push_back(node);
  MinimumCut::Node own = getNode(value);
  if (own != MinimumCut::sink && node > MinimumCut::sink)
    connected.join(own, node);
}

LayoutProblem::LayoutProblem(func::FuncOp function) {
  Block &block = function.getBody().front();
  for (Operation &op : block)
    if (auto reshape = dyn_cast<ReshapeOp>(op))
      if (auto regrouping = DimRegrouping::match(reshape)) {
        // A reshape inside that is one by itself is part of the whole, but of
        // two that overlap the first counts.
        if (llvm::any_of(regrouping->getInnerOps(), [&](Operation *inner) {
              const DimRegrouping *other = getRegrouping(inner);
              return other && !other->getInnerOps().empty();
            }))
          continue;
        for (Operation *inner : regrouping->getInnerOps()) {
          enclosing[inner] = reshape.getResult();
          regroupings.erase(inner);
        }
        regroupings.try_emplace(&op, std::move(*regrouping));
      }
  SmallVector<MinimumCut::Node> hard;
  for (Operation &op : block) {
    if (op.getNumResults() != 1 || isa<ConstantOp>(op) ||
        !isImage(op.getResult(0)) || enclosing.contains(&op))
      continue;
    bool spatial = needsChannelsLast(&op);
    if (!spatial && !isa<TransposeOp>(op) && !isPermutable(&op) &&
        !regroupings.contains(&op))
      continue;
    MinimumCut::Node node = nodes[op.getResult(0)] = cut.addNode();
    if (spatial)
      hard.push_back(node);
  }
  for (MinimumCut::Node node : hard)
    cut.addEdge(MinimumCut::source, node, MinimumCut::unlimited);
  connected.grow(nodes.size() + 2);
  for (Operation &op : block)
    if (!enclosing.contains(&op))
      demandFor(&op);
  // What is next to an op that needs channels last, also through others, tells
  // which way a transpose goes.
  connected.compress();
  for (TransposeOp op : transposes)
    demandForTranspose(op);
  addCosts();
}

void LayoutProblem::demandFor(Operation *op) {
  if (auto transpose = dyn_cast<TransposeOp>(op);
      transpose && isImage(transpose.getResult())) {
    transposes.push_back(transpose);
    return;
  }
  if (const DimRegrouping *regrouping = getRegrouping(op))
    return demand(regrouping->getInput(), getNode(op->getResult(0)));
  if (needsChannelsLast(op)) {
    for (OpOperand &operand : op->getOpOperands()) {
      bool image = cast<SpatialOpInterface>(op).isImageOperand(
          operand.getOperandNumber());
      demand(operand.get(), image ? MinimumCut::source : MinimumCut::sink);
      // Not a demand of the result's layout, but next to it all the same.
      if (MinimumCut::Node own = getNode(operand.get());
          image && own != MinimumCut::sink)
        connected.join(own, getNode(op->getResult(0)));
    }
    return;
  }
  bool permutable =
      nodes.contains(op->getNumResults() == 1 ? op->getResult(0) : Value());
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    bool data = permutable && cast<LayoutOpInterface>(op).isDataOperand(
                                  operand.getOperandNumber());
    int64_t rank = permutable ? getTensorType(op->getResult(0)).getRank() : 0;
    if (data && getTensorType(value).getRank() == rank) {
      demand(value, getNode(op->getResult(0)));
      continue;
    }
    demand(value, MinimumCut::sink);
    if (!data || isConstantExpression(value))
      continue;
    // An operand of lower rank is transposed for this op alone.
    SmallVector<int64_t> shape(rank - getTensorType(value).getRank(), 1);
    llvm::append_range(shape, getTensorType(value).getShape());
    if (!movesOnlyUnitDims(shape, getPermutationToChannelsLast(rank)))
      cut.addEdge(getNode(op->getResult(0)), MinimumCut::sink,
                  getCost(op->getResult(0)));
  }
  // Regions see values from above.
  for (Region &region : op->getRegions())
    region.walk([&](Operation *inner) {
      for (Value value : inner->getOperands())
        if (value.getParentBlock() == op->getBlock())
          demand(value, MinimumCut::sink);
    });
}

/// A transpose from channels first to last vanishes when its operand is stored
/// channels last and its result as written; the reverse one when its operand is
/// as written and its result channels last. The true cost also has it vanish
/// for no other pair; the sum of a term per side, which a cut can express, is
/// an upper bound that agrees where it matters. With three dims both are the
/// same permutation, and the side that is next to a convolution decides.
void LayoutProblem::demandForTranspose(TransposeOp op) {
  Value input = op.getInput(), result = op.getResult();
  auto toLast = getPermutationToChannelsLast(getTensorType(input).getRank());
  auto toFirst = invertPermutation(toLast);
  ArrayRef<int64_t> perm = op.getPerm();
  MinimumCut::Node resultNode = getNode(result);
  auto isNextToSpatial = [&](Value value) {
    return llvm::any_of(nodes, [&](const auto &entry) {
      Operation *op = entry.first.getDefiningOp();
      if (!needsChannelsLast(op))
        return false;
      MinimumCut::Node node = getNode(value);
      return node != MinimumCut::sink &&
             connected[entry.second] == connected[node];
    });
  };
  bool last = perm == ArrayRef<int64_t>(toLast),
       first = perm == ArrayRef<int64_t>(toFirst);
  if (last && first)
    last = isNextToSpatial(input) || !isNextToSpatial(result);
  if (last) {
    demands[input].push_back(MinimumCut::source);
    cut.addEdge(resultNode, MinimumCut::sink, getCost(result));
  } else if (first) {
    demands[input].push_back(MinimumCut::sink);
    cut.addEdge(MinimumCut::source, resultNode, getCost(result));
  }
  // Any other transpose stays one whatever the layouts.
}

void LayoutProblem::addCosts() {
  for (auto &[value, users] : demands) {
    if (!isImage(value))
      continue;
    MinimumCut::Node own = getNode(value);
    int64_t cost = getCost(value);
    if (cost == 0)
      continue;
    // Pays once when the value is channels last and a user is not, and once for
    // the opposite.
    MinimumCut::Node asWritten = cut.addNode(), channelsLast = cut.addNode();
    cut.addEdge(own, asWritten, cost);
    cut.addEdge(channelsLast, own, cost);
    for (MinimumCut::Node user : users) {
      cut.addEdge(asWritten, user, MinimumCut::unlimited);
      cut.addEdge(user, channelsLast, MinimumCut::unlimited);
    }
  }
}

llvm::DenseSet<Value> LayoutProblem::solve() {
  std::vector<bool> side = cut.solve();
  llvm::DenseSet<Value> result;
  for (auto [value, node] : nodes)
    if (side[node])
      result.insert(value);
  return result;
}

} // namespace lambent::graph
