//===- ResizeTables.cpp - Where each output position of a resize reads ----===//
//
// An output position has a coordinate x in the input (by
// coordinate_transformation_mode). Nearest rounds it; linear and cubic weigh
// the taps floor(x) + i by w(i - fraction), for a smaller scale with antialias
// by w((i - fraction) * scale). Taps outside repeat the border, or, with
// exclude_outside, lose their weight.
//
//===----------------------------------------------------------------------===//

#include "ResizeTables.h"
#include <algorithm>
#include <cmath>

using namespace lambent;

static float getCoordinate(const ResizeAxis &axis, int64_t position) {
  float x = position, in = axis.inputSize, whole = axis.outputSize;
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

static int64_t getNearest(const ResizeAxis &axis, float coordinate) {
  if (axis.nearest == "floor")
    return std::floor(coordinate);
  if (axis.nearest == "ceil")
    return std::ceil(coordinate);
  if (axis.nearest == "round_prefer_ceil")
    return std::floor(coordinate + 0.5f);
  return std::ceil(coordinate - 0.5f);
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

bool lambent::hasResizeTable(const ResizeAxis &axis) {
  double taps = axis.mode == "nearest" ? 1 : 2.0 * getReach(axis) + 2;
  return static_cast<double>(axis.outputSize) * taps <= 0x1p24 &&
         (axis.inputSize > 0 || axis.outputSize == 0);
}

ResizeTable lambent::getResizeTable(const ResizeAxis &axis) {
  ResizeTable table;
  bool nearest = axis.mode == "nearest";
  float scale = getTapScale(axis);
  int64_t first = std::floor(-getReach(axis)) + 1, last = 1 - first;
  if (!nearest)
    table.taps = last - first + 1;
  int64_t end = axis.inputSize - 1;
  for (int64_t position = 0; position < axis.outputSize; ++position) {
    // However far outside a region lies, its positions fit an integer.
    float coordinate = getCoordinate(axis, position);
    coordinate =
        std::isnan(coordinate) ? 0 : std::clamp(coordinate, -0x1p60f, 0x1p60f);
    table.outside.push_back(coordinate < 0 || coordinate > end);
    if (nearest) {
      table.indices.push_back(
          std::clamp<int64_t>(getNearest(axis, coordinate), 0, end));
      table.weights.push_back(1);
      continue;
    }
    float base = std::floor(coordinate), fraction = coordinate - base, sum = 0;
    size_t row = table.weights.size();
    for (int64_t tap = first; tap <= last; ++tap) {
      int64_t index = static_cast<int64_t>(base) + tap;
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
