//===- TensorView.cpp - A tensor of a run ---------------------------------===//

#include "lambent/Quantization/TensorView.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>
#include <string>

using namespace llvm;

namespace lambent::quantization {

static std::string describePlace(ArrayRef<int64_t> dims, size_t index) {
  std::string text;
  for (size_t i = dims.size(); i-- > 0; index /= size_t(dims[i]))
    text = std::to_string(index % size_t(dims[i])) +
           (text.empty() ? "" : ", ") + text;
  return "[" + text + "]";
}

Error requireFinite(const TensorView &tensor, StringRef purpose) {
  const float *wrong = find_if(
      tensor.elements, [](float element) { return !std::isfinite(element); });
  if (wrong == tensor.elements.end())
    return Error::success();
  return createStringError(
      "tensor '" + tensor.name + "' holds " +
      (std::isnan(*wrong) ? "NaN" : "Inf") + " at " +
      describePlace(tensor.dims, size_t(wrong - tensor.elements.begin())) +
      ": " + purpose + " needs finite numbers");
}

} // namespace lambent::quantization
