//===- AttentionGrouped.cpp - com.microsoft's GroupQueryAttention ---------===//
//
// How much of the cache each batch has filled is known only when it runs: new
// keys and values go behind it. The new cache is a gather of rows from the old
// one and what is new. Where the model's input says how many keys there are in
// all, a run decides it as a size.
//
//===----------------------------------------------------------------------===//

#include "Attention.h"
#include "AttentionContrib.h"
#include "AttentionRotary.h"
#include "Elementwise.h"
#include "Lists.h"
#include "Offers.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

class GroupedAttention {
public:
  explicit GroupedAttention(Node &node)
      : node(node), i64(IntegerType::get(node.getContext(), 64)) {}

  LogicalResult import();

private:
  LogicalResult checkOptions();
  LogicalResult readHeads();
  LogicalResult readCaches();
  LogicalResult readLengths();
  /// The number of keys with the new ones, in the longest batch.
  LogicalResult readTotal();
  void rotateNew();
  /// Where each row of the new cache lies in the old one with the new rows
  /// behind it: [B, capacity].
  Value findRows(const Size &before);
  /// Past and new rows in their places: [B, H, capacity, D].
  Value fillCache(Value past, Value added);
  /// Lets every query see one more key and value, of zeros, whose score is the
  /// head's sink: it takes its share of the probabilities, and adds nothing.
  void addSink(Value sinks);

  Node &node;
  Type i64;
  Attention attention;
  int64_t heads = 0, keyHeads = 0;
  Size batch, tokens;
  Size total;    ///< keys with the new ones, in the longest batch
  Size capacity; ///< rows of the new cache
  Value pastKey, pastValue;
  Value filled; ///< [B, 1]: the rows of the old cache that count
  Value isSink; ///< bools: whether a key is the sink; null without one
};

LogicalResult GroupedAttention::checkOptions() {
  node.allowOutputs(4);
  node.ignoreAttributes({"kv_cache_bit_width", "qk_norm_epsilon",
                         "q_norm_epsilon", "k_norm_epsilon"});
  std::string none = "NONE";
  bool isPlain = node.getString("k_quant_type", none) == none &&
                 node.getString("v_quant_type", none) == none &&
                 !node.getBool("sliding_window_cache", false) &&
                 node.getInt("qk_output", 0) == 0 &&
                 node.getBool("causal", true);
  for (unsigned index = 12; index < node.getNumInputs(); ++index)
    isPlain &= !node.hasInput(index);
  if (!isPlain && !node.hasFailed())
    return node.unsupported("a quantized or sliding cache, normalized heads, "
                            "scores as results and attention that is not "
                            "causal are not supported");
  return success(!node.hasFailed());
}

LogicalResult GroupedAttention::readHeads() {
  heads = node.getInt("num_heads");
  keyHeads = node.getInt("kv_num_heads");
  Value query = node.input(0, "query", FloatKind),
        key = node.optionalInput(1, "key", FloatKind),
        value = node.optionalInput(2, "value", FloatKind);
  if (node.hasFailed())
    return failure();
  if (heads < 1 || keyHeads < 1 || heads % keyHeads != 0)
    return node.error("expected num_heads to be a multiple of kv_num_heads, "
                      "but got " +
                      Twine(heads) + " and " + Twine(keyHeads));
  if (bool(key) != bool(value))
    return node.error("expected both key and value or neither");
  for (Value operand : {query, key, value}) {
    if (!operand)
      continue;
    if (getType(operand).getRank() != 3)
      return node.error("expected query, key and value of rank 3, but got "
                        "rank " +
                        Twine(getType(operand).getRank()));
    if (!hasKnownSizes(operand))
      return node.undetermined("the shape of query, key and value");
  }
  batch = getSizes(getType(query))[0];
  tokens = getSizes(getType(query))[1];
  if (key) {
    attention.query = splitHeads(node, query, heads);
    attention.key = splitHeads(node, key, keyHeads);
    attention.value = splitHeads(node, value, keyHeads);
    return success(!node.hasFailed());
  }
  // All heads in one: first those of queries.
  Value all = splitHeads(node, query, heads + 2 * keyHeads);
  Value *parts[] = {&attention.query, &attention.key, &attention.value};
  int64_t first = 0, counts[] = {heads, keyHeads, keyHeads};
  for (auto [part, count] : zip(parts, counts)) {
    *part = node.create<SliceOp>(all, node.indices(first),
                                 node.indices(first + count), node.indices(1),
                                 ArrayRef<int64_t>(1));
    first += count;
  }
  return success(!node.hasFailed());
}

