//===- FloatElements.cpp - Elements of float tensors as f32 ---------------===//

#include "FloatElements.h"
#include "llvm/ADT/bit.h"
#include <cmath>

using namespace lambent;

bool capi::hasFloats(const LambentTensor &tensor) {
  uint8_t code = tensor.dtype.code, bits = tensor.dtype.bits;
  return (code == LAMBENT_FLOAT && (bits == 16 || bits == 32 || bits == 64)) ||
         (code == LAMBENT_BFLOAT && bits == 16);
}

static float readHalf(uint16_t bits) {
  int exponent = bits >> 10 & 31;
  float fraction = float(bits & 1023) / 1024;
  float magnitude = exponent == 31  ? (fraction == 0 ? HUGE_VALF : NAN)
                    : exponent == 0 ? std::ldexp(fraction, -14)
                                    : std::ldexp(1 + fraction, exponent - 15);
  return bits & 0x8000 ? -magnitude : magnitude;
}

llvm::ArrayRef<float> capi::readFloats(const LambentTensor &tensor,
                                       std::vector<float> &converted) {
  size_t count = 1;
  for (int32_t i = 0; i < tensor.ndim; ++i)
    count *= size_t(tensor.shape[i]);
  const char *data =
      static_cast<const char *>(tensor.data) + tensor.byte_offset;
  if (count == 0)
    return {};
  if (tensor.dtype.bits == 32)
    return {reinterpret_cast<const float *>(data), count};
  converted.resize(count);
  if (tensor.dtype.bits == 64) {
    auto *numbers = reinterpret_cast<const double *>(data);
    std::transform(numbers, numbers + count, converted.begin(),
                   [](double number) { return static_cast<float>(number); });
    return converted;
  }
  auto *numbers = reinterpret_cast<const uint16_t *>(data);
  bool isHalf = tensor.dtype.code == LAMBENT_FLOAT;
  std::transform(numbers, numbers + count, converted.begin(),
                 [&](uint16_t bits) {
                   return isHalf ? readHalf(bits)
                                 : llvm::bit_cast<float>(uint32_t(bits) << 16);
                 });
  return converted;
}
