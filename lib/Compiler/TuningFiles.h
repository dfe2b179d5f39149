//===- TuningFiles.h - What was measured, in files --------------*- C++ -*-===//

#ifndef LAMBENT_LIB_COMPILER_TUNINGFILES_H
#define LAMBENT_LIB_COMPILER_TUNINGFILES_H

#include "lambent/Backends/CPU/TargetInfo.h"
#include <optional>

namespace lambent {

/// The user's folder for them; "" where the environment names none.
std::string getTuningFolder();
/// Where the description of this machine's CPU is kept; "" without a folder.
std::string getStoredDescription();
/// Where choices for this machine are kept, by the description that they were
/// measured with; "" without a folder.
std::string getStoredChoices(const cpu::TargetInfo &target);

/// The text of the description that a compilation for `cpu` uses: of the file
/// at `path`, of none where that is "", or of the one that is kept where it is
/// null. Errors name the file.
llvm::Expected<std::string> readDescription(llvm::StringRef cpu,
                                            const char *path);
/// The same of choices, where `description` is the text of the description.
llvm::Expected<std::string>
readChoices(llvm::StringRef cpu, llvm::StringRef description, const char *path);

/// The text of a file that may be missing.
llvm::Expected<std::optional<std::string>> readOptional(llvm::StringRef path);
/// Replaces a file when the new one is complete; makes its folder.
llvm::Error replaceFile(llvm::StringRef path, llvm::StringRef text);

} // namespace lambent

#endif
