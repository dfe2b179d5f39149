//===- NodeNames.cpp - The nodes of a model that an op computes -----------===//

#include "lambent/Backends/Emit/NodeNames.h"

using namespace mlir;
using namespace lambent;

static void collectNames(Location loc, llvm::SetVector<StringRef> &names) {
  if (auto name = dyn_cast<NameLoc>(loc))
    names.insert(name.getName().getValue());
  else if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      collectNames(part, names);
  else if (auto call = dyn_cast<CallSiteLoc>(loc))
    collectNames(call.getCallee(), names);
}

llvm::SetVector<StringRef> emit::getNodeNames(Location location) {
  llvm::SetVector<StringRef> names;
  collectNames(location, names);
  return names;
}
