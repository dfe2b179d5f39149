//===- ElementType.h - The table of element types, for C++ ------*- C++ -*-===//
//
// Plain C++17 without the standard library: the runtime includes it.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_ELEMENTTYPES_ELEMENTTYPE_H
#define LAMBENT_ELEMENTTYPES_ELEMENTTYPE_H

#include "lambent-c/element_types.h"
#include <stdint.h>

namespace lambent {

/// A row of LAMBENT_ELEMENT_TYPES, where the columns are explained.
struct ElementType {
  const char *name;
  int32_t number;
  uint8_t code, bits;
  const char *text, *numpy, *cType, *meaning;

  /// Whether several elements share a byte.
  constexpr bool isPacked() const { return bits < 8; }
};

#define LAMBENT_ROW(NAME, NUMBER, CODE, BITS, TEXT, NUMPY, C_TYPE, MEANING)    \
  {#NAME, NUMBER, CODE, BITS, TEXT, NUMPY, C_TYPE, MEANING},
inline constexpr ElementType elementTypes[] = {
    LAMBENT_ELEMENT_TYPES(LAMBENT_ROW)};
#undef LAMBENT_ROW

/// The type of DLPack's code and bits, or null.
constexpr const ElementType *findElementType(uint8_t code, uint8_t bits) {
  for (const ElementType &type : elementTypes)
    if (type.code == code && type.bits == bits)
      return &type;
  return nullptr;
}

/// The type of a TensorProto.DataType, or null.
constexpr const ElementType *findElementType(uint64_t number) {
  for (const ElementType &type : elementTypes)
    if (static_cast<uint64_t>(type.number) == number)
      return &type;
  return nullptr;
}

/// Bytes of dense elements, packed where they have fewer than 8 bits.
constexpr uint64_t getPackedBytes(uint64_t count, uint8_t bits) {
  return bits % 8 ? count / 8 * bits + (count % 8 * bits + 7) / 8
                  : count * (bits / 8);
}

/// Packed elements as one byte each, the bits above an element's 0.
inline void unpackElements(const char *packed, char *bytes, uint64_t count,
                           uint8_t bits) {
  unsigned mask = (1u << bits) - 1;
  for (uint64_t i = 0; i < count; ++i) {
    unsigned byte = static_cast<unsigned char>(packed[i * bits / 8]);
    bytes[i] = static_cast<char>(byte >> i * bits % 8 & mask);
  }
}

/// The reverse, which may be done in place. The bits above an element's do not
/// matter.
inline void packElements(const char *bytes, char *packed, uint64_t count,
                         uint8_t bits) {
  unsigned mask = (1u << bits) - 1, byte = 0;
  for (uint64_t i = 0; i < count; ++i) {
    unsigned shift = static_cast<unsigned>(i * bits % 8);
    byte |= (static_cast<unsigned char>(bytes[i]) & mask) << shift;
    if (shift + bits == 8 || i + 1 == count) {
      packed[i * bits / 8] = static_cast<char>(byte);
      byte = 0;
    }
  }
}

} // namespace lambent

#endif
