//===- Resize.cpp - Resampling --------------------------------------------===//

#include "Importer.h"
#include "Lists.h"
#include "OpTable.h"
#include "lambent/Sizes/SizeScale.h"

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

/// A list of any length has an entry for each of the axes.
Value fixOpenLength(Node &node, Value list, StringRef what, size_t count) {
  return hasOpenLength(list) ? fixLength(node, list, what, int64_t(count))
                             : list;
}

/// The sizes along the axes that scales or sizes stand for.
Value getResizedSizes(Node &node, Value x, const Resampling &resampling) {
  Value shape = node.create<ShapeOp>(x, int64_t(0), getType(x).getRank());
  if (!resampling.axes)
    return shape;
  return node.create<GatherOp>(shape, node.indices(*resampling.axes),
                               int64_t(0));
}

/// The sizes that follow from constant scales, as far as they are numbers or
/// expressions.
Sizes scaleKnown(Value x, const Resampling &resampling) {
  Sizes sizes = getSizes(getType(x)), scaled;
  auto scales = dyn_cast_or_null<DenseFPElementsAttr>(
      getConstantValue(resampling.scales));
  size_t count = resampling.axes ? resampling.axes->size() : sizes.size();
  // A wrong number of scales is the op's to report.
  if (!scales || size_t(scales.getNumElements()) != count)
    return Sizes(count);
  for (auto [index, scale] : enumerate(scales.getValues<float>()))
    scaled.push_back(scaleDown(
        sizes[resampling.axes ? (*resampling.axes)[index] : index], scale));
  return scaled;
}

/// Sizes from scales, where a run decides them: the product in f32, rounded
/// down.
void decideByScales(Node &node, Value x, Resampling &resampling) {
  Sizes known = scaleKnown(x, resampling);
  if (getConstantValue(resampling.scales) && areKnown(known))
    return;
  Type f32 = Float32Type::get(node.getContext()),
       i64 = IntegerType::get(node.getContext(), 64);
  Value sizes = node.map(
      {getResizedSizes(node, x, resampling), resampling.scales}, i64,
      [&](Scalar &s, ArrayRef<Value> args) {
        Value scaled = s.mul(s.convert(args[0], f32, false, false), args[1]);
        // Not a number is no size.
        Value floor = s.make<math::FloorOp>(scaled);
        Value isNumber =
            s.compare(arith::CmpFPredicate::ORD, scaled, scaled);
        return s.select(isNumber, s.convert(floor, i64, false, false),
                        s.integer(i64, -1));
      });
  SmallVector<Value> entries;
  for (auto [index, size] : enumerate(known))
    entries.push_back(size.isKnown() ? node.sizeList(size)
                                     : takeEntries(node, sizes, index, 1));
  resampling.sizes =
      node.decideSizes(joinLists(node, entries), "input 'scales'");
}

/// Brings sizes that a run decides to one scale, the smallest or largest of
/// those asked for, by which positions lie then.
void keepAspectRatio(Node &node, Value x, StringRef policy,
                     Resampling &resampling) {
  Type f64 = Float64Type::get(node.getContext()),
       i64 = IntegerType::get(node.getContext(), 64);
  Value from = getResizedSizes(node, x, resampling);
  Value ratios = node.map({resampling.sizes, from}, f64,
                          [&](Scalar &s, ArrayRef<Value> args) {
                            return s.div(s.convert(args[0], f64, false, false),
                                         s.convert(args[1], f64, false, false));
                          });
  Value scale = node.reduce(ratios, policy == "not_larger" ? "min" : "max",
                            int64_t(0));
  // Half rounds up, as ONNX says.
  Value kept = node.map(
      {from, scale}, i64, [&](Scalar &s, ArrayRef<Value> args) {
        Value scaled =
            s.mul(s.convert(args[0], f64, false, false), args[1]);
        return s.convert(
            s.make<math::FloorOp>(s.add(scaled, s.number(f64, 0.5))), i64,
            false, false);
      });
  resampling.sizes = node.decideSizes(kept, "input 'sizes'");
  resampling.scales = node.create<ExpandOp>(
      node.cast(scale, Float32Type::get(node.getContext())),
      node.create<ShapeOp>(from, int64_t(0), int64_t(1)));
}

/// Makes known what sizes the result has. Where they follow from constants, the
/// op says it itself.
void decideSizes(Node &node, Value x, StringRef policy,
                 Resampling &resampling) {
  if (node.hasFailed())
    return;
  if (resampling.scales) {
    resampling.scales =
        node.cast(resampling.scales, Float32Type::get(node.getContext()));
    if (!node.hasFailed())
      decideByScales(node, x, resampling);
    return;
  }
  bool isBound = getType(x).hasStaticShape() &&
                 succeeded(getConstantInts(resampling.sizes));
  if (policy != "stretch" && !isBound)
    return keepAspectRatio(node, x, policy, resampling);
  resampling.sizes = node.decideSizes(resampling.sizes, "input 'sizes'");
}

