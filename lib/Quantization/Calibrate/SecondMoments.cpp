//===- SecondMoments.cpp - How the inputs of products vary together -------===//
//
// The lower triangle in tiles of 4 x 8 sums, over chunks of vectors that are
// laid out in strips of 8 columns, so that each stays in the nearest cache.
//
//===----------------------------------------------------------------------===//

#include "lambent/Quantization/SecondMoments.h"
#include <algorithm>
#include <cmath>

using namespace lambent::quantization;
using llvm::Error;

static constexpr int64_t strip = 8, tileRows = 4, chunk = 128;

/// Adds the products of 4 columns, which begin at `row`, with a strip of 8.
static void addTile(const float *rows, const float *columns, int64_t vectors,
                    float *sums, int64_t stride) {
  float tile[tileRows][strip] = {};
  for (int64_t t = 0; t < vectors; ++t)
    for (int64_t i = 0; i < tileRows; ++i)
      for (int64_t j = 0; j < strip; ++j)
        tile[i][j] += rows[t * strip + i] * columns[t * strip + j];
  for (int64_t i = 0; i < tileRows; ++i)
    for (int64_t j = 0; j < strip; ++j)
      sums[i * stride + j] += tile[i][j];
}

/// `size` is a multiple of the strip in `sums`, whose rows are `stride` apart.
static void addVectors(llvm::ArrayRef<float> elements, int64_t vectors,
                       int64_t size, std::vector<float> &packed,
                       std::vector<float> &padded) {
  int64_t strips = (size + strip - 1) / strip, stride = strips * strip;
  packed.assign(size_t(strips * vectors * strip), 0);
  for (int64_t t = 0; t < vectors; ++t)
    for (int64_t k = 0; k < size; ++k)
      packed[(k / strip * vectors + t) * strip + k % strip] =
          elements[t * size + k];
  for (int64_t i = 0; i < stride; i += tileRows)
    for (int64_t j = 0; j <= i; j += strip)
      addTile(&packed[i / strip * vectors * strip + i % strip],
              &packed[j * vectors], vectors, &padded[i * stride + j], stride);
}

Error SecondMoments::see(const TensorView &tensor) {
  if (tensor.elements.empty() || tensor.dims.empty())
    return Error::success();
  for (float element : tensor.elements)
    if (!std::isfinite(element))
      return llvm::createStringError(
          "tensor '" + tensor.name + "' holds " +
          (std::isnan(element) ? "NaN" : "Inf") +
          ": rounding by samples needs finite numbers");
  MomentMatrix &matrix = matrices[tensor.name];
  int64_t size = tensor.dims.back();
  if (matrix.sums.empty()) {
    matrix.size = size;
    int64_t stride = (size + strip - 1) / strip * strip;
    matrix.sums.resize(size_t(stride * stride));
  }
  if (matrix.size != size)
    return llvm::createStringError(
        "tensor '" + tensor.name + "': expected a last dim of " +
        std::to_string(matrix.size) + ", as in a sample before, but got " +
        std::to_string(size));
  int64_t vectors = int64_t(tensor.elements.size()) / size;
  std::vector<float> packed;
  for (int64_t t = 0; t < vectors; t += chunk) {
    int64_t count = std::min(chunk, vectors - t);
    addVectors(tensor.elements.slice(size_t(t * size), size_t(count * size)),
               count, size, packed, matrix.sums);
  }
  matrix.vectors += vectors;
  return Error::success();
}

const MomentMatrix *SecondMoments::find(llvm::StringRef tensor) const {
  auto found = matrices.find(tensor);
  return found == matrices.end() ? nullptr : &found->second;
}
