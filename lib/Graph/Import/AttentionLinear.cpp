//===- AttentionLinear.cpp - Attention by a state, and its convolution ----===//
//
// The tokens of LinearAttention are unrolled: each updates the state by a few
// element-wise ops and small products. Decoding takes one token at a time.
//
//===----------------------------------------------------------------------===//

#include "Attention.h"
#include "Elementwise.h"
#include <cmath>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// More tokens at once would take long to compile.
constexpr int64_t mostTokens = 1024;

/// Elements [first, first + count) of a dim.
Value take(Node &node, Value x, int64_t dim, int64_t first, int64_t count) {
  return node.create<SliceOp>(x, node.indices(first),
                              node.indices(first + count), node.indices(1),
                              ArrayRef<int64_t>(dim));
}

class LinearAttention {
public:
  explicit LinearAttention(Node &node)
      : node(node), f32(Float32Type::get(node.getContext())) {}

  LogicalResult import();

private:
  LogicalResult readInputs();
  /// The state after a token, and what its queries read from it.
  Value advance(int64_t token, Value &state);
  /// [B, T, H * D] as f32 [B, H, T, D].
  Value split(Value x, int64_t heads) {
    return node.cast(splitHeads(node, x, heads), f32);
  }

  Node &node;
  Type f32;
  Value query, key, value, state, decay, beta;
  Type type, stateType;
  int64_t heads = 0, keyHeads = 0;
  double scale = 1;
};

LogicalResult LinearAttention::readInputs() {
  query = node.input(0, "query", FloatKind);
  key = node.input(1, "key", FloatKind);
  value = node.input(2, "value", FloatKind);
  state = node.optionalInput(3, "past_state", FloatKind);
  decay = node.optionalInput(4, "decay", FloatKind);
  beta = node.optionalInput(5, "beta", FloatKind);
  heads = node.getInt("q_num_heads");
  keyHeads = node.getInt("kv_num_heads");
  scale = node.getFloat("scale", 0);
  std::string rule =
      node.getChoice("update_rule", "gated_delta",
                     {"linear", "gated", "delta", "gated_delta"});
  node.ignoreAttributes({"chunk_size"});
  if (!checkSameType(node, {query, key, value}))
    return failure();
  for (Value operand : {query, key, value})
    if (getType(operand).getRank() != 3)
      return node.error("expected query, key and value of rank 3, but got "
                        "rank " +
                        Twine(getType(operand).getRank()));
  if (keyHeads <= 0 || heads <= 0 || heads % keyHeads != 0)
    return node.error("expected q_num_heads to be a multiple of kv_num_heads, "
                      "but got " +
                      Twine(heads) + " and " + Twine(keyHeads));
  bool isGated = StringRef(rule).starts_with("gated"),
       isDelta = StringRef(rule).ends_with("delta");
  if (isGated != bool(decay))
    return node.error("update_rule '" + rule + "' " +
                      (isGated ? "requires" : "forbids") + " the input decay");
  if (isDelta != bool(beta))
    return node.error("update_rule '" + rule + "' " +
                      (isDelta ? "requires" : "forbids") + " the input beta");
  type = getType(query).getElementType();
  stateType = state ? getType(state).getElementType() : type;
  return success();
}

Value LinearAttention::advance(int64_t token, Value &state) {
  auto at = [&](Value x) { return take(node, x, 2, token, 1); };
  auto asColumn = [&](Value x) { return node.transpose(x, {0, 1, 3, 2}); };
  Value row = at(key), update = at(value);
  if (decay)
    state = node.map({state, asColumn(at(decay))}, f32,
                     [](Scalar &s, ArrayRef<Value> args) {
                       return s.mul(args[0], s.exp(args[1]));
                     });
  if (beta) {
    Value known = node.create<MatmulOp>(row, state, false, false);
    update = node.map({at(beta), update, known}, f32,
                      [](Scalar &s, ArrayRef<Value> args) {
                        return s.mul(args[0], s.sub(args[1], args[2]));
                      });
  }
  state = node.map({state, asColumn(row), update}, f32,
                   [](Scalar &s, ArrayRef<Value> args) {
                     return s.add(args[0], s.mul(args[1], args[2]));
                   });
  if (node.hasFailed())
    return {};
  // The queries that share a state are rows.
  int64_t batch = getType(query).getDimSize(0),
          size = getType(query).getDimSize(3);
  Value queries =
      node.reshape(at(query), {batch, keyHeads, heads / keyHeads, size});
  Value read = node.create<MatmulOp>(queries, state, false, false);
  if (node.hasFailed())
    return {};
  return node.reshape(read, {batch, heads, 1, getType(read).getDimSize(3)});
}

