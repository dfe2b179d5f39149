//===- ArtefactFile.h - Read an artefact and check it -----------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_ARTEFACTFILE_H
#define LAMBENT_RUNTIME_ARTEFACTFILE_H

#include "Mapping.h"
#include "lambent/Runtime/Artefact.h"

namespace lambent::runtime {

/// Checks the trailer, the size, and every byte before the weights of an
/// artefact, all of whose bytes are given. `path` is for messages.
LambentStatus *checkArtefact(const char *path, const char *bytes, uint64_t size,
                             ArtefactTrailer &trailer);

class ArtefactFile {
public:
  /// Opens a file and checks its trailer, its size, and every byte before the
  /// weights.
  LambentStatus *open(const char *path);
  LambentStatus *mapDescription(Mapping &mapping) const;
  /// Maps the weights; their hash is checkWeights's business.
  LambentStatus *mapWeights(Mapping &mapping) const;
  const ArtefactTrailer &getTrailer() const { return trailer; }
  int descriptor() const { return file.descriptor(); }
  const char *path() const { return file.path(); }

private:
  File file;
  ArtefactTrailer trailer;
};

} // namespace lambent::runtime

#endif
