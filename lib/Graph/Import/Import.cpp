//===- Import.cpp - Read an ONNX model into the graph dialect -------------===//

#include "lambent/Graph/Import/Import.h"
#include "HeldDiagnostics.h"
#include "Importer.h"
#include "Location.h"
#include "Offers.h"
#include "Strings.h"
#include "lambent/Graph/IR/Graph.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

namespace {

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
  /// Adds the version, where it means something, and those for sizes that it
  /// does not take but for another choice of the first `numChosen` branches.
  void addWithOthers(Version version, size_t numChosen = 0);
  void add(Version version);

  MLIRContext &context;
  std::shared_ptr<ModelFile> file;
  const ImportOptions &options;
  Offers offers;
  Strings strings; ///< of all versions
  OwningOpRef<ModuleOp> module;
  func::FuncOp last; ///< of the versions so far
  unsigned numVersions = 0;
};

} // namespace

/// Whether a caller sees the same inputs and outputs but for sizes, and for
/// ranks of outputs.
static bool haveLikeResults(func::FuncOp a, func::FuncOp b) {
  auto isLike = [](Type first, Type second) {
    auto tensor = dyn_cast<RankedTensorType>(getMeaning(first)),
         other = dyn_cast<RankedTensorType>(getMeaning(second));
    if (!tensor || !other)
      return getMeaning(first) == getMeaning(second);
    return tensor.getElementType() == other.getElementType();
  };
  return a.getArgumentTypes() == b.getArgumentTypes() &&
         a.getNumResults() == b.getNumResults() &&
         all_of(zip(a.getResultTypes(), b.getResultTypes()), [&](auto types) {
           return isLike(std::get<0>(types), std::get<1>(types));
         });
}

void VersionImporter::add(Version version) {
  if (failed(version.module) || (numVersions && !options.allowVersions))
    return;
  ModuleOp source = **version.module;
  auto main = source.lookupSymbol<func::FuncOp>("main");
  if (!numVersions++) {
    module = std::move(*version.module);
    last = main;
    return;
  }
  if (!haveLikeResults(last, main))
    return;
  std::string name = "version" + std::to_string(numVersions - 1);
  SymbolTable symbols(source);
  for (auto function : source.getOps<func::FuncOp>())
    (void)symbols.rename(
        function,
        function == main ? name : (function.getName() + "_" + name).str());
  for (auto function : make_early_inc_range(source.getOps<func::FuncOp>())) {
    function->remove();
    module->push_back(function);
  }
  last->setAttr("graph.fallback", FlatSymbolRefAttr::get(main));
  last = main;
}

void VersionImporter::addWithOthers(Version version, size_t numChosen) {
  SizeAssumptions needed = version.needed;
  bool isMeant = succeeded(version.module);
  add(std::move(version));
  if (numVersions && !options.allowVersions)
    return;
  if (isMeant && needed.equalDims)
    add(importQuietly({/*equalDims=*/false, needed.usualBranches}));
  // From the last branch on, each with the other ones that it leads to.
  for (size_t i = needed.usualBranches.size(); i-- > numChosen;) {
    SizeAssumptions other = {/*equalDims=*/true, needed.usualBranches};
    other.usualBranches.truncate(i + 1);
    other.usualBranches[i] = false;
    addWithOthers(importQuietly(other), i + 1);
  }
}

FailureOr<OwningOpRef<ModuleOp>>
VersionImporter::import(std::vector<UnsupportedNode> &unsupported) {
  size_t unsupportedBefore = unsupported.size();
  while (true) {
    HeldDiagnostics diagnostics(context);
    Version first = importOnce({/*equalDims=*/true, {}}, unsupported);
    if (offers.beginNextAttempt()) {
      // Every attempt uses at least one more of the offered constants.
      unsupported.resize(unsupportedBefore);
      continue;
    }
    bool isMeant = succeeded(first.module);
    // Maybe the model means something for unusual sizes only.
    addWithOthers(std::move(first));
    if (isMeant || !module)
      diagnostics.release();
    else
      unsupported.resize(unsupportedBefore);
    if (!module)
      return failure();
    return std::move(module);
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
