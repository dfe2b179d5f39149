//===- ZeroCounts.cpp - How many of a constant's numbers are 0 ------------===//

#include "ZeroCounts.h"
#include "lambent/Lowering/IR/WeightData.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

template <typename T>
static int64_t countZeros(const char *data, int64_t count) {
  int64_t zeros = 0;
  for (int64_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, data + i * sizeof(T), sizeof(T));
    zeros += value == 0;
  }
  return zeros;
}

std::optional<double> ZeroCounts::getShare(lir::WeightOp weight) const {
  auto found = shares.find(weight.getValue());
  if (found != shares.end())
    return found->second;
  ArrayRef<char> data = getData(weight);
  int64_t count =
      isa<SplatElementsAttr>(weight.getValue())
          ? 1
          : cast<ShapedType>(weight.getValue().getType()).getNumElements();
  bool areBytes = cast<ShapedType>(weight.getValue().getType())
                      .getElementType()
                      .isInteger(8);
  int64_t bytes = areBytes ? sizeof(int8_t) : sizeof(float);
  if (int64_t(data.size()) != count * bytes)
    return std::nullopt;
  int64_t zeros = areBytes ? countZeros<int8_t>(data.data(), count)
                           : countZeros<float>(data.data(), count);
  return shares[weight.getValue()] = double(zeros) / count;
}
