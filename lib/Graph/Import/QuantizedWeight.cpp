//===- QuantizedWeight.cpp - com.microsoft's weights in blocks ------------===//
//
// Weights of 2, 4 or 8 bits, several in a byte from the lowest bits on, with a
// scale and perhaps a zero point for each block of them.
//
//===----------------------------------------------------------------------===//

#include "Offers.h"
#include "OpTable.h"
#include "Quantize.h"
#include "lambent/ElementTypes/MLIRType.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Bytes as the elements in them, unsigned of so many bits: the last dim grows.
Value unpackBytes(Node &node, Value bytes, int64_t bits) {
  if (!bytes || bits == 8)
    return bytes;
  Type type = IntegerType::get(node.getContext(), unsigned(bits),
                               IntegerType::Unsigned);
  SmallVector<int64_t> shifts;
  for (int64_t shift = 0; shift < 8; shift += bits)
    shifts.push_back(shift);
  RankedTensorType shape = getType(bytes);
  int64_t rank = shape.getRank();
  if (rank == 0) {
    (void)node.error("expected packed weights with a dim, but got a scalar");
    return {};
  }
  int64_t size = shape.getDimSize(rank - 1);
  if (ShapedType::isDynamic(size)) {
    (void)node.undetermined("the last dim of packed weights");
    return {};
  }
  Value column = node.create<UnsqueezeOp>(bytes, ArrayRef<int64_t>(rank));
  Value elements = node.map(
      {column, node.indices(shifts)}, type,
      [&](Scalar &s, ArrayRef<Value> args) {
        Type i8 = args[0].getType();
        Value shift = s.convert(args[1], i8, false, true);
        return s.make<arith::AndIOp>(s.make<arith::ShRUIOp>(args[0], shift),
                                     s.integer(i8, (int64_t(1) << bits) - 1));
      });
  return node.reshape(elements, size * int64_t(shifts.size()),
                      /*kept=*/rank - 1);
}

/// The first `count` positions of an axis.
Value takeFirst(Node &node, Value x, int64_t axis, int64_t count) {
  if (!x || getType(x).getDimSize(axis) == count)
    return x;
  return node.create<SliceOp>(x, node.indices(0), node.indices(count),
                              node.indices(1), ArrayRef<int64_t>(axis));
}

/// (q - zero point) * scale, where an absent zero point is `middle`.
Value scaleWeights(Node &node, Value q, Value scale, Value zero,
                   int64_t middle) {
  if (!q || !scale || node.hasFailed())
    return {};
  Type type = getType(scale).getElementType(),
       f32 = Float32Type::get(node.getContext()),
       qType = getType(q).getElementType();
  SmallVector<Value> operands{q, scale};
  if (zero)
    operands.push_back(zero);
  auto toFloat = [&](Scalar &s, Value value, Type from) {
    if (isNarrow(from))
      value = decodeNarrow(s, value, from);
    return s.convert(value, f32, from.isUnsignedInteger(), false);
  };
  return node.map(operands, type, [&](Scalar &s, ArrayRef<Value> args) {
    Value number = toFloat(s, args[0], qType);
    Value center = zero ? toFloat(s, args[2], getType(zero).getElementType())
                        : s.number(number, double(middle));
    return s.mul(s.sub(number, center), args[1]);
  });
}

int64_t readBits(Node &node) {
  int64_t bits = node.getIntIn("bits", 4, 2, 8);
  if (!node.hasFailed() && bits != 2 && bits != 4 && bits != 8)
    (void)node.unsupported("weights of " + Twine(bits) +
                           " bits are not supported");
  return bits;
}

/// Weights [n, k] with parameters [n, blocks] as numbers. The parameters of a
/// column are those of the block that `order` says, or of its own.
Value scaleBlocks(Node &node, Value q, Value scales, Value zeros, Value order,
                  int64_t block, int64_t bits) {
  if (!q || !scales || node.hasFailed())
    return {};
  int64_t k = getType(q).getDimSize(1), blocks = getType(scales).getDimSize(1),
          middle = int64_t(1) << (bits - 1);
  if (!order)
    return scaleWeights(node, q, alignToAxis(node, scales, q, 1, block),
                        zeros ? alignToAxis(node, zeros, q, 1, block) : Value(),
                        middle);
  RankedTensorType type = getType(order);
  if (type.getRank() != 1 || type.isDynamicDim(0) || type.getDimSize(0) < k) {
    (void)node.error(
        "expected a group of each of the " + Twine(k) +
        " columns in g_idx, but got " + Twine(type.getRank()) + " dims" +
        (type.getRank() == 1 && !type.isDynamicDim(0)
             ? ", " + std::to_string(type.getDimSize(0)) + " numbers"
             : ""));
    return {};
  }
  order = takeFirst(node, order, 0, k);
  if (failed(node.require(
          ValueRule{order, 0, blocks - 1, /*isExcluded=*/false,
                    "a group from 0 to " + std::to_string(blocks - 1)})))
    return {};
  auto pick = [&](Value parameters) {
    return parameters ? node.create<GatherOp>(parameters, order, int64_t(1))
                      : parameters;
  };
  return scaleWeights(node, q, pick(scales), pick(zeros), middle);
}

