//===- SignalTables.cpp - Windows and filter banks ------------------------===//
//
// They follow from sizes alone, so they are constants.
//
//===----------------------------------------------------------------------===//

#include "Node.h"
#include "OpTable.h"
#include <cmath>
#include <numbers>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

constexpr int64_t mostEntries = 1 << 24;

/// The one entry of an input that must be known.
double readNumber(Node &node, unsigned index, StringRef name) {
  Value value = node.input(index, name, NumberKind);
  auto known = dyn_cast_or_null<DenseElementsAttr>(
      value ? getConstantValue(value) : ElementsAttr());
  if (value && !known)
    (void)node.undetermined("input '" + name + "'", value);
  else if (known && known.getNumElements() != 1)
    (void)node.error("expected " + name + " to be a scalar, but got " +
                     Twine(known.getNumElements()) + " elements");
  if (node.hasFailed())
    return 0;
  if (isa<FloatType>(known.getElementType()))
    return (*known.getValues<FloatAttr>().begin()).getValueAsDouble();
  FailureOr<SmallVector<int64_t>> ints = getConstantInts(value);
  return failed(ints) ? 0 : double((*ints)[0]);
}

/// A sum of cosines: the k-th runs k times through the window.
Handler window(std::initializer_list<double> amplitudes) {
  return [list = SmallVector<double>(amplitudes)](Node &node) {
    double size = readNumber(node, 0, "size");
    bool isPeriodic = node.getBool("periodic", true);
    Type type = node.getElementTypeAttribute("output_datatype", 1);
    if (node.hasFailed())
      return failure();
    if (size < 0 || size > mostEntries)
      return node.error("expected a size from 0 to " + Twine(mostEntries));
    SmallVector<double> values;
    double period = isPeriodic ? size : size - 1;
    for (int64_t i = 0; i < int64_t(size); ++i) {
      double sum = 0;
      for (auto [k, amplitude] : enumerate(list))
        sum += amplitude * std::cos(2 * std::numbers::pi * double(k) *
                                    double(i) / (period == 0 ? 1 : period));
      values.push_back(sum);
    }
    return node.result(node.numbers(type, values, int64_t(values.size())));
  };
}

/// Triangles over the bins of a spectrum, at equal distances in mel.
LogicalResult importMelWeights(Node &node) {
  double bands = readNumber(node, 0, "num_mel_bins"),
         length = readNumber(node, 1, "dft_length"),
         rate = readNumber(node, 2, "sample_rate"),
         low = readNumber(node, 3, "lower_edge_hertz"),
         high = readNumber(node, 4, "upper_edge_hertz");
  Type type = node.getElementTypeAttribute("output_datatype", 1);
  if (node.hasFailed())
    return failure();
  if (bands < 1 || length < 1 || bands * (length / 2 + 1) > mostEntries ||
      rate <= 0 || low < 0 || high < low)
    return node.error("expected positive sizes, a positive sample_rate and "
                      "edges from 0 up");
  int64_t bins = int64_t(length) / 2 + 1, columns = int64_t(bands);
  auto toMel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  double step = (toMel(high) - toMel(low)) / double(columns + 2);
  SmallVector<int64_t> edges;
  for (int64_t i = 0; i < columns + 2; ++i) {
    double mel = toMel(low) + double(i) * step;
    double hertz = 700 * (std::pow(10, mel / 2595) - 1);
    edges.push_back(int64_t(std::floor((length + 1) * hertz / rate)));
  }
  if (edges.back() > bins)
    return node.error("expected upper_edge_hertz below half of sample_rate");
  SmallVector<double> weights(bins * columns, 0);
  auto set = [&](int64_t bin, int64_t column, double weight) {
    if (bin < bins)
      weights[bin * columns + column] = weight;
  };
  for (int64_t i = 0; i < columns; ++i) {
    int64_t left = edges[i], center = edges[i + 1], right = edges[i + 2];
    if (left == center)
      set(center, i, 1);
    for (int64_t bin = left; left != center && bin <= center; ++bin)
      set(bin, i, double(bin - left) / double(center - left));
    for (int64_t bin = center; bin < right; ++bin)
      set(bin, i, double(right - bin) / double(right - center));
  }
  return node.result(node.numbers(type, weights, {bins, columns}));
}

} // namespace

void addSignalTableRows(OpTable &table) {
  table.add("HannWindow", 17, window({0.5, -0.5}));
  table.add("HammingWindow", 17, window({25.0 / 46, -21.0 / 46}));
  table.add("BlackmanWindow", 17, window({0.42, -0.5, 0.08}));
  table.add("MelWeightMatrix", 17, importMelWeights);
}

} // namespace lambent::graph
