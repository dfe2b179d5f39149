//===- NpyStrings.cpp - Strings in NumPy's .npy ---------------------------===//
//
// All elements are as long as the longest: 'S' has bytes, 'U' code points of
// four. What follows the last one that is not 0 is no part of a string.
//
//===----------------------------------------------------------------------===//

#include "NpyHeader.h"
#include "StringTensors.h"
#include "lambent/Runtime/Status.h"
#include <string.h>

namespace lambent::runtime {

static bool isCodePoint(uint32_t point) {
  return point < 0xD800 || (point > 0xDFFF && point <= 0x10FFFF);
}

/// Writes a code point as UTF-8 where `text` is not null; how many bytes it
/// takes.
static unsigned encode(uint32_t point, char *text) {
  unsigned length = point < 0x80      ? 1
                    : point < 0x800   ? 2
                    : point < 0x10000 ? 3
                                      : 4;
  static constexpr uint32_t marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
  for (unsigned i = length; text && i-- > 0; point >>= 6)
    text[i] =
        static_cast<char>(i ? 0x80 | (point & 0x3F) : marks[length] | point);
  return length;
}

/// Reads a code point; false where the bytes are no UTF-8, which has one way
/// only to write it.
static bool decode(const char *&at, const char *end, uint32_t &point) {
  auto byte = [&](ptrdiff_t i) {
    return uint32_t(static_cast<unsigned char>(at[i]));
  };
  uint32_t first = byte(0);
  unsigned length = first < 0x80   ? 1
                    : first < 0xC0 ? 0
                    : first < 0xE0 ? 2
                    : first < 0xF0 ? 3
                    : first < 0xF8 ? 4
                                   : 0;
  if (!length || static_cast<uint64_t>(end - at) < length)
    return false;
  point = length == 1 ? first : first & (0x7Fu >> length);
  for (unsigned i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80)
      return false;
    point = point << 6 | (byte(i) & 0x3F);
  }
  at += length;
  return isCodePoint(point) && encode(point, nullptr) == length;
}

namespace {

/// One string of a file.
class FileString {
public:
  FileString(const NpyHeader &header, const char *data)
      : data(data), isUnicode(header.stringKind == 'U'),
        length(header.stringLength) {
    while (length && getUnit(length - 1) == 0)
      --length;
  }
  /// Bytes of the string; UINT64_MAX where it has no code points.
  uint64_t measure() const {
    if (!isUnicode)
      return length;
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < length; ++i) {
      if (!isCodePoint(getUnit(i)))
        return UINT64_MAX;
      bytes += encode(getUnit(i), nullptr);
    }
    return bytes;
  }
  void copy(char *text) const {
    if (!isUnicode)
      memcpy(text, data, length);
    for (uint64_t i = 0; isUnicode && i < length; ++i)
      text += encode(getUnit(i), text);
  }

private:
  uint32_t getUnit(uint64_t index) const {
    if (!isUnicode)
      return static_cast<unsigned char>(data[index]);
    uint32_t unit;
    memcpy(&unit, data + 4 * index, 4);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    unit = __builtin_bswap32(unit);
#endif
    return unit;
  }
  const char *data;
  bool isUnicode;
  uint64_t length;
};

} // namespace

LambentStatus *readNpyStrings(const NpyHeader &header, const char *data,
                              const char *path, OwnedTensor &tensor) {
  uint64_t width = header.getWidth(), elements = 1, text = 0;
  for (uint32_t i = 0; i < header.rank; ++i)
    elements *= static_cast<uint64_t>(header.dims[i]);
  // Strings of no bytes take none in the file, however many there are.
  if (!width && elements > (uint64_t(1) << 20))
    return makeError("'%s': expected at most 2^20 strings without bytes, but "
                     "got %llu",
                     path, static_cast<unsigned long long>(elements));
  for (uint64_t i = 0; i < elements && width; ++i) {
    uint64_t bytes = FileString(header, data + i * width).measure();
    if (bytes == UINT64_MAX)
      return makeError("'%s': element %llu is no text: it has code points that "
                       "Unicode does not have",
                       path, static_cast<unsigned long long>(i));
    text += bytes;
  }
  if (LambentStatus *status =
          tensor.allocate(header.type, header.dims, header.rank, path, text))
    return status;
  LambentString *strings = getStrings(tensor.get());
  char *next = static_cast<char *>(tensor.get().data) + tensor.getBytes();
  for (uint64_t i = 0; i < elements && width; ++i) {
    FileString string(header, data + i * width);
    strings[i] = {next, string.measure()};
    string.copy(next);
    next += strings[i].length;
  }
  return nullptr;
}

/// The code points of UTF-8; false where it is none.
static bool countCodePoints(const LambentString &string, uint64_t &points) {
  const char *at = string.data, *end = at + string.length;
  uint32_t point;
  for (points = 0; at != end; ++points)
    if (!decode(at, end, point))
      return false;
  return true;
}

NpyStrings::NpyStrings(const LambentTensor &tensor)
    : strings(nullptr), count(0) {
  if (!isString(tensor.dtype))
    return;
  strings = getStrings(tensor);
  count = countElements(tensor);
  uint64_t longest = 1, mostPoints = 1;
  for (uint64_t i = 0; i < count; ++i) {
    longest = strings[i].length > longest ? strings[i].length : longest;
    uint64_t points = 0;
    isUnicode = isUnicode && countCodePoints(strings[i], points);
    mostPoints = points > mostPoints ? points : mostPoints;
  }
  length = isUnicode ? mostPoints : longest;
}

LambentStatus *NpyStrings::check(const char *path) const {
  for (uint64_t i = 0; i < count; ++i)
    if (strings[i].length && !strings[i].data[strings[i].length - 1])
      return makeUnsupported("cannot write '%s': string %llu ends in a zero, "
                             "which an .npy file does not keep: write .pb "
                             "files",
                             path, static_cast<unsigned long long>(i));
  if (length > INT32_MAX / (isUnicode ? 4 : 1))
    return makeUnsupported("cannot write '%s': a string of %llu characters is "
                           "longer than NumPy's: write .pb files",
                           path, static_cast<unsigned long long>(length));
  return nullptr;
}

void NpyStrings::describe(char *text, size_t size) const {
  snprintf(text, size, "%s%llu", isUnicode ? "<U" : "|S",
           static_cast<unsigned long long>(length));
}

bool NpyStrings::write(FILE *file) const {
  static constexpr char zeros[4096] = {};
  for (uint64_t i = 0; i < count; ++i) {
    const char *at = strings[i].data, *end = at + strings[i].length;
    uint64_t written = isUnicode ? 0 : strings[i].length;
    if (!isUnicode && written && fwrite(at, 1, written, file) != written)
      return false;
    uint32_t point;
    for (; isUnicode && at != end && decode(at, end, point); written += 4) {
      const unsigned char unit[4] = {static_cast<unsigned char>(point),
                                     static_cast<unsigned char>(point >> 8),
                                     static_cast<unsigned char>(point >> 16),
                                     0};
      if (fwrite(unit, 1, 4, file) != 4)
        return false;
    }
    for (uint64_t left = length * (isUnicode ? 4 : 1) - written; left;) {
      uint64_t some = left < sizeof(zeros) ? left : sizeof(zeros);
      if (fwrite(zeros, 1, some, file) != some)
        return false;
      left -= some;
    }
  }
  return true;
}

} // namespace lambent::runtime
