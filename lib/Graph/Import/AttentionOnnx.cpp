//===- AttentionOnnx.cpp - ONNX's Attention and FlexAttention -------------===//

#include "Attention.h"
#include "Elementwise.h"
#include "Importer.h"
#include "Lists.h"
#include <cmath>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// 1 / sqrt(head size), unless an attribute says otherwise.
double readScale(Node &node, Value query) {
  bool isGiven = node.hasAttribute("scale");
  float scale = node.getFloat("scale", 0);
  if (isGiven || node.hasFailed())
    return scale;
  int64_t size = getType(query).getDimSize(3);
  if (ShapedType::isDynamic(size))
    (void)node.undetermined("the size of heads");
  // Heads of no elements have scores of 0.
  return size == 0 ? 1 : 1 / std::sqrt(double(size));
}

Type readPrecision(Node &node) {
  if (!node.hasAttribute("softmax_precision"))
    return {};
  Type type = node.getElementTypeAttribute("softmax_precision");
  if (type && !isa<FloatType>(type)) {
    (void)node.error("expected softmax_precision to be a float type");
    return {};
  }
  return type;
}

/// A mask with fewer keys than there are: the rest is not seen.
Value padMask(Node &node, Value mask, Size keys) {
  if (!mask || node.hasFailed() || getType(mask).getRank() == 0)
    return mask;
  int64_t last = getType(mask).getRank() - 1;
  // A mask of more keys is left to graph.attention to report.
  Size missing = max(keys - getSizes(getType(mask))[last], 0);
  if (missing.is(0))
    return mask;
  if (!missing.isKnown()) {
    (void)node.undetermined("the number of keys of the mask");
    return mask;
  }
  Type type = getType(mask).getElementType();
  Value filler = node.scalar(
      type,
      isa<FloatType>(type) ? -std::numeric_limits<double>::infinity() : 0);
  return node.create<PadOp>(mask, node.sizeList({0, missing}), filler,
                            StringRef("constant"), ArrayRef<int64_t>(last));
}

/// What the mask, the valid lengths, the windows and causality let queries see.
struct Visibility {
  Value mask, past, lengths;
  bool isCausal = false;
  int64_t left = -1, right = -1;
};

Visibility readVisibility(Node &node) {
  Visibility visibility;
  visibility.mask = node.optionalInput(3, "attn_mask");
  visibility.past = node.optionalInput(4, "past_key", FloatKind);
  visibility.lengths = node.optionalInput(6, "nonpad_kv_seqlen", SignedKind);
  visibility.isCausal = node.getBool("is_causal", false);
  if (node.getOpset() >= 25) {
    visibility.left = node.getIntIn("left_window_size", -1, -1, INT32_MAX);
    visibility.right = node.getIntIn("right_window_size", -1, -1, INT32_MAX);
  }
  return visibility;
}

/// Whether a window to the left leads no query past the last key.
bool reachesKeys(const Visibility &visibility, Size queries, Size keys,
                 Size offset) {
  return visibility.left < 0 ||
         (keys + visibility.left - offset - queries).isNotNegative();
}

void applyVisibility(Node &node, const Visibility &visibility,
                     Attention &attention) {
  if (node.hasFailed())
    return;
  Type i64 = IntegerType::get(node.getContext(), 64);
  Size queryCount = getSizes(getType(attention.query))[2],
       keyCount = getSizes(getType(attention.key))[2];
  Value mask = padMask(node, visibility.mask, keyCount);
  if (mask && getType(mask).getElementType().isInteger(1))
    attention.visible.push_back(mask);
  else
    attention.bias = mask;
  Value lengths;
  if (visibility.lengths)
    lengths = node.reshape(node.cast(visibility.lengths, i64), {1, 1, 1},
                           /*kept=*/1);
  std::optional<int64_t> first, last;
  if (visibility.left >= 0)
    first = -visibility.left;
  if (visibility.isCausal)
    last = 0;
  else if (visibility.right >= 0)
    last = visibility.right;
  Value keys = countDim(node, attention.key, 2);
  Value offset;
  Size past = 0;
  if (visibility.past) {
    past = getSizes(getType(visibility.past))[2];
    if (!past.isKnown())
      return (void)node.undetermined("the number of past keys");
    offset = node.sizeScalar(past);
  } else if (lengths) {
    if (!queryCount.isKnown())
      return (void)node.undetermined("the number of queries");
    offset = node.map({lengths, node.sizeScalar(queryCount)}, i64,
                      [](Scalar &s, ArrayRef<Value> args) {
                        return s.sub(args[0], args[1]);
                      });
  }
  if (first || last) {
    Value queries = node.create<UnsqueezeOp>(countDim(node, attention.query, 2),
                                             ArrayRef<int64_t>(1));
    if (offset)
      queries =
          node.map({queries, offset}, i64, [](Scalar &s, ArrayRef<Value> args) {
            return s.add(args[0], args[1]);
          });
    attention.visible.push_back(seesWindow(node, queries, keys, first, last));
  }
  if (lengths)
    attention.visible.push_back(node.map({keys, lengths},
                                         IntegerType::get(node.getContext(), 1),
                                         [](Scalar &s, ArrayRef<Value> args) {
                                           return s.less(args[0], args[1]);
                                         }));
  attention.seesAlways =
      !mask && !lengths && reachesKeys(visibility, queryCount, keyCount, past);
}

