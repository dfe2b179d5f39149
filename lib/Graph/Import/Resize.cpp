//===- Resize.cpp - Resampling --------------------------------------------===//

#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// What differs between the versions of Resize and Upsample.
struct Resampling {
  StringRef coordinates = "half_pixel", nearest = "round_prefer_floor";
  Value roi, scales, sizes;
  std::optional<SmallVector<int64_t>> axes;
};

/// An input that is not there or is an empty tensor is absent.
Value readList(Node &node, unsigned index, StringRef name, unsigned kinds) {
  Value value = node.optionalInput(index, name, kinds);
  if (value && getType(value).hasStaticShape() &&
      getType(value).getNumElements() == 0)
    return {};
  node.noteSizeOperand(value);
  return value;
}

LogicalResult build(Node &node, Value x, StringRef mode,
                    Resampling resampling) {
  if (node.hasFailed())
    return failure();
  if (bool(resampling.scales) == bool(resampling.sizes))
    return node.error("expected either scales or sizes, but got " +
                      Twine(resampling.scales ? "both" : "neither of them"));
  Type f32 = Float32Type::get(node.getContext());
  if (resampling.scales)
    resampling.scales = node.cast(resampling.scales, f32);
  std::string coordinates =
      node.getChoice("coordinate_transformation_mode", resampling.coordinates,
                     {"half_pixel", "half_pixel_symmetric",
                      "pytorch_half_pixel", "align_corners", "asymmetric",
                      "tf_half_pixel_for_nn", "tf_crop_and_resize"});
  std::string nearest = node.getChoice(
      "nearest_mode", resampling.nearest,
      {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"});
  std::string policy = node.getChoice("keep_aspect_ratio_policy", "stretch",
                                      {"stretch", "not_larger", "not_smaller"});
  float cubic = node.getFloat("cubic_coeff_a", -0.75f),
        extrapolation = node.getFloat("extrapolation_value", 0);
  bool excludeOutside = node.getBool("exclude_outside", false),
       antialias = node.getBool("antialias", false);
  Value roi = coordinates == "tf_crop_and_resize" && resampling.roi
                  ? node.cast(resampling.roi, f32)
                  : Value();
  if (coordinates == "tf_crop_and_resize" && !roi && !node.hasFailed())
    return node.error("tf_crop_and_resize needs the input 'roi'");
  if (roi && !getConstantValue(roi))
    return node.undetermined("input 'roi'", roi);
  DenseI64ArrayAttr axes;
  if (resampling.axes)
    axes = DenseI64ArrayAttr::get(node.getContext(), *resampling.axes);
  return node.result(node.create<ResizeOp>(
      x, roi, resampling.scales, resampling.sizes, mode, StringRef(coordinates),
      StringRef(nearest), StringRef(policy), APFloat(cubic),
      APFloat(extrapolation), excludeOutside, antialias, axes));
}

LogicalResult importResize(Node &node) {
  Value x = node.input(0, "X", NumberKind | BoolKind);
  std::string mode =
      node.getChoice("mode", "nearest", {"nearest", "linear", "cubic"});
  Resampling resampling;
  resampling.roi = readList(node, 1, "roi", FloatKind);
  resampling.scales = readList(node, 2, "scales", FloatKind);
  if (readList(node, 3, "sizes", SignedKind))
    resampling.sizes = node.indexInput(3, "sizes");
  if (!node.hasFailed() && node.hasAttribute("axes")) {
    resampling.axes = node.getInts("axes");
    for (int64_t &axis : *resampling.axes)
      axis = node.normalizeAxis(axis, getType(x).getRank());
  }
  return build(node, x, mode, resampling);
}

/// Resize 10 and Upsample: coordinates scale from the corner. Nearest rounds
/// down when it enlarges, and up otherwise.
Resampling readLegacy(Node &node, Value scales) {
  Resampling resampling;
  resampling.coordinates = "asymmetric";
  resampling.nearest = "floor";
  resampling.scales = scales;
  auto values = dyn_cast_or_null<DenseElementsAttr>(
      scales ? getConstantValue(scales) : ElementsAttr());
  if (!values || !values.getElementType().isF32())
    return resampling;
  bool enlarges =
      any_of(values.getValues<float>(), [](float scale) { return scale > 1; });
  bool shrinks =
      any_of(values.getValues<float>(), [](float scale) { return scale < 1; });
  if (shrinks)
    resampling.nearest = "ceil";
  if (shrinks && enlarges)
    (void)node.unsupported("enlarging and shrinking at once is not supported "
                           "in this opset");
  return resampling;
}

std::string readLegacyMode(Node &node) {
  return node.getChoice("mode", "nearest",
                        {"nearest", "linear", "bilinear", "cubic"});
}

LogicalResult importLegacyResize(Node &node) {
  Value x = node.input(0, "X", NumberKind | BoolKind),
        scales = node.input(1, "scales", FloatKind);
  std::string mode = readLegacyMode(node);
  node.noteSizeOperand(scales);
  return build(node, x, mode == "bilinear" ? "linear" : StringRef(mode),
               readLegacy(node, scales));
}

/// Upsample before opset 9 has its scales in an attribute.
LogicalResult importUpsample(Node &node) {
  Value x = node.input(0, "X", NumberKind | BoolKind);
  SmallVector<float> values = node.getFloats("scales");
  std::string mode = readLegacyMode(node);
  auto type = RankedTensorType::get(int64_t(values.size()),
                                    Float32Type::get(node.getContext()));
  Value scales =
      node.constant(DenseElementsAttr::get(type, ArrayRef<float>(values)));
  return build(node, x, mode == "bilinear" ? "linear" : StringRef(mode),
               readLegacy(node, scales));
}

} // namespace

void addResizeRows(OpTable &table) {
  table.add("Upsample", 7, importUpsample);
  table.add("Upsample", 9, importLegacyResize);
  table.add("Resize", 10, importLegacyResize);
  table.add("Resize", 11, importResize);
}

} // namespace lambent::graph
