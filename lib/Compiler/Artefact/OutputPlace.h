//===- OutputPlace.h - Where an output file goes ----------------*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_ARTEFACT_OUTPUTPLACE_H
#define LAMBENT_LIB_COMPILER_ARTEFACT_OUTPUTPLACE_H

#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include <optional>
#include <string>

namespace lambent {

/// A name that the user gave, and the file that it stands for.
struct OutputPlace {
  std::string given; ///< for messages
  /// Absolute and without links: renaming a file to it keeps the links that
  /// lead there, and no tool takes it for an option.
  std::string path;
  /// Identity of the file that is there now, if any.
  std::optional<llvm::sys::fs::UniqueID> existing;
  /// What is there where it is no regular file: "a device".
  llvm::StringRef obstacle;

  /// Follows links. Fails where no file can be written: the folder is missing
  /// or may not be written to.
  static llvm::Expected<OutputPlace> find(llvm::StringRef given);

  /// Whether two places are one file.
  bool isSameAs(const OutputPlace &other) const {
    return path == other.path || (existing && existing == other.existing);
  }
  /// Fails where renaming a file to this place would replace anything but a
  /// regular file.
  llvm::Error requireRegular() const;
  /// "cannot write 'x': WHY"
  llvm::Error refuse(const llvm::Twine &why) const;
};

} // namespace lambent

#endif