/// Query, key and value with heads as dim 1, after what was there before; the
/// caches are results.
LogicalResult readOperands(Node &node, Attention &attention, bool &isPacked) {
  attention.query = node.input(0, "Q", FloatKind);
  attention.key = node.input(1, "K", FloatKind);
  attention.value = node.input(2, "V", FloatKind);
  Value pastKey = node.optionalInput(4, "past_key", FloatKind),
        pastValue = node.optionalInput(5, "past_value", FloatKind);
  int64_t heads = node.getInt("q_num_heads", 0),
          keyHeads = node.getInt("kv_num_heads", 0);
  if (!checkSameType(node, {attention.query, attention.key}))
    return failure();
  int64_t rank = getType(attention.query).getRank();
  isPacked = rank == 3;
  for (Value operand : {attention.query, attention.key, attention.value})
    if (getType(operand).getRank() != rank || (rank != 3 && rank != 4))
      return node.error("expected Q, K and V of rank 3 or 4, but got ranks " +
                        Twine(rank) + " and " +
                        Twine(getType(operand).getRank()));
  if (isPacked) {
    attention.query = splitHeads(node, attention.query, heads);
    attention.key = splitHeads(node, attention.key, keyHeads);
    attention.value = splitHeads(node, attention.value, keyHeads);
  }
  if (bool(pastKey) != bool(pastValue))
    return node.error("expected both past_key and past_value or neither");
  if (pastKey && node.hasInput(6))
    return node.error("expected either a past or nonpad_kv_seqlen, but got "
                      "both");
  if (pastKey) {
    attention.key =
        node.create<ConcatOp>(ValueRange{pastKey, attention.key}, int64_t(2));
    attention.value = node.create<ConcatOp>(
        ValueRange{pastValue, attention.value}, int64_t(2));
  }
  return success(!node.hasFailed());
}

LogicalResult importAttention(Node &node) {
  Attention attention;
  bool isPacked = false;
  if (failed(readOperands(node, attention, isPacked)))
    return failure();
  attention.scale = readScale(node, attention.query);
  attention.softcap = node.getFloat("softcap", 0);
  attention.precision = readPrecision(node);
  int64_t mode = node.getIntIn("qk_matmul_output_mode", 0, 0, 3);
  applyVisibility(node, readVisibility(node), attention);
  if (attention.softcap < 0)
    return node.error("expected softcap to be at least 0, but got a negative "
                      "number");
  AttentionScores scores;
  bool givesScores = node.isOutputUsed(3);
  Value result = attend(node, attention, givesScores ? &scores : nullptr);
  if (givesScores) {
    Value steps[] = {scores.products, scores.capped, scores.biased,
                     scores.probabilities};
    (void)node.result(3, steps[mode]);
  }
  if (node.isOutputUsed(1))
    (void)node.result(1, attention.key);
  if (node.isOutputUsed(2))
    (void)node.result(2, attention.value);
  return node.result(isPacked ? joinHeads(node, result) : result);
}

/// The subgraph of an attribute as a function of one tensor; empty when there
/// is none.
std::function<Value(Value)> readModifier(Node &node, StringRef name) {
  if (!node.hasAttribute(name))
    return {};
  const onnx::AttributeProto *attribute =
      node.findAttribute(name, onnx::AttributeProto::GRAPH, /*required=*/true);
  if (!attribute)
    return {};
  return [&node, attribute](Value x) -> Value {
    SmallVector<Value> results;
    if (failed(node.getImporter().importSubgraph(
            node.getScope(), attribute->g(), node.getLoc(), results, x)) ||
        results.size() != 1 || !results[0]) {
      (void)node.abandon();
      return {};
    }
    return results[0];
  };
}

LogicalResult importFlexAttention(Node &node) {
  Attention attention;
  attention.query = node.input(0, "Q", FloatKind);
  attention.key = node.input(1, "K", FloatKind);
  attention.value = node.input(2, "V", FloatKind);
  if (!checkSameType(node, {attention.query, attention.key, attention.value}))
    return failure();
  for (Value operand : {attention.query, attention.key, attention.value})
    if (getType(operand).getRank() != 4)
      return node.error("expected Q, K and V of rank 4, but got rank " +
                        Twine(getType(operand).getRank()));
  attention.scale = readScale(node, attention.query);
  attention.precision = readPrecision(node);
  if (!attention.precision)
    attention.precision = getType(attention.query).getElementType().isF64()
                              ? Type(Float64Type::get(node.getContext()))
                              : Type(Float32Type::get(node.getContext()));
  attention.modifyScores = readModifier(node, "score_mod");
  attention.modifyProbabilities = readModifier(node, "prob_mod");
  return node.result(attend(node, attention));
}

} // namespace

void addAttentionRows(OpTable &table) {
  table.add("Attention", 23, importAttention);
  table.add("ai.onnx.preview.FlexAttention", 1, importFlexAttention);
}

} // namespace lambent::graph
