//===- Markup.h - HTML that names of a model cannot break -------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_LAYERREPORT_MARKUP_H
#define LAMBENT_TOOLS_LAYERREPORT_MARKUP_H

#include <optional>
#include <string>
#include <string_view>

namespace lambent::driver {

/// Any text as HTML, between tags or within the quotes of an attribute.
std::string escapeMarkup(std::string_view text);

/// The beginning of a text, of so many letters at most, and an ellipsis.
std::string shorten(std::string_view text, size_t most);

/// A number with so many decimals; empty without one.
std::string decimals(std::optional<double> number, int count);

/// Milliseconds with as many decimals as short layers need.
std::string msText(std::optional<double> ms);

} // namespace lambent::driver

#endif
