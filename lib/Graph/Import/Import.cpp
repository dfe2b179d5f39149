//===- Import.cpp - Read an ONNX model into the graph dialect -------------===//

#include "lambent/Graph/Import/Import.h"
#include "Importer.h"
#include "Location.h"
#include "Offers.h"
#include "lambent/Graph/IR/Graph.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

namespace {
/// Keeps back what an attempt to import the model reports.
class HeldDiagnostics {
public:
  explicit HeldDiagnostics(MLIRContext &context)
      : context(context), handler(std::make_unique<ScopedDiagnosticHandler>(
                              &context, [this](Diagnostic &diagnostic) {
                                held.push_back(std::move(diagnostic));
                              })) {}
  /// Reports it.
  void release() {
    handler.reset();
    for (Diagnostic &diagnostic : held)
      context.getDiagEngine().emit(std::move(diagnostic));
  }

private:
  MLIRContext &context;
  std::vector<Diagnostic> held;
  std::unique_ptr<ScopedDiagnosticHandler> handler;
};
} // namespace

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
  Offers offers(options.constants);
  size_t unsupportedBefore = unsupported.size();
  while (true) {
    HeldDiagnostics diagnostics(context);
    auto module = Importer(&context, *file, options, offers, unsupported).run();
    if (!offers.beginNextAttempt()) {
      diagnostics.release();
      return module;
    }
    // Every attempt uses at least one more of the offered constants.
    unsupported.resize(unsupportedBefore);
  }
}

} // namespace lambent::graph
