//===- Backend.cpp - What a target offers the compiler --------------------===//

#include "lambent/Backends/Backend.h"
#include "llvm/ADT/StringExtras.h"

using namespace lambent;

llvm::Expected<std::unique_ptr<Backend>>
BackendRegistry::create(llvm::StringRef name,
                        const TargetOptions &options) const {
  auto entry = factories.find(name);
  if (entry != factories.end())
    return entry->second(options);
  std::vector<llvm::StringRef> names;
  for (auto &factory : factories)
    names.push_back(factory.first());
  llvm::sort(names);
  return llvm::createStringError("unknown target '" + name.str() +
                                 "': expected one of " +
                                 llvm::join(names, ", "));
}
