//===- AttentionContrib.cpp - com.microsoft's (MultiHead)Attention --------===//

#include "AttentionContrib.h"
#include "Attention.h"
#include "Elementwise.h"
#include "Lists.h"
#include <cmath>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {

double readContribScale(Node &node, Value query) {
  float scale = node.getFloat("scale", 0);
  if (scale != 0 || node.hasFailed())
    return scale;
  int64_t size = getType(query).getDimSize(3);
  if (ShapedType::isDynamic(size))
    (void)node.undetermined("the size of heads");
  // Heads of no elements have scores of 0.
  return size == 0 ? 1 : 1 / std::sqrt(double(size));
}

Value addValues(Node &node, Value a, Value b) {
  return node.map(
      {a, b}, a ? getType(a).getElementType() : Type(),
      [](Scalar &s, ArrayRef<Value> args) { return s.add(args[0], args[1]); });
}

namespace {

Value takeRange(Node &node, Value x, int64_t dim, int64_t first, int64_t end) {
  return node.create<SliceOp>(x, node.indices(first), node.indices(end),
                              node.indices(1), ArrayRef<int64_t>(dim));
}

/// Where a mask lets a key be seen: bools that broadcast to [B, 1, S, T].
/// Masks are [B, T], [B, S, T], or ends [B], or ends and then begins [2 * B].
Value readMask(Node &node, Value mask, Size batch, Value keys) {
  Type i64 = IntegerType::get(node.getContext(), 64),
       i1 = IntegerType::get(node.getContext(), 1);
  Sizes sizes = getSizes(getType(mask));
  if (!areKnown(sizes) || !batch.isKnown()) {
    (void)node.undetermined("the shape of the mask");
    return {};
  }
  Value numbers = node.cast(mask, i64);
  if (sizes.size() == 1 && (sizes[0] == batch || sizes[0] == batch * 2)) {
    SmallVector<Value> inputs{keys};
    for (int64_t part = 0; part < (sizes[0] == batch ? 1 : 2); ++part) {
      Value list = node.create<SliceOp>(numbers, node.sizeList({batch * part}),
                                        node.sizeList({batch * (part + 1)}),
                                        node.indices(1), ArrayRef<int64_t>(0));
      inputs.push_back(node.reshapeTo(list, {batch, 1, 1, 1}));
    }
    return node.map(inputs, i1, [](Scalar &s, ArrayRef<Value> args) {
      Value sees = s.less(args[0], args[1]);
      return args.size() == 2
                 ? sees
                 : s.make<arith::AndIOp>(sees, s.lessOrEqual(args[2], args[0]));
    });
  }
  if (sizes.size() != 2 && sizes.size() != 3) {
    (void)node.unsupported("a mask of " + Twine(sizes.size()) +
                           " dims is not supported");
    return {};
  }
  sizes.insert(sizes.begin() + 1, sizes.size() == 2 ? 2 : 1, 1);
  Value sees = node.map(numbers, i1, [&](Scalar &s, ArrayRef<Value> args) {
    return s.less(s.integer(i64, 0), args[0]);
  });
  return node.reshapeTo(sees, sizes);
}

/// What both ops have in common once query, key and value have heads.
LogicalResult finish(Node &node, Attention &attention, Value mask, Value bias,
                     Size pastKeys) {
  float filler = node.getFloat("mask_filter_value", -10000);
  bool isCausal = node.getBool("unidirectional", false);
  attention.scale = readContribScale(node, attention.query);
  if (node.hasFailed())
    return failure();
  Type type = getType(attention.query).getElementType();
  Type wideType = type.getIntOrFloatBitWidth() < 32
                      ? Type(Float32Type::get(node.getContext()))
                      : type;
  attention.bias = bias;
  Value keys = countDim(node, attention.key, 2);
  if (mask) {
    Value sees =
        readMask(node, mask, getSizes(getType(attention.query))[0], keys);
    Value numbers =
        node.map({sees}, wideType, [&](Scalar &s, ArrayRef<Value> args) {
          return s.select(args[0], s.number(wideType, 0),
                          s.number(wideType, filler));
        });
    attention.bias =
        bias ? addValues(node, node.cast(bias, wideType), numbers) : numbers;
  }
  if (isCausal) {
    Value queries = node.create<UnsqueezeOp>(countDim(node, attention.query, 2),
                                             ArrayRef<int64_t>(1));
    attention.visible.push_back(
        seesWindow(node, addValues(node, queries, node.sizeScalar(pastKeys)),
                   keys, std::nullopt, int64_t(0)));
  }
  return node.result(joinHeads(node, attend(node, attention)));
}

/// The part [first, first + size) of a packed bias, added.
Value addBias(Node &node, Value x, Value bias, int64_t first) {
  if (!bias || node.hasFailed())
    return x;
  int64_t size = getType(x).getDimSize(2);
  if (ShapedType::isDynamic(size)) {
    (void)node.undetermined("the size of heads");
    return {};
  }
  return addValues(node, x, takeRange(node, bias, 0, first, first + size));
}

/// Entry `index` of dim 3 of [B, S, heads, n, D], as [B, heads, S, D].
Value unpack(Node &node, Value packed, int64_t index) {
  Value part = node.create<SqueezeOp>(
      takeRange(node, packed, 3, index, index + 1), ArrayRef<int64_t>(3));
  return node.transpose(part, {0, 2, 1, 3});
}

LogicalResult readHeads(Node &node, Attention &attention, int64_t heads) {
  Value query = node.input(0, "query", FloatKind),
        key = node.optionalInput(1, "key", FloatKind),
        value = node.optionalInput(2, "value", FloatKind),
        bias = node.optionalInput(3, "bias", FloatKind);
  if (node.hasFailed())
    return failure();
  int64_t rank = getType(query).getRank(),
          keyRank = key ? getType(key).getRank() : 0;
  bool isPacked = rank == 5 && !key && !value;
  if (bias && (isPacked || keyRank == 5))
    return node.unsupported("a bias with packed inputs is not supported");
  if (isPacked) {
    attention.query = unpack(node, query, 0);
    attention.key = unpack(node, query, 1);
    attention.value = unpack(node, query, 2);
    return success(!node.hasFailed());
  }
  if (rank != 3)
    return node.error("expected a query of rank 3, or packed of rank 5, but "
                      "got rank " +
                      Twine(rank));
  int64_t size = getType(query).getDimSize(2);
  attention.query = splitHeads(node, addBias(node, query, bias, 0), heads);
  if (keyRank == 5 && !value) {
    attention.key = unpack(node, key, 0);
    attention.value = unpack(node, key, 1);
    return success(!node.hasFailed());
  }
  if (!key || !value || keyRank != getType(value).getRank() ||
      (keyRank != 3 && keyRank != 4))
    return node.error("expected key and value of rank 3 or 4, or packed of "
                      "rank 5");
  attention.key = keyRank == 4
                      ? key
                      : splitHeads(node, addBias(node, key, bias, size), heads);
  attention.value =
      keyRank == 4
          ? value
          : splitHeads(node, addBias(node, value, bias, 2 * size), heads);
  return success(!node.hasFailed());
}

} // namespace

