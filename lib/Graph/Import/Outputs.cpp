//===- Outputs.cpp - The function's results, and what the model says ------===//

#include "Importer.h"
#include "Node.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

LogicalResult Importer::finish(const onnx::GraphProto &graph) {
  SmallVector<Value> results;
  SmallVector<Attribute> resultAttributes;
  for (const onnx::ValueInfoProto &output : graph.output()) {
    Value value;
    if (!lookUp(top, output.name(), value)) {
      reportError(fileLoc,
                  "nothing produces the output '" + output.name() + "'");
      continue;
    }
    if (!value)
      continue;
    if (checkDeclaredType(top, output.name(), value, fileLoc))
      checkDeclaredShape(output, getType(value));
    results.push_back(value);
    resultAttributes.push_back(builder.getDictionaryAttr(builder.getNamedAttr(
        "graph.name", builder.getStringAttr(output.name()))));
  }
  if (graph.output_size() == 0) {
    reportUnsupported(graph.name(), "model", "it has no outputs");
    return failure();
  }
  if (errors != 0)
    return failure();
  func::ReturnOp::create(builder, fileLoc, results);
  main.setType(builder.getFunctionType(main.getBody().getArgumentTypes(),
                                       ValueRange(results).getTypes()));
  main.setAllArgAttrs(argumentAttributes);
  main.setAllResultAttrs(resultAttributes);
  attachMetadata();

  // Folding leaves the shape arithmetic behind.
  for (Operation &op : make_early_inc_range(reverse(main.getBody().front())))
    if (isOpTriviallyDead(&op))
      op.erase();
  if (succeeded(mlir::verify(*module)))
    return success();
  ++errors;
  return failure();
}

void Importer::attachMetadata() {
  const onnx::ModelProto &model = file->getModel();
  Operation *op = *module;
  auto setText = [&](StringRef name, StringRef text) {
    if (!text.empty())
      op->setAttr(name, builder.getStringAttr(text));
  };
  setText(
      "graph.producer",
      StringRef(model.producer_name() + " " + model.producer_version()).trim());
  setText("graph.model_name", model.graph().name());
  setText("graph.doc", model.doc_string());
  SmallVector<NamedAttribute> versions, properties;
  for (const auto &entry : opsets)
    versions.push_back(
        builder.getNamedAttr(entry.first().empty() ? "ai.onnx" : entry.first(),
                             builder.getI64IntegerAttr(entry.second)));
  llvm::StringSet<> seen;
  for (const onnx::StringStringEntryProto &entry : model.metadata_props())
    if (!entry.key().empty() && seen.insert(entry.key()).second)
      properties.push_back(builder.getNamedAttr(
          entry.key(), builder.getStringAttr(entry.value())));
  op->setAttr("graph.opsets", builder.getDictionaryAttr(versions));
  if (!properties.empty())
    op->setAttr("graph.metadata", builder.getDictionaryAttr(properties));
}

} // namespace lambent::graph
