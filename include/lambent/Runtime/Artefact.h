//===- Artefact.h - How weights lie behind code in one file -----*- C++ -*-===//
//
// A library or executable artefact is an ELF image, what it says of its model,
// zeros up to a page, the weights, and a trailer that ends the file:
//
//   | ELF image | description | 0 ... | weights | ArtefactTrailer |
//   0                                 weightOffset        end of file
//
// The description is a LambentModel, with all that it points to, whose pointers
// are offsets from its own begin: it can be read on any machine, without loading
// the code. `run`, `evaluate` and `weights` in it are null. A bundle's weights file is the
// same without image and description; an object, which linkers read from its
// start, has no weights behind it. The trailer's hashes cover every byte of the
// file, so that one flipped bit anywhere is found before any code runs. All
// numbers are little-endian.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_RUNTIME_ARTEFACT_H
#define LAMBENT_RUNTIME_ARTEFACT_H

#include "lambent-c/runtime.h"

namespace lambent {

enum class ArtefactKind : uint32_t {
  Library = LAMBENT_ARTEFACT_LIBRARY,
  Executable = LAMBENT_ARTEFACT_EXECUTABLE,
  Weights = LAMBENT_ARTEFACT_WEIGHTS,
  Object = LAMBENT_ARTEFACT_OBJECT,
};

/// The last bytes of an artefact.
struct ArtefactTrailer {
  static constexpr uint32_t currentVersion = 2;
  uint32_t version;
  ArtefactKind kind;
  /// A multiple of weightAlignment; code and padding lie before.
  uint64_t weightOffset;
  uint64_t weightBytes;
  /// lambent_hash64 of the weights, which is LambentModel.weight_hash; of bytes
  /// [0, weightOffset).
  uint64_t weightHash, codeHash;
  /// Before weightOffset; of no bytes where there is none.
  uint64_t descriptionOffset, descriptionBytes;
  /// The symbol of the LambentModel, padded with zeros.
  char model[184];
  /// lambent_hash64 of the bytes before.
  uint64_t trailerHash;
  /// "LAMBENT\1".
  char magic[8];
};
static_assert(sizeof(ArtefactTrailer) == 256);

/// Weights start on a page of every machine that we know.
constexpr uint64_t weightAlignment = 4096;

/// Checks every byte of an artefact before its weights, whose hash the trailer
/// has. Null on success.
LambentStatus *readArtefact(const char *path, ArtefactTrailer &trailer);
/// The same, and a descriptor of that file, which is the caller's to close.
LambentStatus *openArtefact(const char *path, ArtefactTrailer &trailer,
                            int &descriptor);

/// Turns the offsets of a description, in 8-byte aligned memory that is its own
/// and ends in a zero, into pointers. Null where it is none.
const LambentModel *resolveDescription(char *bytes, uint64_t size);

/// Turns the ELF file `path` into an artefact by appending description, weights
/// and trailer, or, with ArtefactKind::Weights, writes a weights file. Null on
/// success; after a failure the file is of no use.
LambentStatus *writeArtefact(const char *path, ArtefactKind kind,
                             const char *modelSymbol, const void *description,
                             uint64_t descriptionBytes, const void *weights,
                             uint64_t weightBytes, uint64_t weightHash);

} // namespace lambent

#endif
