//===- ResizeTables.cpp - Where each output position of a resize reads ----===//
//
// An output position has a coordinate x in the input (by
// coordinate_transformation_mode). Nearest rounds it; linear and cubic weigh
// the taps floor(x) + i by w(i - fraction), for a smaller scale with antialias
// by w((i - fraction) * scale). Taps outside repeat the border, or, with
// exclude_outside, lose their weight.
//
// Where sizes are given the scale is their quotient, and coordinates are exact
// quotients of integers, so that nearest sees the ties that are ties. A given
// scale is an f32, in which coordinates are computed then: 3 / 0.3f is 10.
//
//===----------------------------------------------------------------------===//

#include "ResizeTables.h"
#include <algorithm>
#include <cmath>

using namespace lambent;

namespace {
/// The coordinate whole + fraction, 0 <= fraction < 1.
struct Coordinate {
  int64_t whole;
  double fraction;
};

/// numerator / denominator, which is positive. Sizes are below 2^40, positions
/// below 2^24.
struct Rational {
  __extension__ __int128 numerator, denominator;
};
} // namespace

/// A coordinate from real numbers.
static float getCoordinate(const ResizeAxis &axis, int64_t position) {
  float x = position, in = axis.inputSize.getNumber(),
        whole = axis.outputSize.getNumber();
  // ONNX computes with the size before it is cut to a whole one.
  float out = axis.scale * in;
  if (std::fabs(out - whole) < 1e-3f)
    out = whole;
  if (axis.coordinates == "asymmetric")
    return x / axis.scale;
  if (axis.coordinates == "align_corners")
    return out == 1 ? 0 : x * (in - 1) / (out - 1);
  if (axis.coordinates == "pytorch_half_pixel")
    return out > 1 ? (x + 0.5f) / axis.scale - 0.5f : 0;
  if (axis.coordinates == "tf_half_pixel_for_nn")
    return (x + 0.5f) / axis.scale;
  if (axis.coordinates == "tf_crop_and_resize")
    return out > 1
               ? axis.roiStart * (in - 1) +
                     x * (axis.roiEnd - axis.roiStart) * (in - 1) / (out - 1)
               : 0.5f * (axis.roiStart + axis.roiEnd) * (in - 1);
  if (axis.coordinates == "half_pixel_symmetric") {
    float adjustment = whole / out, center = in / 2;
    return center * (1 - adjustment) + (x + 0.5f) / axis.scale - 0.5f;
  }
  return (x + 0.5f) / axis.scale - 0.5f;
}

/// The same for a scale of up / down; regions are real numbers.
static std::optional<Rational> getExactCoordinate(const ResizeAxis &axis,
                                                  int64_t position) {
  if (!axis.quotient || axis.coordinates == "tf_crop_and_resize")
    return std::nullopt;
  decltype(Rational::numerator) x = position,
                                in = axis.inputSize.getNumber(),
                                up = axis.quotient->first.getNumber(),
                                down = axis.quotient->second.getNumber();
  // The size before it is rounded, times `down`.
  auto out = in * up;
  auto center = 2 * x + 1;
  if (axis.coordinates == "asymmetric")
    return Rational{x * down, up};
  if (axis.coordinates == "align_corners")
    return out <= down ? Rational{0, 1}
                       : Rational{x * (in - 1) * down, out - down};
  if (axis.coordinates == "tf_half_pixel_for_nn")
    return Rational{center * down, 2 * up};
  if (axis.coordinates == "pytorch_half_pixel" && out <= down)
    return Rational{0, 1};
  auto shift = axis.coordinates == "half_pixel_symmetric"
                   ? out - axis.outputSize.getNumber() * down
                   : 0;
  return Rational{center * down - up + shift, 2 * up};
}

static Coordinate split(float coordinate) {
  // However far outside a region lies, its positions fit an integer.
  coordinate =
      std::isnan(coordinate) ? 0 : std::clamp(coordinate, -0x1p60f, 0x1p60f);
  float whole = std::floor(coordinate);
  return {static_cast<int64_t>(whole), coordinate - whole};
}

