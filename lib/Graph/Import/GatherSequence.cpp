//===- GatherSequence.cpp - Reversed sequences ----------------------------===//

#include "Lists.h"
#include "Node.h"
#include "OpTable.h"
#include "Recurrent.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The first elements along the time axis, as many as the batch's length says,
/// in reverse: a gather of rows from both axes as one.
LogicalResult importReverseSequence(Node &node) {
  Value x = node.input(0, "input", MovedKind),
        lengths = node.input(1, "sequence_lens", SignedKind);
  int64_t batchAxis = node.getIntIn("batch_axis", 1, 0, 1),
          timeAxis = node.getIntIn("time_axis", 0, 0, 1);
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(x);
  if (batchAxis == timeAxis)
    return node.error("expected batch_axis and time_axis to differ, but both "
                      "are " +
                      Twine(timeAxis));
  if (type.getRank() < 2 || getType(lengths).getRank() != 1)
    return node.error("expected an input of rank 2 or more and a vector of "
                      "lengths, but got ranks " +
                      Twine(type.getRank()) + " and " +
                      Twine(getType(lengths).getRank()));
  Sizes sizes = getSizes(type);
  Size batch = sizes[batchAxis], time = sizes[timeAxis],
       count = getSizes(getType(lengths))[0];
  if (batch.isNumber() && count.isNumber() && batch != count)
    return node.error("expected " + Twine(batch.getNumber()) +
                      " lengths, but got " + Twine(count.getNumber()));
  if (failed(requireLengths(node, lengths, time)))
    return failure();
  if (type.hasStaticShape() && type.getNumElements() == 0)
    return node.result(x);
  Type i64 = IntegerType::get(node.getContext(), 64);
  auto along = [&](Value values, int64_t axis) {
    SmallVector<int64_t> shape(2, 1);
    shape[axis] = -1;
    return node.reshape(values, shape);
  };
  // A row's number in the two axes as one.
  Value inputs[] = {along(node.cast(lengths, i64), batchAxis),
                    along(countUp(node, node.sizeScalar(time)), timeAxis),
                    along(countUp(node, node.sizeScalar(batch)), batchAxis),
                    node.sizeScalar(timeAxis == 0 ? batch : Size(1)),
                    node.sizeScalar(timeAxis == 0 ? Size(1) : time),
                    node.sizeScalar(time)};
  Value rows = node.map(inputs, i64, [&](Scalar &s, ArrayRef<Value> args) {
    Value length = s.min(args[0], args[5]);
    Value mirrored = s.sub(s.sub(length, args[1]), s.integer(i64, 1));
    Value step = s.select(s.less(args[1], length), mirrored, args[1]);
    return s.add(s.mul(step, args[3]), s.mul(args[2], args[4]));
  });
  Sizes flat{batch * time};
  append_range(flat, ArrayRef(sizes).drop_front(2));
  return node.result(
      node.create<GatherOp>(node.reshapeTo(x, flat), rows, int64_t(0)));
}

} // namespace

void addReverseSequenceRows(OpTable &table) {
  table.add("ReverseSequence", 10, importReverseSequence);
}

} // namespace lambent::graph
