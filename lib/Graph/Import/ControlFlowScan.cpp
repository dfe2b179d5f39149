//===- ControlFlowScan.cpp - Scan -----------------------------------------===//
//
// A loop whose body looks its slices up, and whose stacks are turned to the
// axes and directions that the node says.
//
//===----------------------------------------------------------------------===//

#include "ControlFlowScan.h"
#include "Importer.h"
#include "Node.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

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

} // namespace

/// A list of one number for each of `count` values; `name` may be left out.
SmallVector<int64_t> getScanList(Node &node, StringRef name, size_t count) {
  SmallVector<int64_t> zeros(count, 0);
  SmallVector<int64_t> list = node.getInts(name, ArrayRef<int64_t>(zeros));
  if (!node.hasFailed() && list.size() != count)
    (void)node.error("expected " + Twine(count) + " entries in attribute '" +
                     name + "', but got " + Twine(list.size()));
  return list;
}

void checkScanDirections(Node &node, ArrayRef<int64_t> directions) {
  for (int64_t direction : directions)
    if (direction != 0 && direction != 1)
      (void)node.error("expected directions of 0 or 1, but got " +
                       Twine(direction));
}

namespace {

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

} // namespace

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
LogicalResult readScanInputs(Node &node, unsigned first, Scan &scan) {
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
size_t countScanStacks(Node &node, const Scan &scan) {
  if (node.getNumOutputs() >= scan.states.size())
    return node.getNumOutputs() - scan.states.size();
  (void)node.error("expected at least " + Twine(scan.states.size()) +
                   " outputs, but got " + Twine(node.getNumOutputs()));
  return 0;
}

namespace {

LogicalResult importScan9(Node &node) {
  Scan scan;
  if (failed(readScanInputs(node, 0, scan)))
    return failure();
  size_t numStacks = countScanStacks(node, scan);
  scan.from = {getScanList(node, "scan_input_axes", scan.inputs.size()),
               getScanList(node, "scan_input_directions", scan.inputs.size())};
  scan.to = {getScanList(node, "scan_output_axes", numStacks),
             getScanList(node, "scan_output_directions", numStacks)};
  checkScanDirections(node, scan.from.directions);
  checkScanDirections(node, scan.to.directions);
  if (node.hasFailed())
    return failure();
  SmallVector<Value> results = importScan(node, scan);
  if (node.hasFailed())
    return failure();
  for (auto [index, result] : enumerate(results))
    (void)node.result(index, result);
  return success();
}

} // namespace

void addControlFlowScanRows(OpTable &table) {
  table.add("Scan", 8, importScan8);
  table.add("Scan", 9, importScan9);
}

} // namespace lambent::graph