static Coordinate split(Rational coordinate) {
  auto [numerator, denominator] = coordinate;
  auto whole = numerator / denominator, rest = numerator % denominator;
  if (rest < 0)
    --whole, rest += denominator;
  return {static_cast<int64_t>(whole),
          static_cast<double>(rest) / static_cast<double>(denominator)};
}

static int64_t getNearest(const ResizeAxis &axis, Coordinate coordinate) {
  auto [whole, fraction] = coordinate;
  bool isSimple = axis.nearest == "simple";
  if (axis.nearest == "floor" || (isSimple && axis.scale >= 1))
    return whole;
  if (axis.nearest == "ceil" || isSimple)
    return whole + (fraction > 0);
  if (axis.nearest == "round_prefer_ceil")
    return whole + (fraction >= 0.5);
  return whole + (fraction > 0.5);
}

/// The interpolating function at `distance` from its center.
static float getWeight(const ResizeAxis &axis, float distance) {
  float d = std::fabs(distance), a = axis.cubicA;
  if (axis.mode == "linear")
    return std::max(0.0f, 1 - d);
  if (d <= 1)
    return ((a + 2) * d - (a + 3)) * d * d + 1;
  if (d < 2)
    return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  return 0;
}

/// What distances are multiplied with.
static float getTapScale(const ResizeAxis &axis) {
  return axis.antialias ? std::min(axis.scale, 1.0f) : 1.0f;
}

/// How far an output position reaches into the input.
static float getReach(const ResizeAxis &axis) {
  return (axis.mode == "cubic" ? 2 : 1) / getTapScale(axis);
}

ResizeTaps lambent::getResizeTaps(const ResizeAxis &axis) {
  int64_t first = std::floor(-getReach(axis)) + 1;
  return {first, 1 - first, getTapScale(axis)};
}

bool lambent::hasResizeTable(const ResizeAxis &axis) {
  double taps = axis.mode == "nearest" ? 1 : 2.0 * getReach(axis) + 2;
  return static_cast<double>(axis.outputSize.getNumber()) * taps <= 0x1p24 &&
         (!axis.inputSize.is(0) || axis.outputSize.is(0));
}

ResizeTable lambent::getResizeTable(const ResizeAxis &axis) {
  ResizeTable table;
  bool nearest = axis.mode == "nearest";
  auto [first, last, scale] = getResizeTaps(axis);
  if (!nearest)
    table.taps = last - first + 1;
  int64_t end = axis.inputSize.getNumber() - 1,
          size = axis.outputSize.getNumber();
  for (int64_t position = 0; position < size; ++position) {
    std::optional<Rational> exact = getExactCoordinate(axis, position);
    Coordinate coordinate =
        exact ? split(*exact) : split(getCoordinate(axis, position));
    table.outside.push_back(
        coordinate.whole < 0 || coordinate.whole > end ||
        (coordinate.whole == end && coordinate.fraction > 0));
    if (nearest) {
      table.indices.push_back(
          std::clamp<int64_t>(getNearest(axis, coordinate), 0, end));
      table.weights.push_back(1);
      continue;
    }
    float fraction = static_cast<float>(coordinate.fraction), sum = 0;
    size_t row = table.weights.size();
    for (int64_t tap = first; tap <= last; ++tap) {
      int64_t index = coordinate.whole + tap;
      float weight = getWeight(axis, (tap - fraction) * scale);
      if (axis.excludeOutside && (index < 0 || index > end))
        weight = 0;
      table.indices.push_back(std::clamp<int64_t>(index, 0, end));
      table.weights.push_back(weight);
      sum += weight;
    }
    if (sum != 0 && (axis.antialias || axis.excludeOutside))
      for (size_t tap = row; tap < table.weights.size(); ++tap)
        table.weights[tap] /= sum;
  }
  return table;
}
