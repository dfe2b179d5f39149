//===- Markup.cpp - HTML that names of a model cannot break ---------------===//

#include "Markup.h"
#include "../Report.h"
#include <cstdio>

namespace lambent::driver {

std::string escapeMarkup(std::string_view text) {
  std::string result;
  for (char c : shown(text))
    switch (c) {
    case '&':
      result += "&amp;";
      break;
    case '<':
      result += "&lt;";
      break;
    case '>':
      result += "&gt;";
      break;
    case '"':
      result += "&quot;";
      break;
    case '\'':
      result += "&#39;";
      break;
    default:
      result += c;
    }
  return result;
}

std::string shorten(std::string_view text, size_t most) {
  std::string whole = shown(text);
  size_t letters = 0, cut = 0;
  for (size_t i = 0; i < whole.size(); ++i) {
    bool continues = (static_cast<unsigned char>(whole[i]) & 0xC0) == 0x80;
    if (continues)
      continue;
    if (letters + 1 == most)
      cut = i;
    if (++letters > most)
      return whole.substr(0, cut) + "\u2026";
  }
  return whole;
}

std::string decimals(std::optional<double> number, int count) {
  if (!number)
    return "";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", count, *number);
  return text;
}

std::string msText(std::optional<double> ms) {
  return decimals(ms, !ms || *ms >= 1 ? 3 : *ms >= 0.001 ? 4 : 6);
}

} // namespace lambent::driver
