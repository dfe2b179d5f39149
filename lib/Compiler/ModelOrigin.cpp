//===- ModelOrigin.cpp - What a compiled model keeps of its ONNX file -----===//
//
// The importer leaves what a model says of itself in the module's attributes
// `graph.NAME`. In compiled models they are a JSON object with the members
// NAME.
//
//===----------------------------------------------------------------------===//

#include "Compilation.h"
#include "llvm/Support/JSON.h"

using namespace lambent;
using llvm::Expected;

std::string Compilation::getMetadata() {
  llvm::json::Object object;
  for (mlir::NamedAttribute attr : (*module)->getAttrs()) {
    llvm::StringRef name = attr.getName().getValue();
    if (!name.consume_front("graph."))
      continue;
    if (auto text = llvm::dyn_cast<mlir::StringAttr>(attr.getValue())) {
      object[llvm::json::fixUTF8(name)] = llvm::json::fixUTF8(text.getValue());
    } else if (auto number =
                   llvm::dyn_cast<mlir::IntegerAttr>(attr.getValue())) {
      object[llvm::json::fixUTF8(name)] = number.getInt();
    } else if (auto entries =
                   llvm::dyn_cast<mlir::DictionaryAttr>(attr.getValue())) {
      llvm::json::Object nested;
      for (mlir::NamedAttribute entry : entries) {
        if (auto value = llvm::dyn_cast<mlir::StringAttr>(entry.getValue()))
          nested[llvm::json::fixUTF8(entry.getName().getValue())] =
              llvm::json::fixUTF8(value.getValue());
        else if (auto value =
                     llvm::dyn_cast<mlir::IntegerAttr>(entry.getValue()))
          nested[llvm::json::fixUTF8(entry.getName().getValue())] =
              value.getInt();
      }
      object[llvm::json::fixUTF8(name)] = std::move(nested);
    }
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(std::move(object));
  return text;
}

static std::string getText(const llvm::json::Object &object,
                           llvm::StringRef name) {
  return object.getString(name).value_or("").str();
}

Expected<ModelSummary> lambent::readModelOrigin(llvm::StringRef metadata) {
  ModelSummary origin;
  if (metadata.empty())
    return origin;
  Expected<llvm::json::Value> value = llvm::json::parse(metadata);
  if (!value)
    return value.takeError();
  const llvm::json::Object *object = value->getAsObject();
  if (!object)
    return llvm::createStringError("the model's metadata is no JSON object");
  origin.producer = getText(*object, "producer");
  origin.graphName = getText(*object, "model_name");
  origin.doc = getText(*object, "doc");
  origin.graphDoc = getText(*object, "graph_doc");
  origin.domain = getText(*object, "domain");
  origin.modelVersion = object->getInteger("model_version").value_or(0);
  if (const llvm::json::Object *opsets = object->getObject("opsets"))
    for (const auto &[domain, version] : *opsets)
      origin.opsets.emplace_back(domain.str(),
                                 version.getAsInteger().value_or(0));
  if (const llvm::json::Object *properties = object->getObject("metadata"))
    for (const auto &[key, text] : *properties)
      origin.metadata.emplace_back(key.str(),
                                   text.getAsString().value_or("").str());
  llvm::sort(origin.opsets);
  llvm::sort(origin.metadata);
  return origin;
}
