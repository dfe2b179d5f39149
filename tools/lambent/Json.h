//===- Json.h - JSON as the driver prints it --------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_JSON_H
#define LAMBENT_TOOLS_JSON_H

#include <string>
#include <string_view>

namespace lambent::driver {

/// Builds one JSON text, value by value; keeps the commas right.
class JsonWriter {
public:
  JsonWriter &beginObject() { return open('{'); }
  JsonWriter &endObject() { return close('}'); }
  JsonWriter &beginArray() { return open('['); }
  JsonWriter &endArray() { return close(']'); }
  JsonWriter &key(std::string_view name);
  JsonWriter &value(std::string_view text);
  JsonWriter &value(double number);
  template <typename T> JsonWriter &member(std::string_view name, T what) {
    return key(name).value(what);
  }
  const std::string &text() const { return result; }

private:
  void separate();
  JsonWriter &open(char bracket);
  JsonWriter &close(char bracket);
  std::string result;
  bool needsComma = false;
};

} // namespace lambent::driver

#endif
