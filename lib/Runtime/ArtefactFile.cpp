//===- ArtefactFile.cpp - Read an artefact and check it -------------------===//

#include "ArtefactFile.h"
#include "ArtefactMagic.h"
#include "lambent/Runtime/Arguments.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

namespace lambent::runtime {

/// Says what the file is, as far as that helps.
static LambentStatus *explainMissingTrailer(const char *path, const char *bytes,
                                            uint64_t size) {
  if (size >= SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0)
    return makeError("'%s' is no artefact of Lambent, or its end with the "
                     "checksums was cut off, by strip or an incomplete "
                     "copy: compile it again, and do not strip it",
                     path);
  return makeError("'%s' is not an artefact of Lambent", path);
}

LambentStatus *checkArtefact(const char *path, const char *bytes, uint64_t size,
                             ArtefactTrailer &trailer) {
  if (size < sizeof(trailer))
    return explainMissingTrailer(path, bytes, size);
  memcpy(&trailer, bytes + size - sizeof(trailer), sizeof(trailer));
  if (memcmp(trailer.magic, artefactMagic, sizeof(trailer.magic)) != 0)
    return explainMissingTrailer(path, bytes, size);
  if (trailer.trailerHash !=
      lambent_hash64(&trailer, offsetof(ArtefactTrailer, trailerHash)))
    return makeError("'%s' is damaged: its trailer's checksum is wrong", path);
  if (trailer.version != ArtefactTrailer::currentVersion)
    return makeUnsupported("'%s' has artefact version %u, but this runtime "
                           "reads version %u: compile it again",
                           path, trailer.version,
                           +ArtefactTrailer::currentVersion);
  uint64_t end, descriptionEnd;
  if (trailer.weightOffset % weightAlignment ||
      trailer.model[sizeof(trailer.model) - 1] ||
      __builtin_add_overflow(trailer.weightOffset, trailer.weightBytes, &end) ||
      end != size - sizeof(trailer) ||
      __builtin_add_overflow(trailer.descriptionOffset,
                             trailer.descriptionBytes, &descriptionEnd) ||
      descriptionEnd > trailer.weightOffset)
    return makeError("'%s' is damaged: its size is not what its trailer says",
                     path);
  if (lambent_hash64(bytes, trailer.weightOffset) != trailer.codeHash)
    return makeError("'%s' is damaged: its code's checksum is wrong", path);
  return nullptr;
}

LambentStatus *ArtefactFile::open(const char *path) {
  if (LambentStatus *status = file.open(path))
    return status;
  Mapping all;
  if (LambentStatus *status =
          Mapping::mapFile(file.descriptor(), path, 0, file.size(), all))
    return status;
  return checkArtefact(path, all.data(), all.size(), trailer);
}

LambentStatus *ArtefactFile::mapDescription(Mapping &mapping) const {
  return Mapping::mapFile(file.descriptor(), file.path(),
                          trailer.descriptionOffset, trailer.descriptionBytes,
                          mapping);
}

LambentStatus *ArtefactFile::mapWeights(Mapping &mapping) const {
  LambentStatus *status =
      Mapping::mapFile(file.descriptor(), file.path(), trailer.weightOffset,
                       trailer.weightBytes, mapping);
  if (!status)
    mapping.willNeed();
  return status;
}

} // namespace lambent::runtime

LambentStatus *lambent::readArtefact(const char *path,
                                     ArtefactTrailer &trailer) {
  runtime::ArtefactFile file;
  if (LambentStatus *status = file.open(path))
    return status;
  trailer = file.getTrailer();
  return nullptr;
}

LambentStatus *lambent::openArtefact(const char *path, ArtefactTrailer &trailer,
                                     int &descriptor) {
  runtime::ArtefactFile file;
  if (LambentStatus *status = file.open(path))
    return status;
  trailer = file.getTrailer();
  descriptor = fcntl(file.descriptor(), F_DUPFD_CLOEXEC, 0);
  return descriptor >= 0 ? nullptr
                         : runtime::makeError("cannot open '%s': %s", path,
                                              strerror(errno));
}

LambentStatus *lambent_artefact_kind(const char *path,
                                     LambentArtefactKind *kind) {
  if (LambentStatus *status = lambent::runtime::requireArguments(
          __func__, {{"path", path}, {"kind", kind}}))
    return status;
  lambent::ArtefactTrailer trailer;
  if (LambentStatus *status = lambent::readArtefact(path, trailer))
    return status;
  if (trailer.kind < lambent::ArtefactKind::Library ||
      trailer.kind > lambent::ArtefactKind::Object)
    return lambent::runtime::makeError(
        "'%s' is an artefact of an unknown kind, %u", path,
        static_cast<unsigned>(trailer.kind));
  *kind = static_cast<LambentArtefactKind>(trailer.kind);
  return nullptr;
}
