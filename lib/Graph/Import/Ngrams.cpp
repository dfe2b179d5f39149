//===- Ngrams.cpp - TfIdfVectorizer: how often n-grams of a pool occur ----===//
//
// Every place of a row is compared with every n-gram of the pool, for each
// distance that the items of an n-gram may be apart. Places whose last item
// lies behind the row count for none.
//
// In mode IDF a column is the weight of the n-gram that occurs last in it, in
// the order in which ONNX Runtime looks for them: by distance, place and
// length.
//
//===----------------------------------------------------------------------===//

#include "Lists.h"
#include "OpTable.h"
#include "lambent/ElementTypes/MLIRType.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The n-grams of one length: `count` of them from item `first` on.
struct Ngrams {
  int64_t length = 0, count = 0, first = 0;
};

struct Pool {
  SmallVector<int64_t> numbers, columns;
  SmallVector<std::string> texts; ///< the items, where they are strings
  SmallVector<Ngrams> ngrams; ///< of all lengths, as the pool has them
  SmallVector<float> weights;
  int64_t shortest = 0, longest = 0, mostSkips = 0;
  int64_t width = 0; ///< columns of the result
  int64_t countItems() const {
    return int64_t(texts.empty() ? numbers.size() : texts.size());
  }
};

/// n-grams and items of one that are not absurd, and how many terms, each of
/// some ops, the counts may be sums of.
constexpr int64_t mostItems = 1 << 24, mostLength = 64, mostTerms = 1 << 12;

