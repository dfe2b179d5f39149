//===- Import.cpp - Read an ONNX model into the graph dialect -------------===//

#include "lambent/Graph/Import/Import.h"
#include "Importer.h"
#include "Location.h"
#include "Offers.h"
#include "Strings.h"
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

/// Imports a model in as many attempts and versions as it takes.
class VersionImporter {
public:
  VersionImporter(MLIRContext &context, std::shared_ptr<ModelFile> file,
                  const ImportOptions &options)
      : context(context), file(std::move(file)), options(options),
        offers(options.constants) {}

  FailureOr<OwningOpRef<ModuleOp>>
  import(std::vector<UnsupportedNode> &unsupported);
  const Strings &getStrings() const { return strings; }

private:
  struct Version {
    FailureOr<OwningOpRef<ModuleOp>> module;
    SizeAssumptions needed;
  };

  Version importOnce(const SizeAssumptions &assumed,
                     std::vector<UnsupportedNode> &unsupported) {
    Importer importer(&context, file, options, offers, strings, assumed,
                      unsupported);
    auto module = importer.run();
    return {std::move(module), importer.getNeeded()};
  }
  /// One more version, of which nothing is reported: without it the model means
  /// less.
  Version importQuietly(const SizeAssumptions &assumed) {
    HeldDiagnostics diagnostics(context);
    std::vector<UnsupportedNode> unsupported;
    return importOnce(assumed, unsupported);
  }
  /// Adds the versions that assume less than `module`, which needed this.
  void addVersions(ModuleOp module, bool usualBranches, SizeAssumptions needed);
  void add(ModuleOp module, Version version);

  MLIRContext &context;
  std::shared_ptr<ModelFile> file;
  const ImportOptions &options;
  Offers offers;
  Strings strings;   ///< of all versions
  func::FuncOp last; ///< of the versions so far
  unsigned numVersions = 1;
};

} // namespace

/// Whether a caller sees the same inputs and outputs but for sizes.
static bool haveLikeResults(func::FuncOp a, func::FuncOp b) {
  auto isLike = [](Type first, Type second) {
    auto tensor = dyn_cast<RankedTensorType>(getMeaning(first)),
         other = dyn_cast<RankedTensorType>(getMeaning(second));
    if (!tensor || !other)
      return getMeaning(first) == getMeaning(second);
    return tensor.getElementType() == other.getElementType() &&
           tensor.getRank() == other.getRank();
  };
  return a.getArgumentTypes() == b.getArgumentTypes() &&
         a.getNumResults() == b.getNumResults() &&
         all_of(zip(a.getResultTypes(), b.getResultTypes()), [&](auto types) {
           return isLike(std::get<0>(types), std::get<1>(types));
         });
}

void VersionImporter::add(ModuleOp module, Version version) {
  if (failed(version.module))
    return;
  ModuleOp source = **version.module;
  auto main = source.lookupSymbol<func::FuncOp>("main");
  if (!haveLikeResults(last, main))
    return;
  std::string name = "version" + std::to_string(numVersions++);
  SymbolTable symbols(source);
  for (auto function : source.getOps<func::FuncOp>())
    (void)symbols.rename(
        function,
        function == main ? name : (function.getName() + "_" + name).str());
  for (auto function : make_early_inc_range(source.getOps<func::FuncOp>())) {
    function->remove();
    module.push_back(function);
  }
  last->setAttr("graph.fallback", FlatSymbolRefAttr::get(main));
  last = main;
}

void VersionImporter::addVersions(ModuleOp module, bool usualBranches,
                                  SizeAssumptions needed) {
  if (!options.allowVersions)
    return;
  last = module.lookupSymbol<func::FuncOp>("main");
  if (needed.equalDims)
    add(module, importQuietly({/*equalDims=*/false, usualBranches}));
  if (!needed.usualBranches || !usualBranches)
    return;
  Version other = importQuietly({true, false});
  needed.equalDims |= other.needed.equalDims;
  add(module, std::move(other));
  if (needed.equalDims)
    add(module, importQuietly({false, false}));
}

FailureOr<OwningOpRef<ModuleOp>>
VersionImporter::import(std::vector<UnsupportedNode> &unsupported) {
  size_t unsupportedBefore = unsupported.size();
  while (true) {
    HeldDiagnostics diagnostics(context);
    Version first = importOnce({true, true}, unsupported);
    if (offers.beginNextAttempt()) {
      // Every attempt uses at least one more of the offered constants.
      unsupported.resize(unsupportedBefore);
      continue;
    }
    // Maybe the model means something for the unusual sizes only.
    if (failed(first.module) && first.needed.usualBranches)
      if (Version other = importQuietly({true, false});
          succeeded(other.module)) {
        unsupported.resize(unsupportedBefore);
        addVersions(**other.module, /*usualBranches=*/false, other.needed);
        return std::move(other.module);
      }
    diagnostics.release();
    if (succeeded(first.module))
      addVersions(**first.module, /*usualBranches=*/true, first.needed);
    return std::move(first.module);
  }
}

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
  VersionImporter importer(context, *file, options);
  auto module = importer.import(unsupported);
  if (options.files)
    *options.files = (*file)->getFiles();
  if (succeeded(module))
    if (ArrayAttr strings = importer.getStrings().describe(&context))
      (**module)->setAttr("graph.strings", strings);
  return module;
}

} // namespace lambent::graph