/// An input as a tensor of these dims, of which it must have the elements.
Value shapeInput(Node &node, Value x, StringRef name, ArrayRef<int64_t> shape) {
  if (!x || node.hasFailed())
    return {};
  int64_t expected = 1;
  for (int64_t dim : shape)
    expected *= dim;
  RankedTensorType type = getType(x);
  if (type.hasStaticShape() && type.getNumElements() != expected)
    (void)node.error("expected input '" + name + "' to have " +
                     Twine(expected) + " elements, but got " +
                     describeType(type));
  return node.reshape(x, shape);
}

/// A * W', W [N, K] in blocks along K.
LogicalResult importMatMulNBits(Node &node) {
  Value a = node.input(0, "A", FloatKind), b = node.input(1, "B", UnsignedKind),
        scales = node.input(2, "scales", FloatKind),
        zeros = node.optionalInput(3, "zero_points", FloatKind | UnsignedKind),
        order = node.optionalInput(4, "g_idx", SignedKind),
        bias = node.optionalInput(5, "bias", FloatKind);
  int64_t k = node.getIntIn("K", std::nullopt, 1, INT32_MAX),
          n = node.getIntIn("N", std::nullopt, 1, INT32_MAX),
          bits = readBits(node),
          block = node.getIntIn("block_size", std::nullopt, 16, INT32_MAX);
  node.ignoreAttributes({"accuracy_level", "weight_prepacked"});
  if (node.hasFailed())
    return failure();
  int64_t blocks = int64_t(divideCeil(k, block));
  b = shapeInput(node, b, "B", {n, blocks, block * bits / 8});
  Value q = takeFirst(
      node, node.reshape(unpackBytes(node, b, bits), {n, blocks * block}), 1,
      k);
  scales = shapeInput(node, scales, "scales", {n, blocks});
  if (zeros) {
    // Packed for each row of W, or numbers of the scales' type.
    if (getKind(getType(zeros).getElementType()) == UnsignedKind) {
      int64_t bytes = int64_t(divideCeil(blocks * bits, 8));
      zeros = shapeInput(node, zeros, "zero_points", {n, bytes});
      zeros = takeFirst(node, unpackBytes(node, zeros, bits), 1, blocks);
    }
    zeros = shapeInput(node, zeros, "zero_points", {n, blocks});
  }
  Value w = scaleBlocks(node, q, scales, zeros, order, block, bits);
  Value y = node.create<MatmulOp>(a, w, /*transpose_lhs=*/false,
                                  /*transpose_rhs=*/true);
  if (bias)
    y = node.map({y, bias}, getType(a).getElementType(),
                 [](Scalar &s, ArrayRef<Value> args) {
                   return s.add(args[0], args[1]);
                 });
  return node.result(y);
}

LogicalResult importGatherBlockQuantized(Node &node) {
  Value data = node.input(0, "data", IntegerKind | NarrowKind),
        indices = node.input(1, "indices", SignedKind),
        scales = node.input(2, "scales", FloatKind),
        zeros = node.optionalInput(3, "zero_points", IntegerKind | NarrowKind);
  int64_t gatherAxis = node.getInt("gather_axis", 0),
          blockAxis = node.getInt("quantize_axis", 1),
          block = node.getIntIn("block_size", 128, 16, INT32_MAX),
          bits = readBits(node);
  if (node.hasFailed())
    return failure();
  bool isPacked = getType(data).getElementType().isUnsignedInteger(8);
  if (isPacked) {
    data = unpackBytes(node, data, bits);
    zeros = zeros ? unpackBytes(node, zeros, bits) : zeros;
  }
  if (!data || node.hasFailed())
    return node.abandon();
  int64_t rank = getType(data).getRank();
  gatherAxis = node.normalizeAxis(gatherAxis, rank);
  blockAxis = node.normalizeAxis(blockAxis, rank);
  if (node.hasFailed())
    return failure();
  if (getType(scales).getRank() != rank ||
      (zeros && getType(zeros).getRank() != rank))
    return node.error("expected scales and zero points of data's rank " +
                      Twine(rank));
  if (gatherAxis == blockAxis)
    return node.error("expected gather_axis and quantize_axis to differ");
  if (zeros) // the last byte of a row may not be full
    zeros = takeFirst(node, zeros, blockAxis,
                      getType(scales).getDimSize(blockAxis));
  auto gather = [&](Value from) {
    return from ? node.create<GatherOp>(from, indices, gatherAxis) : from;
  };
  Value rows = gather(data);
  if (!rows)
    return node.abandon();
  if (blockAxis > gatherAxis)
    blockAxis += getType(indices).getRank() - 1;
  Value scale = alignToAxis(node, gather(scales), rows, blockAxis, block);
  Value zero = zeros ? alignToAxis(node, gather(zeros), rows, blockAxis, block)
                     : Value();
  // Of bytes that hold several elements an absent zero point is their middle.
  int64_t middle = isPacked ? int64_t(1) << (bits - 1) : 0;
  return node.result(scaleWeights(node, rows, scale, zero, middle));
}

} // namespace

void addQuantizedWeightRows(OpTable &table) {
  table.add("com.microsoft.MatMulNBits", 1, importMatMulNBits);
  table.add("com.microsoft.GatherBlockQuantized", 1,
            importGatherBlockQuantized);
}

} // namespace lambent::graph
