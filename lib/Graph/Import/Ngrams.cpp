//===- Ngrams.cpp - TfIdfVectorizer: how often n-grams of a pool occur ----===//
//
// Every place of a row is compared with every n-gram of the pool, for each
// distance that the items of an n-gram may be apart. Places whose last item
// lies behind the row count for none.
//
//===----------------------------------------------------------------------===//

#include "Lists.h"
#include "OpTable.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The n-grams of one length: `items` holds `count` of them.
struct Ngrams {
  int64_t length = 0, count = 0;
  ArrayRef<int64_t> items;
};

struct Pool {
  SmallVector<int64_t> items, columns;
  SmallVector<Ngrams> ngrams; ///< of all lengths, as the pool has them
  SmallVector<float> weights;
  int64_t shortest = 0, longest = 0, mostSkips = 0;
  int64_t width = 0; ///< columns of the result
};

/// n-grams and items of one that are not absurd, and how many terms, each of
/// some ops, the counts may be sums of.
constexpr int64_t mostItems = 1 << 24, mostLength = 64, mostTerms = 1 << 12;

LogicalResult readPool(Node &node, Pool &pool) {
  pool.shortest = node.getIntIn("min_gram_length", std::nullopt, 1, mostLength);
  pool.longest = node.getIntIn("max_gram_length", std::nullopt, 1, mostLength);
  pool.mostSkips = node.getIntIn("max_skip_count", std::nullopt, 0, INT32_MAX);
  pool.items = node.getInts("pool_int64s", ArrayRef<int64_t>());
  pool.columns = node.getInts("ngram_indexes");
  pool.weights = node.getFloats("weights", ArrayRef<float>());
  SmallVector<int64_t> starts = node.getInts("ngram_counts");
  if (node.hasAttribute("pool_strings"))
    return node.unsupported("n-grams of strings are not supported");
  if (node.hasFailed())
    return failure();
  if (pool.longest > 1 &&
      (pool.mostSkips + 1) * pool.longest * pool.longest > mostTerms)
    return node.unsupported("a max_skip_count of " + Twine(pool.mostSkips) +
                            " is not supported");
  if (pool.longest < pool.shortest)
    return node.error("expected max_gram_length of at least " +
                      Twine(pool.shortest) + ", but got " +
                      Twine(pool.longest));
  if (pool.items.empty() || int64_t(pool.items.size()) > mostItems)
    return node.error("expected pool_int64s of 1 to " + Twine(mostItems) +
                      " items, but got " + Twine(pool.items.size()));
  if (int64_t(starts.size()) < pool.longest)
    return node.error("expected ngram_counts for lengths up to " +
                      Twine(pool.longest) + ", but got " +
                      Twine(starts.size()));
  int64_t size = pool.items.size(), ngrams = 0;
  for (auto [index, start] : enumerate(starts)) {
    int64_t length = int64_t(index) + 1,
            end = index + 1 < starts.size() ? starts[index + 1] : size;
    if (start < 0 || end > size || start > end || (end - start) % length != 0)
      return node.error("expected whole n-grams of " + Twine(length) +
                        " items in pool_int64s, but got those from " +
                        Twine(start) + " to " + Twine(end));
    int64_t count = (end - start) / length;
    pool.ngrams.push_back(
        {length, count, ArrayRef(pool.items).slice(start, end - start)});
    ngrams += count;
  }
  if (int64_t(pool.columns.size()) != ngrams ||
      (!pool.weights.empty() && int64_t(pool.weights.size()) != ngrams))
    return node.error("expected ngram_indexes and weights for " +
                      Twine(ngrams) + " n-grams, but got " +
                      Twine(pool.columns.size()) + " and " +
                      Twine(pool.weights.size()));
  for (int64_t column : pool.columns) {
    if (column < 0 || column > mostItems)
      return node.error("ngram_indexes holds " + Twine(column) +
                        ", which is out of range");
    pool.width = std::max(pool.width, column + 1);
  }
  return success();
}

bool sharesColumns(const Pool &pool) {
  SmallVector<int64_t> columns(pool.columns);
  llvm::sort(columns);
  return std::unique(columns.begin(), columns.end()) != columns.end();
}

class Counter {
public:
  Counter(Node &node, Value rows)
      : node(node), rows(rows), f32(Float32Type::get(node.getContext())),
        length(getSizes(getType(rows))[1]) {}

  /// How often each n-gram occurs in each row, [N, count], its items `distance`
  /// apart.
  Value count(const Ngrams &ngrams, int64_t distance);

private:
  /// The items `step` behind each place, [N, L, 1]; of places at the row's end
  /// its last one.
  Value shift(int64_t step);

  Node &node;
  Value rows; ///< [N, L]
  Type f32;
  Size length;
};

Value Counter::shift(int64_t step) {
  Value shifted = rows;
  if (step > 0) {
    Value places = mapInts(
        node, {countUp(node, node.sizeScalar(length)), node.sizeScalar(length)},
        [&](Scalar &s, ArrayRef<Value> args) {
          Type type = args[0].getType();
          return s.min(s.add(args[0], s.integer(type, step)),
                       s.sub(args[1], s.integer(type, 1)));
        });
    shifted = node.create<GatherOp>(rows, places, int64_t(1));
  }
  return node.create<UnsqueezeOp>(shifted, ArrayRef<int64_t>(2));
}

