//===- SecondMoments.cpp - How the inputs of products vary together -------===//
//
// In tiles of 4 x 16 sums, over chunks of vectors that are laid out in strips
// of 16 columns, so that each stays in the nearest cache. Of what is symmetric,
// the lower triangle.
//
//===----------------------------------------------------------------------===//

#include "lambent/Quantization/SecondMoments.h"
#include "../WideCode.h"
#include <algorithm>
#include <cmath>

using namespace lambent::quantization;
using llvm::Error;

static constexpr int64_t strip = 16, tileRows = 4, chunk = 128;
/// Powers of two up to which, and from whose inverse on, magnitudes have
/// squares that f32 sums up well.
static constexpr int mostPower = 30;

/// Adds the products of 4 columns, which begin at `rows`, with a strip of 16.
LAMBENT_WIDE_CODE
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

/// Vectors times a factor in strips of columns, the last one filled up with
/// zeros.
static void pack(const float *elements, int64_t vectors, int64_t size,
                 float factor, std::vector<float> &packed) {
  int64_t strips = (size + strip - 1) / strip;
  packed.assign(size_t(strips * vectors * strip), 0);
  for (int64_t t = 0; t < vectors; ++t)
    for (int64_t k = 0; k < size; ++k)
      packed[size_t((k / strip * vectors + t) * strip + k % strip)] =
          factor * elements[t * size + k];
}

/// The products of columns of the first with those of the second, of which
/// there are `stride` with what was filled up.
static void addProducts(const std::vector<float> &rows,
                        const std::vector<float> &columns, int64_t vectors,
                        int64_t stride, bool isSymmetric,
                        std::vector<float> &sums) {
  for (int64_t i = 0; i < stride; i += tileRows)
    for (int64_t j = 0; j < (isSymmetric ? i + 1 : stride); j += strip)
      addTile(&rows[size_t(i / strip * vectors * strip + i % strip)],
              &columns[size_t(j * vectors)], vectors,
              &sums[size_t(i * stride + j)], stride);
}

void MomentMatrix::raiseExponent(int wanted) {
  if (exponent && *exponent >= wanted)
    return;
  if (exponent) {
    float factor = std::ldexp(1.0f, 2 * (*exponent - wanted));
    for (std::vector<float> *numbers : {&sums, &gaps})
      for (float &number : *numbers)
        number *= factor;
  }
  exponent = wanted;
}

void MomentMatrix::add(const MomentMatrix &other) {
  vectors += other.vectors;
  if (!other.exponent) // zeros alone
    return;
  raiseExponent(*other.exponent);
  float factor = std::ldexp(1.0f, 2 * (*other.exponent - *exponent));
  for (size_t i = 0; i < sums.size(); ++i)
    sums[i] += factor * other.sums[i];
  if (!other.gaps.empty())
    gaps.resize(sums.size());
  for (size_t i = 0; i < other.gaps.size(); ++i)
    gaps[i] += factor * other.gaps[i];
}

/// What brings numbers into the range whose squares f32 holds; nothing for
/// zeros.
static std::optional<int> findExponent(llvm::ArrayRef<float> numbers) {
  float largest = 0;
  for (float number : numbers)
    largest = std::max(largest, std::fabs(number));
  if (largest == 0)
    return std::nullopt;
  int power = std::ilogb(largest);
  return power - std::clamp(power, -mostPower, mostPower);
}

Error SecondMoments::see(const TensorView &tensor) { return see(tensor, {}); }

Error SecondMoments::see(const TensorView &tensor,
                         llvm::ArrayRef<float> wanted) {
  if (tensor.elements.empty() || tensor.dims.empty())
    return Error::success();
  constexpr llvm::StringLiteral purpose = "fitting weights to samples";
  if (Error error = requireFinite(tensor, purpose))
    return error;
  MomentMatrix &matrix = matrices[tensor.name];
  int64_t size = tensor.dims.back();
  if (matrix.sums.empty()) {
    matrix.size = size;
    matrix.sums.resize(size_t(matrix.getStride() * matrix.getStride()));
  }
  if (!wanted.empty() && wanted.size() != tensor.elements.size())
    return llvm::createStringError(
        "tensor '" + tensor.name + "' has " +
        std::to_string(tensor.elements.size()) + " elements, but " +
        std::to_string(wanted.size()) + " before weights were changed");
  if (Error error = requireFinite({tensor.name, tensor.dims, wanted}, purpose))
    return error;
  if (!wanted.empty())
    matrix.gaps.resize(matrix.sums.size());
  if (matrix.size != size)
    return llvm::createStringError(
        "tensor '" + tensor.name + "': expected a last dim of " +
        std::to_string(matrix.size) + ", as in a sample before, but got " +
        std::to_string(size));
  for (llvm::ArrayRef<float> numbers : {tensor.elements, wanted})
    if (std::optional<int> exponent = findExponent(numbers))
      matrix.raiseExponent(*exponent);
  float factor = std::ldexp(1.0f, -matrix.exponent.value_or(0));
  int64_t vectors = int64_t(tensor.elements.size()) / size;
  std::vector<float> packed, gaps;
  for (int64_t t = 0; t < vectors; t += chunk) {
    int64_t count = std::min(chunk, vectors - t);
    pack(&tensor.elements[size_t(t * size)], count, size, factor, packed);
    addProducts(packed, packed, count, matrix.getStride(), true, matrix.sums);
    if (wanted.empty())
      continue;
    pack(&wanted[size_t(t * size)], count, size, factor, gaps);
    for (size_t i = 0; i < gaps.size(); ++i)
      gaps[i] -= packed[i];
    addProducts(packed, gaps, count, matrix.getStride(), false, matrix.gaps);
  }
  matrix.vectors += vectors;
  return Error::success();
}

const MomentMatrix *SecondMoments::find(llvm::StringRef tensor) const {
  auto found = matrices.find(tensor);
  return found == matrices.end() ? nullptr : &found->second;
}
