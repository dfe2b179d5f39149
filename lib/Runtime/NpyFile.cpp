//===- NpyFile.cpp - Read and write NumPy's .npy --------------------------===//

#include "Mapping.h"
#include "NpyHeader.h"
#include "StringTensors.h"
#include "TensorCheck.h"
#include "lambent/ElementTypes/ElementType.h"
#include "lambent/Runtime/Status.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

/// Elements stand with the first index running fastest; puts them in row-major
/// order.
static LambentStatus *transposeFromFortran(OwnedTensor &tensor,
                                           const char *path) {
  const LambentTensor &view = tensor.get();
  uint64_t count = tensor.getElements(), width = view.dtype.bits / 8;
  char *data = static_cast<char *>(view.data);
  char *source = static_cast<char *>(malloc(tensor.getBytes() + 1));
  if (!source)
    return makeOutOfMemory(path, tensor.getBytes());
  memcpy(source, data, tensor.getBytes());
  int64_t index[OwnedTensor::maxRank] = {};
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t position = 0;
    for (int32_t d = view.ndim - 1; d >= 0; --d)
      position = position * static_cast<uint64_t>(view.shape[d]) +
                 static_cast<uint64_t>(index[d]);
    memcpy(data + i * width, source + position * width, width);
    for (int32_t d = view.ndim - 1; d >= 0 && ++index[d] == view.shape[d]; --d)
      index[d] = 0;
  }
  free(source);
  return nullptr;
}

LambentStatus *readNpy(const char *path, OwnedTensor &tensor) {
  File file;
  if (LambentStatus *status = file.open(path))
    return status;
  unsigned char start[12] = {};
  uint64_t startBytes =
      file.size() < sizeof(start) ? file.size() : sizeof(start);
  if (LambentStatus *status = file.read(start, 0, startBytes))
    return status;
  if (memcmp(start, "\x93NUMPY", 6) != 0)
    return makeError("'%s' is not a NumPy file", path);
  if (start[6] < 1 || start[6] > 3 || start[7] != 0)
    return makeUnsupported(
        "'%s': expected NumPy's format 1.0, 2.0 or 3.0, but got %d.%d", path,
        start[6], start[7]);
  uint64_t headerAt = start[6] == 1 ? 10 : 12,
           headerBytes = start[8] | start[9] << 8;
  if (start[6] != 1)
    headerBytes |= static_cast<uint64_t>(start[10]) << 16 |
                   static_cast<uint64_t>(start[11]) << 24;
  enum : uint64_t { maxHeader = 65536 };
  if (headerBytes > maxHeader || headerAt + headerBytes > file.size())
    return makeError("'%s' is truncated or its NumPy header is damaged", path);
  char text[maxHeader + 1];
  if (LambentStatus *status = file.read(text, headerAt, headerBytes))
    return status;
  text[headerBytes] = 0;
  NpyHeader header;
  if (LambentStatus *status = header.parse(text, path))
    return status;

  // Compare with the file's size before memory is asked for: a header can claim
  // anything.
  uint64_t dataAt = headerAt + headerBytes, present = file.size() - dataAt,
           elements = 1, wanted;
  for (uint32_t i = 0; i < header.rank; ++i)
    if (__builtin_mul_overflow(elements, static_cast<uint64_t>(header.dims[i]),
                               &elements))
      elements = header.dims[i] ? UINT64_MAX / 64 : 0;
  if (elements > UINT64_MAX / 64 ||
      __builtin_mul_overflow(elements, header.getWidth(), &wanted) ||
      wanted != present)
    return makeError(
        "'%s': its header describes %s, but %llu bytes of data follow", path,
        TypeText(header.type, header.dims, header.rank).text,
        static_cast<unsigned long long>(present));
  if (header.stringKind) {
    Mapping mapping;
    if (LambentStatus *status =
            Mapping::mapFile(file.descriptor(), path, 0, file.size(), mapping))
      return status;
    if (LambentStatus *status =
            readNpyStrings(header, mapping.data() + dataAt, path, tensor))
      return status;
    return header.fortranOrder && header.rank > 1
               ? transposeFromFortran(tensor, path)
               : nullptr;
  }
  if (LambentStatus *status =
          tensor.allocate(header.type, header.dims, header.rank, path))
    return status;
  char *data = static_cast<char *>(tensor.get().data);
  if (LambentStatus *status = file.read(data, dataAt, tensor.getBytes()))
    return status;
  if (header.type.code == LAMBENT_BOOL)
    for (uint64_t i = 0; i < tensor.getBytes(); ++i)
      data[i] = data[i] != 0;
  return header.fortranOrder && header.rank > 1
             ? transposeFromFortran(tensor, path)
             : nullptr;
}

/// Writes the data as it is, or packed elements a byte each.
static bool writeElements(FILE *file, const char *data, uint64_t count,
                          const ElementType &type) {
  if (!type.isPacked()) {
    uint64_t bytes = count * (type.bits / 8);
    return !bytes || fwrite(data, 1, bytes, file) == bytes;
  }
  enum : uint64_t { most = 4096 };
  char bytes[most];
  for (uint64_t i = 0; i < count; i += most) {
    uint64_t some = count - i < most ? count - i : most;
    unpackElements(data + i * type.bits / 8, bytes, some, type.bits);
    if (fwrite(bytes, 1, some, file) != some)
      return false;
  }
  return true;
}

LambentStatus *writeNpy(const char *path, const LambentTensor &tensor) {
  const ElementType *type =
      findElementType(tensor.dtype.code, tensor.dtype.bits);
  if (!type || tensor.ndim < 0 ||
      tensor.ndim > static_cast<int32_t>(OwnedTensor::maxRank))
    return makeUnsupported("cannot write '%s': NumPy has no such array", path);
  NpyStrings strings(tensor);
  char numpy[32];
  snprintf(numpy, sizeof(numpy), "%s", type->numpy);
  if (isString(tensor.dtype)) {
    if (LambentStatus *status = strings.check(path))
      return status;
    strings.describe(numpy, sizeof(numpy));
  }
  char text[2048];
  int length =
      snprintf(text, sizeof(text),
               "{'descr': '%s', 'fortran_order': False, 'shape': (", numpy);
  for (int32_t i = 0; i < tensor.ndim; ++i)
    length += snprintf(text + length, sizeof(text) - length, "%lld%s",
                       static_cast<long long>(tensor.shape[i]),
                       i + 1 < tensor.ndim ? ", "
                       : tensor.ndim == 1  ? ","
                                           : "");
  length += snprintf(text + length, sizeof(text) - length, "), }");
  while ((10 + length + 1) % 64) // data starts at a multiple of 64
    text[length++] = ' ';
  text[length++] = '\n';
  const unsigned char start[10] = {0x93,
                                   'N',
                                   'U',
                                   'M',
                                   'P',
                                   'Y',
                                   1,
                                   0,
                                   static_cast<unsigned char>(length & 255),
                                   static_cast<unsigned char>(length >> 8)};
  FILE *file = fopen(path, "we");
  if (!file)
    return makeError("cannot write '%s': %s", path, strerror(errno));
  const char *data =
      static_cast<const char *>(tensor.data) + tensor.byte_offset;
  bool failed =
      fwrite(start, 1, 10, file) != 10 ||
      fwrite(text, 1, length, file) != static_cast<size_t>(length) ||
      !(isString(tensor.dtype)
            ? strings.write(file)
            : writeElements(file, data, countElements(tensor), *type));
  if (fclose(file) || failed)
    return makeError("cannot write '%s': %s", path, strerror(errno));
  return nullptr;
}

} // namespace lambent::runtime
