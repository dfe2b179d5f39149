//===- PackWeights.cpp - Lays a model's constants out for its kernels -----===//

#include "lambent/Backends/CPU/Emit.h"
#include "lambent/Backends/CompilerThreads.h"
#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Kernels/Packing.h"
#include "lambent/Lowering/Kernels/Winograd.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace lambent;

namespace {

/// The bytes of a constant as they lie in memory, row-major; a splat has one
/// element.
struct Source {
  ArrayRef<char> bytes;
  bool isSplat = false;
  /// Backs `bytes` for bool, which attributes keep as bits.
  std::vector<char> expanded;
};

} // namespace

static LogicalResult readSource(lir::WeightOp weight, Source &source) {
  ElementsAttr value = weight.getValue();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return weight.emitOpError("has lost its data");
    source.bytes = blob->getData();
    return success();
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return weight.emitOpError("expected dense data");
  source.isSplat = dense.isSplat();
  if (dense.getElementType().isInteger(1)) {
    if (source.isSplat) {
      source.expanded.push_back(dense.getSplatValue<bool>());
    } else {
      for (bool bit : dense.getValues<bool>())
        source.expanded.push_back(bit);
    }
    source.bytes = source.expanded;
  } else {
    source.bytes = dense.getRawData();
  }
  return success();
}

/// The form that a filter is packed for; none where its packing is a map.
static std::optional<kernels::WinogradForms>
getWinogradForms(lir::WeightOp weight) {
  DictionaryAttr packing = weight.getPackingAttr();
  auto outputs = packing ? packing.getAs<DenseI64ArrayAttr>("winograd")
                         : DenseI64ArrayAttr();
  auto filter = cast<ShapedType>(weight.getValue().getType());
  if (!outputs || outputs.size() != 2 || filter.getRank() != 4 ||
      !filter.getElementType().isF32())
    return std::nullopt;
  return kernels::WinogradForms{
      {{outputs[0], filter.getDimSize(2)}, {outputs[1], filter.getDimSize(3)}}};
}

LogicalResult cpu::packWeights(ModuleOp module,
                               llvm::MutableArrayRef<char> blob,
                               unsigned threads) {
  constexpr int64_t kTaskBytes = 4 << 20;
  CompilerThreads pool(threads);
  llvm::DenseSet<int64_t> done; // equal weights share an offset
  std::vector<std::unique_ptr<Source>> sources;
  LogicalResult result = success();
  module.walk([&](lir::WeightOp weight) {
    auto type = cast<MemRefType>(weight.getType());
    int64_t bytes = lir::getBufferBytes(type).getNumber();
    // A weight of no elements has no place of its own: it must not take one.
    if (failed(result) || !weight.getOffset() || bytes == 0 ||
        !done.insert(*weight.getOffset()).second)
      return;
    int64_t offset = *weight.getOffset();
    if (offset < 0 || offset + bytes > int64_t(blob.size())) {
      result =
          weight.emitOpError("expected an offset inside the weights, but got ")
          << offset;
      return;
    }
    auto &source = *sources.emplace_back(std::make_unique<Source>());
    if (failed(readSource(weight, source))) {
      result = failure();
      return;
    }
    unsigned elementBytes = bytes / type.getNumElements();
    auto sourceType = cast<ShapedType>(weight.getValue().getType());
    AffineMap map =
        AffineMap::getMultiDimIdentityMap(type.getRank(), weight.getContext());
    SmallVector<int64_t> sourceShape = llvm::to_vector(type.getShape());
    std::optional<kernels::WinogradForms> winograd = getWinogradForms(weight);
    if (winograd) {
      sourceShape = llvm::to_vector(sourceType.getShape());
    } else if (DictionaryAttr packing = weight.getPackingAttr()) {
      auto attr = dyn_cast_or_null<AffineMapAttr>(packing.get("map"));
      if (!attr) {
        result = weight.emitOpError("expected a packing with a map, but got ")
                 << packing;
        return;
      }
      map = attr.getValue();
      sourceShape = llvm::to_vector(sourceType.getShape());
    }
    int64_t expected = source.isSplat
                           ? elementBytes
                           : elementBytes * sourceType.getNumElements();
    if (int64_t(source.bytes.size()) != expected) {
      result = weight.emitOpError("expected ")
               << expected << " bytes of data, but got " << source.bytes.size();
      return;
    }
    auto schedule = [&](auto packing) {
      if (!packing) {
        result = weight.emitOpError(llvm::toString(packing.takeError()));
        return;
      }
      using Plan = std::decay_t<decltype(*packing)>;
      auto plan = std::make_shared<Plan>(std::move(*packing));
      int64_t rows = plan->getNumRows(),
              step = std::max<int64_t>(1, kTaskBytes * rows / bytes);
      for (int64_t begin = 0; begin < rows; begin += step)
        pool.async([plan, &source, target = blob.data() + offset, begin,
                    end = std::min(rows, begin + step)] {
          plan->pack(source.bytes.data(), target, begin, end, source.isSplat);
        });
    };
    if (winograd)
      schedule(kernels::WinogradPacking::create(*winograd, type.getShape(),
                                                sourceShape));
    else
      schedule(kernels::Packing::create(map, type.getShape(), sourceShape,
                                        elementBytes));
  });
  pool.wait();
  return result;
}
