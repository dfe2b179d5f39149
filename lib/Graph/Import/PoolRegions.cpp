//===- PoolRegions.cpp - Regions of images, pooled to one size ------------===//

#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// What the pooled regions have in common.
struct Regions {
  StringRef kind;
  int64_t size[2] = {1, 1};
  int64_t samples = 0;
  bool halfPixel = false;
};

constexpr int64_t mostBins = 1 << 16;

/// Computed in f32 or f64. `batches` are numbers of images.
LogicalResult pool(Node &node, Value image, Value regions, Value batches,
                   const Regions &how) {
  double scale = node.getFloat("spatial_scale", 1.0f);
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(image);
  if (type.getRank() != 4)
    return node.error("expected X [N, C, H, W], but got rank " +
                      Twine(type.getRank()));
  Type i64 = IntegerType::get(node.getContext(), 64),
       element = type.getElementType(),
       wide = element.isF64() ? element : Float32Type::get(node.getContext());
  Value numbers = node.cast(batches, i64);
  int64_t last = type.isDynamicDim(0) ? -1 : type.getDimSize(0) - 1;
  if (last >= 0 &&
      failed(
          node.require({numbers, 0, last, /*isExcluded=*/false,
                        "an image from 0 to " + std::to_string(last)})))
    return failure();
  Value pooled = node.create<PoolRegionsOp>(
      node.cast(image, wide), node.cast(regions, wide), numbers, how.kind,
      ArrayRef<int64_t>(how.size), how.samples, APFloat(scale), how.halfPixel,
      /*channels_last=*/false);
  return node.result(node.cast(pooled, element));
}

LogicalResult importRoiAlign(Node &node) {
  Value image = node.input(0, "X", FloatKind),
        regions = node.input(1, "rois", FloatKind),
        batches = node.input(2, "batch_indices", SignedKind);
  Regions how;
  how.kind = node.getChoice("mode", "avg", {"avg", "max"}) == "max" ? "max"
                                                                    : "average";
  how.halfPixel =
      node.getOpset() >= 16 &&
      node.getChoice("coordinate_transformation_mode", "half_pixel",
                     {"half_pixel", "output_half_pixel"}) == "half_pixel";
  how.size[0] = node.getIntIn("output_height", 1, 1, mostBins);
  how.size[1] = node.getIntIn("output_width", 1, 1, mostBins);
  how.samples = node.getIntIn("sampling_ratio", 0, 0, mostBins);
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(regions);
  if (type.getRank() != 2 || getType(batches).getRank() != 1 ||
      !(type.isDynamicDim(1) || type.getDimSize(1) == 4))
    return node.error("expected rois [R, 4] and batch_indices [R]");
  return pool(node, image, regions, batches, how);
}

/// Regions are [R, 5]: the number of an image before the corners.
LogicalResult importMaxRoiPool(Node &node) {
  Value image = node.input(0, "X", FloatKind),
        regions = node.input(1, "rois", FloatKind);
  SmallVector<int64_t> size = node.getInts("pooled_shape");
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(regions);
  if (type.getRank() != 2 ||
      !(type.isDynamicDim(1) || type.getDimSize(1) == 5))
    return node.error("expected rois [R, 5]");
  if (size.size() != 2)
    return node.error("expected pooled_shape to have 2 entries, but got " +
                      Twine(size.size()));
  for (int64_t bins : size)
    if (bins < 1 || bins > mostBins)
      return node.error("pooled_shape holds " + Twine(bins) +
                        ", which is out of range");
  auto columns = [&](int64_t first, int64_t end) {
    return node.create<SliceOp>(regions, node.indices(first), node.indices(end),
                                node.indices(1), ArrayRef<int64_t>(1));
  };
  Regions how;
  how.kind = "max_pixels";
  how.size[0] = size[0];
  how.size[1] = size[1];
  Value batches =
      node.create<SqueezeOp>(columns(0, 1), ArrayRef<int64_t>(1));
  return pool(node, image, columns(1, 5), batches, how);
}

} // namespace

void addPoolRegionsRows(OpTable &table) {
  table.add("RoiAlign", 10, importRoiAlign);
  table.add("MaxRoiPool", 1, importMaxRoiPool);
}

} // namespace lambent::graph
