//===- AttentionRotary.cpp - Rotary position embeddings -------------------===//

#include "AttentionRotary.h"
#include "Attention.h"
#include "Elementwise.h"
#include "Lists.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Elements first, first + step, ... below end of the last dim.
Value takeLast(Node &node, Value x, int64_t first, int64_t end, int64_t step) {
  if (!x || node.hasFailed())
    return {};
  return node.create<SliceOp>(x, node.indices(first), node.indices(end),
                              node.indices(step),
                              ArrayRef<int64_t>(getType(x).getRank() - 1));
}

/// a * p + sign * b * q
Value mix(Node &node, Value a, Value p, Value b, Value q, bool subtract) {
  return node.map({a, p, b, q}, a ? getType(a).getElementType() : Type(),
                  [&](Scalar &s, ArrayRef<Value> args) {
                    Value left = s.mul(args[0], args[1]),
                          right = s.mul(args[2], args[3]);
                    return subtract ? s.sub(left, right) : s.add(left, right);
                  });
}

} // namespace

Value rotate(Node &node, Value x, const Rotation &rotation) {
  if (node.hasFailed())
    return {};
  int64_t size = getType(x).getDimSize(3),
          half = getType(rotation.cosines).getDimSize(2);
  if (ShapedType::isDynamic(size) || ShapedType::isDynamic(half)) {
    (void)node.undetermined("the size of heads");
    return {};
  }
  if (2 * half > size) {
    (void)node.error("expected at most " + Twine(size / 2) +
                     " cosines per position, but got " + Twine(half));
    return {};
  }
  const int64_t headDim[] = {rotation.headsFirst ? 1 : 2};
  Value cosines = node.create<UnsqueezeOp>(rotation.cosines,
                                           ArrayRef<int64_t>(headDim)),
        sines = node.create<UnsqueezeOp>(rotation.sines,
                                         ArrayRef<int64_t>(headDim));
  int64_t middle = rotation.interleaved ? 1 : half,
          step = rotation.interleaved ? 2 : 1;
  Value first = takeLast(node, x, 0, step == 2 ? 2 * half : half, step),
        second = takeLast(node, x, middle, 2 * half, step);
  Value real = mix(node, first, cosines, second, sines, /*subtract=*/true),
        imaginary =
            mix(node, second, cosines, first, sines, /*subtract=*/false);
  Value rotated;
  if (rotation.interleaved) {
    Value pairs = node.create<ConcatOp>(
        ValueRange{node.create<UnsqueezeOp>(real, ArrayRef<int64_t>(4)),
                   node.create<UnsqueezeOp>(imaginary, ArrayRef<int64_t>(4))},
        int64_t(4));
    rotated = node.reshape(pairs, 2 * half, /*kept=*/3);
  } else {
    rotated = node.create<ConcatOp>(ValueRange{real, imaginary}, int64_t(3));
  }
  if (2 * half == size)
    return rotated;
  return node.create<ConcatOp>(
      ValueRange{rotated, takeLast(node, x, 2 * half, size, 1)}, int64_t(3));
}

