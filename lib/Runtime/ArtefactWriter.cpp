//===- ArtefactWriter.cpp - Put weights and a trailer behind code ---------===//

#include "ArtefactMagic.h"
#include "Mapping.h"
#include "lambent/Runtime/Artefact.h"
#include "lambent/Runtime/Status.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace lambent;
using namespace lambent::runtime;

static bool writeAll(int file, const void *data, uint64_t bytes) {
  const char *source = static_cast<const char *>(data);
  while (bytes) {
    // Linux writes at most 2 GiB at once.
    ssize_t written =
        write(file, source, bytes < (1u << 30) ? bytes : 1u << 30);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    source += written;
    bytes -= static_cast<uint64_t>(written);
  }
  return true;
}

static LambentStatus *append(int file, const char *path,
                             ArtefactTrailer &trailer, const void *description,
                             const void *weights) {
  struct stat info;
  if (fstat(file, &info))
    return makeError("cannot read '%s': %s", path, strerror(errno));
  uint64_t codeBytes = static_cast<uint64_t>(info.st_size);
  trailer.descriptionOffset = (codeBytes + 7) / 8 * 8;
  uint64_t end = trailer.descriptionOffset + trailer.descriptionBytes;
  trailer.weightOffset =
      (end + weightAlignment - 1) / weightAlignment * weightAlignment;
  if (lseek(file, static_cast<off_t>(trailer.descriptionOffset), SEEK_SET) <
          0 ||
      !writeAll(file, description, trailer.descriptionBytes) ||
      ftruncate(file, static_cast<off_t>(trailer.weightOffset)))
    return makeError("cannot write '%s': %s", path, strerror(errno));
  Mapping code;
  if (LambentStatus *status =
          Mapping::mapFile(file, path, 0, trailer.weightOffset, code))
    return status;
  trailer.codeHash = lambent_hash64(code.data(), code.size());
  trailer.trailerHash =
      lambent_hash64(&trailer, offsetof(ArtefactTrailer, trailerHash));
  if (lseek(file, 0, SEEK_END) < 0 ||
      !writeAll(file, weights, trailer.weightBytes) ||
      !writeAll(file, &trailer, sizeof(trailer)))
    return makeError("cannot write '%s': %s", path, strerror(errno));
  return nullptr;
}

LambentStatus *lambent::writeArtefact(const char *path, ArtefactKind kind,
                                      const char *modelSymbol,
                                      const void *description,
                                      uint64_t descriptionBytes,
                                      const void *weights, uint64_t weightBytes,
                                      uint64_t weightHash) {
  ArtefactTrailer trailer = {};
  if (strlen(modelSymbol) >= sizeof(trailer.model))
    return makeError("the model's name '%s' is longer than the %zu bytes an "
                     "artefact has for it",
                     modelSymbol, sizeof(trailer.model) - 1);
  trailer.version = ArtefactTrailer::currentVersion;
  trailer.kind = kind;
  trailer.descriptionBytes = descriptionBytes;
  trailer.weightBytes = weightBytes;
  trailer.weightHash = weightHash;
  strcpy(trailer.model, modelSymbol);
  memcpy(trailer.magic, artefactMagic, sizeof(artefactMagic));
  int create = kind == ArtefactKind::Weights ? O_CREAT | O_TRUNC : 0;
  int file = open(path, O_RDWR | O_CLOEXEC | create, 0666);
  if (file < 0)
    return makeError("cannot write '%s': %s", path, strerror(errno));
  LambentStatus *status = append(file, path, trailer, description, weights);
  if (close(file) && !status)
    status = makeError("cannot write '%s': %s", path, strerror(errno));
  return status;
}
