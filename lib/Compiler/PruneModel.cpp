//===- PruneModel.cpp - Pruned models in files ----------------------------===//

#include "EditedFile.h"
#include "lambent/Compiler/Compiler.h"
#include "lambent/Graph/Import/ModelBytes.h"
#include "lambent/Quantization/Prune.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace lambent;
using namespace lambent::quantization;
using llvm::Error;
using llvm::Expected;

/// As people write it: "70", "66.6667".
static std::string show(double percent) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", percent);
  return text;
}

static Expected<double> readPercent(double percent) {
  if (percent > 0 && percent < 100)
    return percent / 100;
  return llvm::createStringError(
      "expected a percentage of zeros above 0 and below 100, but got " +
      show(percent));
}

/// The shares of the layers that have one of their own.
static Error readLayers(const PruneRequest &request, PruneOptions &options) {
  for (const auto &[node, percent] : request.layers) {
    if (options.structure.isNofM())
      return llvm::createStringError("the structure " + request.structure +
                                     " has one share of zeros for all layers, "
                                     "but node '" +
                                     node + "' has its own");
    Expected<double> share = percent == 0 ? 0.0 : readPercent(percent);
    if (!share)
      return share.takeError();
    options.shares[node] = *share;
  }
  return Error::success();
}

/// What becomes 0 in each layer.
static Error readShares(const PruneRequest &request, PruneOptions &options) {
  if (options.structure.isNofM()) {
    double percent = 100 - 100 * double(options.structure.kept) /
                               double(options.structure.of);
    if (request.percent != 0 && std::fabs(request.percent - percent) > 0.01)
      return llvm::createStringError(
          "the structure " + request.structure + " has " + show(percent) +
          " % of zeros, but got " + show(request.percent));
  } else if (request.percent != 0 || request.layers.empty()) {
    Expected<double> share = readPercent(request.percent);
    if (!share)
      return share.takeError();
    options.share = *share;
  }
  return readLayers(request, options);
}

static Expected<PruneOptions> readOptions(const PruneRequest &request) {
  PruneOptions options;
  auto structure = findStructure(request.structure);
  if (!structure)
    return llvm::createStringError(
        "expected unstructured, 4x1, 4x2, 4x4, 1x32 or N:M with 0 < N < M <= "
        "64 as the structure, but got '" +
        request.structure + "'");
  auto method = findPruneMethod(request.method);
  if (!method)
    return llvm::createStringError(
        "expected magnitude or reconstruct as the method, but got '" +
        request.method + "'");
  options.structure = *structure;
  options.method = *method;
  options.keep = request.keep;
  options.keepFirst = request.keepFirst;
  options.keepLast = request.keepLast;
  if (request.mask) {
    bool saysMore = request.percent != 0 || !request.layers.empty() ||
                    options.structure.isNofM() ||
                    options.structure.channels > 1 ||
                    options.method != PruneMethod::Magnitude;
    if (saysMore)
      return llvm::createStringError(
          "a mask says which weights become 0: there is no percentage, "
          "structure or method beside it");
    return options;
  }
  if (options.method == PruneMethod::Reconstruct && !request.samples)
    return llvm::createStringError("the method reconstruct needs samples");
  options.samples = request.samples;
  if (Error error = readShares(request, options))
    return std::move(error);
  return options;
}

/// An error with the file that it is about.
static Error nameFile(const std::string &path, Error error) {
  return llvm::make_error<CompileError>(
      std::vector<std::string>{path + ": " + toString(std::move(error))},
      std::vector<UnsupportedNode>());
}

Error lambent::pruneToFile(ModelSource source, const PruneRequest &request,
                           llvm::StringRef output, bool watchSignals,
                           PruneReport &report) {
  Expected<PruneOptions> options = readOptions(request);
  if (!options)
    return options.takeError();
  Expected<EditedFile> file = EditedFile::plan(output, source);
  if (!file)
    return file.takeError();
  if (request.mask) {
    auto mask = graph::EditedModel::open(graph::shareSource(*request.mask));
    if (!mask)
      return nameFile(request.mask->path, mask.takeError());
    if (Error error = (*mask)->makeDense())
      return nameFile(request.mask->path, std::move(error));
    options->mask = std::move(*mask);
  }
  std::string path = source.path;
  auto model = graph::EditedModel::open(std::move(source));
  if (!model)
    return nameFile(path, model.takeError());
  if (Error error = pruneModel(**model, *options, report))
    return nameFile(path, std::move(error));
  return file->write(**model, watchSignals);
}
