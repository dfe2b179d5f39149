//===- Compiler.cpp - Compile, check and summarize ONNX models ------------===//

#include "lambent/Compiler/Compiler.h"
#include "Compilation.h"
#include "JIT.h"

using namespace lambent;
using llvm::Expected;

Expected<std::unique_ptr<JITModel>>
lambent::compileInProcess(ModelSource source, const CompileOptions &options) {
  auto compilation = Compilation::create(options);
  if (!compilation)
    return compilation.takeError();
  if (auto error = (*compilation)->requireRunnable())
    return error;
  if (auto error = (*compilation)->import(std::move(source)))
    return error;
  if (auto error = (*compilation)->optimizeGraph())
    return error;
  if (auto error = (*compilation)->lower())
    return error;
  auto weights = (*compilation)->packWeights();
  if (!weights)
    return weights.takeError();
  // Code and weights were made in this process: there is nothing to check by a
  // hash.
  auto objects = (*compilation)->emitObjects(/*weightHash=*/0);
  if (!objects)
    return objects.takeError();
  return linkInProcess(std::move(*objects), std::move(*weights), options.name);
}

/// The messages of a lowering that met what it can't do, as nodes.
static Expected<std::vector<UnsupportedNode>> asUnsupported(llvm::Error error) {
  std::vector<UnsupportedNode> nodes;
  llvm::Error rest = llvm::handleErrors(
      std::move(error),
      [&](std::unique_ptr<CompileError> failed) -> llvm::Error {
        if (failed->kind != CompileError::Kind::Unsupported)
          return llvm::Error(std::move(failed));
        for (const std::string &message : failed->messages)
          nodes.push_back({"", "", "", message, 0});
        return llvm::Error::success();
      });
  if (rest)
    return rest;
  return nodes;
}

Expected<std::vector<UnsupportedNode>>
lambent::checkModel(ModelSource source, const CompileOptions &options) {
  auto compilation = Compilation::create(options);
  if (!compilation)
    return compilation.takeError();
  std::vector<UnsupportedNode> found;
  if (auto error = (*compilation)->import(std::move(source), &found)) {
    if (found.empty())
      return error;
    llvm::consumeError(std::move(error));
    return found;
  }
  // With open dims no more can be said.
  if (auto error = (*compilation)->requireBoundDims()) {
    llvm::consumeError(std::move(error));
    return std::vector<UnsupportedNode>();
  }
  if (auto error = (*compilation)->optimizeGraph())
    return asUnsupported(std::move(error));
  return asUnsupported((*compilation)->lower());
}

Expected<ModelSummary> lambent::summarizeModel(ModelSource source) {
  return graph::summarizeModel(std::move(source));
}
