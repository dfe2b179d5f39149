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
Value takeLast(Node &node, Value x, const Size &first, const Size &end,
               int64_t step) {
  if (!x || node.hasFailed())
    return {};
  return node.create<SliceOp>(x, node.sizeList(first), node.sizeList(end),
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

/// That `half` pairs are no more than a head of `size` has.
LogicalResult checkPairs(Node &node, const Size &half, const Size &size) {
  if (!half.isKnown() || !size.isKnown())
    return node.undetermined("the size of heads");
  if (half.isNumber() && size.isNumber())
    return 2 * half.getNumber() <= size.getNumber()
               ? success()
               : node.error("expected at most " + Twine(size.getNumber() / 2) +
                            " cosines per position, but got " +
                            Twine(half.getNumber()));
  Value rest = mapInts(
      node, {node.sizeScalar(size), node.sizeScalar(half * 2)},
      [](Scalar &s, ArrayRef<Value> args) { return s.sub(args[0], args[1]); });
  return demand(node, {rest, 0, INT64_MAX, /*isExcluded=*/false,
                       "heads of two elements for each cosine (a rest of at "
                       "least 0)"});
}

} // namespace

Value rotate(Node &node, Value x, const Rotation &rotation) {
  if (node.hasFailed())
    return {};
  Sizes sizes = getSizes(getType(x));
  Size size = sizes[3], half = getSizes(getType(rotation.cosines))[2];
  if (failed(checkPairs(node, half, size)))
    return {};
  const int64_t headDim[] = {rotation.headsFirst ? 1 : 2};
  Value cosines = node.create<UnsqueezeOp>(rotation.cosines,
                                           ArrayRef<int64_t>(headDim)),
        sines = node.create<UnsqueezeOp>(rotation.sines,
                                         ArrayRef<int64_t>(headDim));
  Size middle = rotation.interleaved ? Size(1) : half, both = half * 2;
  int64_t step = rotation.interleaved ? 2 : 1;
  Value first = takeLast(node, x, 0, step == 2 ? both : half, step),
        second = takeLast(node, x, middle, both, step);
  Value real = mix(node, first, cosines, second, sines, /*subtract=*/true),
        imaginary =
            mix(node, second, cosines, first, sines, /*subtract=*/false);
  Value rotated;
  if (rotation.interleaved) {
    Value pairs = node.create<ConcatOp>(
        ValueRange{node.create<UnsqueezeOp>(real, ArrayRef<int64_t>(4)),
                   node.create<UnsqueezeOp>(imaginary, ArrayRef<int64_t>(4))},
        int64_t(4));
    rotated = node.reshapeTo(pairs, {sizes[0], sizes[1], sizes[2], both});
  } else {
    rotated = node.create<ConcatOp>(ValueRange{real, imaginary}, int64_t(3));
  }
  if (both == size)
    return rotated;
  return node.create<ConcatOp>(
      ValueRange{rotated, takeLast(node, x, both, size, 1)}, int64_t(3));
}

namespace {

/// Heads as a dim of their own, after the sequence where they are packed.
LogicalResult rotateHeads(Node &node, Value x, int64_t heads,
                          Rotation rotation) {
  rotation.headsFirst = getType(x).getRank() == 4;
  if (rotation.headsFirst)
    return node.result(rotate(node, x, rotation));
  Sizes sizes = getSizes(getType(x));
  bool isOpen = !sizes[2].isNumber();
  if (isOpen && (heads <= 0 || !hasKnownSizes(x)))
    return node.undetermined("the size of heads");
  if (!isOpen && (heads <= 0 || sizes[2].getNumber() % heads != 0))
    return node.error("expected a number of heads that divides " +
                      Twine(sizes[2].getNumber()) + ", but got " +
                      Twine(heads));
  // A run checks that an open size is a multiple.
  Value split = node.reshape(
      x, {heads, isOpen ? -1 : sizes[2].getNumber() / heads}, /*kept=*/2);
  Value rotated = rotate(node, split, rotation);
  return node.hasFailed() ? failure()
                          : node.result(node.reshapeTo(rotated, sizes));
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
