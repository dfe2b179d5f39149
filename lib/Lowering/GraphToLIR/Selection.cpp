//===- Selection.cpp - Ops whose values say how much is selected ----------===//

#include "GraphLowering.h"

using namespace mlir;
using namespace lambent;

static LogicalResult lowerCountNonZero(graph::CountNonZeroOp op,
                                       GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput());
  lir::CountNonZeroOp::create(lowering.builder, lowering.loc, input,
                              lowering.createResult(op.getResult()),
                              op.getBlock());
  return success();
}

static LogicalResult lowerNonZero(graph::NonZeroOp op,
                                  GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput()),
        starts = lowering.getBuffer(op.getStarts());
  lir::NonZeroOp::create(lowering.builder, lowering.loc, input, starts,
                         lowering.createResult(op.getResult()), op.getBlock());
  return success();
}

static LogicalResult lowerSortRows(graph::SortRowsOp op,
                                   GraphLowering &lowering) {
  Value input = lowering.getBuffer(op.getInput());
  lir::SortRowsOp::create(lowering.builder, lowering.loc, input,
                          lowering.createResult(op.getResult()),
                          getElementType(op.getInput()).isUnsignedInteger());
  return success();
}

static LogicalResult lowerNonMaxSuppression(graph::NonMaxSuppressionOp op,
                                            GraphLowering &lowering) {
  Value boxes = lowering.getBuffer(op.getBoxes()),
        scores = lowering.getBuffer(op.getScores());
  Sizes boxSizes = getSizes(boxes), scoreSizes = getSizes(scores);
  lowering.requireEqual(boxSizes[0], scoreSizes[0],
                        "boxes and scores of equal batches");
  lowering.requireEqual(boxSizes[1], scoreSizes[2], "a score for each box");
  lowering.requireEqual(boxSizes[2], 4, "boxes of 4 coordinates");
  // What is checked holds from here on.
  Size batch = getSizes(op.getCounts())[0], classes = scoreSizes[1],
       count = boxSizes[1].isNumber() ? boxSizes[1] : scoreSizes[2];
  lir::NonMaxSuppressionOp::create(
      lowering.builder, lowering.loc,
      lowering.createView(boxes, {batch, count, 4}),
      lowering.createView(scores, {batch, classes, count}),
      lowering.getBuffer(op.getLimit()),
      lowering.getBuffer(op.getIouThreshold()),
      lowering.getBuffer(op.getScoreThreshold()),
      lowering.createResult(op.getSelected()),
      lowering.createResult(op.getCounts()), op.getCenterPointBox());
  return success();
}

void lambent::addSelectionLowerings(LoweringTable &table) {
  table.add(lowerCountNonZero);
  table.add(lowerNonZero);
  table.add(lowerSortRows);
  table.add(lowerNonMaxSuppression);
}
