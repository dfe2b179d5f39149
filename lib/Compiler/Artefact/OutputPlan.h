//===- OutputPlan.h - The files of one compilation --------------*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_ARTEFACT_OUTPUTPLAN_H
#define LAMBENT_LIB_COMPILER_ARTEFACT_OUTPUTPLAN_H

#include "OutputPlace.h"
#include "lambent/Compiler/Compiler.h"

namespace lambent {

/// The places of all that a form writes, looked at before anything is compiled.
struct OutputPlan {
  OutputPlace main;
  std::optional<OutputPlace> header, weights;

  /// Fails where a file would replace one that is not regular or another of
  /// this plan. Text may go to devices, FIFOs and, as "-", to standard output.
  static llvm::Expected<OutputPlan> create(OutputForm form,
                                           llvm::StringRef output);
  /// Fails where a native form would replace a file that is not compiled, or a
  /// header or weights of another origin: their names follow from the main
  /// file's, and nobody gave them.
  llvm::Error checkOwners() const;
  /// Whether there are files that will be replaced.
  bool replacesFiles() const;
  /// Fails where the file `path` is one of them; `what` says what it is.
  llvm::Error checkSurvives(llvm::StringRef path, llvm::StringRef what) const;

private:
  std::vector<const OutputPlace *> getReplaced() const;
  bool isNative = false; ///< a form that is not text
};

/// Whether `form` is text, for reading a stage.
bool isText(OutputForm form);

} // namespace lambent

#endif
