//===- SignalOpen.cpp - Fourier transforms whose sizes a run decides ------===//
//
// As in Signal.cpp a transform is a product with a matrix; a run computes the
// matrix once it knows the sizes.
//
//===----------------------------------------------------------------------===//

#include "SignalOpen.h"
#include "Lists.h"
#include <numbers>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// length / 2 + 1
Value halve(Node &node, Value length) {
  return computeSize(node, length, "the length of a transform",
                     [](Scalar &s, ArrayRef<Value> args) {
                       Type type = args[0].getType();
                       return s.add(s.div(args[0], s.integer(type, 2)),
                                    s.integer(type, 1));
                     });
}

Value multiply(Node &node, Value a, Value b) {
  return node.map({a, b}, IntegerType::get(node.getContext(), 64),
                  [](Scalar &s, ArrayRef<Value> args) {
                    return s.mul(args[0], args[1]);
                  });
}

/// The first `kept` dims of x, and then those of `list`.
Value reshapeTo(Node &node, Value x, int64_t kept, Value list) {
  if (kept > 0)
    list = joinLists(node, {node.create<ShapeOp>(x, int64_t(0), kept), list});
  return node.create<ReshapeOp>(x, list, /*allow_zero=*/true);
}

/// The elements [sample, part, bin, part] of the matrix. What is not known here
/// is computed from indices along these dims.
Value makeMatrix(Node &node, const OpenTransform &transform, Value samples,
                 int64_t parts, Value bins) {
  Type f64 = Float64Type::get(node.getContext());
  bool fromHalf = transform.isFromHalf(), isInverse = transform.isInverse;
  Value part = layAlong(node, node.indices(listAxes(0, parts)), 1, 4),
        binPart =
            layAlong(node, node.indices(listAxes(0, fromHalf ? 1 : 2)), 3, 4);
  return node.map(
      {layAlong(node, countUp(node, samples), 0, 4), part,
       layAlong(node, countUp(node, bins), 2, 4), binPart,
       layAlong(node, transform.length, 0, 4)},
      f64, [&](Scalar &s, ArrayRef<Value> args) {
        Type i64 = args[0].getType();
        Value length = args[4];
        Value wide = s.convert(length, f64, false, false);
        // The angle within one turn, so that large products stay exact.
        Value turn = s.convert(s.rem(s.mul(args[0], args[2]), length), f64,
                               false, false);
        Value angle = s.div(
            s.mul(turn, s.number(f64, 2 * std::numbers::pi)), wide);
        Value cosine = s.make<math::CosOp>(angle),
              sine = s.make<math::SinOp>(angle);
        if (!isInverse)
          sine = s.neg(sine);
        // (a + bi) (cosine + sine i), of which half a spectrum asks the real
        // part only.
        Value isReal = s.equal(args[1], s.integer(i64, 0));
        Value crossed = s.select(isReal, sine, s.neg(sine));
        Value value = s.select(s.equal(args[1], args[3]), cosine, crossed);
        if (fromHalf) {
          // The bins in between stand for their mirror images, too.
          Value twice = s.mul(args[0], s.integer(i64, 2));
          Value isAlone = s.make<arith::OrIOp>(
              s.equal(args[0], s.integer(i64, 0)), s.equal(twice, length));
          Value imaginary =
              s.select(isAlone, s.number(f64, 0), s.neg(sine));
          value = s.mul(s.select(isReal, cosine, imaginary),
                        s.select(isAlone, s.number(f64, 1), s.number(f64, 2)));
        }
        return isInverse ? s.div(value, wide) : value;
      });
}

/// x [..., samples, parts] with `wanted` samples: cut off, or zeros behind.
Value fit(Node &node, Value x, Value wanted) {
  int64_t rank = getType(x).getRank(), dim = rank - 2;
  FailureOr<Sizes> size = getKnownSizes(wanted);
  if (node.hasFailed() ||
      (succeeded(size) && (*size)[0] == getSizes(getType(x))[dim]))
    return x;
  Value index = countUp(node, wanted);
  Value own = node.create<ShapeOp>(x, dim, dim + 1);
  Type element = getType(x).getElementType();
  return node.map(
      {node.create<GatherOp>(x, index, dim), layAlong(node, index, dim, rank),
       own},
      element, [](Scalar &s, ArrayRef<Value> args) {
        return s.select(s.less(args[1], args[2]), args[0],
                        s.number(args[0], 0));
      });
}

} // namespace

