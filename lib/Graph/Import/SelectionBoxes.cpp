//===- SelectionBoxes.cpp - Boxes that overlap no better one --------------===//

#include "Lists.h"
#include "OpTable.h"
#include "Selection.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// An optional input of one number, as a vector; null where it is absent.
Value readNumber(Node &node, unsigned index, StringRef name, unsigned kinds) {
  Value value = node.optionalInput(index, name, kinds);
  return value ? node.reshape(value, int64_t(1)) : value;
}

/// Triples [batch, class, box], from the list of boxes of each class.
Value listTriples(Node &node, Value selected, Value counts) {
  Value isSelected = node.map(
      {countDim(node, selected, 2),
       node.create<UnsqueezeOp>(counts, ArrayRef<int64_t>(2))},
      IntegerType::get(node.getContext(), 1),
      [](Scalar &s, ArrayRef<Value> args) { return s.less(args[0], args[1]); });
  Value places = findNonZero(node, isSelected);
  Value boxes = node.create<GatherNDOp>(
      selected, node.transpose(places, {1, 0}), /*batch_dims=*/int64_t(0));
  Value classes =
      node.create<GatherOp>(places, node.indices({0, 1}), int64_t(0));
  return node.transpose(
      node.create<ConcatOp>(
          ValueRange{classes,
                     node.create<UnsqueezeOp>(boxes, ArrayRef<int64_t>(0))},
          int64_t(0)),
      {1, 0});
}

LogicalResult importNonMaxSuppression(Node &node) {
  Value boxes = node.input(0, "boxes", FloatKind),
        scores = node.input(1, "scores", FloatKind);
  Value limit =
      readNumber(node, 2, "max_output_boxes_per_class", SignedKind);
  Value iou = readNumber(node, 3, "iou_threshold", FloatKind),
        threshold = readNumber(node, 4, "score_threshold", FloatKind);
  bool isCenter = node.getBool("center_point_box", false);
  if (node.hasFailed())
    return failure();
  Type i64 = IntegerType::get(node.getContext(), 64);
  // A negative limit is none, and so is one that is not given.
  limit = node.map(node.cast(limit ? limit : node.indices(0), i64),
                   [](Scalar &s, Value value) {
                     return s.max(value, s.integer(value.getType(), 0));
                   });
  if (!iou)
    iou = node.numbers(Float32Type::get(node.getContext()), 0.0, int64_t(1));
  SmallVector<Value> results = node.createAll<NonMaxSuppressionOp>(
      2, boxes, scores, limit, iou, threshold, isCenter);
  if (node.hasFailed())
    return failure();
  if (is_contained(getType(results[0]).getShape(), 0))
    return node.result(node.indices({}, {0, 3}));
  return node.result(listTriples(node, results[0], results[1]));
}

} // namespace

void addBoxRows(OpTable &table) {
  table.add("NonMaxSuppression", 10, importNonMaxSuppression);
}

} // namespace lambent::graph
