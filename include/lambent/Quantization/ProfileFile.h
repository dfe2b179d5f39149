//===- ProfileFile.h - Profiles in files ------------------------*- C++ -*-===//

#ifndef LAMBENT_QUANTIZATION_PROFILEFILE_H
#define LAMBENT_QUANTIZATION_PROFILEFILE_H

#include "lambent/Quantization/Profile.h"

namespace lambent::quantization {

/// The profile that a file's text is. Every number is checked: histograms lie
/// on their grid (see Profile.h) and count all elements. The error says what is
/// wrong, not where.
llvm::Expected<Profile> parseProfile(llvm::StringRef text);
/// The same of a file, which errors name.
llvm::Expected<Profile> readProfile(llvm::StringRef path);

/// A profile as JSON, the tensors in the order of their names, numbers as exact
/// as they are. Tensors whose names are not UTF-8 are left out: JSON has no
/// other text.
std::string formatProfile(const Profile &profile);
/// Replaces the file when the new one is complete. Errors name it.
llvm::Error writeProfile(const Profile &profile, llvm::StringRef path);

/// Adds what another profile of the same model holds, as if `into` had seen its
/// samples, too. Fails where it is of another model, and changes nothing then.
llvm::Error mergeProfiles(Profile &into, const Profile &from);

} // namespace lambent::quantization

#endif
