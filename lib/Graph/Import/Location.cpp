//===- Location.cpp - Where in the model an op came from ------------------===//
//
// An op's location, made by makeNodeLocation, is
//
//   NameLoc("node", NameLoc("Op", FileLineColLoc("model.onnx")))
//
//===----------------------------------------------------------------------===//

#include "Location.h"
#include "Offers.h"
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
  if (auto fused = dyn_cast<FusedLoc>(location)) {
    ArrayRef<Location> parts = fused.getLocations();
    const Location *node =
        find_if(parts, [](Location part) { return findNode(part); });
    return parts.empty() ? ""
                         : describeLocation(node == parts.end() ? parts.front()
                                                                : *node);
  }
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
  std::string thing = "'" + name.getName().str() + "'";
  Location inner = name.getChildLoc();
  if (auto op = dyn_cast<NameLoc>(inner)) {
    thing = "node " + thing + " (" + op.getName().str() + ")";
    inner = op.getChildLoc();
  } else {
    thing = "tensor " + thing;
  }
  std::string file = describeLocation(inner);
  return file.empty() ? thing : file + ": " + thing;
}

std::string findFile(Location location) {
  if (auto fused = dyn_cast<FusedLoc>(location))
    return fused.getLocations().empty()
               ? ""
               : findFile(fused.getLocations().front());
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return findFile(call.getCallee());
  if (auto name = dyn_cast<NameLoc>(location))
    return findFile(name.getChildLoc());
  auto file = dyn_cast<FileLineColLoc>(location);
  return file ? describeLocation(file) : "";
}

std::optional<NodeName> findNode(Location location) {
  if (auto fused = dyn_cast<FusedLoc>(location)) {
    for (Location part : fused.getLocations())
      if (std::optional<NodeName> node = findNode(part))
        return node;
    return std::nullopt;
  }
  if (auto call = dyn_cast<CallSiteLoc>(location))
    return findNode(call.getCallee());
  auto name = dyn_cast<NameLoc>(location);
  auto op = name ? dyn_cast<NameLoc>(name.getChildLoc()) : NameLoc();
  if (!op)
    return std::nullopt;
  return NodeName{name.getName().str(), op.getName().str()};
}

std::string describeDiagnostic(Diagnostic &diagnostic) {
  std::string message;
  raw_string_ostream stream(message);
  for (const DiagnosticArgument &argument : diagnostic.getArguments())
    if (argument.getKind() == DiagnosticArgument::DiagnosticArgumentKind::Type)
      stream << describeType(argument.getAsType());
    else
      argument.print(stream);
  // "'graph.conv' op expected ..." says what the place already says in the
  // model's words.
  if (StringRef(message).starts_with("'") && findNode(diagnostic.getLocation()))
    if (size_t end = message.find("' op "); end != std::string::npos)
      message.erase(0, end + 5);
  return message;
}

std::string formatDiagnostic(Diagnostic &diagnostic) {
  std::string place = describeLocation(diagnostic.getLocation()),
              message = describeDiagnostic(diagnostic);
  return place.empty() ? message : place + ": " + message;
}

} // namespace lambent::graph
