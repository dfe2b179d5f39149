//===- ArtefactFile.cpp - Read an artefact and check it -------------------===//

#include "ArtefactFile.h"
#include "ArtefactMagic.h"
#include "lambent/Runtime/Arguments.h"
#include <elf.h>
#include <string.h>

namespace lambent::runtime {

/// Says what the file is, as far as that helps.
LambentStatus *ArtefactFile::explainMissingTrailer() const {
  Elf64_Ehdr header;
  if (file.size() >= sizeof(header)) {
    if (LambentStatus *status = file.read(&header, 0, sizeof(header)))
      return status;
    if (memcmp(header.e_ident, ELFMAG, SELFMAG) == 0)
      return makeError("'%s' is no artefact of Lambent, or its end with the "
                       "checksums was cut off, by strip or an incomplete "
                       "copy: compile it again, and do not strip it",
                       file.path());
  }
  return makeError("'%s' is not an artefact of Lambent", file.path());
}

LambentStatus *ArtefactFile::open(const char *path) {
  if (LambentStatus *status = file.open(path))
    return status;
  if (file.size() < sizeof(trailer))
    return explainMissingTrailer();
  if (LambentStatus *status =
          file.read(&trailer, file.size() - sizeof(trailer), sizeof(trailer)))
    return status;
  if (memcmp(trailer.magic, artefactMagic, sizeof(trailer.magic)) != 0)
    return explainMissingTrailer();
  if (trailer.trailerHash !=
      lambent_hash64(&trailer, offsetof(ArtefactTrailer, trailerHash)))
    return makeError("'%s' is damaged: its trailer's checksum is wrong", path);
  if (trailer.version != ArtefactTrailer::currentVersion)
    return makeUnsupported("'%s' has artefact version %u, but this runtime "
                           "reads version %u: compile it again",
                           path, trailer.version,
                           +ArtefactTrailer::currentVersion);
  uint64_t end;
  if (trailer.weightOffset % weightAlignment ||
      trailer.model[sizeof(trailer.model) - 1] ||
      __builtin_add_overflow(trailer.weightOffset, trailer.weightBytes, &end) ||
      end != file.size() - sizeof(trailer))
    return makeError("'%s' is damaged: its size is not what its trailer says",
                     path);
  Mapping code;
  if (LambentStatus *status = Mapping::mapFile(file.descriptor(), path, 0,
                                               trailer.weightOffset, code))
    return status;
  if (lambent_hash64(code.data(), code.size()) != trailer.codeHash)
    return makeError("'%s' is damaged: its code's checksum is wrong", path);
  return nullptr;
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
