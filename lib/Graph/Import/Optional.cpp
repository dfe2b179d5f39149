//===- Optional.cpp - Values that may be left out -------------------------===//
//
// Whether an optional has a value is known where it is made inside the model;
// of others a run knows.
//
//===----------------------------------------------------------------------===//

#include "Node.h"
#include "Offers.h"
#include "OpTable.h"
#include "Sequence.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

LogicalResult importOptional(Node &node) {
  OpBuilder &builder = node.getBuilder();
  Value value;
  Type element;
  if (node.hasInput(0)) {
    value = node.anyInput(0, "input");
    element = getMeaning(value.getType());
    if (node.hasAttribute("type"))
      (void)node.getTypeAttribute("type");
  } else {
    element = node.getTypeAttribute("type");
  }
  if (node.hasFailed())
    return failure();
  if (isa<OptionalType>(element))
    return node.error("expected a tensor or a sequence, but got " +
                      describeType(element));
  return node.result(
      OptionalOp::create(builder, node.getLoc(),
                         makeHandleType(OptionalType::get(element)), value));
}

/// The error of an op that before opset 18 takes optionals only.
LogicalResult requireOptional(Node &node, Value value) {
  if (node.getOpset() >= 18)
    return success();
  return node.error("expected input 'input' to be an optional, but got " +
                    describeType(value.getType()));
}

LogicalResult importHasElement(Node &node) {
  Value value;
  if (node.hasInput(0) || node.getOpset() < 18)
    value = node.anyInput(0, "input");
  if (node.hasFailed())
    return failure();
  bool has = value != nullptr;
  if (value && !isa<OptionalType>(getMeaning(value.getType()))) {
    if (failed(requireOptional(node, value)))
      return failure();
  } else if (value) {
    auto source = value.getDefiningOp<OptionalOp>();
    if (!source)
      return node.result(
          node.cast(countListed(node, value), node.getBuilder().getI1Type()));
    has = source.getValue() != nullptr;
  }
  return node.result(node.constant(DenseElementsAttr::get(
      RankedTensorType::get({}, node.getBuilder().getI1Type()), has)));
}

LogicalResult importGetElement(Node &node) {
  Value value = node.anyInput(0, "input");
  if (node.hasFailed())
    return failure();
  auto type = dyn_cast<OptionalType>(getMeaning(value.getType()));
  if (!type)
    return succeeded(requireOptional(node, value)) ? node.result(value)
                                                   : failure();
  if (auto source = value.getDefiningOp<OptionalOp>())
    return source.getValue() ? node.result(source.getValue())
                             : node.error("the optional has no value");
  return node.result(readOptional(node, value));
}

} // namespace

Value readOptional(Node &node, Value optional) {
  auto type = cast<OptionalType>(getMeaning(optional.getType()));
  if (isa<SequenceType>(type.getElement()))
    return OptionalSequenceOp::create(node.getBuilder(), node.getLoc(),
                                      makeHandleType(type.getElement()),
                                      optional);
  return readListed(node, optional, cast<TensorType>(type.getElement()),
                    /*position=*/{});
}

void addOptionalRows(OpTable &table) {
  table.add("Optional", 15, importOptional);
  table.add("OptionalHasElement", 15, importHasElement);
  table.add("OptionalGetElement", 15, importGetElement);
}

} // namespace lambent::graph
