//===- Strings.cpp - The strings of a model's constants -------------------===//

#include "Strings.h"
#include "Tensor.h"
#include "onnx-ml.pb.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

int64_t Strings::add(StringRef text) {
  auto [entry, isNew] = numbers.try_emplace(text, int64_t(numbers.size()));
  if (isNew)
    texts.push_back(entry->getKey());
  return entry->second;
}

ElementsAttr Strings::makeConstant(MLIRContext *context,
                                   ArrayRef<StringRef> elements,
                                   ArrayRef<int64_t> shape, StringRef name) {
  add("");
  auto list = std::make_shared<std::vector<int64_t>>();
  for (StringRef text : elements)
    list->push_back(add(text));
  StringRef bytes(reinterpret_cast<const char *>(list->data()),
                  list->size() * sizeof(int64_t));
  Type type = getElementType(context, onnx::TensorProto::STRING);
  return graph::makeConstant(RankedTensorType::get(shape, type), name,
                             {bytes, list});
}

ArrayAttr Strings::describe(MLIRContext *context) const {
  Builder builder(context);
  return texts.empty() ? ArrayAttr()
                       : builder.getArrayAttr(llvm::map_to_vector(
                             texts, [&](StringRef text) -> Attribute {
                               return builder.getStringAttr(text);
                             }));
}

} // namespace lambent::graph
