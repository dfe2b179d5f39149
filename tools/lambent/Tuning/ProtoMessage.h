//===- ProtoMessage.h - A message in protobuf's wire format -----*- C++ -*-===//
//
// Just enough to write small ONNX models without protobuf, here and in tests.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_TUNING_PROTOMESSAGE_H
#define LAMBENT_TOOLS_TUNING_PROTOMESSAGE_H

#include <cstdint>
#include <string>

namespace lambent::driver {

/// A message that grows field by field.
class Message {
public:
  Message &number(uint64_t field, uint64_t value) {
    varint(field << 3);
    varint(value);
    return *this;
  }
  Message &text(uint64_t field, const std::string &value) {
    varint(field << 3 | 2);
    varint(value.size());
    bytes += value;
    return *this;
  }
  Message &message(uint64_t field, const Message &value) {
    return text(field, value.bytes);
  }

  std::string bytes;

private:
  void varint(uint64_t value) {
    for (; value >= 128; value >>= 7)
      bytes += static_cast<char>(value | 128);
    bytes += static_cast<char>(value);
  }
};

} // namespace lambent::driver

#endif
