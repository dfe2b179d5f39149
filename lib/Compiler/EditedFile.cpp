//===- EditedFile.cpp - Where a rewritten model goes ----------------------===//

#include "EditedFile.h"
#include "Artefact/StagedFiles.h"
#include "ModelFiles.h"
#include "llvm/Support/Path.h"

using namespace lambent;
using llvm::Error;
using llvm::Expected;

/// More bytes of weights than fit into one message.
static constexpr uint64_t mostWholeBytes = uint64_t(2000) << 20;

Expected<EditedFile> EditedFile::plan(llvm::StringRef output,
                                      const ModelSource &source) {
  auto place = OutputPlan::create(OutputForm::Graph, output);
  if (!place)
    return place.takeError();
  if (Error error = place->main.requireRegular())
    return std::move(error);
  if (Error error = checkModelSurvives(*place, source))
    return std::move(error);
  return EditedFile(output, std::move(*place));
}

Error EditedFile::write(graph::EditedModel &model, bool watchSignals) const {
  Expected<uint64_t> bytes = model.countBytes();
  if (!bytes)
    return bytes.takeError();
  SignalWatch watch(watchSignals);
  StagedFiles files(watch);
  Expected<std::string> path = files.add(place.main);
  if (!path)
    return path.takeError();
  Error error = Error::success();
  if (*bytes <= mostWholeBytes) {
    error = model.writeWhole(*path);
  } else {
    Expected<OutputPlace> weights = OutputPlace::find(output + ".data");
    if (!weights)
      return llvm::joinErrors(std::move(error), weights.takeError());
    Expected<std::string> weightsPath = files.add(*weights);
    if (!weightsPath)
      return llvm::joinErrors(std::move(error), weightsPath.takeError());
    error = llvm::joinErrors(
        std::move(error),
        model.writeParts(*path, *weightsPath,
                         llvm::sys::path::filename(weights->path)));
  }
  if (error)
    return files.nameOutputs(std::move(error));
  return files.moveToPlaces();
}
