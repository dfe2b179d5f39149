//===- ZeroCounts.cpp - How many of a constant's numbers are 0 ------------===//

#include "ZeroCounts.h"
#include "lambent/Lowering/IR/WeightData.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

std::optional<double> ZeroCounts::getShare(lir::WeightOp weight) const {
  auto found = shares.find(weight.getValue());
  if (found != shares.end())
    return found->second;
  ArrayRef<char> data = getData(weight);
  int64_t count =
      isa<SplatElementsAttr>(weight.getValue())
          ? 1
          : cast<ShapedType>(weight.getValue().getType()).getNumElements();
  if (int64_t(data.size()) != count * int64_t(sizeof(float)))
    return std::nullopt;
  int64_t zeros = 0;
  for (int64_t i = 0; i < count; ++i) {
    float value;
    std::memcpy(&value, data.data() + i * sizeof(float), sizeof(float));
    zeros += value == 0;
  }
  return shares[weight.getValue()] = double(zeros) / count;
}
