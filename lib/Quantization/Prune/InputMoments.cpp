//===- InputMoments.cpp - What a product reads, around its mean -----------===//
//
// A constant that is added to a channel makes up for all that its mean moves
// by, so that weights need to look at what varies alone: H - n m m^T in place
// of H. Vectors end in a 1, whose row of the moments has their sums. What does
// not vary has no moments then, and no noise of the sums in their place.
//
//===----------------------------------------------------------------------===//

#include "InputMoments.h"
#include "../Quantize/LayerMoments.h"

using namespace llvm;

namespace lambent::quantization {

InputMoments::InputMoments(const Product &product)
    : name(product.node->input(0)) {
  if (isOp(*product.node, "Conv"))
    patches.emplace(getWindow(product), /*addsOne=*/true);
}

/// Rows that end in a 1.
static std::vector<float> addOnes(ArrayRef<float> elements, int64_t size) {
  std::vector<float> rows;
  for (; !elements.empty(); elements = elements.drop_front(size_t(size))) {
    append_range(rows, elements.take_front(size_t(size)));
    rows.push_back(1);
  }
  return rows;
}

Error InputMoments::see(const TensorView &tensor, ArrayRef<float> wanted) {
  if (patches)
    return patches->see(tensor, wanted);
  if (tensor.elements.empty() || tensor.dims.empty())
    return Error::success();
  if (!wanted.empty() && wanted.size() != tensor.elements.size())
    return rows.see(tensor, wanted); // which says so
  int64_t size = tensor.dims.back();
  std::vector<float> elements = addOnes(tensor.elements, size),
                     others = addOnes(wanted, size);
  int64_t dims[] = {int64_t(elements.size()) / (size + 1), size + 1};
  return rows.see({tensor.name, dims, elements}, others);
}

/// How much of a sum of squares of f32 is noise: squares are added in chunks of
/// 128 vectors.
static constexpr double noise = 128.0 / (1 << 24);

std::optional<InputMoments::Group>
InputMoments::take(int64_t group, int64_t size, bool takesMeanOff) const {
  const MomentMatrix *seen = patches ? patches->find(group) : rows.find(name);
  if (!seen || seen->size != size + 1 || seen->vectors == 0)
    return std::nullopt;
  Group result;
  // How many vectors there are, in the unit of the sums.
  double ones = double(seen->get(size, size));
  std::vector<char> isConstant;
  for (int64_t k = 0; k < size; ++k) {
    double sum = double(seen->get(size, k)), square = double(seen->get(k, k));
    double mean = ones > 0 ? sum / ones : 0;
    result.mean.push_back(mean);
    result.gaps.push_back(seen->gaps.empty() || !(ones > 0)
                              ? 0
                              : double(seen->getGaps(size)[size_t(k)]) / ones);
    double varies = takesMeanOff ? square - sum * mean : square;
    isConstant.push_back(varies <= noise * square);
    result.varies |= !isConstant.back();
  }
  MomentMatrix &moments = result.moments;
  moments.size = size;
  moments.vectors = seen->vectors;
  int64_t stride = moments.getStride();
  moments.sums.resize(size_t(stride * stride));
  if (!seen->gaps.empty())
    moments.gaps.resize(moments.sums.size());
  for (int64_t i = 0; i < size; ++i)
    for (int64_t j = 0; j < size; ++j) {
      if (isConstant[size_t(i)] || isConstant[size_t(j)])
        continue;
      double off = takesMeanOff ? ones * result.mean[size_t(i)] : 0;
      moments.sums[size_t(i * stride + j)] =
          float(double(seen->get(i, j)) - off * result.mean[size_t(j)]);
      if (!seen->gaps.empty())
        moments.gaps[size_t(i * stride + j)] = float(
            double(seen->getGaps(i)[size_t(j)]) - off * result.gaps[size_t(j)]);
    }
  return result;
}

} // namespace lambent::quantization
