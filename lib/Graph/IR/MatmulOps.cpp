//===- MatmulOps.cpp - Matrix products ------------------------------------===//

#include "EmptyTensors.h"
#include "Permute.h"
#include "lambent/ElementTypes/BlockFormat.h"

using namespace mlir;

namespace lambent::graph {

FailureOr<RankedTensorType> MatmulOp::inferType(Adaptor op,
                                                EmitError emitError) {
  RankedTensorType lhs = typeOf(op.getLhs()), rhs = typeOf(op.getRhs());
  if (lhs.getRank() < 2 || rhs.getRank() < 2)
    return emitError() << "expected operands of rank 2 or more, but got " << lhs
                       << " and " << rhs;
  Type element = getProductElementType(lhs, rhs, op.getWide());
  if (!element)
    return emitError() << (op.getWide()
                               ? "expected operands of f16 or of bf16 for wide "
                                 "sums, but got "
                               : "expected operands of one element type, or of "
                                 "ui8 and i8, but got ")
                       << lhs << " and " << rhs;
  auto dims = [](RankedTensorType type, bool transposed) {
    Sizes sizes = getSizes(type);
    Size rows = sizes[sizes.size() - 2], columns = sizes.back();
    return transposed ? std::pair(columns, rows) : std::pair(rows, columns);
  };
  auto [m, lhsK] = dims(lhs, op.getTransposeLhs());
  auto [rhsK, n] = dims(rhs, op.getTransposeRhs());
  if (!dimsAgree(lhsK, rhsK))
    return emitError() << "expected K to agree, but got " << lhsK.getNumber()
                       << " and " << rhsK.getNumber();
  auto batch = [](RankedTensorType type) {
    Sizes sizes = getSizes(type);
    sizes.truncate(sizes.size() - 2);
    return sizes;
  };
  auto shape = broadcastSizes({batch(lhs), batch(rhs)});
  if (failed(shape))
    return emitError() << "expected batch dims that broadcast, but got " << lhs
                       << " and " << rhs;
  shape->append({m, n});
  return makeTensorType(*shape, element);
}

/// A product over no K is zero.
OpFoldResult MatmulOp::fold(FoldAdaptor adaptor) {
  if (!isEmpty(getLhs()) && !isEmpty(getRhs()))
    return {};
  return getCombinationOfNothing(getResult().getType(), "sum");
}

/// What is left of an operand when its transpose gives up the swap of its last
/// two dims: another transpose or none. Null where that does not pay.
static Value splitOffSwap(Value operand, PatternRewriter &rewriter) {
  auto transpose = operand.getDefiningOp<TransposeOp>();
  if (!transpose)
    return {};
  Shape perm(transpose.getPerm());
  int64_t rank = perm.size();
  // The data's innermost dim must become innermost.
  if (rank < 2 || perm[rank - 2] != rank - 1)
    return {};
  std::swap(perm[rank - 1], perm[rank - 2]);
  Value input = transpose.getInput();
  if (isIdentityPermutation(perm))
    return input;
  if (!transpose->hasOneUse())
    return {};
  auto type = cast<RankedTensorType>(input.getType());
  return TransposeOp::create(rewriter, transpose.getLoc(),
                             permuteType(type, perm),
                             input, perm);
}

/// A swap of an operand's last two dims becomes its flag: kernels read either
/// order.
static LogicalResult absorbSwaps(MatmulOp op, PatternRewriter &rewriter) {
  Value lhs = splitOffSwap(op.getLhs(), rewriter),
        rhs = splitOffSwap(op.getRhs(), rewriter);
  if (!lhs && !rhs)
    return rewriter.notifyMatchFailure(
        op, "no operand's last two dims are swapped");
  rewriter.modifyOpInPlace(op, [&] {
    if (lhs) {
      op.getLhsMutable().assign(lhs);
      op.setTransposeLhs(!op.getTransposeLhs());
    }
    if (rhs) {
      op.getRhsMutable().assign(rhs);
      op.setTransposeRhs(!op.getTransposeRhs());
    }
  });
  return success();
}

void MatmulOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add(absorbSwaps);
}

//===-- quantized_matmul --------------------------------------------------===//

