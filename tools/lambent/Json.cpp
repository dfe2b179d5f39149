//===- Json.cpp - JSON as the driver prints it ----------------------------===//

#include "Json.h"
#include "Report.h"
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
  // As messages have it: UTF-8 without control characters.
  for (char c : shown(text)) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += c;
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
