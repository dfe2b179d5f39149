//===- OnnxBytes.h - Small ONNX models, byte by byte ------------*- C++ -*-===//
//
// Just enough of protobuf's wire format to write the models of these tests
// without protobuf.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TEST_ONNXBYTES_H
#define LAMBENT_TEST_ONNXBYTES_H

#include "../../tools/lambent/Tuning/ProtoMessage.h"
#include <cstdint>
#include <string>
#include <vector>

namespace lambent::test {

using driver::Message;

/// A graph input or output of f32. A dim of -1 is open and named "n".
inline Message floatValue(const std::string &name,
                          const std::vector<int64_t> &dims) {
  Message shape;
  for (int64_t dim : dims)
    shape.message(1, dim < 0 ? Message().text(2, "n")
                             : Message().number(1, static_cast<uint64_t>(dim)));
  Message tensor = Message().number(1, 1).message(2, shape);
  return Message().text(1, name).message(2, Message().message(1, tensor));
}

/// A graph input of i64.
inline Message indexValue(const std::string &name, int64_t size) {
  Message shape =
      Message().message(1, Message().number(1, static_cast<uint64_t>(size)));
  Message tensor = Message().number(1, 7).message(2, shape);
  return Message().text(1, name).message(2, Message().message(1, tensor));
}

/// A node of two inputs and one output.
inline Message binaryNode(const std::string &op, const std::string &name) {
  return Message().text(1, "x").text(1, "w").text(2, "y").text(3, name).text(
      4, op);
}

/// y = op(x, w) on f32[dims], with w an initializer of four numbers, either
/// given or in the external file `location`.
inline std::string binaryModel(const std::string &op,
                               const std::vector<int64_t> &dims,
                               const std::string &weights,
                               const std::string &location = "") {
  Message w = Message().number(1, 4).number(2, 1).text(8, "w");
  if (location.empty())
    w.text(9, weights);
  else
    w.number(14, 1).message(13,
                            Message().text(1, "location").text(2, location));
  Message graph = Message()
                      .message(1, binaryNode(op, "the_node"))
                      .text(2, "graph")
                      .message(5, w);
  graph.message(11, floatValue("x", dims)).message(12, floatValue("y", dims));
  return Message()
      .number(1, 8)
      .text(2, "test")
      .message(7, graph)
      .message(8, Message().number(2, 17))
      .bytes;
}

/// y = x w with matrices of f32[rows, 4] and an initializer of f32[4, n].
inline std::string productModel(int64_t rows, const std::vector<float> &w) {
  const int64_t columns = static_cast<int64_t>(w.size() / 4);
  std::string elements(reinterpret_cast<const char *>(w.data()), w.size() * 4);
  Message weight = Message()
                       .number(1, 4)
                       .number(1, static_cast<uint64_t>(columns))
                       .number(2, 1)
                       .text(8, "w")
                       .text(9, elements);
  Message graph = Message()
                      .message(1, binaryNode("MatMul", "the_node"))
                      .text(2, "graph")
                      .message(5, weight)
                      .message(11, floatValue("x", {rows, 4}))
                      .message(12, floatValue("y", {rows, columns}));
  return Message()
      .number(1, 8)
      .message(7, graph)
      .message(8, Message().number(2, 17))
      .bytes;
}

/// y = Reshape(x, w) on f32[4], where w, i64[2], is an input.
inline std::string reshapeModel() {
  Message graph =
      Message().message(1, binaryNode("Reshape", "the_node")).text(2, "graph");
  graph.message(11, floatValue("x", {4}))
      .message(11, indexValue("w", 2))
      .message(12, floatValue("y", {2, 2}));
  return Message()
      .number(1, 8)
      .message(7, graph)
      .message(8, Message().number(2, 17))
      .bytes;
}

/// Four floats as bytes.
inline std::string floatBytes(float a, float b, float c, float d) {
  const float values[] = {a, b, c, d};
  return std::string(reinterpret_cast<const char *>(values), sizeof(values));
}

} // namespace lambent::test

#endif
