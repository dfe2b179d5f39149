//===- ControlFlowScanBatch.cpp - Scan 8: a batch of sequences ------------===//
//
// The entries of a small batch are scanned one by one, those of others in a
// row.
//
//===----------------------------------------------------------------------===//

#include "ControlFlowScan.h"
#include "Importer.h"
#include "Lists.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// One entry of a batch.
Value takeEntry(Node &node, Value x, int64_t entry) {
  return node.create<GatherOp>(x, node.indices(entry, ArrayRef<int64_t>{}),
                               int64_t(0));
}

/// The same as one of its entries, of a batch.
Value makeEntry(Node &node, Value x) {
  if (!x || node.hasFailed())
    return {};
  int64_t rank = getType(x).getRank();
  Value shape = node.create<ConcatOp>(
      ValueRange{node.indices(1), node.create<ShapeOp>(x, int64_t(0), rank)},
      int64_t(0));
  return node.create<ReshapeOp>(x, shape, /*allow_zero=*/true);
}

/// That there is a length for each entry of the batch.
LogicalResult requireLengths(Node &node, Value &lengths, const Size &batch,
                             ArrayRef<int64_t> directions) {
  RankedTensorType type = getType(lengths);
  if (type.getRank() != 1 || (!type.isDynamicDim(0) && batch.isNumber() &&
                              type.getDimSize(0) != batch.getNumber()))
    return node.error("expected sequence_lens for a batch of " +
                      Twine(batch.toString()) + ", but got " +
                      describeType(type));
  if (is_contained(directions, 1))
    return node.unsupported("lengths of sequences that are scanned backwards "
                            "are not supported");
  lengths = node.cast(lengths, IntegerType::get(node.getContext(), 64));
  return node.require({lengths, 0, INT64_MAX, /*isExcluded=*/false,
                       "sequence_lens of at least 0"});
}

/// [B, T, ...] as [B * T, ...], or the other way.
Value regroup(Node &node, Value x, ArrayRef<Size> first, unsigned dropped) {
  if (!x || node.hasFailed())
    return {};
  if (!hasKnownSizes(x)) {
    (void)node.undetermined("the sizes of what is scanned");
    return {};
  }
  Sizes sizes(first), rest = getSizes(getType(x));
  sizes.append(rest.begin() + dropped, rest.end());
  return node.reshapeTo(x, sizes);
}

/// A batch of any size as one scan over the steps of all entries, one entry
/// after the other. Each begins with its own initial states, and all states are
/// stacked: the last ones of an entry are its results.
SmallVector<Value> scanInARow(Node &node, const Scan &whole,
                              ArrayRef<int64_t> directions, Value lengths) {
  Sizes sizes = getSizes(getType(whole.inputs[0]));
  Size batch = sizes[0], steps = sizes[1];
  Type i1 = IntegerType::get(node.getContext(), 1);
  SmallVector<Value> rows, carried;
  for (Value input : whole.inputs)
    rows.push_back(regroup(node, input, {batch * steps}, 2));
  for (Value state : whole.states)
    carried.push_back(takeEntry(node, state, 0));
  if (node.hasFailed())
    return {};
  LoopSource loop = {node.sizeScalar(batch * steps), Value(), carried,
                     *whole.body};
  Value counts;
  SmallVector<Value> before;
  loop.makeInputs = [&](Body &body) {
    Block &block = body.function.getBody().front();
    Value number = block.getArgument(0), length = node.sizeScalar(steps);
    auto divide = [&](bool isRest) {
      return mapInts(
          node, {number, length}, [&](Scalar &s, ArrayRef<Value> args) {
            return isRest ? s.rem(args[0], args[1]) : s.div(args[0], args[1]);
          });
    };
    Value entry = divide(false), step = divide(true);
    Value isFirst = node.map({step}, i1, [](Scalar &s, ArrayRef<Value> args) {
      return s.equal(args[0], s.integer(args[0].getType(), 0));
    });
    before.clear();
    for (auto [index, state] : enumerate(whole.states)) {
      Value initial = node.create<GatherOp>(
          body.capture(state, ("state" + Twine(index)).str()), entry,
          int64_t(0));
      Value carried = block.getArgument(2 + index);
      before.push_back(node.map({isFirst, initial, carried},
                                getType(state).getElementType(),
                                [](Scalar &s, ArrayRef<Value> args) {
                                  return s.select(args[0], args[1], args[2]);
                                }));
    }
    if (lengths)
      counts = node.map(
          {step, node.create<GatherOp>(body.capture(lengths, "lengths"), entry,
                                       int64_t(0))},
          i1, [](Scalar &s, ArrayRef<Value> args) {
            return s.less(args[0], args[1]);
          });
    SmallVector<Value> inputs(before);
    for (auto [index, row] : enumerate(rows)) {
      Value place = mapInts(
          node, {number, step, length}, [&](Scalar &s, ArrayRef<Value> args) {
            if (!directions[index])
              return args[0];
            // As far from the entry's end as the step from its begin.
            Value end = s.add(s.sub(args[0], args[1]), args[2]);
            return s.sub(s.sub(end, args[1]), s.integer(args[0].getType(), 1));
          });
      inputs.push_back(node.create<GatherOp>(
          body.capture(row, ("scanned" + Twine(index)).str()), place,
          int64_t(0)));
    }
    return inputs;
  };
  loop.makeResults = [&](SmallVectorImpl<Value> &results) {
    if (lengths)
      keepWithin(node, counts, before, results);
    if (results.size() < whole.states.size())
      return;
    SmallVector<Value> states(results.begin(),
                              results.begin() + whole.states.size());
    append_range(results, states);
    results.insert(results.begin(), node.scalar(i1, 1));
  };
  SmallVector<Value> stacks = importLoop(node, loop), results;
  size_t count = whole.states.size();
  if (node.hasFailed() || stacks.size() < 2 * count)
    return {};
  for (size_t index = 0; index < count; ++index) {
    Value all =
        regroup(node, stacks[stacks.size() - count + index], {batch, steps}, 1);
    Value first =
        node.create<UnsqueezeOp>(whole.states[index], ArrayRef<int64_t>(1));
    results.push_back(node.create<GatherOp>(
        node.create<ConcatOp>(ValueRange{first, all}, int64_t(1)),
        node.sizeScalar(steps), int64_t(1)));
  }
  for (size_t index = count; index + count < stacks.size(); ++index)
    results.push_back(regroup(node, stacks[index], {batch, steps}, 1));
  return results;
}

} // namespace