LogicalResult checkPacked(Node &node, Value x, Value weights) {
  if (node.hasFailed())
    return failure();
  if (getType(x).getRank() != 3 || getType(weights).getRank() != 2)
    return node.error("expected an input of rank 3 and weights of rank 2, but "
                      "got ranks " +
                      Twine(getType(x).getRank()) + " and " +
                      Twine(getType(weights).getRank()));
  if (getType(weights).isDynamicDim(1))
    return node.undetermined("the size of the weights");
  return success();
}

LogicalResult attendPacked(Node &node, const PackedAttention &packed) {
  int64_t heads = node.getInt("num_heads");
  bool rotates = node.getBool("do_rotary", false),
       sharesBuffer = node.getBool("past_present_share_buffer", false);
  node.ignoreAttributes({"rotary_embedding_dim"});
  if (node.hasFailed())
    return failure();
  if (rotates || sharesBuffer)
    return node.unsupported("do_rotary, and past and present in one buffer, "
                            "are not supported");
  int64_t columns = getType(packed.product).getDimSize(2);
  SmallVector<int64_t> sizes = packed.sizes;
  if (sizes.empty())
    sizes.assign(3, columns / 3);
  if (sizes.size() != 3 || sizes[0] < 1 || sizes[1] != sizes[0] ||
      sizes[2] < 1 || sizes[0] > columns || sizes[2] > columns ||
      sizes[0] + sizes[1] + sizes[2] != columns)
    return node.error("expected sizes of query, key and value that add up to " +
                      Twine(columns));
  Attention attention;
  Value *parts[] = {&attention.query, &attention.key, &attention.value};
  int64_t first = 0;
  for (auto [part, size] : zip(parts, sizes)) {
    *part = splitHeads(
        node, takeRange(node, packed.product, 2, first, first + size), heads);
    first += size;
  }
  if (node.hasFailed())
    return failure();
  Size pastKeys = 0;
  if (packed.past) {
    if (getType(packed.past).getRank() != 5)
      return node.error("expected a past of rank 5, but got rank " +
                        Twine(getType(packed.past).getRank()));
    pastKeys = getSizes(getType(packed.past))[3];
    if (!pastKeys.isKnown())
      return node.undetermined("the number of past keys");
    Value *caches[] = {&attention.key, &attention.value};
    for (auto [index, part] : enumerate(caches)) {
      Value before = node.create<SqueezeOp>(
          takeRange(node, packed.past, 0, int64_t(index), int64_t(index) + 1),
          ArrayRef<int64_t>(0));
      *part = node.create<ConcatOp>(ValueRange{before, *part}, int64_t(2));
    }
  }
  if (node.isOutputUsed(1))
    (void)node.result(
        1, node.create<ConcatOp>(
               ValueRange{node.create<UnsqueezeOp>(attention.key,
                                                   ArrayRef<int64_t>(0)),
                          node.create<UnsqueezeOp>(attention.value,
                                                   ArrayRef<int64_t>(0))},
               int64_t(0)));
  return finish(node, attention, packed.mask, packed.bias, pastKeys);
}