LogicalResult GroupedAttention::readCaches() {
  pastKey = node.optionalInput(3, "past_key", FloatKind);
  pastValue = node.optionalInput(4, "past_value", FloatKind);
  if (node.hasFailed())
    return failure();
  if (bool(pastKey) != bool(pastValue))
    return node.error("expected both past_key and past_value or neither");
  for (Value cache : {pastKey, pastValue}) {
    if (!cache)
      continue;
    if (getType(cache).getRank() != 4)
      return node.error("expected caches of rank 4, but got rank " +
                        Twine(getType(cache).getRank()));
    if (!hasKnownSizes(cache))
      return node.undetermined("the shape of the caches");
  }
  return success();
}

LogicalResult GroupedAttention::readTotal() {
  std::string what = "total_sequence_length";
  Value list = node.indexInput(6, what);
  if (list && getType(list).getRank() == 0)
    list = node.reshape(list, 1);
  list = node.decideSizes(list, what);
  if (node.hasFailed())
    return failure();
  auto known = getKnownSizes(list);
  if (failed(known) || known->size() != 1)
    return node.error("expected total_sequence_length to be one number");
  total = known->front();
  Size added = total - tokens;
  if (added.isNumber() ? added.getNumber() < 0
                       : total.isNumber() && total.getNumber() > maxElements)
    return node.error("expected total_sequence_length to be at least " +
                      Twine(tokens.toString()));
  if (added.isNumber())
    return success();
  return demand(node, {node.sizeScalar(added), 0, INT64_MAX,
                       /*isExcluded=*/false,
                       "a total_sequence_length with all new tokens (a rest of "
                       "at least 0)"});
}

LogicalResult GroupedAttention::readLengths() {
  Value lengths = node.input(5, "seqlens_k", SignedKind);
  if (failed(readTotal()))
    return failure();
  Size past = pastKey ? getSizes(getType(pastKey))[2] : Size(0);
  capacity = max(past, total);
  Value ends = node.reshapeTo(node.cast(lengths, i64), {batch, 1});
  filled = node.map({ends, node.sizeScalar(tokens), node.sizeScalar(total)},
                    i64, [&](Scalar &s, ArrayRef<Value> args) {
                      Value zero = s.integer(i64, 0), one = s.integer(i64, 1);
                      // Where all keys are new, this is the first call.
                      return s.select(s.equal(args[1], args[2]), zero,
                                      s.sub(args[0], s.sub(args[1], one)));
                    });
  return success(!node.hasFailed());
}

void GroupedAttention::rotateNew() {
  bool rotates = node.getBool("do_rotary", false);
  Rotation rotation;
  rotation.interleaved = node.getBool("rotary_interleaved", false);
  if (!rotates)
    return;
  rotation.cosines = node.input(7, "cos_cache", FloatKind);
  rotation.sines = node.input(8, "sin_cache", FloatKind);
  Value positions = node.optionalInput(9, "position_ids", SignedKind);
  if (!positions)
    positions = addValues(node, filled, countDim(node, attention.query, 2));
  for (Value *cache : {&rotation.cosines, &rotation.sines})
    *cache = node.create<GatherOp>(*cache, positions, int64_t(0));
  if (node.hasFailed())
    return;
  if (getType(rotation.cosines).getRank() != 3 ||
      getType(rotation.sines).getRank() != 3)
    return (void)node.error("expected caches of rank 2 and positions of rank "
                            "2 for rotary embeddings");
  attention.query = rotate(node, attention.query, rotation);
  attention.key = rotate(node, attention.key, rotation);
}

Value GroupedAttention::findRows(const Size &before) {
  return node.map(
      {filled, countUp(node, node.sizeScalar(capacity)),
       node.sizeScalar(tokens), node.sizeScalar(before),
       node.sizeScalar(max(before, 1) - 1)},
      i64, [&](Scalar &s, ArrayRef<Value> args) {
        // Rows behind the new ones keep what they held.
        Value from = s.sub(args[1], args[0]);
        Value isNew = s.make<arith::AndIOp>(
            s.lessOrEqual(s.integer(i64, 0), from), s.less(from, args[2]));
        return s.select(isNew, s.add(from, args[3]), s.min(args[1], args[4]));
      });
}

Value GroupedAttention::fillCache(Value past, Value added) {
  if (node.hasFailed())
    return {};
  Size before = past ? getSizes(getType(past))[2] : Size(0),
       rows = before + tokens, size = getSizes(getType(added))[3];
  if (before.is(0) && capacity == tokens)
    return added;
  Value all = before.is(0)
                  ? added
                  : node.create<ConcatOp>(ValueRange{past, added}, int64_t(2));
  Value places = node.reshapeTo(findRows(before), {batch, 1, capacity});
  Value heads = node.reshapeTo(countUp(node, node.sizeScalar(batch * keyHeads)),
                               {batch, keyHeads, 1});
  Value index = node.map({heads, places, node.sizeScalar(rows)}, i64,
                         [&](Scalar &s, ArrayRef<Value> args) {
                           return s.add(s.mul(args[0], args[2]), args[1]);
                         });
  return node.create<GatherOp>(
      node.reshapeTo(all, {batch * keyHeads * rows, size}), index, int64_t(0));
}

