//===- SignalTables.cpp - Windows and filter banks ------------------------===//
//
// They follow from a few numbers: constants where these are known, and computed
// by a run where they are not.
//
//===----------------------------------------------------------------------===//

#include "Lists.h"
#include "OpTable.h"
#include <cmath>
#include <numbers>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

constexpr int64_t mostEntries = 1 << 24;

/// An input of one number, as a vector.
Value readEntry(Node &node, unsigned index, StringRef name) {
  Value value = node.input(index, name, NumberKind);
  if (!value)
    return {};
  RankedTensorType type = getType(value);
  if (type.hasStaticShape() && type.getNumElements() != 1) {
    (void)node.error("expected " + name + " to be a scalar, but got " +
                     Twine(type.getNumElements()) + " elements");
    return {};
  }
  node.noteSizeOperand(value);
  return node.reshape(value, int64_t(1));
}

/// Its number, where it is known.
std::optional<double> getNumber(Value entry) {
  auto known = dyn_cast_or_null<DenseElementsAttr>(
      entry ? getConstantValue(entry) : ElementsAttr());
  if (!known)
    return std::nullopt;
  if (isa<FloatType>(known.getElementType()))
    return (*known.getValues<FloatAttr>().begin()).getValueAsDouble();
  FailureOr<SmallVector<int64_t>> ints = getConstantInts(entry);
  return failed(ints) ? std::nullopt : std::optional(double((*ints)[0]));
}

/// The window of a size that a run decides: a list of one number.
Value makeOpenWindow(Node &node, Value size, ArrayRef<double> amplitudes,
                     bool isPeriodic, Type type) {
  Type f64 = Float64Type::get(node.getContext());
  Value decided = node.decideSizes(
      node.cast(size, IntegerType::get(node.getContext(), 64)), "input 'size'");
  Value window = node.map(
      {countUp(node, decided), decided}, f64,
      [&](Scalar &s, ArrayRef<Value> args) {
        Type i64 = args[0].getType();
        Value period =
            isPeriodic ? args[1] : s.sub(args[1], s.integer(i64, 1));
        period = s.max(period, s.integer(i64, 1));
        Value place = s.convert(args[0], f64, false, false),
              turn = s.convert(period, f64, false, false);
        Value sum;
        for (auto [k, amplitude] : enumerate(amplitudes)) {
          Value angle = s.div(
              s.mul(s.number(f64, 2 * std::numbers::pi * double(k)), place),
              turn);
          Value term =
              s.mul(s.number(f64, amplitude), s.make<math::CosOp>(angle));
          sum = sum ? s.add(sum, term) : term;
        }
        return sum;
      });
  return node.cast(window, type);
}

/// A sum of cosines: the k-th runs k times through the window.
Handler window(std::initializer_list<double> amplitudes) {
  return [list = SmallVector<double>(amplitudes)](Node &node) {
    Value entry = readEntry(node, 0, "size");
    bool isPeriodic = node.getBool("periodic", true);
    Type type = node.getElementTypeAttribute("output_datatype", 1);
    if (node.hasFailed())
      return failure();
    std::optional<double> size = getNumber(entry);
    if (!size)
      return node.result(makeOpenWindow(node, entry, list, isPeriodic, type));
    if (*size < 0 || *size > mostEntries)
      return node.error("expected a size from 0 to " + Twine(mostEntries));
    SmallVector<double> values;
    double period = isPeriodic ? *size : *size - 1;
    for (int64_t i = 0; i < int64_t(*size); ++i) {
      double sum = 0;
      for (auto [k, amplitude] : enumerate(list))
        sum += amplitude * std::cos(2 * std::numbers::pi * double(k) *
                                    double(i) / (period == 0 ? 1 : period));
      values.push_back(sum);
    }
    return node.result(node.numbers(type, values, int64_t(values.size())));
  };
}

