//===- PoolRegions.cpp - Regions of images, pooled to one size ------------===//
//
// A bin of a region is sampled at as many points as sampling_ratio says, each
// between four pixels: rows of channels, gathered by an index that element-wise
// ops compute.
//
//===----------------------------------------------------------------------===//

#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// How regions are cut into bins and points along one dim of the image.
struct RegionAxis {
  int64_t size;         ///< of the image
  int64_t bins, points; ///< points: of a bin
  double scale;
  bool halfPixel;
};

/// What the points [R, bins * points] read along one dim: the pixel before and
/// the one behind each, and their weights, 0 outside of the image.
struct RegionPoints {
  Value before, behind, beforeWeight, behindWeight;
};

class RegionAlign {
public:
  RegionAlign(Node &node, Value image, Value regions, Value batches)
      : node(node), image(image), regions(regions), batches(batches),
        i64(IntegerType::get(node.getContext(), 64)),
        floatType(getType(image).getElementType()) {}

  Value build(const RegionAxis &y, const RegionAxis &x, bool isMax);

private:
  Value getCorner(int64_t index) {
    return node.reshape(node.create<GatherOp>(regions, node.indices(index, {}),
                                              int64_t(1)),
                        {getType(regions).getDimSize(0), 1});
  }
  Value findPositions(const RegionAxis &axis, int64_t corner);
  RegionPoints findPoints(const RegionAxis &axis, int64_t corner);
  /// The pixels at one corner of all points, times their weights.
  Value weigh(Value rows, Value y, Value x, Value yWeight, Value xWeight);

  Node &node;
  Value image, regions, batches;
  Type i64, floatType;
};

/// Where the points lie, in pixels.
Value RegionAlign::findPositions(const RegionAxis &axis, int64_t corner) {
  SmallVector<double> bins, parts;
  for (int64_t i = 0; i < axis.bins * axis.points; ++i) {
    bins.push_back(double(i / axis.points));
    parts.push_back((double(i % axis.points) + 0.5) / double(axis.points));
  }
  int64_t count = int64_t(bins.size());
  Value inputs[] = {getCorner(corner), getCorner(corner + 2),
                    node.numbers(floatType, bins, {1, count}),
                    node.numbers(floatType, parts, {1, count})};
  return node.map(inputs, floatType, [&](Scalar &s, ArrayRef<Value> args) {
    Value scale = s.number(floatType, axis.scale),
          offset = s.number(floatType, axis.halfPixel ? 0.5 : 0.0),
          begin = s.sub(s.mul(args[0], scale), offset),
          end = s.sub(s.mul(args[1], scale), offset), size = s.sub(end, begin);
    // Without the offset, a region is at least one pixel.
    if (!axis.halfPixel)
      size = s.max(size, s.number(floatType, 1));
    Value bin = s.div(size, s.number(floatType, double(axis.bins)));
    return s.add(s.add(begin, s.mul(args[2], bin)), s.mul(args[3], bin));
  });
}

RegionPoints RegionAlign::findPoints(const RegionAxis &axis, int64_t corner) {
  Value positions = findPositions(axis, corner);
  double last = double(axis.size - 1);
  auto clamp = [&](Scalar &s, Value at) { return s.clamp(at, 0, last); };
  auto floor = [&](Scalar &s, Value at) {
    return s.make<math::FloorOp>(clamp(s, at));
  };
  auto pixel = [&](int64_t step) {
    return node.map({positions}, i64, [&](Scalar &s, ArrayRef<Value> args) {
      Value at = s.add(floor(s, args[0]), s.number(floatType, double(step)));
      return s.convert(clamp(s, at), i64, false, false);
    });
  };
  auto weight = [&](bool isBehind) {
    return node.map(
        {positions}, floatType, [&](Scalar &s, ArrayRef<Value> args) {
          Value zero = s.number(floatType, 0),
                part = s.sub(clamp(s, args[0]), floor(s, args[0]));
          if (!isBehind)
            part = s.sub(s.number(floatType, 1), part);
          part = s.select(s.less(args[0], s.number(floatType, -1)), zero, part);
          return s.select(
              s.less(s.number(floatType, double(axis.size)), args[0]), zero,
              part);
        });
  };
  return {pixel(0), pixel(1), weight(false), weight(true)};
}

