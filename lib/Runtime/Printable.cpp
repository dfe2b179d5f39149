//===- Printable.cpp - Text that a terminal shows as it is ----------------===//
//
// Names come from models and files that anyone may have written. What would
// move the cursor, change colours, end a line or turn the order of letters
// round is written as an escape: \n, \x1b, \u202e; so are bytes that are not
// UTF-8. Messages and the driver's output go through this one function.
//
//===----------------------------------------------------------------------===//

#include "lambent-c/runtime.h"
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/// Decodes one code point of UTF-8 and returns how many bytes it takes, 0 when
/// they are none: too few, overlong, a surrogate, or too large.
static unsigned decode(const unsigned char *text, size_t length,
                       uint32_t &point) {
  unsigned char first = text[0];
  unsigned bytes = first < 0x80            ? 1
                   : (first >> 5) == 0x06 ? 2
                   : (first >> 4) == 0x0e ? 3
                   : (first >> 3) == 0x1e ? 4
                                          : 0;
  if (bytes == 0 || bytes > length)
    return 0;
  point = bytes == 1 ? first : first & (0xffu >> (bytes + 1));
  for (unsigned i = 1; i < bytes; ++i) {
    if ((text[i] & 0xc0) != 0x80)
      return 0;
    point = point << 6 | (text[i] & 0x3f);
  }
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (point < least[bytes] || point > 0x10ffff ||
      (point >= 0xd800 && point <= 0xdfff))
    return 0;
  return bytes;
}

/// Whether a code point shows as a glyph, or as a space, in reading order.
static bool isShown(uint32_t point) {
  // Control characters; what has no width; line ends; marks and overrides of
  // direction; tags.
  static const uint32_t hidden[][2] = {
      {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},
      {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},
      {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff},
      {0xfff0, 0xfffb}, {0xe0000, 0xe0fff}};
  for (const uint32_t *range : hidden)
    if (point >= range[0] && point <= range[1])
      return false;
  return true;
}

size_t lambent_printable(const char *text, size_t length, char *buffer,
                         size_t size) {
  if (!text)
    length = 0;
  if (!buffer)
    size = 0;
  size_t written = 0;
  auto put = [&](const void *bytes, size_t count) {
    for (size_t i = 0; i < count; ++i, ++written)
      if (written + 1 < size)
        buffer[written] = static_cast<const char *>(bytes)[i];
  };
  const auto *at = reinterpret_cast<const unsigned char *>(text);
  while (length > 0) {
    uint32_t point = 0;
    unsigned bytes = decode(at, length, point);
    if (bytes && isShown(point)) {
      put(at, bytes);
    } else {
      char escape[16];
      const char *name = strchr("\nn\rr\tt", bytes ? int(point) : 0);
      if (bytes == 1 && point && name)
        snprintf(escape, sizeof escape, "\\%c", name[1]);
      else if (bytes <= 1)
        snprintf(escape, sizeof escape, "\\x%02x", unsigned(*at));
      else
        snprintf(escape, sizeof escape, point < 0x10000 ? "\\u%04x" : "\\U%08x",
                 unsigned(point));
      put(escape, strlen(escape));
    }
    at += bytes ? bytes : 1;
    length -= bytes ? bytes : 1;
  }
  if (size > 0)
    buffer[written < size ? written : size - 1] = 0;
  return written;
}