Value Counter::count(const Ngrams &ngrams, int64_t distance) {
  SmallVector<Value> operands = {
      node.reshape(countUp(node, node.sizeScalar(length)), {-1, 1}),
      node.sizeScalar(length - (ngrams.length - 1) * distance)};
  for (int64_t item = 0; item < ngrams.length; ++item) {
    operands.push_back(shift(item * distance));
    SmallVector<int64_t> items;
    for (int64_t ngram = 0; ngram < ngrams.count; ++ngram)
      items.push_back(ngrams.items[ngram * ngrams.length + item]);
    operands.push_back(node.indices(items));
  }
  Value matches = node.map(operands, f32, [&](Scalar &s, ArrayRef<Value> args) {
    Value all = s.less(args[0], args[1]);
    for (size_t i = 2; i < args.size(); i += 2)
      all = s.make<arith::AndIOp>(all, s.equal(args[i], args[i + 1]));
    return s.select(all, s.number(f32, 1), s.number(f32, 0));
  });
  return node.reduce(matches, "sum", int64_t(1), /*keepDims=*/false);
}

Value add(Node &node, Value a, Value b) {
  if (!a)
    return b;
  return node.map(
      {a, b}, Float32Type::get(node.getContext()),
      [](Scalar &s, ArrayRef<Value> args) { return s.add(args[0], args[1]); });
}

/// The counts of all n-grams, [N, n-grams], of the lengths that are asked for
/// above 0.
Value countAll(Node &node, Value rows, const Pool &pool) {
  Counter counter(node, rows);
  Size batch = getSizes(getType(rows))[0];
  SmallVector<Value> parts;
  for (const Ngrams &ngrams : pool.ngrams) {
    if (ngrams.count == 0)
      continue;
    Value counts;
    // A single item is no distance apart.
    int64_t distances = ngrams.length == 1 ? 1 : pool.mostSkips + 1;
    if (ngrams.length >= pool.shortest && ngrams.length <= pool.longest)
      for (int64_t distance = 1; distance <= distances && !node.hasFailed();
           ++distance)
        counts = add(node, counts, counter.count(ngrams, distance));
    else
      counts = node.create<ExpandOp>(
          node.scalar(Float32Type::get(node.getContext()), 0),
          node.sizeList({batch, ngrams.count}));
    parts.push_back(counts);
  }
  return parts.size() == 1 ? parts[0]
                           : node.create<ConcatOp>(parts, int64_t(1));
}

/// What each count comes to: its weight if it is above 0 (IDF) or so many times
/// (TFIDF).
Value weigh(Node &node, Value counts, const Pool &pool, StringRef mode) {
  SmallVector<double> weights(pool.columns.size(), 1.0);
  if (!pool.weights.empty())
    weights.assign(pool.weights.begin(), pool.weights.end());
  Type f32 = Float32Type::get(node.getContext());
  return node.map({counts, node.numbers(f32, weights, int64_t(weights.size()))},
                  f32, [&](Scalar &s, ArrayRef<Value> args) {
                    Value zero = s.number(args[0], 0);
                    if (mode == "TFIDF")
                      return s.mul(args[0], args[1]);
                    return s.select(s.less(zero, args[0]), args[1], zero);
                  });
}

/// Adds the counts to their columns: [N, width]. A column has as many terms as
/// n-grams name it.
Value placeCounts(Node &node, Value counts, const Pool &pool) {
  int64_t ngrams = pool.columns.size();
  SmallVector<SmallVector<int64_t>> rounds;
  SmallVector<size_t> used(pool.width, 0);
  for (auto [ngram, column] : enumerate(pool.columns)) {
    size_t round = used[column]++;
    if (round == rounds.size()) {
      if ((int64_t(round) + 1) * pool.width > mostItems) {
        (void)node.unsupported("so many n-grams in a column of so many are not "
                               "supported");
        return {};
      }
      rounds.emplace_back(pool.width, ngrams);
    }
    rounds[round][column] = int64_t(ngram);
  }
  // What no n-gram names is 0.
  Value zero =
      node.create<ExpandOp>(node.scalar(Float32Type::get(node.getContext()), 0),
                            node.sizeList({getSizes(getType(counts))[0], 1}));
  Value padded = node.create<ConcatOp>(ValueRange{counts, zero}, int64_t(1));
  Value sum;
  for (ArrayRef<int64_t> round : rounds)
    sum = add(node, sum,
              node.create<GatherOp>(padded, node.indices(round), int64_t(1)));
  return sum;
}

LogicalResult importTfIdf(Node &node) {
  Value x = node.input(0, "X", SignedKind | LaterStringKind);
  Pool pool;
  std::string mode =
      node.getChoice("mode", std::nullopt, {"TF", "IDF", "TFIDF"});
  if (node.hasFailed() || failed(readPool(node, pool)))
    return failure();
  if (mode == "IDF" && sharesColumns(pool))
    return node.unsupported("several n-grams in a column are not supported in "
                            "mode IDF");
  RankedTensorType type = getType(x);
  if (type.getRank() != 1 && type.getRank() != 2)
    return node.error("expected an input [C] or [N, C], but got rank " +
                      Twine(type.getRank()));
  if (!hasKnownSizes(x))
    return node.undetermined("the shape of the input");
  Sizes sizes = getSizes(type);
  if (sizes.size() == 1)
    sizes.insert(sizes.begin(), 1);
  Value rows = node.reshapeTo(
      node.cast(x, IntegerType::get(node.getContext(), 64)), sizes);
  Value counts = countAll(node, rows, pool);
  if (node.hasFailed())
    return failure();
  if (mode != "TF")
    counts = weigh(node, counts, pool, mode);
  Value columns = placeCounts(node, counts, pool);
  if (node.hasFailed())
    return failure();
  return node.result(type.getRank() == 1 ? node.reshape(columns, pool.width)
                                         : columns);
}

} // namespace

void addNgramRows(OpTable &table) {
  table.add("TfIdfVectorizer", 9, importTfIdf);
}

} // namespace lambent::graph
