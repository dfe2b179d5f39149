//===- GridSample.cpp - Samples at computed places ------------------------===//
//
// A sample is a weighted sum of pixels around its place. The pixels are rows of
// channels, gathered by an index that element-wise ops compute.
//
//===----------------------------------------------------------------------===//

#include "Lists.h"
#include "Node.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// How samples outside the image, or between pixels, are made.
struct Sampling {
  std::string mode, padding;
  bool alignCorners = false;
};

/// Bounces a coordinate off the borders until it lies between them.
Value reflect(Scalar &s, Value x, Value low, Value high) {
  Value range = s.sub(high, low), zero = s.number(x, 0);
  // A triangle of period 2 * range.
  Value period = s.add(range, range), from = s.sub(x, low);
  Value turns = s.make<math::FloorOp>(s.div(from, period));
  Value phase = s.sub(from, s.mul(turns, period));
  Value back = s.sub(period, phase);
  return s.select(s.lessOrEqual(range, zero), zero,
                  s.add(s.min(phase, back), low));
}

/// The weights of the pixels around a place, by how far it is from the pixel
/// below.
SmallVector<Value> getWeights(Scalar &s, Value t, StringRef mode) {
  Value one = s.number(t, 1);
  if (mode == "nearest")
    return {one};
  if (mode == "linear")
    return {s.sub(one, t), t};
  constexpr double a = -0.75;
  auto number = [&](double value) { return s.number(t, value); };
  // Distances below 1, and from 1 to 2.
  auto near = [&](Value d) {
    Value cubic = s.sub(s.mul(number(a + 2), d), number(a + 3));
    return s.add(s.mul(s.mul(cubic, d), d), one);
  };
  auto far = [&](Value d) {
    Value inner = s.sub(s.mul(number(a), d), number(5 * a));
    inner = s.add(s.mul(inner, d), number(8 * a));
    return s.sub(s.mul(inner, d), number(4 * a));
  };
  return {far(s.add(t, one)), near(t), near(s.sub(one, t)),
          far(s.sub(number(2), t))};
}

class GridSampler {
public:
  GridSampler(Node &node, Value image, Value grid, Sampling sampling)
      : node(node), image(image), grid(grid), sampling(std::move(sampling)),
        i64(IntegerType::get(node.getContext(), 64)) {}

  Value build();

private:
  struct Axis {
    Value size, length; ///< the image's, as i64 and as a float
    Value place; ///< in pixels, [N, out...]
    /// The number of taps around a place, and where they begin.
    int64_t taps, first;
  };
  Axis makeAxis(int64_t dim, int64_t dims);
  /// Where coordinates bounce off, of a dim of this length.
  std::pair<Value, Value> getBorders(Scalar &s, Value length) {
    double outside = sampling.alignCorners ? 0 : 0.5;
    return {s.number(length, -outside),
            s.sub(length, s.number(length, 1 - outside))};
  }
  static Value clamp(Scalar &s, Value place, Value length) {
    return s.min(s.max(place, s.number(place, 0)),
                 s.sub(length, s.number(length, 1)));
  }
  /// The pixel of a tap, and its weight, which is 0 outside with padding by
  /// zeros.
  Value getPixel(const Axis &axis, int64_t tap);
  Value getWeight(const Axis &axis, int64_t tap);

  Node &node;
  Value image, grid;
  Sampling sampling;
  Type i64, floatType;
};

GridSampler::Axis GridSampler::makeAxis(int64_t dim, int64_t dims) {
  Axis axis;
  Size size = getSizes(getType(image))[dim + 2];
  axis.size = node.sizeScalar(size);
  axis.length = node.cast(axis.size, floatType);
  axis.taps = sampling.mode == "nearest"  ? 1
              : sampling.mode == "linear" ? 2
                                          : 4;
  axis.first = axis.taps == 4 ? -1 : 0;
  // Coordinates come innermost first.
  int64_t entry = dims - 1 - dim, last = getType(grid).getRank() - 1;
  Value raw = node.create<SqueezeOp>(
      node.create<SliceOp>(grid, node.indices(entry), node.indices(entry + 1),
                           node.indices(1), ArrayRef<int64_t>(last)),
      ArrayRef<int64_t>(last));
  Value inputs[] = {raw, axis.length};
  axis.place = node.map(inputs, floatType, [&](Scalar &s,
                                               ArrayRef<Value> args) {
    Value x = args[0], length = args[1], one = s.number(x, 1),
          half = s.number(x, 0.5), shifted = s.add(x, one);
    Value place = sampling.alignCorners
                      ? s.mul(s.mul(shifted, half), s.sub(length, one))
                      : s.mul(s.sub(s.mul(shifted, length), one), half);
    if (sampling.mode == "nearest")
      place = s.make<math::RoundEvenOp>(place);
    auto [low, high] = getBorders(s, length);
    Value isOutside =
        s.make<arith::OrIOp>(s.less(place, low), s.less(high, place));
    if (sampling.padding == "border")
      place = s.select(isOutside, clamp(s, place, length), place);
    if (sampling.padding == "reflection")
      place = s.select(isOutside, reflect(s, place, low, high), place);
    return place;
  });
  return axis;
}