void GroupedAttention::addSink(Value sinks) {
  if (node.hasFailed())
    return;
  Type type = getType(attention.query).getElementType(),
       i1 = IntegerType::get(node.getContext(), 1);
  for (Value *rows : {&attention.key, &attention.value}) {
    Sizes sizes = getSizes(getType(*rows));
    sizes[2] = 1;
    Value zeros =
        node.create<ExpandOp>(node.scalar(type, 0), node.sizeList(sizes));
    *rows = node.create<ConcatOp>(ValueRange{*rows, zeros}, int64_t(2));
  }
  if (Value bias = attention.bias) {
    Sizes sizes = getSizes(getType(bias));
    if (sizes.size() != 4 || !areKnown(sizes))
      return (void)node.error("expected an attention_bias of rank 4 and known "
                              "sizes with sinks");
    sizes[3] = 1;
    Value zeros = node.create<ExpandOp>(
        node.scalar(getType(bias).getElementType(), 0), node.sizeList(sizes));
    attention.bias = node.create<ConcatOp>(ValueRange{bias, zeros}, int64_t(3));
  }
  isSink = node.map(
      {countUp(node, node.sizeScalar(total + 1)), node.sizeScalar(total)}, i1,
      [](Scalar &s, ArrayRef<Value> args) {
        return s.equal(args[0], args[1]);
      });
  if (!sinks)
    return;
  Value score =
      node.map({isSink, node.cast(node.reshape(sinks, {1, heads, 1, 1}), type)},
               type, [](Scalar &s, ArrayRef<Value> args) {
                 return s.select(args[0], args[1], s.number(args[1], 0));
               });
  attention.bias = attention.bias
                       ? addValues(node, node.cast(attention.bias, type), score)
                       : score;
}

LogicalResult GroupedAttention::import() {
  if (failed(checkOptions()) || failed(readHeads()) || failed(readCaches()) ||
      failed(readLengths()))
    return failure();
  rotateNew();
  int64_t window = node.getInt("local_window_size", -1);
  attention.softcap = node.getFloat("softcap", 0);
  attention.bias = node.optionalInput(10, "attention_bias", FloatKind);
  attention.scale = readContribScale(node, attention.query);
  attention.key = fillCache(pastKey, attention.key);
  attention.value = fillCache(pastValue, attention.value);
  if (node.hasFailed())
    return failure();
  (void)node.result(1, attention.key);
  (void)node.result(2, attention.value);
  // Only the keys so far take part, of a cache that may be larger.
  for (Value *cache : {&attention.key, &attention.value})
    if (total != capacity)
      *cache =
          node.create<SliceOp>(*cache, node.indices(0), node.sizeList({total}),
                               node.indices(1), ArrayRef<int64_t>(2));
  Value queries = node.reshapeTo(
      addValues(node, filled, countDim(node, attention.query, 2)),
      {batch, 1, tokens, 1});
  std::optional<int64_t> first;
  if (window > 0)
    first = 1 - window;
  Value sinks = node.optionalInput(11, "head_sink", FloatKind);
  if (sinks && !node.hasFailed() &&
      (getType(sinks).getRank() != 1 ||
       (!getType(sinks).isDynamicDim(0) &&
        getType(sinks).getDimSize(0) != heads)))
    return node.error("expected a head_sink for each of the " + Twine(heads) +
                      " heads, but got " + describeType(getType(sinks)));
  if (node.getBool("smooth_softmax", false) || sinks)
    addSink(sinks);
  Value visible = seesWindow(node, queries, countDim(node, attention.key, 2),
                             first, int64_t(0));
  Type i1 = IntegerType::get(node.getContext(), 1);
  if (isSink)
    visible =
        node.map({visible, isSink}, i1, [](Scalar &s, ArrayRef<Value> args) {
          return s.make<arith::OrIOp>(args[0], args[1]);
        });
  attention.visible.push_back(visible);
  return node.result(joinHeads(node, attend(node, attention)));
}

} // namespace

void addGroupedAttentionRows(OpTable &table) {
  table.add("com.microsoft.GroupQueryAttention", 1,
            [](Node &node) { return GroupedAttention(node).import(); });
}

} // namespace lambent::graph
