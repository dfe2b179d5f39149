//===- ControlFlowScan.cpp - Scan -----------------------------------------===//
//
// A loop whose body looks its slices up, and whose stacks are turned to the
// axes and directions that the node says.
//
//===----------------------------------------------------------------------===//

#include "ControlFlow.h"
#include "Importer.h"
#include "Node.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Where slices come from or go to.
struct ScanSide {
  SmallVector<int64_t> axes, directions;
};

/// Opsets 8 and 9 differ in where a batch is and in names.
struct Scan {
  SmallVector<Value> states, inputs;
  ScanSide from, to;
  const onnx::GraphProto *body = nullptr;
  Value steps; ///< as many count, of those that there are; null: all
};

/// Mirrors dim 0.
Value reverse(Node &node, Value x) {
  int64_t axis = 0;
  return node.create<SliceOp>(x, node.indices(-1), node.indices(INT64_MIN),
                              node.indices(-1), ArrayRef<int64_t>(axis));
}

/// The size of a dim, as a scalar.
Value getLength(Node &node, Value x, int64_t axis) {
  return node.reshape(node.create<ShapeOp>(x, axis, axis + 1), {});
}

/// A list of one number for each of `count` values; `name` may be left out.
SmallVector<int64_t> getList(Node &node, StringRef name, size_t count) {
  SmallVector<int64_t> zeros(count, 0);
  SmallVector<int64_t> list = node.getInts(name, ArrayRef<int64_t>(zeros));
  if (!node.hasFailed() && list.size() != count)
    (void)node.error("expected " + Twine(count) + " entries in attribute '" +
                     name + "', but got " + Twine(list.size()));
  return list;
}

void checkDirections(Node &node, ArrayRef<int64_t> directions) {
  for (int64_t direction : directions)
    if (direction != 0 && direction != 1)
      (void)node.error("expected directions of 0 or 1, but got " +
                       Twine(direction));
}

/// What the body is given: states, and slices at the iteration's number.
SmallVector<Value> makeInputs(Node &node, const Scan &scan, Body &body) {
  Block &entry = body.function.getBody().front();
  Value number = entry.getArgument(0);
  SmallVector<Value> inputs;
  for (size_t i = 0; i < scan.states.size(); ++i)
    inputs.push_back(entry.getArgument(2 + i));
  Type i64 = IntegerType::get(node.getContext(), 64);
  for (auto [index, outer] : enumerate(scan.inputs)) {
    Value input = body.capture(outer, ("scanned" + Twine(index)).str());
    int64_t axis = scan.from.axes[index];
    Value place = number;
    if (scan.from.directions[index])
      place =
          node.map({getLength(node, input, axis), number}, i64,
                   [&](Scalar &s, ArrayRef<Value> args) {
                     return s.sub(s.sub(args[0], args[1]), s.integer(i64, 1));
                   });
    inputs.push_back(node.create<GatherOp>(input, place, axis));
  }
  return inputs;
}

/// All scanned inputs are equally long.
void checkLengths(Node &node, const Scan &scan) {
  Type i64 = IntegerType::get(node.getContext(), 64);
  Value first = getLength(node, scan.inputs[0], scan.from.axes[0]);
  for (size_t i = 1; i < scan.inputs.size(); ++i) {
    Value difference =
        node.map({first, getLength(node, scan.inputs[i], scan.from.axes[i])},
                 i64, [](Scalar &s, ArrayRef<Value> args) {
                   return s.sub(args[0], args[1]);
                 });
    if (node.hasFailed())
      return;
    (void)node.require({difference, 0, 0, /*isExcluded=*/false,
                        "scanned inputs of one length, a difference of 0"});
  }
}

/// The stack with its first dim at the axis and in the direction of the output.
Value turn(Node &node, Value stack, int64_t axis, int64_t direction) {
  if (node.hasFailed())
    return {};
  int64_t rank = getType(stack).getRank();
  axis = node.normalizeAxis(axis, rank);
  if (node.hasFailed())
    return {};
  if (direction)
    stack = reverse(node, stack);
  SmallVector<int64_t> perm = listAxes(1, axis + 1);
  perm.push_back(0);
  append_range(perm, listAxes(axis + 1, rank));
  return axis == 0 ? stack : node.transpose(stack, perm);
}

/// Behind the steps that count, states stay what they were `before`, and
/// outputs are 0, as in ONNX Runtime.
void keepWithin(Node &node, Value counts, ArrayRef<Value> before,
                SmallVectorImpl<Value> &results) {
  for (auto [index, result] : enumerate(results)) {
    if (!result || node.hasFailed())
      return;
    Type type = getType(result).getElementType();
    Value otherwise =
        index < before.size() ? before[index] : node.scalar(type, 0);
    result = node.map({counts, result, otherwise}, type,
                      [](Scalar &s, ArrayRef<Value> args) {
                        return s.select(args[0], args[1], args[2]);
                      });
  }
}

