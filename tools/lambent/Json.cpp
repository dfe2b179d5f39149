//===- Json.cpp - JSON as the driver prints it ----------------------------===//

#include "Json.h"
#include <cmath>
#include <cstdio>

namespace lambent::driver {

void JsonWriter::separate() {
  if (needsComma)
    result += ", ";
  needsComma = true;
}

JsonWriter &JsonWriter::open(char bracket) {
  separate();
  result += bracket;
  needsComma = false;
  return *this;
}

JsonWriter &JsonWriter::close(char bracket) {
  result += bracket;
  needsComma = true;
  return *this;
}

JsonWriter &JsonWriter::key(std::string_view name) {
  value(name);
  result += ": ";
  needsComma = false;
  return *this;
}

JsonWriter &JsonWriter::value(std::string_view text) {
  separate();
  result += '"';
  for (char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", c);
      result += escape;
    } else {
      result += c;
    }
  }
  result += '"';
  return *this;
}

JsonWriter &JsonWriter::value(double number) {
  separate();
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", std::isfinite(number) ? number : 0);
  result += text;
  return *this;
}

} // namespace lambent::driver
