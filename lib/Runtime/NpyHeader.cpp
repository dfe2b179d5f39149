//===- NpyHeader.cpp - The header of an .npy file -------------------------===//
//
// A Python dictionary with three keys. Only what NumPy writes is taken: no
// expression is ever evaluated.
//
//===----------------------------------------------------------------------===//

#include "NpyHeader.h"
#include "lambent/ElementTypes/ElementType.h"
#include "lambent/Runtime/Status.h"
#include <string.h>

namespace lambent::runtime {

namespace {

/// Reads tokens from left to right; each function says whether it found what it
/// looks for.
class Reader {
public:
  explicit Reader(const char *text) : at(text) {}

  bool take(const char *token) {
    skipSpace();
    size_t length = strlen(token);
    if (strncmp(at, token, length) != 0)
      return false;
    at += length;
    return true;
  }

  /// A string in single or double quotes, without escapes.
  bool takeString(char *text, size_t size) {
    skipSpace();
    char quote = *at;
    if (quote != '\'' && quote != '"')
      return false;
    const char *end = strchr(at + 1, quote);
    if (!end || static_cast<size_t>(end - at) > size)
      return false;
    memcpy(text, at + 1, end - at - 1);
    text[end - at - 1] = 0;
    at = end + 1;
    return true;
  }

  bool takeNumber(int64_t &number) {
    skipSpace();
    if (*at < '0' || *at > '9')
      return false;
    for (number = 0; *at >= '0' && *at <= '9'; ++at)
      if (__builtin_mul_overflow(number, 10, &number) ||
          __builtin_add_overflow(number, *at - '0', &number))
        return false;
    if (*at == 'L') // Python 2's long
      ++at;
    return true;
  }

private:
  void skipSpace() {
    while (*at == ' ' || *at == '\n' || *at == '\t')
      ++at;
  }
  const char *at;
};

} // namespace

/// How long strings are: NumPy counts their bytes in 31 bits.
static bool parseLength(const char *text, uint64_t &length) {
  length = 0;
  if (!*text)
    return false;
  for (; *text; ++text) {
    if (*text < '0' || *text > '9' || length > INT32_MAX)
      return false;
    length = 10 * length + static_cast<uint64_t>(*text - '0');
  }
  return length <= INT32_MAX;
}

/// NumPy's type strings: byte order, kind, bytes.
LambentStatus *NpyHeader::parseType(const char *text, const char *path) {
  char order = text[0], kind = order ? text[1] : 0;
  const char *size = kind ? text + 2 : "";
  bool hasOrder = kind == 'U' || (kind != 'S' && strcmp(size, "1") != 0);
  if (order == '>' && hasOrder)
    return makeError(
        "'%s': expected a little-endian array, but got big-endian '%s'", path,
        text);
  bool isOrder = order && strchr("<>|=", order);
  // What ml_dtypes writes for most narrow types does not tell which one it is.
  if (isOrder && kind == 'V' && strcmp(size, "1") == 0) {
    type = {LAMBENT_OPAQUE, 8, 1};
    return nullptr;
  }
  if (isOrder && kind == 'f' && strcmp(size, "1") == 0) {
    type = {LAMBENT_FLOAT8_E5M2, 8, 1};
    return nullptr;
  }
  if (isOrder && (kind == 'U' || kind == 'S') &&
      parseLength(size, stringLength)) {
    stringKind = kind;
    type = {LAMBENT_STRING, 8 * sizeof(LambentString), 1};
    return nullptr;
  }
  if (isOrder && kind == 'O')
    return makeUnsupported("'%s': expected an array of numbers or strings, but "
                           "got one of objects: save strings as "
                           "array.astype('U') or, of bytes, array.astype('S')",
                           path);
  for (const ElementType &row : elementTypes)
    if (isOrder && row.code != LAMBENT_STRING &&
        strcmp(row.numpy + 1, text + 1) == 0) {
      type = {row.code, row.bits, 1};
      return nullptr;
    }
  return makeUnsupported(
      "'%s': expected an array of numbers or strings, but got NumPy type '%s'",
      path, text);
}

LambentStatus *NpyHeader::parse(const char *text, const char *path) {
  Reader reader(text);
  char descr[64] = "";
  bool hasDescr = false, hasOrder = false, hasShape = false,
       isGood = reader.take("{");
  while (isGood && !reader.take("}")) {
    char key[32];
    isGood = reader.takeString(key, sizeof(key)) && reader.take(":");
    if (!isGood)
      break;
    if (strcmp(key, "descr") == 0) {
      isGood = !hasDescr && reader.takeString(descr, sizeof(descr));
      hasDescr = true;
    } else if (strcmp(key, "fortran_order") == 0) {
      fortranOrder = reader.take("True");
      isGood = !hasOrder && (fortranOrder || reader.take("False"));
      hasOrder = true;
    } else if (strcmp(key, "shape") == 0) {
      isGood = !hasShape && reader.take("(");
      hasShape = true;
      while (isGood && !reader.take(")")) {
        isGood = rank < OwnedTensor::maxRank && reader.takeNumber(dims[rank++]);
        if (isGood && !reader.take(",")) {
          isGood = reader.take(")");
          break;
        }
      }
    } else {
      isGood = false;
    }
    if (isGood && !reader.take(",")) {
      isGood = reader.take("}");
      break;
    }
  }
  if (!isGood || !hasDescr || !hasOrder || !hasShape)
    return makeError("'%s': its NumPy header is damaged or describes more than "
                     "an array of numbers",
                     path);
  return parseType(descr, path);
}

} // namespace lambent::runtime
