//===- TensorProto.h - ONNX's serialized tensors
//---------------------------===//
//
// The ONNX suite keeps its data sets as serialized TensorProto messages. They
// are simple enough to read off the wire, which keeps protobuf out of the
// driver.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_TENSORPROTO_H
#define LAMBENT_TOOLS_TENSORPROTO_H

#include "Tensor.h"
#include <string>
#include <string_view>

namespace lambent::driver {

/// Reads a serialized TensorProto. On failure `error` says why.
std::optional<Tensor> parseTensorProto(std::string_view bytes,
                                       std::string &error);

/// A serialized TensorProto up to its raw data, which ends it.
std::string tensorProtoHeader(const Tensor &tensor, std::string_view name);

} // namespace lambent::driver

#endif