namespace {

LogicalResult importMultiHead(Node &node) {
  Attention attention;
  node.allowOutputs(4);
  if (failed(readHeads(node, attention, node.getInt("num_heads"))))
    return failure();
  Value mask = node.optionalInput(4, "key_padding_mask", IntegerKind),
        bias = node.optionalInput(5, "attention_bias", FloatKind),
        pastKey = node.optionalInput(6, "past_key", FloatKind),
        pastValue = node.optionalInput(7, "past_value", FloatKind);
  if (node.hasInput(8) || node.hasInput(9))
    return node.unsupported("past and present in one buffer are not supported");
  if (bool(pastKey) != bool(pastValue))
    return node.error("expected both past_key and past_value or neither");
  Size pastKeys = 0;
  if (pastKey) {
    pastKeys = getSizes(getType(pastKey))[2];
    if (!pastKeys.isKnown())
      return node.undetermined("the number of past keys");
    attention.key =
        node.create<ConcatOp>(ValueRange{pastKey, attention.key}, int64_t(2));
    attention.value = node.create<ConcatOp>(
        ValueRange{pastValue, attention.value}, int64_t(2));
  }
  (void)node.result(1, attention.key);
  (void)node.result(2, attention.value);
  return finish(node, attention, mask, bias, pastKeys);
}

LogicalResult importContribAttention(Node &node) {
  Value x = node.input(0, "input", FloatKind),
        weights = node.input(1, "weights", FloatKind),
        packedBias = node.optionalInput(2, "bias", FloatKind);
  PackedAttention packed;
  packed.mask = node.optionalInput(3, "mask_index", IntegerKind);
  packed.past = node.optionalInput(4, "past", FloatKind);
  packed.bias = node.optionalInput(5, "attention_bias", FloatKind);
  packed.sizes = node.getInts("qkv_hidden_sizes", ArrayRef<int64_t>());
  if (!checkSameType(node, {x, weights}))
    return failure();
  if (node.hasInput(6))
    return node.unsupported("past and present in one buffer are not supported");
  if (failed(checkPacked(node, x, weights)))
    return failure();
  packed.product = node.create<MatmulOp>(x, weights, false, false);
  if (packedBias)
    packed.product = addValues(node, packed.product, packedBias);
  return attendPacked(node, packed);
}

} // namespace

void addContribAttentionRows(OpTable &table) {
  table.add("com.microsoft.Attention", 1, importContribAttention);
  table.add("com.microsoft.MultiHeadAttention", 1, importMultiHead);
}

} // namespace lambent::graph