FailureOr<RankedTensorType> QuantizedMatmulOp::inferType(Adaptor op,
                                                         EmitError emitError) {
  RankedTensorType lhs = typeOf(op.getLhs()), codes = typeOf(op.getCodes());
  // C1
  if (lhs.getRank() < 2 || !lhs.getElementType().isF32())
    return emitError() << "expected lhs of rank 2 or more and f32, but got "
                       << lhs;
  // C2
  if (codes.getRank() != 2 || !codes.hasStaticShape() ||
      !codes.getElementType().isSignlessInteger(8))
    return emitError() << "expected codes [N, K] of i8, but got " << codes;
  int64_t n = codes.getDimSize(0), k = codes.getDimSize(1), bits = op.getBits(),
          block = op.getBlockSize();
  Sizes sizes = getSizes(lhs);
  if (!dimsAgree(sizes.back(), k))
    return emitError() << "expected K to agree, but got "
                       << sizes.back().getNumber() << " and " << k;
  // C3
  if (bits != 2 && bits != 4 && bits != 8)
    return emitError() << "expected codes of 2, 4 or 8 bits, but got " << bits;
  // C4
  if (block <= 0 || (block != k && block % 16 != 0))
    return emitError() << "expected a block_size of K or a multiple of 16, but "
                          "got "
                       << block;
  // C5
  Shape shape{n, int64_t(llvm::divideCeil(k, block))};
  RankedTensorType scales = typeOf(op.getScales());
  if (scales.getShape() != ArrayRef(shape) || !scales.getElementType().isF32())
    return emitError() << "expected scales [" << shape[0] << ", " << shape[1]
                       << "] of f32, but got " << scales;
  if (op.getZeros()) {
    RankedTensorType zeros = typeOf(op.getZeros());
    if (zeros.getShape() != ArrayRef(shape) ||
        !zeros.getElementType().isSignlessInteger(8))
      return emitError() << "expected zeros [" << shape[0] << ", " << shape[1]
                         << "] of i8, but got " << zeros;
  }
  sizes.back() = n;
  return makeTensorType(sizes, lhs.getElementType());
}

//===-- block_matmul ------------------------------------------------------===//

FailureOr<RankedTensorType> BlockMatmulOp::inferType(Adaptor op,
                                                     EmitError emitError) {
  RankedTensorType lhs = typeOf(op.getLhs()), codes = typeOf(op.getCodes()),
                   exponents = typeOf(op.getExponents());
  // C1
  const BlockFormat *format = findBlockFormat(op.getFormat().str().c_str());
  if (!format || !format->isInteger())
    return emitError() << "expected a format of blocks of integers of 8 bits, "
                          "but got "
                       << op.getFormat();
  if (op.getScale() != "down" && op.getScale() != "up")
    return emitError()
           << "expected a scale that is rounded down or up, but got "
           << op.getScale();
  // C2
  if (lhs.getRank() < 2 || !lhs.getElementType().isF32())
    return emitError() << "expected lhs of rank 2 or more and f32, but got "
                       << lhs;
  // C3
  if (codes.getRank() != 2 || !codes.hasStaticShape() ||
      !codes.getElementType().isUnsignedInteger(8))
    return emitError() << "expected codes [N, K] of ui8, but got " << codes;
  int64_t n = codes.getDimSize(0), k = codes.getDimSize(1);
  Sizes sizes = getSizes(lhs);
  if (!dimsAgree(sizes.back(), k))
    return emitError() << "expected K to agree, but got "
                       << sizes.back().getNumber() << " and " << k;
  if (k % format->size != 0)
    return emitError() << "expected K to be a multiple of " << format->size
                       << ", but got " << k;
  // C4
  Shape shape{n, k / format->size};
  if (exponents.getShape() != ArrayRef(shape) ||
      !exponents.getElementType().isUnsignedInteger(8))
    return emitError() << "expected exponents [" << shape[0] << ", " << shape[1]
                       << "] of ui8, but got " << exponents;
  // C5
  if (!op.getTable().empty() && op.getTable().size() != 16)
    return emitError() << "expected a table of 16 entries or none, but got "
                       << op.getTable().size();
  sizes.back() = n;
  return makeTensorType(sizes, lhs.getElementType());
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/MatmulOps.cpp.inc"