Value GridSampler::getPixel(const Axis &axis, int64_t tap) {
  Value inputs[] = {axis.place, axis.length};
  return node.map(inputs, i64, [&](Scalar &s, ArrayRef<Value> args) {
    Value pixel = s.add(s.make<math::FloorOp>(args[0]),
                        s.number(args[0], double(axis.first + tap)));
    if (sampling.padding == "reflection") {
      auto [low, high] = getBorders(s, args[1]);
      pixel = reflect(s, pixel, low, high);
    }
    // NaN goes to 0 too.
    return s.convert(clamp(s, pixel, args[1]), i64, false, false);
  });
}

Value GridSampler::getWeight(const Axis &axis, int64_t tap) {
  Value inputs[] = {axis.place, axis.length};
  return node.map(inputs, floatType, [&](Scalar &s, ArrayRef<Value> args) {
    Value place = args[0], below = s.make<math::FloorOp>(place);
    Value weight =
        getWeights(s, s.sub(place, below), sampling.mode)[size_t(tap)];
    if (sampling.padding != "zeros")
      return weight;
    Value pixel = s.add(below, s.number(place, double(axis.first + tap))),
          last = s.sub(args[1], s.number(place, 1));
    Value isInside =
        s.make<arith::AndIOp>(s.lessOrEqual(s.number(place, 0), pixel),
                              s.lessOrEqual(pixel, last));
    return s.select(isInside, weight, s.number(place, 0));
  });
}

Value GridSampler::build() {
  RankedTensorType type = getType(image);
  int64_t dims = type.getRank() - 2;
  Sizes sizes = getSizes(type);
  Size pixels = productOf(ArrayRef(sizes).drop_front(2));
  Type elementType = type.getElementType();
  floatType = elementType.isF64() || getType(grid).getElementType().isF64()
                  ? Type(Float64Type::get(node.getContext()))
                  : Type(Float32Type::get(node.getContext()));
  grid = node.cast(grid, floatType);
  SmallVector<int64_t> channelsLast{0};
  append_range(channelsLast, listAxes(2, dims + 2));
  channelsLast.push_back(1);
  bool isNearest = sampling.mode == "nearest";
  Value rows = node.reshapeTo(node.transpose(image, channelsLast),
                              {sizes[0] * pixels, sizes[1]});
  if (!isNearest)
    rows = node.cast(rows, floatType);
  SmallVector<Axis> axes;
  int64_t taps = 1;
  for (int64_t dim = 0; dim < dims && !node.hasFailed(); ++dim) {
    axes.push_back(makeAxis(dim, dims));
    taps *= axes.back().taps;
  }
  if (node.hasFailed())
    return {};
  SmallVector<int64_t> batchShape(dims + 1, 1);
  batchShape[0] = -1;
  Value firstRows =
      node.reshape(countUp(node, node.sizeScalar(sizes[0])), batchShape);
  auto unsqueeze = [&](Value x) {
    return node.create<UnsqueezeOp>(x, ArrayRef<int64_t>(dims + 1));
  };
  Value total;
  for (int64_t tap = 0; tap < taps && !node.hasFailed(); ++tap) {
    SmallVector<Value> places{firstRows}, weights;
    for (int64_t dim = 0, rest = tap; dim < dims; ++dim) {
      places.push_back(getPixel(axes[dim], rest % axes[dim].taps));
      weights.push_back(getWeight(axes[dim], rest % axes[dim].taps));
      rest /= axes[dim].taps;
    }
    for (const Axis &axis : axes)
      places.push_back(axis.size);
    Value index = node.map(places, i64, [&](Scalar &s, ArrayRef<Value> args) {
      Value row = args[0];
      for (int64_t dim = 0; dim < dims; ++dim)
        row = s.add(s.mul(row, args[1 + dims + dim]), args[1 + dim]);
      return row;
    });
    Value weight =
        node.map(weights, floatType, [](Scalar &s, ArrayRef<Value> args) {
          Value product = args[0];
          for (Value arg : args.drop_front())
            product = s.mul(product, arg);
          return product;
        });
    Value chosen = node.create<GatherOp>(rows, index, int64_t(0));
    if (isNearest) {
      // Of any type: the weight is 0 or 1.
      total = sampling.padding != "zeros"
                  ? chosen
                  : node.map({unsqueeze(weight), chosen}, elementType,
                             [](Scalar &s, ArrayRef<Value> args) {
                               Value zero = s.number(args[0], 0);
                               return s.select(s.equal(args[0], zero),
                                               s.number(args[1], 0), args[1]);
                             });
      continue;
    }
    SmallVector<Value> inputs{chosen, unsqueeze(weight)};
    if (total)
      inputs.push_back(total);
    total = node.map(inputs, floatType, [](Scalar &s, ArrayRef<Value> args) {
      Value zero = s.number(args[1], 0);
      Value part =
          s.select(s.equal(args[1], zero), zero, s.mul(args[0], args[1]));
      return args.size() == 3 ? s.add(args[2], part) : part;
    });
  }
  SmallVector<int64_t> channelsFirst{0, dims + 1};
  append_range(channelsFirst, listAxes(1, dims + 1));
  return node.cast(node.transpose(total, channelsFirst), elementType);
}

