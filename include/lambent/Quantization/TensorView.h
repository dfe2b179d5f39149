//===- TensorView.h - A tensor of a run -------------------------*- C++ -*-===//

#ifndef LAMBENT_QUANTIZATION_TENSORVIEW_H
#define LAMBENT_QUANTIZATION_TENSORVIEW_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace lambent::quantization {

/// A dense f32 tensor of a run, row-major; valid during a callback.
struct TensorView {
  llvm::StringRef name;
  llvm::ArrayRef<int64_t> dims;
  llvm::ArrayRef<float> elements;
};

/// Fails where an element is NaN or infinite, which `purpose` does not take, as
/// "a profile".
llvm::Error requireFinite(const TensorView &tensor, llvm::StringRef purpose);

} // namespace lambent::quantization

#endif
