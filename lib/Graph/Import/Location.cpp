//===- Location.cpp - Where in the model an op came from ------------------===//
//
// An op's location, made by makeNodeLocation, is
//
//   NameLoc("node", NameLoc("Op", FileLineColLoc("model.onnx")))
//
//===----------------------------------------------------------------------===//

#include "Location.h"
#include "lambent/Graph/Import/Import.h"
#include "mlir/IR/Location.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

Location makeFileLocation(MLIRContext *context, StringRef path) {
  return FileLineColLoc::get(context, path, 0, 0);
}

Location makeNodeLocation(MLIRContext *context, StringRef path, StringRef name,
                          StringRef op) {
  Location inner = NameLoc::get(StringAttr::get(context, op),
                                makeFileLocation(context, path));
  return NameLoc::get(StringAttr::get(context, name), inner);
}

std::string describeLocation(Location location) {
  if (auto fused = dyn_cast<FusedLoc>(location))
    return fused.getLocations().empty()
               ? ""
               : describeLocation(fused.getLocations().front());
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return describeLocation(call.getCallee());
  if (auto file = dyn_cast<FileLineColLoc>(location)) {
    std::string text = file.getFilename().str();
    if (file.getLine() != 0)
      text +=
          (":" + Twine(file.getLine()) + ":" + Twine(file.getColumn())).str();
    return text;
  }
  auto name = dyn_cast<NameLoc>(location);
  if (!name)
    return "";
  std::string node = "node '" + name.getName().str() + "'";
  Location inner = name.getChildLoc();
  if (auto op = dyn_cast<NameLoc>(inner)) {
    node += " (" + op.getName().str() + ")";
    inner = op.getChildLoc();
  }
  std::string file = describeLocation(inner);
  return file.empty() ? node : file + ": " + node;
}

std::string formatDiagnostic(Diagnostic &diagnostic) {
  std::string message = diagnostic.str();
  // "'graph.conv' op expected ..." says what the place already says in the
  // model's words.
  if (StringRef(message).starts_with("'graph."))
    if (size_t end = message.find("' op "); end != std::string::npos)
      message.erase(0, end + 5);
  std::string place = describeLocation(diagnostic.getLocation());
  std::string line = place.empty() ? message : place + ": " + message;
  // Names come from the model and may hold anything; a message is one line.
  for (char &byte : line)
    if (static_cast<unsigned char>(byte) < ' ')
      byte = '?';
  return line;
}

} // namespace lambent::graph
