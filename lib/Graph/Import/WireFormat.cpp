//===- WireFormat.cpp - Take the large tensors out of a serialized model --===//
//
// A message is a row of fields, each a varint tag (number << 3 | wire type) and
// a payload. Only length-delimited fields (wire type 2) can hold other
// messages; the table below says which do on the way to a tensor.
//
//===----------------------------------------------------------------------===//

#include "WireFormat.h"
#include "llvm/ADT/StringExtras.h"

using namespace llvm;

namespace lambent::graph {
namespace {

enum class Message {
  Model,
  Graph,
  Node,
  Attribute,
  Tensor,
  SparseTensor,
  Function
};

struct Path {
  Message parent;
  uint64_t field;
  Message child;
};

/// Which fields of onnx-ml.proto lead to tensors.
constexpr Path paths[] = {
    {Message::Model, 7, Message::Graph},
    {Message::Model, 25, Message::Function},
    {Message::Graph, 1, Message::Node},
    {Message::Graph, 5, Message::Tensor},
    {Message::Graph, 15, Message::SparseTensor},
    {Message::SparseTensor, 1, Message::Tensor},
    {Message::SparseTensor, 2, Message::Tensor},
    {Message::Function, 7, Message::Node},
    {Message::Function, 11, Message::Attribute},
    {Message::Node, 5, Message::Attribute},
    {Message::Attribute, 5, Message::Tensor},
    {Message::Attribute, 6, Message::Graph},
    {Message::Attribute, 10, Message::Tensor},
    {Message::Attribute, 11, Message::Graph},
    {Message::Attribute, 22, Message::SparseTensor},
};
constexpr uint64_t externalDataField = 13;
/// The fields of a tensor whose payload is little-endian elements.
struct DataField {
  uint64_t field;
  StringRef key;
};
constexpr DataField dataFields[] = {
    {9, mappedDataKey}, {4, mappedFloatsKey}, {10, mappedDoublesKey}};
/// training_info: never used, and it holds graphs.
constexpr uint64_t trainingField = 20;
constexpr unsigned deepestNesting = 100;

void appendVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out.push_back(char(value | 0x80));
  out.push_back(char(value));
}

void appendBytes(std::string &out, uint64_t field, StringRef bytes) {
  appendVarint(out, field << 3 | 2);
  appendVarint(out, bytes.size());
  out.append(bytes.data(), bytes.size());
}

class Rewriter {
public:
  Rewriter(StringRef model, std::vector<StringRef> &rawData)
      : model(model), rawData(rawData) {}

  Error rewrite(Message kind, StringRef in, unsigned depth, std::string &out) {
    if (depth > deepestNesting)
      return createStringError("its graphs are nested more than " +
                               Twine(deepestNesting / 3 - 1) + " deep");
    while (!in.empty()) {
      StringRef start = in;
      uint64_t tag, payload = 0;
      if (!readVarint(in, tag) || tag >> 3 == 0)
        return malformed(start);
      switch (tag & 7) {
      case 0: {
        uint64_t value;
        if (!readVarint(in, value))
          return malformed(start);
        break;
      }
      case 1:
        payload = 8;
        break;
      case 2:
        if (!readVarint(in, payload))
          return malformed(start);
        break;
      case 5:
        payload = 4;
        break;
      default:
        return malformed(start);
      }
      if (payload > in.size())
        return malformed(start);
      StringRef bytes = in.take_front(payload);
      in = in.drop_front(payload);
      if ((tag & 7) != 2)
        out.append(start.data(), in.data());
      else if (Error error = rewriteField(
                   kind, tag >> 3, bytes,
                   start.take_front(in.data() - start.data()), depth, out))
        return error;
    }
    return Error::success();
  }

private:
  Error rewriteField(Message kind, uint64_t field, StringRef bytes,
                     StringRef whole, unsigned depth, std::string &out) {
    if (kind == Message::Tensor && bytes.size() > inlineDataLimit) {
      for (const DataField &data : dataFields) {
        if (data.field != field)
          continue;
        std::string entry;
        appendBytes(entry, 1, data.key);
        appendBytes(entry, 2, utostr(rawData.size()));
        rawData.push_back(bytes);
        appendBytes(out, externalDataField, entry);
        return Error::success();
      }
    }
    if (kind == Message::Model && field == trainingField)
      return Error::success();
    for (const Path &path : paths) {
      if (path.parent != kind || path.field != field)
        continue;
      std::string child;
      if (Error error = rewrite(path.child, bytes, depth + 1, child))
        return error;
      appendBytes(out, field, child);
      return Error::success();
    }
    out.append(whole.data(), whole.size());
    return Error::success();
  }

  static bool readVarint(StringRef &in, uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !in.empty(); shift += 7) {
      uint8_t byte = in.front();
      in = in.drop_front();
      value |= uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80)
        return true;
    }
    return false;
  }

  Error malformed(StringRef at) {
    return createStringError(
        "it is not an ONNX model, or damaged: malformed at byte " +
        Twine(uint64_t(at.data() - model.data())));
  }

  StringRef model;
  std::vector<StringRef> &rawData;
};

} // namespace

Expected<StrippedModel> stripRawData(StringRef model) {
  StrippedModel result;
  if (Error error = Rewriter(model, result.rawData)
                        .rewrite(Message::Model, model, 0, result.message))
    return error;
  return result;
}

} // namespace lambent::graph