void setLength(Node &node, OpenTransform &transform, Value x, Value given) {
  if (node.hasFailed())
    return;
  Type i64 = IntegerType::get(node.getContext(), 64);
  int64_t rank = getType(x).getRank(), parts = getType(x).getDimSize(rank - 1);
  Value length = given ? given : node.create<ShapeOp>(x, rank - 2, rank - 1);
  // Beyond the limit products stay in range.
  length = node.map(length, [&](Scalar &s, Value size) {
    if (!given && transform.isFromHalf())
      size = s.mul(s.sub(size, s.integer(i64, 1)), s.integer(i64, 2));
    return s.min(size, s.integer(i64, mostMatrixElements));
  });
  Value elements = node.map(length, [&](Scalar &s, Value size) {
    Value half = s.add(s.div(size, s.integer(i64, 2)), s.integer(i64, 1));
    Value bins = transform.isOneSided ? half : size;
    return s.mul(s.mul(size, bins), s.integer(i64, 2 * parts));
  });
  (void)demand(node, {length, 1, mostMatrixElements, /*isExcluded=*/false,
                      "a transform of at least 1 sample"});
  (void)demand(node, {elements, 0, mostMatrixElements, /*isExcluded=*/false,
                      "a transform whose matrix has at most " +
                          std::to_string(mostMatrixElements) + " elements"});
  transform.length = node.decideSizes(length, "the length of a transform");
}

Value applyOpen(Node &node, Value x, const OpenTransform &transform) {
  if (node.hasFailed())
    return {};
  RankedTensorType type = getType(x);
  int64_t rank = type.getRank(), parts = type.getDimSize(rank - 1),
          kept = rank - 2;
  Value half = transform.isOneSided ? halve(node, transform.length) : Value();
  Value samples = transform.isFromHalf() ? half : transform.length,
        bins = transform.isToHalf() ? half : transform.length;
  int64_t binParts = transform.isFromHalf() ? 1 : 2;
  Value rows = multiply(node, samples, node.indices(parts)),
        columns = multiply(node, bins, node.indices(binParts));
  Type wide = type.getElementType().getIntOrFloatBitWidth() < 32
                  ? Type(Float32Type::get(node.getContext()))
                  : type.getElementType();
  Value matrix = node.create<ReshapeOp>(
      node.cast(makeMatrix(node, transform, samples, parts, bins), wide),
      joinLists(node, {rows, columns}), /*allow_zero=*/true);
  Value flat = node.cast(fit(node, x, samples), wide);
  // A vector has no rows to multiply.
  flat = kept == 0
             ? reshapeTo(node, flat, 0, joinLists(node, {node.indices(1), rows}))
             : reshapeTo(node, flat, kept, rows);
  Value product = node.create<MatmulOp>(flat, matrix, false, false);
  Value split = reshapeTo(node, product, kept,
                          joinLists(node, {bins, node.indices(binParts)}));
  return node.cast(split, type.getElementType());
}

/// `values` of the dims before `axis`, or behind it, and `other` elsewhere.
static Value keepDims(Node &node, Value values, Value axis, bool before,
                      int64_t other) {
  Value index = countDim(node, values, 0);
  return node.map({values, index, axis}, IntegerType::get(node.getContext(), 64),
                  [&](Scalar &s, ArrayRef<Value> args) {
                    Value isKept = before ? s.less(args[1], args[2])
                                          : s.less(args[2], args[1]);
                    return s.select(isKept, args[0],
                                    s.integer(args[0].getType(), other));
                  });
}

Value applyAlong(Node &node, Value x, Value axis, Value given,
                 OpenTransform transform) {
  if (node.hasFailed())
    return {};
  RankedTensorType type = getType(x);
  int64_t rank = type.getRank(), parts = type.getDimSize(rank - 1);
  // As [before, samples, behind, parts].
  Value shape = node.create<ShapeOp>(x, int64_t(0), rank - 1);
  Value samples = node.create<GatherOp>(shape, axis, int64_t(0));
  auto multiplyAll = [&](bool before) {
    return node.reduce(keepDims(node, shape, axis, before, 1), "prod",
                       int64_t(0));
  };
  Value dims = node.decideSizes(
      joinLists(node, {multiplyAll(true), samples, multiplyAll(false),
                       node.indices(parts)}),
      "the size of the signal");
  Value view = node.transpose(
      node.create<ReshapeOp>(x, dims, /*allow_zero=*/true), {0, 2, 1, 3});
  setLength(node, transform, view, given);
  Value result =
      node.transpose(applyOpen(node, view, transform), {0, 2, 1, 3});
  if (node.hasFailed())
    return {};
  Value length = node.create<ShapeOp>(result, int64_t(1), int64_t(2));
  Value index = countDim(node, shape, 0);
  Value sizes = node.map({shape, index, axis, length},
                         IntegerType::get(node.getContext(), 64),
                         [](Scalar &s, ArrayRef<Value> args) {
                           return s.select(s.equal(args[1], args[2]), args[3],
                                           args[0]);
                         });
  Value list = node.decideSizes(
      joinLists(node, {sizes, node.create<ShapeOp>(result, int64_t(3),
                                                   int64_t(4))}),
      "the size of the spectrum");
  return node.create<ReshapeOp>(result, list, /*allow_zero=*/true);
}

} // namespace lambent::graph
