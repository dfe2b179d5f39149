//===- WeightData.cpp - The numbers of a constant buffer ------------------===//

#include "lambent/Lowering/IR/WeightData.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace lambent;

ArrayRef<char> lir::getData(WeightOp weight) {
  if (auto dense = dyn_cast<DenseElementsAttr>(weight.getValue()))
    return dense.getRawData();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(weight.getValue()))
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      return blob->getData();
  return {};
}
