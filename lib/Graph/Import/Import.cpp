//===- Import.cpp - Read an ONNX model into the graph dialect -------------===//

#include "lambent/Graph/Import/Import.h"
#include "Importer.h"
#include "Location.h"
#include "lambent/Graph/IR/Graph.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

FailureOr<OwningOpRef<ModuleOp>>
importModel(MLIRContext &context, ModelSource source,
            const ImportOptions &options,
            std::vector<UnsupportedNode> &unsupported) {
  context.loadDialect<GraphDialect, func::FuncDialect, arith::ArithDialect,
                      math::MathDialect>();
  Location loc = makeFileLocation(&context, source.path.empty() ? "<memory>"
                                                                : source.path);
  Expected<std::shared_ptr<ModelFile>> file =
      ModelFile::open(std::move(source));
  if (!file)
    return emitError(loc) << toString(file.takeError());
  return Importer(&context, std::move(*file), options, unsupported).run();
}

} // namespace lambent::graph