/// The bins of the spectrum at which bands begin, i64 [bands + 2]: at equal
/// distances in mel.
Value findOpenEdges(Node &node, ArrayRef<Value> entries, Value bands) {
  Type f64 = Float64Type::get(node.getContext()),
       i64 = IntegerType::get(node.getContext(), 64);
  Value count = computeSize(node, bands, "the number of bands",
                            [&](Scalar &s, ArrayRef<Value> args) {
                              return s.add(args[0], s.integer(i64, 2));
                            });
  SmallVector<Value> operands{countUp(node, count)};
  for (Value entry : entries)
    operands.push_back(node.cast(entry, f64));
  return node.map(operands, i64, [&](Scalar &s, ArrayRef<Value> args) {
    auto number = [&](double value) { return s.number(f64, value); };
    auto toMel = [&](Value hertz) {
      Value ratio = s.add(number(1), s.div(hertz, number(700)));
      return s.mul(number(2595), s.make<math::Log10Op>(ratio));
    };
    Value bands = args[1], length = args[2], rate = args[3];
    Value low = toMel(args[4]), high = toMel(args[5]);
    Value step = s.div(s.sub(high, low), s.add(bands, number(2)));
    Value mel = s.add(low, s.mul(s.convert(args[0], f64, false, false), step));
    Value power = s.pow(number(10), s.div(mel, number(2595)));
    Value hertz = s.mul(number(700), s.sub(power, number(1)));
    Value place = s.div(s.mul(s.add(length, number(1)), hertz), rate);
    return s.convert(s.make<math::FloorOp>(place), i64, false, false);
  });
}

/// The weight of a bin in a band from `left` over `center` to `right`.
Value getMelWeight(Scalar &s, Value bin, Value left, Value center,
                   Value right) {
  Type f64 = Float64Type::get(bin.getContext());
  auto share = [&](Value from, Value to, Value whole, Value end) {
    return s.div(s.convert(s.sub(to, from), f64, false, false),
                 s.convert(s.sub(end, whole), f64, false, false));
  };
  Value falls = s.make<arith::AndIOp>(s.lessOrEqual(center, bin),
                                      s.less(bin, right));
  Value rises = s.make<arith::AndIOp>(s.lessOrEqual(left, bin),
                                      s.lessOrEqual(bin, center));
  Value rise = s.select(s.equal(left, center), s.number(f64, 1),
                        share(left, bin, left, center));
  return s.select(falls, share(bin, right, center, right),
                  s.select(rises, rise, s.number(f64, 0)));
}

/// The filter bank whose sizes or edges a run decides. The entries are those of
/// the node's inputs.
Value makeOpenMelWeights(Node &node, ArrayRef<Value> entries) {
  Type i64 = IntegerType::get(node.getContext(), 64);
  Value bands =
      node.decideSizes(node.cast(entries[0], i64), "input 'num_mel_bins'");
  Value bins = computeSize(
      node, node.cast(entries[1], i64), "input 'dft_length'",
      [&](Scalar &s, ArrayRef<Value> args) {
        return s.add(s.div(args[0], s.integer(i64, 2)), s.integer(i64, 1));
      });
  Value edges = findOpenEdges(node, entries, bands);
  Value largest = node.reduce(edges, "max", int64_t(0));
  Value left = node.map({bins, largest}, i64,
                        [](Scalar &s, ArrayRef<Value> args) {
                          return s.sub(args[0], args[1]);
                        });
  (void)demand(node, {left, 0, maxElements, /*isExcluded=*/false,
                      "upper_edge_hertz below half of sample_rate"});
  Value index = countUp(node, bands);
  auto edge = [&](int64_t shift) {
    Value places = node.map(index, [&](Scalar &s, Value place) {
      return s.add(place, s.integer(i64, shift));
    });
    return node.create<GatherOp>(edges, places, int64_t(0));
  };
  return node.map(
      {layAlong(node, countUp(node, bins), 0, 2), edge(0), edge(1), edge(2)},
      Float64Type::get(node.getContext()), [](Scalar &s, ArrayRef<Value> args) {
        return getMelWeight(s, args[0], args[1], args[2], args[3]);
      });
}

/// Triangles over the bins of a spectrum, at equal distances in mel.
LogicalResult importMelWeights(Node &node) {
  constexpr StringLiteral names[] = {"num_mel_bins", "dft_length",
                                     "sample_rate", "lower_edge_hertz",
                                     "upper_edge_hertz"};
  SmallVector<Value> entries;
  for (auto [index, name] : enumerate(names))
    entries.push_back(readEntry(node, index, name));
  Type type = node.getElementTypeAttribute("output_datatype", 1);
  if (node.hasFailed())
    return failure();
  SmallVector<double> numbers;
  for (Value entry : entries)
    if (std::optional<double> number = getNumber(entry))
      numbers.push_back(*number);
  if (numbers.size() < entries.size())
    return node.result(node.cast(makeOpenMelWeights(node, entries), type));
  double bands = numbers[0], length = numbers[1], rate = numbers[2],
         low = numbers[3], high = numbers[4];
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