namespace {

/// Heads as a dim of their own, after the sequence where they are packed.
LogicalResult rotateHeads(Node &node, Value x, int64_t heads,
                          Rotation rotation) {
  rotation.headsFirst = getType(x).getRank() == 4;
  if (rotation.headsFirst)
    return node.result(rotate(node, x, rotation));
  int64_t size = getType(x).getDimSize(2);
  if (ShapedType::isDynamic(size))
    return node.undetermined("the size of heads");
  if (heads <= 0 || size % heads != 0)
    return node.error("expected a number of heads that divides " + Twine(size) +
                      ", but got " + Twine(heads));
  Value split = node.reshape(x, {heads, size / heads}, /*kept=*/2);
  return node.result(
      node.reshape(rotate(node, split, rotation), size, /*kept=*/2));
}

LogicalResult checkRank(Node &node, Value x) {
  if (node.hasFailed())
    return failure();
  int64_t rank = getType(x).getRank();
  if (rank == 3 || rank == 4)
    return success();
  return node.error("expected an input of rank 3 or 4, but got rank " +
                    Twine(rank));
}

LogicalResult importRotary(Node &node) {
  Value x = node.input(0, "X", FloatKind);
  Rotation rotation;
  rotation.cosines = node.input(1, "cos_cache", FloatKind);
  rotation.sines = node.input(2, "sin_cache", FloatKind);
  Value positions = node.optionalInput(3, "position_ids", SignedKind);
  int64_t heads = node.getInt("num_heads", 0),
          size = node.getInt("rotary_embedding_dim", 0);
  rotation.interleaved = node.getBool("interleaved", false);
  if (!checkSameType(node, {x, rotation.cosines, rotation.sines}) ||
      failed(checkRank(node, x)))
    return failure();
  int64_t expected = positions ? 2 : 3;
  for (Value *cache : {&rotation.cosines, &rotation.sines}) {
    if (getType(*cache).getRank() != expected)
      return node.error("expected caches of rank " + Twine(expected) +
                        ", but got rank " + Twine(getType(*cache).getRank()));
    if (positions)
      *cache = node.create<GatherOp>(*cache, positions, int64_t(0));
    if (node.hasFailed())
      return failure();
    int64_t half = getType(*cache).getDimSize(getType(*cache).getRank() - 1);
    if (size > 0 && !ShapedType::isDynamic(half) && half != size / 2)
      return node.error("expected " + Twine(size / 2) +
                        " numbers per position in a cache, but got " +
                        Twine(half));
  }
  return rotateHeads(node, x, heads, rotation);
}

/// com.microsoft's form: positions may be one number, that of the first token,
/// and packed heads have the caches' size unless their number is given.
LogicalResult importContribRotary(Node &node) {
  Value x = node.input(0, "input", FloatKind),
        positions = node.input(1, "position_ids", SignedKind);
  Rotation rotation;
  rotation.cosines = node.input(2, "cos_cache", FloatKind);
  rotation.sines = node.input(3, "sin_cache", FloatKind);
  int64_t heads = node.getInt("num_heads", 0);
  rotation.interleaved = node.getBool("interleaved", false);
  node.ignoreAttributes({"rotary_embedding_dim"}); // half of it is in a cache
  if (node.getFloat("scale", 1) != 1 ||
      node.getBool("is_packed_batching", false))
    return node.unsupported("scale and is_packed_batching are not supported");
  if (!checkSameType(node, {x, rotation.cosines, rotation.sines}) ||
      failed(checkRank(node, x)))
    return failure();
  bool headsFirst = getType(x).getRank() == 4;
  if (getType(positions).getRank() < 2) {
    Type i64 = IntegerType::get(node.getContext(), 64);
    positions = node.map({node.cast(node.reshape(positions, {1, 1}), i64),
                          countDim(node, x, headsFirst ? 2 : 1)},
                         i64, [](Scalar &s, ArrayRef<Value> args) {
                           return s.add(args[0], args[1]);
                         });
  }
  for (Value *cache : {&rotation.cosines, &rotation.sines}) {
    if (getType(*cache).getRank() != 2)
      return node.error("expected caches of rank 2, but got rank " +
                        Twine(getType(*cache).getRank()));
    *cache = node.create<GatherOp>(*cache, positions, int64_t(0));
  }
  if (node.hasFailed())
    return failure();
  int64_t half = getType(rotation.cosines).getDimSize(2);
  if (!headsFirst && heads == 0 && half > 0)
    heads = getType(x).getDimSize(2) / (2 * half);
  return rotateHeads(node, x, heads, rotation);
}

} // namespace

void addRotaryRows(OpTable &table) {
  table.add("RotaryEmbedding", 23, importRotary);
  table.add("com.microsoft.RotaryEmbedding", 1, importContribRotary);
}

} // namespace lambent::graph
