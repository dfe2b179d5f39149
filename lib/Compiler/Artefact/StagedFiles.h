//===- StagedFiles.h - Files that take their places together ----*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_ARTEFACT_STAGEDFILES_H
#define LAMBENT_LIB_COMPILER_ARTEFACT_STAGEDFILES_H

#include "OutputPlace.h"
#include "SignalWatch.h"

namespace lambent {

/// Files are written into a private folder beside their places, and moved there
/// when all are complete: all of them, or none, and what they replace is back
/// again. The folder goes with the object, or with the process where a signal
/// that is watched ends it; its name, `.lambent-PID-XXXXXX`, says whose it is,
/// so that whoever ends the process by force can remove it.
class StagedFiles {
public:
  struct File {
    std::string path; ///< where it is written
    std::string old;  ///< where the one that it replaces is kept
    OutputPlace place;
    bool hasOld = false, isMoved = false;
  };

  explicit StagedFiles(SignalWatch &watch) : watch(watch) {}
  StagedFiles(const StagedFiles &) = delete;
  ~StagedFiles();

  /// The path to write the file for `place` to.
  llvm::Expected<std::string> add(const OutputPlace &place);
  /// The path of a file that is of use only meanwhile, near `place`.
  llvm::Expected<std::string> addTemporary(const OutputPlace &place);
  /// An error with the names of the outputs in the place of private paths.
  llvm::Error nameOutputs(llvm::Error error) const;
  /// To be called once.
  llvm::Error moveToPlaces();

  SignalWatch &getWatch() { return watch; }

private:
  SignalWatch &watch;
  std::vector<std::string> folders;
  std::vector<File> files;
  /// All paths that were handed out, and which output each is for.
  std::vector<std::pair<std::string, std::string>> names;
};

/// Writes a whole file.
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef bytes);

} // namespace lambent

#endif
