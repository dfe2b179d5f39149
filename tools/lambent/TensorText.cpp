//===- TensorText.cpp - Types and shapes as people read them --------------===//

#include "TensorText.h"
#include <cstdio>
#include <iterator>

namespace lambent::driver {

std::string typeText(uint8_t code, uint8_t bits) {
#define LAMBENT_ROW(NAME, NUMBER, CODE, BITS, TEXT, NUMPY, C_TYPE, MEANING)    \
  if (code == CODE && bits == BITS)                                            \
    return TEXT;
  LAMBENT_ELEMENT_TYPES(LAMBENT_ROW)
#undef LAMBENT_ROW
  return "type " + std::to_string(code) + "/" + std::to_string(bits);
}

LambentDataType findType(const std::string &text) {
#define LAMBENT_ROW(NAME, NUMBER, CODE, BITS, TEXT, NUMPY, C_TYPE, MEANING)    \
  if (text == TEXT)                                                            \
    return {CODE, BITS, 1};
  LAMBENT_ELEMENT_TYPES(LAMBENT_ROW)
#undef LAMBENT_ROW
  return {LAMBENT_OPAQUE, 0, 1};
}

uint8_t getListCode(const LambentTensorInfo &info) {
  if (info.list & LAMBENT_LIST_OPTIONAL)
    return LAMBENT_OPTIONAL;
  return info.list & LAMBENT_LIST_SEQUENCE ? LAMBENT_SEQUENCE : 0;
}

uint8_t findListCode(const std::string &type) {
  return type == "sequence"   ? LAMBENT_SEQUENCE
         : type == "optional" ? LAMBENT_OPTIONAL
                              : 0;
}

std::string listText(const LambentTensorInfo &info) {
  std::string text;
  if (info.list & LAMBENT_LIST_OPTIONAL)
    text += "optional ";
  if (info.list & LAMBENT_LIST_SEQUENCE)
    text += "sequence of ";
  return text;
}

std::string shapeText(const int64_t *dims, size_t rank) {
  if (rank == 0)
    return "scalar";
  std::string text;
  for (size_t i = 0; i < rank; ++i)
    text += (i ? "x" : "") + (dims[i] < 0 ? "?" : std::to_string(dims[i]));
  return text;
}

std::string shapeText(const LambentModel &model,
                      const LambentTensorInfo &info) {
  if (info.list)
    return info.list & LAMBENT_LIST_ANY_RANK ? "of any rank"
                                             : shapeText(info.dims, info.rank);
  if (info.most_rank)
    return "of " + std::to_string(info.least_rank) + " to " +
           std::to_string(info.most_rank) + " dims";
  bool isOpen = false;
  std::string text;
  for (uint32_t i = 0; i < info.rank; ++i) {
    std::string dim = std::to_string(info.dims[i]);
    if (info.dims[i] < 0) {
      isOpen = true;
      const LambentSymbolInfo *symbol =
          lambent_model_find_symbol(&model, info.sizes[i]);
      dim = symbol && *symbol->name ? symbol->name : "?";
    }
    text += (i ? " x " : "") + dim;
  }
  return isOpen ? text : shapeText(info.dims, info.rank);
}

std::string rangeText(const LambentSymbolInfo &symbol) {
  std::string least = std::to_string(symbol.least);
  std::string text = symbol.most == INT64_MAX
                         ? "at least " + least
                         : least + " to " + std::to_string(symbol.most);
  if (symbol.factor > 1)
    text += ", a multiple of " + std::to_string(symbol.factor);
  return text;
}

std::string sizeText(uint64_t bytes) {
  const char *units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit)
    value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, unit ? "%.1f %s" : "%.0f %s", value,
                units[unit]);
  return text;
}

} // namespace lambent::driver
