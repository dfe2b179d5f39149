//===- RaiseOpset.cpp - A model in a later version of ONNX ----------------===//
//
// Per-channel scales came with opset 13, blocks and 4 bits with 21. Most ops
// mean the same in all versions from 10 on; the table has those that do not,
// with what makes the later form of them, or nothing where that is not known.
//
//===----------------------------------------------------------------------===//

#include "Network.h"
#include "Quantization.h"
#include "llvm/Support/Endian.h"

using namespace llvm;

namespace lambent::quantization {
namespace {

using Raise = Error (*)(Network &network, graph::EditedModel &model,
                        onnx::NodeProto &node);

/// Takes an attribute from a node; nothing where it has none.
std::optional<onnx::AttributeProto> takeAttribute(onnx::NodeProto &node,
                                                  StringRef name) {
  auto &attributes = *node.mutable_attribute();
  for (int i = 0; i < attributes.size(); ++i)
    if (attributes[i].name() == name) {
      onnx::AttributeProto taken = attributes[i];
      attributes.DeleteSubrange(i, 1);
      return taken;
    }
  return std::nullopt;
}

/// A list of integers that was an attribute becomes the second operand.
Error moveToOperand(Network &network, graph::EditedModel &model,
                    onnx::NodeProto &node, StringRef name) {
  std::optional<onnx::AttributeProto> list = takeAttribute(node, name);
  if (!list)
    return Error::success();
  std::string bytes(size_t(list->ints_size()) * 8, '\0');
  for (int i = 0; i < list->ints_size(); ++i)
    support::endian::write64le(&bytes[size_t(i) * 8], uint64_t(list->ints(i)));
  onnx::TensorProto &tensor =
      network.addConstant((getName(node) + "_" + name).str());
  model.setBytes(tensor, onnx::TensorProto::INT64, int64_t(list->ints_size()),
                 std::move(bytes));
  node.add_input(tensor.name());
  return Error::success();
}

Error raiseAxes(Network &network, graph::EditedModel &model,
                onnx::NodeProto &node) {
  return moveToOperand(network, model, node, "axes");
}

Error raiseSplit(Network &network, graph::EditedModel &model,
                 onnx::NodeProto &node) {
  return moveToOperand(network, model, node, "split");
}

/// Since 18, parts without sizes are counted.
Error countParts(Network &, graph::EditedModel &, onnx::NodeProto &node) {
  if (node.input_size() < 2 || node.input(1).empty())
    setInteger(node, "num_outputs", node.output_size());
  return Error::success();
}

/// Up to 12, all dims from `axis` on are one, which is the same for the last.
Error raiseSoftmax(Network &, graph::EditedModel &, onnx::NodeProto &node) {
  if (getInteger(node, "axis", 1) == -1)
    return Error::success();
  return createStringError("only the axis -1 means the same");
}

Error raiseGridSample(Network &, graph::EditedModel &, onnx::NodeProto &node) {
  for (onnx::AttributeProto &attribute : *node.mutable_attribute())
    if (attribute.name() == "mode" && attribute.s() == "bilinear")
      attribute.set_s("linear");
    else if (attribute.name() == "mode" && attribute.s() == "bicubic")
      attribute.set_s("cubic");
  return Error::success();
}

/// The default changed with 16.
Error raiseRoiAlign(Network &, graph::EditedModel &, onnx::NodeProto &node) {
  if (findAttribute(node, "coordinate_transformation_mode"))
    return Error::success();
  onnx::AttributeProto *mode = node.add_attribute();
  mode->set_name("coordinate_transformation_mode");
  mode->set_type(onnx::AttributeProto::STRING);
  mode->set_s("output_half_pixel");
  return Error::success();
}

/// An op that changed with an opset; no function: not known how.
struct Change {
  StringRef op;
  int64_t since;
  Raise raise;
};
constexpr Change changes[] = {
    {"Clip", 11, nullptr},
    {"Pad", 11, nullptr},
    {"Resize", 11, nullptr},
    {"Dropout", 12, nullptr},
    {"LogSoftmax", 13, raiseSoftmax},
    {"Hardmax", 13, raiseSoftmax},
    {"Softmax", 13, raiseSoftmax},
    {"ReduceSum", 13, raiseAxes},
    {"Split", 13, raiseSplit},
    {"Squeeze", 13, raiseAxes},
    {"Unsqueeze", 13, raiseAxes},
    {"RoiAlign", 16, raiseRoiAlign},
    {"ReduceL1", 18, raiseAxes},
    {"ReduceL2", 18, raiseAxes},
    {"ReduceLogSum", 18, raiseAxes},
    {"ReduceLogSumExp", 18, raiseAxes},
    {"ReduceMax", 18, raiseAxes},
    {"ReduceMean", 18, raiseAxes},
    {"ReduceMin", 18, raiseAxes},
    {"ReduceProd", 18, raiseAxes},
    {"ReduceSumSquare", 18, raiseAxes},
    {"Split", 18, countParts},
    {"DFT", 20, nullptr},
    {"GridSample", 20, raiseGridSample},
    {"GroupNormalization", 21, nullptr},
};
constexpr int64_t firstOpset = 10;

/// Whether nodes lie inside nodes: a graph there has names of its own.
bool hasGraph(const onnx::NodeProto &node) {
  return any_of(node.attribute(), [](const onnx::AttributeProto &attribute) {
    return attribute.has_g() || attribute.graphs_size() != 0;
  });
}

} // namespace

Error raiseOpset(graph::EditedModel &model, int64_t opset) {
  onnx::OperatorSetIdProto *own = nullptr;
  for (onnx::OperatorSetIdProto &entry :
       *model.getModel().mutable_opset_import())
    if (entry.domain().empty() || entry.domain() == "ai.onnx")
      own = &entry;
  if (!own || own->version() >= opset)
    return Error::success();
  auto refuse = [&](const Twine &why) {
    return createStringError(
        "its opset " + Twine(own->version()) + " has to become " +
        Twine(opset) + ", which is needed here: " + why +
        "; convert the model first (onnx.version_converter)");
  };
  if (own->version() < firstOpset)
    return refuse("this is done for models of opset " + Twine(firstOpset) +
                  " and up");
  if (model.getModel().functions_size() != 0)
    return refuse("it has functions");
  Network network(model);
  for (onnx::NodeProto &node : *model.getGraph().mutable_node()) {
    if (hasGraph(node))
      return refuse("node '" + getName(node) + "' (" + node.op_type() +
                    ") holds a graph");
    for (const Change &change : changes) {
      if (!isOp(node, change.op) || change.since <= own->version() ||
          change.since > opset)
        continue;
      if (!change.raise)
        return refuse("node '" + getName(node) + "' (" + node.op_type() +
                      ") means something else there");
      if (Error error = change.raise(network, model, node))
        return refuse("node '" + getName(node) + "' (" + node.op_type() +
                      ") means something else there, " +
                      toString(std::move(error)));
    }
  }
  own->set_version(opset);
  // Versions of the IR that came with these opsets, as engines ask for them.
  int64_t version = opset >= 21 ? 10 : 7;
  if (model.getModel().ir_version() < version)
    model.getModel().set_ir_version(version);
  return Error::success();
}

} // namespace lambent::quantization
