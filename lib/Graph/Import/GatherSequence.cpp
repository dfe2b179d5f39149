//===- GatherSequence.cpp - Reversed sequences ----------------------------===//

#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The first elements along the time axis, as many as the batch's length says,
/// in reverse: a gather of rows from both axes as one.
LogicalResult importReverseSequence(Node &node) {
  Value x = node.input(0, "input"),
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
  if (!type.hasStaticShape())
    return node.undetermined("the shape of the input");
  int64_t batch = type.getDimSize(batchAxis), time = type.getDimSize(timeAxis);
  if (getType(lengths).getDimSize(0) != batch)
    return node.error("expected " + Twine(batch) + " lengths, but got " +
                      Twine(getType(lengths).getDimSize(0)));
  if (type.getNumElements() == 0)
    return node.result(x);
  Type i64 = IntegerType::get(node.getContext(), 64);
  auto along = [&](int64_t axis, int64_t size) {
    SmallVector<int64_t> shape(2, 1);
    shape[axis] = size;
    return shape;
  };
  Value perBatch =
            node.reshape(node.cast(lengths, i64), along(batchAxis, batch)),
        steps = node.indices(listAxes(0, time), along(timeAxis, time)),
        batches = node.indices(listAxes(0, batch), along(batchAxis, batch));
  // A row's number in the two axes as one.
  int64_t stepStride = timeAxis == 0 ? batch : 1,
          batchStride = timeAxis == 0 ? 1 : time;
  Value rows = node.map(
      {perBatch, steps, batches}, i64, [&](Scalar &s, ArrayRef<Value> args) {
        Value mirrored = s.sub(s.sub(args[0], args[1]), s.integer(i64, 1));
        Value step = s.select(s.less(args[1], args[0]), mirrored, args[1]);
        return s.add(s.mul(step, s.integer(i64, stepStride)),
                     s.mul(args[2], s.integer(i64, batchStride)));
      });
  SmallVector<int64_t> flat{batch * time};
  append_range(flat, type.getShape().drop_front(2));
  return node.result(
      node.create<GatherOp>(node.reshape(x, flat), rows, int64_t(0)));
}

} // namespace

void addSequenceRows(OpTable &table) {
  table.add("ReverseSequence", 10, importReverseSequence);
}

} // namespace lambent::graph
