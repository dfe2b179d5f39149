//===- EditedFile.h - Where a rewritten model goes --------------*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_EDITEDFILE_H
#define LAMBENT_LIB_COMPILER_EDITEDFILE_H

#include "Artefact/OutputPlan.h"
#include "lambent/Graph/Import/EditedModel.h"

namespace lambent {

/// The file that a rewritten model is written to when it is complete. Weights
/// of more than 2 GB lie beside it, in a file of its name and ".data".
class EditedFile {
public:
  /// Fails where it cannot be written, or is one of the source's own files.
  static llvm::Expected<EditedFile> plan(llvm::StringRef output,
                                         const ModelSource &source);
  /// On failure nothing is left behind.
  llvm::Error write(graph::EditedModel &model, bool watchSignals) const;

private:
  EditedFile(llvm::StringRef output, OutputPlan place)
      : output(output.str()), place(std::move(place)) {}

  std::string output;
  OutputPlan place;
};

} // namespace lambent

#endif