LogicalResult readPool(Node &node, bool isOfStrings, Pool &pool) {
  pool.shortest = node.getIntIn("min_gram_length", std::nullopt, 1, mostLength);
  pool.longest = node.getIntIn("max_gram_length", std::nullopt, 1, mostLength);
  pool.mostSkips = node.getIntIn("max_skip_count", std::nullopt, 0, INT32_MAX);
  StringRef name = isOfStrings ? "pool_strings" : "pool_int64s";
  node.ignoreAttributes({"pool_strings", "pool_int64s"});
  if (isOfStrings)
    pool.texts = node.getStrings(name, ArrayRef<std::string>());
  else
    pool.numbers = node.getInts(name, ArrayRef<int64_t>());
  pool.columns = node.getInts("ngram_indexes");
  pool.weights = node.getFloats("weights", ArrayRef<float>());
  SmallVector<int64_t> starts = node.getInts("ngram_counts");
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
  int64_t size = pool.countItems(), ngrams = 0;
  if (size == 0 || size > mostItems)
    return node.error("expected " + name + " of 1 to " + Twine(mostItems) +
                      " items, but got " + Twine(size));
  if (int64_t(starts.size()) < pool.longest)
    return node.error("expected ngram_counts for lengths up to " +
                      Twine(pool.longest) + ", but got " +
                      Twine(starts.size()));
  for (auto [index, start] : enumerate(starts)) {
    int64_t length = int64_t(index) + 1,
            end = index + 1 < starts.size() ? starts[index + 1] : size;
    if (start < 0 || end > size || start > end || (end - start) % length != 0)
      return node.error("expected whole n-grams of " + Twine(length) +
                        " items in " + name + ", but got those from " +
                        Twine(start) + " to " + Twine(end));
    int64_t count = (end - start) / length;
    pool.ngrams.push_back({length, count, start});
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

/// What becomes of a place: whether the n-gram is there, and its number.
using PlaceFunction = function_ref<Value(Scalar &s, Value found, Value place)>;

class Counter {
public:
  Counter(Node &node, const Pool &pool, Value rows)
      : node(node), pool(pool), rows(rows),
        f32(Float32Type::get(node.getContext())),
        i64(IntegerType::get(node.getContext(), 64)),
        length(getSizes(getType(rows))[1]) {}

  /// How often each n-gram occurs in each row, [N, count], its items `distance`
  /// apart.
  Value count(const Ngrams &ngrams, int64_t distance);
  /// A number for where each occurs last, [N, count], larger for what comes
  /// later; below 0 where it does not.
  Value findLast(const Ngrams &ngrams, int64_t distance);

private:
  /// [N, L, count].
  Value mapPlaces(const Ngrams &ngrams, int64_t distance, Type type,
                  PlaceFunction function);
  /// The items at `place` of each n-gram.
  Value getItems(const Ngrams &ngrams, int64_t place);
  /// The items `step` behind each place, [N, L, 1]; of places at the row's end
  /// its last one.
  Value shift(int64_t step);

  Node &node;
  const Pool &pool;
  Value rows; ///< [N, L]
  Type f32, i64;
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

Value Counter::getItems(const Ngrams &ngrams, int64_t place) {
  SmallVector<int64_t> numbers;
  SmallVector<std::string> texts;
  for (int64_t ngram = 0; ngram < ngrams.count; ++ngram) {
    size_t item = ngrams.first + ngram * ngrams.length + place;
    if (pool.texts.empty())
      numbers.push_back(pool.numbers[item]);
    else
      texts.push_back(pool.texts[item]);
  }
  return pool.texts.empty() ? node.indices(numbers)
                            : node.strings(texts, ngrams.count);
}

Value Counter::mapPlaces(const Ngrams &ngrams, int64_t distance, Type type,
                         PlaceFunction function) {
  SmallVector<Value> operands = {
      node.reshape(countUp(node, node.sizeScalar(length)), {-1, 1}),
      node.sizeScalar(length - (ngrams.length - 1) * distance)};
  for (int64_t item = 0; item < ngrams.length; ++item) {
    operands.push_back(shift(item * distance));
    operands.push_back(getItems(ngrams, item));
  }
  return node.map(operands, type, [&](Scalar &s, ArrayRef<Value> args) {
    Value all = s.less(args[0], args[1]);
    for (size_t i = 2; i < args.size(); i += 2)
      all = s.make<arith::AndIOp>(all, s.equal(args[i], args[i + 1]));
    return function(s, all, args[0]);
  });
}

Value Counter::count(const Ngrams &ngrams, int64_t distance) {
  Value matches = mapPlaces(
      ngrams, distance, f32, [&](Scalar &s, Value found, Value place) {
        return s.select(found, s.number(f32, 1), s.number(f32, 0));
      });
  return node.reduce(matches, "sum", int64_t(1), /*keepDims=*/false);
}

Value Counter::findLast(const Ngrams &ngrams, int64_t distance) {
  Value places = mapPlaces(
      ngrams, distance, i64, [&](Scalar &s, Value found, Value place) {
        Value order = s.add(s.mul(place, s.integer(i64, mostLength + 1)),
                            s.integer(i64, ngrams.length));
        return s.select(found, order, s.integer(i64, -1));
      });
  return node.reduce(places, "max", int64_t(1), /*keepDims=*/false);
}

Value add(Node &node, Value a, Value b) {
  if (!a)
    return b;
  return node.map(
      {a, b}, Float32Type::get(node.getContext()),
      [](Scalar &s, ArrayRef<Value> args) { return s.add(args[0], args[1]); });
}

/// Of all n-grams, [N, n-grams], what `find` gives for the lengths that are
/// asked for and each distance, joined by `join`; of others `none`.
Value findAll(
    Node &node, Value rows, const Pool &pool, Value none,
    function_ref<Value(const Ngrams &, int64_t distance)> find,
    function_ref<Value(Value before, Value found, int64_t distance)> join) {
  Size batch = getSizes(getType(rows))[0];
  SmallVector<Value> parts;
  for (const Ngrams &ngrams : pool.ngrams) {
    if (ngrams.count == 0)
      continue;
    Value all;
    // A single item is no distance apart.
    int64_t distances = ngrams.length == 1 ? 1 : pool.mostSkips + 1;
    if (ngrams.length >= pool.shortest && ngrams.length <= pool.longest)
      for (int64_t distance = 1; distance <= distances && !node.hasFailed();
           ++distance)
        all = join(all, find(ngrams, distance), distance);
    else
      all = node.create<ExpandOp>(none, node.sizeList({batch, ngrams.count}));
    parts.push_back(all);
  }
  return parts.size() == 1 ? parts[0]
                           : node.create<ConcatOp>(parts, int64_t(1));
}

/// How often each n-gram occurs, [N, n-grams].
Value countAll(Node &node, Value rows, const Pool &pool) {
  Counter counter(node, pool, rows);
  return findAll(
      node, rows, pool, node.scalar(Float32Type::get(node.getContext()), 0),
      [&](const Ngrams &ngrams, int64_t distance) {
        return counter.count(ngrams, distance);
      },
      [&](Value before, Value found, int64_t distance) {
        return add(node, before, found);
      });
}

/// Where each n-gram occurs last, [N, n-grams]: below 0 where it does not.
Value findAllLast(Node &node, Value rows, const Pool &pool) {
  Counter counter(node, pool, rows);
  Type i64 = IntegerType::get(node.getContext(), 64);
  // What is farther apart comes behind all that is less.
  Size step = getSizes(getType(rows))[1] * (mostLength + 1);
  return findAll(
      node, rows, pool, node.scalar(i64, -1),
      [&](const Ngrams &ngrams, int64_t distance) {
        return counter.findLast(ngrams, distance);
      },
      [&](Value before, Value found, int64_t distance) {
        if (!before)
          return found;
        return node.map({before, found, node.sizeScalar(step * (distance - 1))},
                        i64, [&](Scalar &s, ArrayRef<Value> args) {
                          Value zero = s.integer(i64, 0);
                          return s.select(s.less(args[1], zero), args[0],
                                          s.add(args[1], args[2]));
                        });
      });
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

/// The n-grams of each column, [rounds, width]: the first ones, the second ones
/// ...; where there is none, as many as there are n-grams. Nothing, with an
/// error, where they are too many.
SmallVector<SmallVector<int64_t>> listRounds(Node &node, const Pool &pool) {
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
  return rounds;
}

/// [N, n-grams] with a column of `number` behind it, for columns that no n-gram
/// names.
Value addColumn(Node &node, Value x, int64_t number) {
  Value column =
      node.create<ExpandOp>(node.scalar(getType(x).getElementType(), number),
                            node.sizeList({getSizes(getType(x))[0], 1}));
  return node.create<ConcatOp>(ValueRange{x, column}, int64_t(1));
}

/// Adds the counts to their columns: [N, width]. A column has as many terms as
/// n-grams name it.
Value placeCounts(Node &node, Value counts, const Pool &pool) {
  Value padded = addColumn(node, counts, 0), sum;
  for (ArrayRef<int64_t> round : listRounds(node, pool))
    sum = add(node, sum,
              node.create<GatherOp>(padded, node.indices(round), int64_t(1)));
  return sum;
}

/// The weight of what occurs last in each column: [N, width].
Value placeLast(Node &node, Value places, const Pool &pool) {
  Type f32 = Float32Type::get(node.getContext());
  Value padded = addColumn(node, places, -1), weight = node.scalar(f32, 0),
        last = node.scalar(IntegerType::get(node.getContext(), 64), -1);
  for (ArrayRef<int64_t> round : listRounds(node, pool)) {
    SmallVector<double> weights;
    for (int64_t ngram : round)
      weights.push_back(
          size_t(ngram) < pool.weights.size() ? pool.weights[ngram] : 1.0);
    Value own = node.numbers(f32, weights, int64_t(weights.size())),
          place =
              node.create<GatherOp>(padded, node.indices(round), int64_t(1));
    weight = node.map(
        {weight, own, last, place}, f32, [](Scalar &s, ArrayRef<Value> args) {
          return s.select(s.less(args[2], args[3]), args[1], args[0]);
        });
    last = node.map({last, place}, getType(place).getElementType(),
                    [](Scalar &s, ArrayRef<Value> args) {
                      return s.max(args[0], args[1]);
                    });
  }
  return weight;
}

LogicalResult importTfIdf(Node &node) {
  Value x = node.input(0, "X", SignedKind | StringKind);
  Pool pool;
  std::string mode =
      node.getChoice("mode", std::nullopt, {"TF", "IDF", "TFIDF"});
  bool isOfStrings = x && isString(getType(x).getElementType());
  if (node.hasFailed() || failed(readPool(node, isOfStrings, pool)))
    return failure();
  RankedTensorType type = getType(x);
  if (type.getRank() != 1 && type.getRank() != 2)
    return node.error("expected an input [C] or [N, C], but got rank " +
                      Twine(type.getRank()));
  if (!hasKnownSizes(x))
    return node.undetermined("the shape of the input");
  Sizes sizes = getSizes(type);
  if (sizes.size() == 1)
    sizes.insert(sizes.begin(), 1);
  if (!isOfStrings)
    x = node.cast(x, IntegerType::get(node.getContext(), 64));
  Value rows = node.reshapeTo(x, sizes), columns;
  if (mode == "IDF" && sharesColumns(pool)) {
    columns = placeLast(node, findAllLast(node, rows, pool), pool);
  } else {
    Value counts = countAll(node, rows, pool);
    if (mode != "TF" && !node.hasFailed())
      counts = weigh(node, counts, pool, mode);
    columns = node.hasFailed() ? Value() : placeCounts(node, counts, pool);
  }
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