LogicalResult importScan8(Node &node) {
  constexpr int64_t mostEntries = 64;
  Scan whole;
  Value lengths = node.optionalInput(0, "sequence_lens", SignedKind);
  if (failed(readScanInputs(node, 1, whole)))
    return failure();
  size_t numStacks = countScanStacks(node, whole);
  SmallVector<int64_t> directions =
      getScanList(node, "directions", whole.inputs.size());
  checkScanDirections(node, directions);
  for (Value input : concat<Value>(whole.states, whole.inputs))
    if (getType(input).getRank() < 1)
      (void)node.error("expected inputs with a batch dim, but got a scalar");
  if (node.hasFailed())
    return failure();
  if (getType(whole.inputs[0]).getRank() < 2)
    return node.error("expected inputs to scan of a batch and steps");
  int64_t batch = getType(whole.inputs[0]).getDimSize(0);
  if (lengths && failed(requireLengths(node, lengths, batch, directions)))
    return failure();
  if (batch < 1 || batch > mostEntries) {
    SmallVector<Value> results = scanInARow(node, whole, directions, lengths);
    if (!node.hasFailed() && results.size() != whole.states.size() + numStacks)
      return node.error("expected a body of " +
                        Twine(whole.states.size() + numStacks) +
                        " outputs, but got " + Twine(results.size()));
    for (auto [index, result] : enumerate(results))
      (void)node.result(index, result);
    return success(!node.hasFailed());
  }
  SmallVector<SmallVector<Value>> entries(whole.states.size() + numStacks);
  for (int64_t entry = 0; entry < batch && !node.hasFailed(); ++entry) {
    Scan one;
    one.body = whole.body;
    for (Value state : whole.states)
      one.states.push_back(takeEntry(node, state, entry));
    for (Value input : whole.inputs)
      one.inputs.push_back(takeEntry(node, input, entry));
    if (lengths)
      one.steps = takeEntry(node, lengths, entry);
    one.from = {SmallVector<int64_t>(one.inputs.size(), 0), directions};
    one.to = {SmallVector<int64_t>(numStacks, 0),
              SmallVector<int64_t>(numStacks, 0)};
    if (node.hasFailed())
      break;
    for (auto [index, result] : enumerate(importScan(node, one)))
      if (index < entries.size())
        entries[index].push_back(makeEntry(node, result));
  }
  for (auto [index, parts] : enumerate(entries))
    if (!node.hasFailed())
      (void)node.result(index, node.create<ConcatOp>(parts, int64_t(0)));
  return success(!node.hasFailed());
}

} // namespace lambent::graph
