//===- TensorText.h - Types and shapes as people read them ------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_TENSORTEXT_H
#define LAMBENT_TOOLS_TENSORTEXT_H

#include "lambent-c/runtime.h"
#include <cstddef>
#include <cstdint>
#include <string>

namespace lambent::driver {

/// "f32", or "type 2/4" for one without a name here.
std::string typeText(uint8_t code, uint8_t bits);

/// The type of such a text, or one of no bits.
LambentDataType findType(const std::string &text);

/// LAMBENT_SEQUENCE or LAMBENT_OPTIONAL where a model's input is no tensor, else
/// 0: of a compiled model, and of the word that an ONNX file's summary has.
uint8_t getListCode(const LambentTensorInfo &info);
uint8_t findListCode(const std::string &type);

/// "sequence of ", "optional sequence of ", or "" for a tensor.
std::string listText(const LambentTensorInfo &info);

/// "1x3x224x224"; "scalar" for rank 0, ? for an open dim.
std::string shapeText(const int64_t *dims, size_t rank);

/// The same of a model's input or output; "batch x 3 x ?" where dims are open.
std::string shapeText(const LambentModel &model, const LambentTensorInfo &info);

/// "8 to 512, a multiple of 8": what a symbol's dim may be.
std::string rangeText(const LambentSymbolInfo &symbol);

/// "3.4 MiB"
std::string sizeText(uint64_t bytes);

} // namespace lambent::driver

#endif
