//===- Tensor.h - A tensor that owns its bytes
//-----------------------------===//
//
// What the driver reads from files, hands to a model and writes back.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_TENSOR_H
#define LAMBENT_TOOLS_TENSOR_H

#include "lambent-c/runtime.h"
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lambent::driver {

/// An element type: its DLPack code and bits, and what files call it.
struct ElementType {
  uint8_t code;
  uint8_t bits;
  const char *name;  ///< "float32"
  const char *numpy; ///< "<f4"
  int32_t onnx;      ///< TensorProto.DataType
};

/// The types that the driver can read and write.
const std::vector<ElementType> &elementTypes();
const ElementType *findElementType(uint8_t code, uint8_t bits);
/// "float32", or "type 2/4" for one without a name here.
std::string typeName(uint8_t code, uint8_t bits);

/// "1x3x224x224"; "scalar" for rank 0.
std::string shapeText(const int64_t *dims, size_t rank);

/// Dense, row-major, 64-byte aligned.
class Tensor {
public:
  /// Nothing if the shape is negative, absurdly large or too large for this
  /// machine's memory.
  static std::optional<Tensor> create(const ElementType &type,
                                      std::vector<int64_t> shape);

  const ElementType &type() const { return *elementType; }
  const std::vector<int64_t> &shape() const { return dims; }
  char *data() { return bytes.get(); }
  const char *data() const { return bytes.get(); }
  uint64_t size() const { return count * elementType->bits / 8; }
  uint64_t elements() const { return count; }
  /// The C API's view of this tensor, which must outlive it.
  LambentTensor view();

private:
  struct Free {
    void operator()(char *memory) const { std::free(memory); }
  };
  const ElementType *elementType = nullptr;
  std::vector<int64_t> dims;
  uint64_t count = 0;
  std::unique_ptr<char, Free> bytes;
};

} // namespace lambent::driver

#endif