/// All of the node's results.
SmallVector<Value> importScan(Node &node, Scan &scan) {
  for (auto [input, axis] : zip_equal(scan.inputs, scan.from.axes))
    axis = node.normalizeAxis(axis, getType(input).getRank());
  if (node.hasFailed())
    return {};
  checkLengths(node, scan);
  Value trip = getLength(node, scan.inputs[0], scan.from.axes[0]);
  if (node.hasFailed())
    return {};
  LoopSource loop = {trip, Value(), scan.states, *scan.body};
  Value counts;
  SmallVector<Value> before;
  loop.makeInputs = [&](Body &body) {
    SmallVector<Value> inputs = makeInputs(node, scan, body);
    before.assign(inputs.begin(), inputs.begin() + scan.states.size());
    if (scan.steps)
      counts = node.map({body.function.getBody().front().getArgument(0),
                         body.capture(scan.steps, "steps")},
                        IntegerType::get(node.getContext(), 1),
                        [](Scalar &s, ArrayRef<Value> args) {
                          return s.less(args[0], args[1]);
                        });
    return inputs;
  };
  loop.makeResults = [&](SmallVectorImpl<Value> &results) {
    if (scan.steps)
      keepWithin(node, counts, before, results);
    results.insert(results.begin(),
                   node.scalar(IntegerType::get(node.getContext(), 1), 1));
  };
  SmallVector<Value> results = importLoop(node, loop);
  size_t numStacks =
      results.size() - std::min(results.size(), scan.states.size());
  if (!node.hasFailed() && numStacks != scan.to.axes.size())
    (void)node.error("expected a body of " +
                     Twine(scan.states.size() + scan.to.axes.size()) +
                     " outputs, but got " + Twine(results.size()));
  for (size_t i = 0; i < numStacks && !node.hasFailed(); ++i) {
    Value &stack = results[scan.states.size() + i];
    stack = turn(node, stack, scan.to.axes[i], scan.to.directions[i]);
  }
  return results;
}

/// Reads the inputs from `first` on: states, and as many to scan as the node
/// says.
LogicalResult readInputs(Node &node, unsigned first, Scan &scan) {
  const onnx::AttributeProto *body =
      node.findAttribute("body", onnx::AttributeProto::GRAPH, true);
  int64_t count = node.getInt("num_scan_inputs");
  SmallVector<Value> inputs =
      node.variadicInputs(first, "initial_state_and_scan_inputs", MovedKind);
  if (node.hasFailed())
    return failure();
  if (count < 1 || count > int64_t(inputs.size()))
    return node.error("expected num_scan_inputs from 1 to " +
                      Twine(inputs.size()) + ", but got " + Twine(count));
  scan.body = &body->g();
  scan.states.assign(inputs.begin(), inputs.end() - count);
  scan.inputs.assign(inputs.end() - count, inputs.end());
  return success();
}

/// The number of outputs that are stacks; an error where there are none left.
size_t countStacks(Node &node, const Scan &scan) {
  if (node.getNumOutputs() >= scan.states.size())
    return node.getNumOutputs() - scan.states.size();
  (void)node.error("expected at least " + Twine(scan.states.size()) +
                   " outputs, but got " + Twine(node.getNumOutputs()));
  return 0;
}

LogicalResult importScan9(Node &node) {
  Scan scan;
  if (failed(readInputs(node, 0, scan)))
    return failure();
  size_t numStacks = countStacks(node, scan);
  scan.from = {getList(node, "scan_input_axes", scan.inputs.size()),
               getList(node, "scan_input_directions", scan.inputs.size())};
  scan.to = {getList(node, "scan_output_axes", numStacks),
             getList(node, "scan_output_directions", numStacks)};
  checkDirections(node, scan.from.directions);
  checkDirections(node, scan.to.directions);
  if (node.hasFailed())
    return failure();
  SmallVector<Value> results = importScan(node, scan);
  if (node.hasFailed())
    return failure();
  for (auto [index, result] : enumerate(results))
    (void)node.result(index, result);
  return success();
}

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
LogicalResult requireLengths(Node &node, Value &lengths, int64_t batch,
                             ArrayRef<int64_t> directions) {
  RankedTensorType type = getType(lengths);
  if (type.getRank() != 1 ||
      (!type.isDynamicDim(0) && type.getDimSize(0) != batch))
    return node.error("expected sequence_lens for a batch of " + Twine(batch) +
                      ", but got " + describeType(type));
  if (is_contained(directions, 1))
    return node.unsupported("lengths of sequences that are scanned backwards "
                            "are not supported");
  lengths = node.cast(lengths, IntegerType::get(node.getContext(), 64));
  return node.require({lengths, 0, INT64_MAX, /*isExcluded=*/false,
                       "sequence_lens of at least 0"});
}

/// Each entry of the batch is scanned by itself.
LogicalResult importScan8(Node &node) {
  constexpr int64_t mostEntries = 64;
  Scan whole;
  Value lengths = node.optionalInput(0, "sequence_lens", SignedKind);
  if (failed(readInputs(node, 1, whole)))
    return failure();
  size_t numStacks = countStacks(node, whole);
  SmallVector<int64_t> directions =
      getList(node, "directions", whole.inputs.size());
  checkDirections(node, directions);
  for (Value input : concat<Value>(whole.states, whole.inputs))
    if (getType(input).getRank() < 1)
      (void)node.error("expected inputs with a batch dim, but got a scalar");
  if (node.hasFailed())
    return failure();
  int64_t batch = getType(whole.inputs[0]).getDimSize(0);
  if (ShapedType::isDynamic(batch))
    return node.undetermined("the size of the batch");
  if (batch < 1 || batch > mostEntries)
    return node.unsupported("a batch of " + Twine(batch) +
                            " is not supported: 1 to " + Twine(mostEntries) +
                            " are");
  if (lengths && failed(requireLengths(node, lengths, batch, directions)))
    return failure();
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

} // namespace

void addControlFlowScanRows(OpTable &table) {
  table.add("Scan", 8, importScan8);
  table.add("Scan", 9, importScan9);
}

} // namespace lambent::graph