Value RegionAlign::weigh(Value rows, Value y, Value x, Value yWeight,
                         Value xWeight) {
  ArrayRef<int64_t> shape = getType(image).getShape();
  int64_t count = getType(regions).getDimSize(0),
          ys = getType(y).getDimSize(1), xs = getType(x).getDimSize(1);
  Value index = node.map(
      {node.reshape(batches, {count, 1, 1}), node.reshape(y, {count, ys, 1}),
       node.reshape(x, {count, 1, xs})},
      i64, [&](Scalar &s, ArrayRef<Value> args) {
        Value row = s.add(s.mul(args[0], s.integer(i64, shape[2])), args[1]);
        return s.add(s.mul(row, s.integer(i64, shape[3])), args[2]);
      });
  return node.map({node.create<GatherOp>(rows, index, int64_t(0)),
                   node.reshape(yWeight, {count, ys, 1, 1}),
                   node.reshape(xWeight, {count, 1, xs, 1})},
                  floatType, [&](Scalar &s, ArrayRef<Value> args) {
                    Value zero = s.number(floatType, 0),
                          weight = s.mul(args[1], args[2]);
                    return s.select(s.equal(weight, zero), zero,
                                    s.mul(weight, args[0]));
                  });
}

Value RegionAlign::build(const RegionAxis &y, const RegionAxis &x,
                         bool isMax) {
  RegionPoints ys = findPoints(y, 1), xs = findPoints(x, 0);
  ArrayRef<int64_t> shape = getType(image).getShape();
  Value rows = node.reshape(node.transpose(image, {0, 2, 3, 1}),
                            {shape[0] * shape[2] * shape[3], shape[1]});
  Value terms[] = {
      weigh(rows, ys.before, xs.before, ys.beforeWeight, xs.beforeWeight),
      weigh(rows, ys.before, xs.behind, ys.beforeWeight, xs.behindWeight),
      weigh(rows, ys.behind, xs.before, ys.behindWeight, xs.beforeWeight),
      weigh(rows, ys.behind, xs.behind, ys.behindWeight, xs.behindWeight)};
  Value points =
      node.map(terms, floatType, [&](Scalar &s, ArrayRef<Value> args) {
        Value result = args[0];
        for (Value arg : args.drop_front())
          result = isMax ? s.max(result, arg) : s.add(result, arg);
        return result;
      });
  points = node.reshape(points, {getType(regions).getDimSize(0), y.bins,
                                 y.points, x.bins, x.points, shape[1]});
  Value bins = node.reduce(points, isMax ? "max" : "mean", {2, 4},
                           /*keepDims=*/false);
  return node.transpose(bins, {0, 3, 1, 2});
}

LogicalResult importRoiAlign(Node &node) {
  Value image = node.input(0, "X", FloatKind),
        regions = node.input(1, "rois", FloatKind),
        batches = node.input(2, "batch_indices", SignedKind);
  bool isMax = node.getChoice("mode", "avg", {"avg", "max"}) == "max";
  bool halfPixel =
      node.getOpset() >= 16 &&
      node.getChoice("coordinate_transformation_mode", "half_pixel",
                     {"half_pixel", "output_half_pixel"}) == "half_pixel";
  constexpr int64_t most = 1 << 16;
  int64_t height = node.getIntIn("output_height", 1, 1, most),
          width = node.getIntIn("output_width", 1, 1, most),
          points = node.getIntIn("sampling_ratio", 0, 0, most);
  double scale = node.getFloat("spatial_scale", 1.0f);
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(image), regionType = getType(regions);
  if (points == 0)
    return node.unsupported("sampling_ratio 0, for which the regions decide how "
                            "many points there are, is not supported");
  if (!type.hasStaticShape() || !regionType.hasStaticShape())
    return node.undetermined("the shape of X and rois");
  if (type.getRank() != 4 || regionType.getRank() != 2 ||
      regionType.getDimSize(1) != 4 ||
      getType(batches).getShape() != regionType.getShape().take_front(1))
    return node.error("expected X [N, C, H, W], rois [R, 4] and batch_indices "
                      "[R]");
  int64_t last = type.getDimSize(0) - 1;
  if (failed(node.require({batches, 0, last, /*isExcluded=*/false,
                           "batch_indices from 0 to " + std::to_string(last)})))
    return failure();
  Type element = type.getElementType(),
       wide = element.isF64() ? element : Float32Type::get(node.getContext());
  RegionAlign align(node, node.cast(image, wide), node.cast(regions, wide),
                    node.cast(batches, IntegerType::get(node.getContext(), 64)));
  Value result =
      align.build({type.getDimSize(2), height, points, scale, halfPixel},
                  {type.getDimSize(3), width, points, scale, halfPixel}, isMax);
  return node.result(node.cast(result, element));
}

} // namespace

void addRegionRows(OpTable &table) {
  table.add("RoiAlign", 10, importRoiAlign);
}

} // namespace lambent::graph
