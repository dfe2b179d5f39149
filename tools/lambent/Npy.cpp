//===- Npy.cpp - numpy's file format for one array
//-------------------------===//
//
// A magic string, a version, the length of a header, and the header: a Python
// dictionary literal with 'descr', 'fortran_order' and 'shape'. Then the data.
//
//===----------------------------------------------------------------------===//

#include "Npy.h"
#include <cstring>

namespace lambent::driver {

static constexpr std::string_view magic = "\x93NUMPY";

/// What follows `'key':` in the header, without blanks; empty if it is absent.
static std::string_view field(std::string_view header, std::string_view key) {
  std::string pattern = "'" + std::string(key) + "'";
  size_t at = header.find(pattern);
  if (at == std::string_view::npos)
    return {};
  header.remove_prefix(at + pattern.size());
  size_t start = header.find_first_not_of(" :");
  return start == std::string_view::npos ? std::string_view()
                                         : header.substr(start);
}

static bool parseShape(std::string_view text, std::vector<int64_t> &shape) {
  if (text.empty() || text.front() != '(')
    return false;
  text.remove_prefix(1);
  while (true) {
    size_t start = text.find_first_not_of(" ,");
    if (start == std::string_view::npos)
      return false;
    text.remove_prefix(start);
    if (text.front() == ')')
      return true;
    int64_t dim = 0;
    size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9';
         ++digits) {
      if (digits == 17)
        return false;
      dim = dim * 10 + (text[digits] - '0');
    }
    if (digits == 0)
      return false;
    shape.push_back(dim);
    text.remove_prefix(digits);
  }
}

static const ElementType *parseType(std::string_view text) {
  if (text.size() < 5 || text.front() != '\'')
    return nullptr;
  std::string_view code = text.substr(1, 3);
  if (text[4] != '\'')
    return nullptr;
  for (const ElementType &type : elementTypes()) {
    std::string_view numpy = type.numpy;
    bool sameOrder = code[0] == numpy[0] || code[0] == '=' || code[0] == '|';
    if (sameOrder && code.substr(1) == numpy.substr(1))
      return &type;
  }
  return nullptr;
}

/// Copies an array that is stored with its first index fastest.
static void copyFortran(const char *from, Tensor &to) {
  size_t rank = to.shape().size(), width = to.type().bits / 8;
  std::vector<uint64_t> strides(rank, 1);
  for (size_t i = 1; i < rank; ++i)
    strides[i] = strides[i - 1] * static_cast<uint64_t>(to.shape()[i - 1]);
  std::vector<int64_t> index(rank, 0);
  for (uint64_t n = 0; n < to.elements(); ++n) {
    uint64_t offset = 0;
    for (size_t i = 0; i < rank; ++i)
      offset += strides[i] * static_cast<uint64_t>(index[i]);
    std::memcpy(to.data() + n * width, from + offset * width, width);
    for (size_t i = rank; i-- > 0;) {
      if (++index[i] < to.shape()[i])
        break;
      index[i] = 0;
    }
  }
}

std::optional<Tensor> parseNpy(std::string_view bytes, std::string &error) {
  auto fail = [&](std::string reason) {
    error = std::move(reason);
    return std::nullopt;
  };
  if (bytes.substr(0, magic.size()) != magic || bytes.size() < 12)
    return fail("is not a .npy file");
  auto byte = [&](size_t i) {
    return static_cast<size_t>(static_cast<unsigned char>(bytes[i]));
  };
  bool longLength = byte(6) >= 2;
  size_t start = longLength ? 12 : 10, length = byte(8) | byte(9) << 8;
  if (longLength)
    length |= byte(10) << 16 | byte(11) << 24;
  if (bytes.size() < start || bytes.size() - start < length)
    return fail("is cut off in its header");
  std::string_view header = bytes.substr(start, length);
  bytes.remove_prefix(start + length);

  std::string_view descr = field(header, "descr");
  const ElementType *type = parseType(descr);
  if (!type)
    return fail("holds elements of a type that is not supported: " +
                std::string(descr.substr(0, descr.find(','))));
  std::vector<int64_t> shape;
  if (!parseShape(field(header, "shape"), shape))
    return fail("has a header without a readable shape");
  std::optional<Tensor> tensor = Tensor::create(*type, shape);
  if (!tensor)
    return fail("holds an array too large for this machine: " +
                shapeText(shape.data(), shape.size()));
  if (bytes.size() != tensor->size())
    return fail("holds " + std::to_string(bytes.size()) +
                " bytes of data, but its shape needs " +
                std::to_string(tensor->size()));
  if (field(header, "fortran_order").substr(0, 4) == "True" && shape.size() > 1)
    copyFortran(bytes.data(), *tensor);
  else
    std::memcpy(tensor->data(), bytes.data(), bytes.size());
  return tensor;
}

std::string npyHeader(const Tensor &tensor) {
  std::string shape;
  for (int64_t dim : tensor.shape())
    shape += std::to_string(dim) + (tensor.shape().size() == 1 ? "," : ", ");
  if (tensor.shape().size() > 1)
    shape.resize(shape.size() - 2);
  std::string header = "{'descr': '" + std::string(tensor.type().numpy) +
                       "', 'fortran_order': False, 'shape': (" + shape + "), }";
  // Blanks and a newline make all that stands before the data a multiple of 64.
  size_t start = magic.size() + 4;
  header.append(63 - (start + header.size()) % 64, ' ');
  header += '\n';
  std::string result(magic);
  result += '\x01';
  result += '\0';
  result += static_cast<char>(header.size() & 0xff);
  result += static_cast<char>(header.size() >> 8);
  return result + header;
}

} // namespace lambent::driver