LogicalResult build(Node &node, Value x, StringRef mode,
                    Resampling resampling) {
  if (node.hasFailed())
    return failure();
  if (bool(resampling.scales) == bool(resampling.sizes))
    return node.error("expected either scales or sizes, but got " +
                      Twine(resampling.scales ? "both" : "neither of them"));
  std::string coordinates =
      node.getChoice("coordinate_transformation_mode", resampling.coordinates,
                     {"half_pixel", "half_pixel_symmetric",
                      "pytorch_half_pixel", "align_corners", "asymmetric",
                      "tf_half_pixel_for_nn", "tf_crop_and_resize"});
  std::string nearest = resampling.nearest.str();
  if (nearest != "simple")
    nearest = node.getChoice(
        "nearest_mode", nearest,
        {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"});
  std::string policy = node.getChoice("keep_aspect_ratio_policy", "stretch",
                                      {"stretch", "not_larger", "not_smaller"});
  float cubic = node.getFloat("cubic_coeff_a", -0.75f),
        extrapolation = node.getFloat("extrapolation_value", 0);
  bool excludeOutside = node.getBool("exclude_outside", false),
       antialias = node.getBool("antialias", false);
  Value roi = coordinates == "tf_crop_and_resize" && resampling.roi
                  ? node.cast(resampling.roi,
                              Float32Type::get(node.getContext()))
                  : Value();
  if (coordinates == "tf_crop_and_resize" && !roi && !node.hasFailed())
    return node.error("tf_crop_and_resize needs the input 'roi'");
  if (roi && !getConstantValue(roi) && node.getImporter().isOffered(roi))
    return node.undetermined("input 'roi'", roi);
  size_t count =
      resampling.axes ? resampling.axes->size() : size_t(getType(x).getRank());
  resampling.scales = fixOpenLength(node, resampling.scales, "scales", count);
  resampling.sizes = fixOpenLength(node, resampling.sizes, "sizes", count);
  roi = fixOpenLength(node, roi, "entries of roi", 2 * count);
  decideSizes(node, x, policy, resampling);
  DenseI64ArrayAttr axes;
  if (resampling.axes)
    axes = DenseI64ArrayAttr::get(node.getContext(), *resampling.axes);
  return node.result(node.create<ResizeOp>(
      x, roi, resampling.scales, resampling.sizes, mode, StringRef(coordinates),
      StringRef(nearest), StringRef(policy), APFloat(cubic),
      APFloat(extrapolation), excludeOutside, antialias, axes));
}

LogicalResult importResize(Node &node) {
  Value x = node.input(0, "X", NumberKind | BoolKind | LaterStringKind);
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
/// down where it enlarges, and up otherwise.
Resampling makeLegacy(Value scales) {
  Resampling resampling;
  resampling.coordinates = "asymmetric";
  resampling.nearest = "simple";
  resampling.scales = scales;
  return resampling;
}

std::string readLegacyMode(Node &node) {
  return node.getChoice("mode", "nearest",
                        {"nearest", "linear", "bilinear", "cubic"});
}

LogicalResult importLegacyResize(Node &node) {
  Value x = node.input(0, "X", NumberKind | BoolKind | LaterStringKind),
        scales = node.input(1, "scales", FloatKind);
  std::string mode = readLegacyMode(node);
  node.noteSizeOperand(scales);
  return build(node, x, mode == "bilinear" ? "linear" : StringRef(mode),
               makeLegacy(scales));
}

/// Upsample before opset 9 has its scales in an attribute.
LogicalResult importUpsample(Node &node) {
  Value x = node.input(0, "X", NumberKind | BoolKind | LaterStringKind);
  SmallVector<float> values = node.getFloats("scales");
  std::string mode = readLegacyMode(node);
  auto type = RankedTensorType::get(int64_t(values.size()),
                                    Float32Type::get(node.getContext()));
  Value scales =
      node.constant(DenseElementsAttr::get(type, ArrayRef<float>(values)));
  return build(node, x, mode == "bilinear" ? "linear" : StringRef(mode),
               makeLegacy(scales));
}

} // namespace

void addResizeRows(OpTable &table) {
  table.add("Upsample", 7, importUpsample);
  table.add("Upsample", 9, importLegacyResize);
  table.add("Resize", 10, importLegacyResize);
  table.add("Resize", 11, importResize);
}

} // namespace lambent::graph
