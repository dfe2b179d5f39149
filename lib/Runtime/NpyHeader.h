//===- NpyHeader.h - The header of an .npy file -----------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_NPYHEADER_H
#define LAMBENT_RUNTIME_NPYHEADER_H

#include "OwnedTensor.h"
#include <stdio.h>

namespace lambent::runtime {

struct NpyHeader {
  LambentDataType type = {};
  /// Of strings, which are all as long, filled with zeros at their ends: the
  /// letter of their type, and how many bytes, or code points of 4 bytes, each
  /// has.
  char stringKind = 0;
  uint64_t stringLength = 0;
  bool fortranOrder = false;
  uint32_t rank = 0;
  int64_t dims[OwnedTensor::maxRank];

  /// Parses the dictionary {'descr': '<f4', 'fortran_order': False, 'shape':
  /// (2, 3), }, a string that ends in 0.
  LambentStatus *parse(const char *text, const char *path);

  /// Bytes of an element in the file.
  uint64_t getWidth() const {
    return stringKind == 'U' ? 4 * stringLength
           : stringKind      ? stringLength
                             : type.bits / 8u;
  }

private:
  LambentStatus *parseType(const char *text, const char *path);
};

/// Makes a tensor of the strings in a file's data, of a header that was
/// compared with how many bytes there are.
LambentStatus *readNpyStrings(const NpyHeader &header, const char *data,
                              const char *path, OwnedTensor &tensor);

/// The elements of an .npy file of strings: as unicode where all of them are
/// UTF-8, else as bytes.
class NpyStrings {
public:
  explicit NpyStrings(const LambentTensor &tensor);
  /// An error where a file can't hold one of them: it ends in a zero, which
  /// NumPy takes for the end of a shorter one.
  LambentStatus *check(const char *path) const;
  /// NumPy's type string: "<U12".
  void describe(char *text, size_t size) const;
  bool write(FILE *file) const;

private:
  const LambentString *strings;
  uint64_t count, length = 1; ///< the longest, at least 1 as in NumPy
  bool isUnicode = true;
};

} // namespace lambent::runtime

#endif
