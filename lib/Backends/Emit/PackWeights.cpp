//===- PackWeights.cpp - Lays a model's constants out for its kernels -----===//

#include "lambent/Backends/CompilerThreads.h"
#include "lambent/Backends/Emit/Emission.h"
#include "lambent/Lowering/IR/LIR.h"
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

LogicalResult lambent::packWeights(ModuleOp module,
                                   llvm::MutableArrayRef<char> blob,
                                   unsigned threads,
                                   const std::function<void()> &release) {
  constexpr int64_t kTaskBytes = 4 << 20, kReleasedBytes = 64 << 20;
  int64_t read = 0; // since `release` was called
  lir::WeightOp tooSmall; // one of those whose packing has no room for them
  std::mutex shared;
  CompilerThreads pool(threads);
  llvm::DenseSet<int64_t> done; // equal weights share an offset
  std::vector<std::unique_ptr<Source>> sources;
  std::vector<std::unique_ptr<lir::Packer>> packers;
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
    auto sourceType = cast<ShapedType>(weight.getValue().getType());
    unsigned elementBytes = lir::getElementBytes(sourceType.getElementType());
    Attribute packing = weight.getPackingAttr();
    if (!packing) {
      packing = lir::PackingAttr::get(AffineMap::getMultiDimIdentityMap(
          type.getRank(), weight.getContext()));
      sourceType = type;
    }
    auto interface = dyn_cast<lir::PackingAttrInterface>(packing);
    if (!interface) {
      result = weight.emitOpError("expected a packing that can be carried "
                                  "out, but got ")
               << packing;
      return;
    }
    int64_t expected =
        source.isSplat
            ? elementBytes
            : elementBytes * cast<ShapedType>(weight.getValue().getType())
                                 .getNumElements();
    if (int64_t(source.bytes.size()) != expected) {
      result = weight.emitOpError("expected ")
               << expected << " bytes of data, but got " << source.bytes.size();
      return;
    }
    auto packer = interface.createPacker(type, sourceType,
                                         [&] { return weight.emitOpError(); });
    if (failed(packer)) {
      result = failure();
      return;
    }
    lir::Packer *plan = packers.emplace_back(std::move(*packer)).get();
    int64_t rows = plan->getNumRows(),
            step = std::max<int64_t>(1, kTaskBytes * rows / bytes);
    for (int64_t begin = 0; begin < rows; begin += step)
      pool.async([&, plan, weight, target = blob.data() + offset, begin,
                  end = std::min(rows, begin + step), rowBytes = bytes / rows] {
        bool fits =
            plan->pack(source.bytes.data(), target, begin, end, source.isSplat);
        std::lock_guard<std::mutex> lock(shared);
        if (!fits)
          tooSmall = weight;
        if (release && (read += (end - begin) * rowBytes) >= kReleasedBytes) {
          release();
          read = 0;
        }
      });
  });
  pool.wait();
  if (tooSmall)
    return tooSmall.emitOpError("expected a packing with room for what its "
                                "weights take, but got ")
           << tooSmall.getPackingAttr();
  return result;
}