LogicalResult importGridSample(Node &node) {
  Value image = node.input(0, "X", AnyKind | LaterStringKind),
        grid = node.input(1, "grid", FloatKind);
  Sampling sampling;
  sampling.mode = node.getChoice(
      "mode", node.getOpset() < 20 ? "bilinear" : "linear",
      node.getOpset() < 20
          ? ArrayRef<StringRef>({"bilinear", "nearest", "bicubic"})
          : ArrayRef<StringRef>({"linear", "nearest", "cubic"}));
  sampling.padding = node.getChoice("padding_mode", "zeros",
                                    {"zeros", "border", "reflection"});
  sampling.alignCorners = node.getBool("align_corners", false);
  if (node.hasFailed())
    return failure();
  if (StringRef(sampling.mode).starts_with("bi"))
    sampling.mode = sampling.mode.substr(2);
  RankedTensorType type = getType(image), gridType = getType(grid);
  int64_t dims = type.getRank() - 2;
  if (dims < 1 || gridType.getRank() != dims + 2)
    return node.error("expected X [N, C, d...] and a grid [N, d..., " +
                      Twine(dims) + "], but got ranks " +
                      Twine(type.getRank()) + " and " +
                      Twine(gridType.getRank()));
  if (dims > 3)
    return node.unsupported("more than 3 spatial dims are not supported");
  auto differ = [](int64_t a, int64_t b) {
    return !ShapedType::isDynamic(a) && !ShapedType::isDynamic(b) && a != b;
  };
  if (differ(gridType.getDimSize(dims + 1), dims) ||
      differ(gridType.getDimSize(0), type.getDimSize(0)))
    return node.error("expected a grid [" + Twine(type.getDimSize(0)) +
                      ", d..., " + Twine(dims) + "], but got other dims");
  if (is_contained(type.getShape(), 0)) {
    Sizes shape = getSizes(type), places = getSizes(gridType);
    shape.truncate(2);
    append_range(shape, ArrayRef(places).slice(1, dims));
    return node.result(node.create<ExpandOp>(
        node.scalar(type.getElementType(), 0), node.sizeList(shape)));
  }
  if (getKind(type.getElementType()) == BoolKind && sampling.mode != "nearest")
    return node.error("expected numbers to interpolate, but got bools");
  return node.result(
      GridSampler(node, image, grid, std::move(sampling)).build());
}

} // namespace

void addGridSampleRows(OpTable &table) {
  table.add("GridSample", 16, importGridSample);
}

} // namespace lambent::graph
