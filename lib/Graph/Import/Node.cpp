//===- Node.cpp - What a handler sees of an ONNX node ---------------------===//

#include "Node.h"
#include "Importer.h"
#include "Offers.h"
#include "lambent/ElementTypes/MLIRType.h"

using namespace llvm;
using namespace mlir;
using onnx::AttributeProto;

namespace lambent::graph {

Kind getKind(Type elementType) {
  if (isString(elementType))
    return StringKind;
  if (isNarrow(elementType))
    return NarrowKind;
  if (isa<FloatType>(elementType))
    return FloatKind;
  if (elementType.isInteger(1))
    return BoolKind;
  return elementType.isUnsignedInteger() ? UnsignedKind : SignedKind;
}

static std::string describeKinds(unsigned kinds) {
  SmallVector<StringRef> names;
  if (kinds & FloatKind)
    names.push_back("floats");
  if ((kinds & IntegerKind) == IntegerKind)
    names.push_back("integers");
  else if (kinds & SignedKind)
    names.push_back("signed integers");
  else if (kinds & UnsignedKind)
    names.push_back("unsigned integers");
  if (kinds & BoolKind)
    names.push_back("bools");
  if (kinds & NarrowKind)
    names.push_back("f8, f4, int4 or int2");
  if (kinds & StringKind)
    names.push_back("strings");
  return join(names, " or ");
}

Node::Node(Importer &importer, Scope &scope, const onnx::NodeProto &proto,
           int64_t opset, Location loc, ArrayRef<Value> inputs)
    : importer(importer), scope(scope), proto(proto), opset(opset), loc(loc),
      builder(importer.getBuilder()), inputs(inputs),
      results(proto.output_size()) {
  while (!this->inputs.empty() && !this->inputs.back())
    this->inputs.pop_back();
}

LogicalResult Node::run(function_ref<LogicalResult(Node &)> handler) {
  try {
    return handler(*this);
  } catch (const std::bad_alloc &) {
    return error("compiling it takes more memory than there is");
  }
}

// Failures.

LogicalResult Node::error(const Twine &message) {
  if (!failed)
    importer.reportError(loc, message);
  failed = true;
  return failure();
}

LogicalResult Node::unsupported(const Twine &reason, const ReportSite &site) {
  if (!failed)
    importer.reportUnsupported(proto, opset, reason, site);
  failed = true;
  return failure();
}

LogicalResult Node::undetermined(const Twine &what, Value operand,
                                 StringRef advice, const ReportSite &site) {
  std::string help = importer.askFor(operand);
  if (help.empty())
    help = advice.empty() ? importer.askForDims() : advice.str();
  return unsupported(what + " must be known at compile time" + help, site);
}

LogicalResult Node::undeterminedLength(const Twine &what, Value list,
                                       const ReportSite &site) {
  std::string dims = importer.askForDims(getSizes(getType(list)).front()),
              values = importer.askFor(list);
  if (!dims.empty() && !values.empty())
    dims += ", or";
  StringRef rest = values;
  if (!dims.empty())
    rest.consume_front(":");
  return unsupported(what + " must be known at compile time" + dims + rest,
                     site);
}

// Operands.

bool Node::checkKind(StringRef name, Value value, unsigned kinds) {
  if (!isa<TensorType>(getMeaning(value.getType()))) {
    (void)error("expected input '" + name + "' to be a tensor, but got " +
                describeType(value.getType()));
    return false;
  }
  Type elementType = getElementTypeOrSelf(value.getType());
  if (getKind(elementType) & kinds)
    return true;
  if (isString(elementType) && (kinds & LaterStringKind)) {
    (void)unsupported("strings as input '" + name + "' are not supported");
    return false;
  }
  (void)error("expected input '" + name + "' to be " + describeKinds(kinds) +
              ", but got " + describeType(elementType));
  return false;
}

Value Node::anyInput(unsigned index, StringRef name) {
  if (hasInput(index))
    return inputs[index];
  (void)error("the required input '" + name + "' is missing");
  return {};
}

Value Node::input(unsigned index, StringRef name, unsigned kinds) {
  Value value = anyInput(index, name);
  return value && checkKind(name, value, kinds) ? value : Value();
}

Value Node::sequenceInput(unsigned index, StringRef name) {
  Value value = anyInput(index, name);
  if (!value || isa<SequenceType>(getMeaning(value.getType())))
    return value;
  (void)error("expected input '" + name + "' to be a sequence, but got " +
              describeType(value.getType()));
  return {};
}

Value Node::optionalInput(unsigned index, StringRef name, unsigned kinds) {
  return hasInput(index) ? input(index, name, kinds) : Value();
}

SmallVector<Value> Node::variadicInputs(unsigned first, StringRef name,
                                        unsigned kinds) {
  SmallVector<Value> values;
  allowInputs(inputs.size());
  for (unsigned i = first, e = std::max<unsigned>(inputs.size(), first + 1);
       i < e; ++i)
    values.push_back(input(i, name, kinds));
  return values;
}

SmallVector<int64_t> Node::constantInts(unsigned index, StringRef name) {
  Value value = input(index, name, IntegerKind);
  if (!value)
    return {};
  FailureOr<SmallVector<int64_t>> values = getConstantInts(value);
  if (succeeded(values))
    return *values;
  if (getConstantValue(value))
    (void)error("input '" + name + "' has " +
                Twine(getType(value).getNumElements()) +
                " elements, more than there are dims");
  else
    (void)undetermined("input '" + name + "'", value);
  return {};
}

Value Node::indexInput(unsigned index, StringRef name) {
  Value value = input(index, name, IntegerKind);
  if (value)
    noteSizeOperand(value);
  return value ? cast(value, builder.getI64Type()) : value;
}

// Results.

bool Node::isOutputUsed(unsigned index) {
  allowOutputs(index + 1);
  return index < getNumOutputs() && importer.isUsed(proto.output(index));
}

LogicalResult Node::result(unsigned index, Value value) {
  allowOutputs(index + 1);
  if (failed || !value) {
    failed = true;
    return failure();
  }
  if (index < results.size())
    results[index] = value;
  return success();
}

void Node::checkCounts() {
  auto check = [&](unsigned most, unsigned count, StringRef what) {
    if (count > most)
      (void)error("expected at most " + Twine(most) + " " + what +
                  (most == 1 ? "" : "s") + ", but got " + Twine(count));
  };
  unsigned outputs = proto.output_size();
  while (outputs > 0 && proto.output(outputs - 1).empty())
    --outputs;
  check(mostInputs, inputs.size(), "input");
  check(mostOutputs, outputs, "output");
}

} // namespace lambent::graph