LogicalResult LinearAttention::import() {
  if (failed(readInputs()))
    return failure();
  for (Value operand : {query, key, value})
    if (!getType(operand).hasStaticShape())
      return node.undetermined("the shape of query, key and value");
  int64_t batch = getType(query).getDimSize(0),
          tokens = getType(query).getDimSize(1);
  if (tokens > mostTokens)
    return node.unsupported("more than " + Twine(mostTokens) +
                            " tokens at once are not supported");
  if (tokens == 0)
    return node.unsupported("no tokens are not supported");
  query = split(query, heads);
  key = split(key, keyHeads);
  value = split(value, keyHeads);
  if (decay)
    decay = split(decay, keyHeads);
  if (beta && !node.hasFailed())
    beta = split(beta, getType(beta).getDimSize(2));
  if (node.hasFailed())
    return failure();
  int64_t keySize = getType(key).getDimSize(3),
          valueSize = getType(value).getDimSize(3);
  if (state)
    state = node.cast(state, f32);
  else
    state = node.create<ExpandOp>(
        node.scalar(f32, 0),
        node.indices({batch, keyHeads, keySize, valueSize}));
  SmallVector<Value> reads;
  for (int64_t token = 0; token < tokens && !node.hasFailed(); ++token)
    reads.push_back(advance(token, state));
  if (node.hasFailed())
    return failure();
  if (scale == 0)
    scale = 1 / std::sqrt(double(keySize));
  Value all =
      reads.size() == 1 ? reads[0] : node.create<ConcatOp>(reads, int64_t(2));
  Value scaled = node.map(
      all, [&](Scalar &s, Value x) { return s.mul(x, s.number(x, scale)); });
  (void)node.result(1, node.cast(state, stateType));
  return node.result(joinHeads(node, node.cast(scaled, type)));
}

/// A convolution of each channel with what came before it; the last inputs are
/// kept for the next call.
LogicalResult importCausalConv(Node &node) {
  Value x = node.input(0, "input", FloatKind),
        weight = node.input(1, "weight", FloatKind),
        bias = node.optionalInput(2, "bias", FloatKind),
        past = node.optionalInput(3, "past_state", FloatKind);
  std::string activation =
      node.getChoice("activation", "none", {"none", "silu", "swish"});
  if (!checkSameType(node, {x, weight}))
    return failure();
  if (getType(x).getRank() != 3 || getType(weight).getRank() != 3)
    return node.error("expected an input and a weight of rank 3, but got "
                      "ranks " +
                      Twine(getType(x).getRank()) + " and " +
                      Twine(getType(weight).getRank()));
  int64_t channels = getType(x).getDimSize(1),
          taps = getType(weight).getDimSize(2);
  if (ShapedType::isDynamic(channels) || ShapedType::isDynamic(taps))
    return node.undetermined("the number of channels and taps");
  if (taps < 1)
    return node.error("expected a weight with taps, but got none");
  Value padded;
  if (past)
    padded = node.create<ConcatOp>(ValueRange{past, x}, int64_t(2));
  else
    padded = node.create<PadOp>(x, node.indices({taps - 1, 0}),
                                node.scalar(getType(x).getElementType(), 0),
                                StringRef("constant"), ArrayRef<int64_t>(2));
  Value result = node.create<ConvOp>(
      padded, weight, bias, ArrayRef<int64_t>(1), ArrayRef<int64_t>(1),
      ArrayRef<int64_t>({0, 0}), channels, StringRef("NOTSET"),
      /*channels_last=*/false);
  if (activation != "none")
    result = node.map(result, [](Scalar &s, Value value) {
      return s.mul(value, s.sigmoid(value));
    });
  if (node.isOutputUsed(1) && !node.hasFailed())
    (void)node.result(
        1, node.create<SliceOp>(
               padded, node.indices(taps > 1 ? 1 - taps : INT64_MAX),
               node.indices(INT64_MAX), node.indices(1), ArrayRef<int64_t>(2)));
  return node.result(result);
}

} // namespace

void addLinearAttentionRows(OpTable &table) {
  table.add("LinearAttention", 27,
            [](Node &node) { return LinearAttention(node).import(); });
  table.add("CausalConvWithState", 27, importCausalConv);
}

} // namespace lambent::graph
