//===- Json.h - JSON as the driver prints it --------------------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_JSON_H
#define LAMBENT_TOOLS_JSON_H

#include <optional>
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
  /// What comes next begins a line.
  JsonWriter &beginLine() {
    separate();
    needsComma = false;
    result += '\n';
    return *this;
  }
  JsonWriter &value(std::string_view text);
  JsonWriter &value(double number);
  JsonWriter &truth(bool value) { return literal(value ? "true" : "false"); }
  /// A number, or null where there is none.
  JsonWriter &value(std::optional<double> number) {
    return number ? value(*number) : literal("null");
  }
  template <typename T> JsonWriter &member(std::string_view name, T what) {
    return key(name).value(what);
  }
  const std::string &text() const { return result; }

private:
  void separate();
  JsonWriter &literal(std::string_view text) {
    separate();
    result += text;
    return *this;
  }
  JsonWriter &open(char bracket);
  JsonWriter &close(char bracket);
  std::string result;
  bool needsComma = false;
};

} // namespace lambent::driver

#endif
