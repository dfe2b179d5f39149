//===- MatmulOps.cpp - Checks and facts of lir.matmul ---------------------===//

#include "lambent/ElementTypes/BlockFormat.h"
#include "lambent/Lowering/IR/IndexMaps.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;

static constexpr StringRef operandNames[] = {"lhs", "rhs", "output"};

/// Whether there is a map for each operand that fits it; that of a packed rhs
/// has no results.
template <typename OpT> static LogicalResult verifyMaps(OpT op) {
  if (op.getMaps().size() != 3)
    return op.emitOpError()
           << "expected 3 maps, but got " << op.getMaps().size();
  Value operands[] = {op.getLhs(), op.getRhs(), op.getOutput()};
  for (auto [name, operand, attr] :
       llvm::zip_equal(operandNames, operands,
                       op.getMaps().template getAsRange<AffineMapAttr>())) {
    AffineMap map = attr.getValue();
    if (name == "rhs" && map.getNumResults() == 0)
      continue;
    if (failed(lir::verifyIndexMap([&] { return op.emitOpError(); }, name, map,
                                   op.getDomain(),
                                   cast<MemRefType>(operand.getType()))))
      return failure();
  }
  return success();
}

template <typename OpT> static Size countFlops(OpT op) {
  Size outputs = productOf(op.getDomain().drop_back());
  return outputs *
         (op.getDomain().back() * 2 + lir::getRegionFlops(op.getEpilogue()));
}

/// Whether the last index of an output, and no other, is n.
static bool endsWithN(AffineMap map) {
  unsigned n = map.getNumDims() - 2;
  auto isN = [&](AffineExpr result) {
    auto dim = dyn_cast<AffineDimExpr>(result);
    return dim && dim.getPosition() == n;
  };
  return map.getNumResults() > 0 && isN(map.getResults().back()) &&
         llvm::count_if(map.getResults(), isN) == 1;
}

LogicalResult lir::MatmulOp::verify() {
  ArrayRef<Size> domain = getDomain();
  if (domain.size() < 3)
    return emitOpError() << "expected a domain [batch..., M, N, K], but got ["
                         << domain << "]";
  // C1 and C2
  if (failed(verifyMaps(*this)))
    return failure();
  for (auto [name, attr] :
       llvm::zip_equal(operandNames, getMaps().getAsRange<AffineMapAttr>())) {
    SmallVector<IndexTerm> terms = *getIndexTerms(attr.getValue());
    for (const IndexTerm &term : terms)
      if (!term.isDim() && !term.isZero())
        return emitOpError() << "expected every result of the map of " << name
                             << " to be a dim or 0, but got " << attr;
  }
  AffineMap outputMap = cast<AffineMapAttr>(getMaps()[2]).getValue();
  for (unsigned dim = 0; dim < domain.size(); ++dim) {
    bool used = outputMap.isFunctionOfDim(dim);
    if (dim == domain.size() - 1 ? used : !used && !domain[dim].is(1))
      return emitOpError()
             << "expected the map of output to use all dims but k, but got "
             << AffineMapAttr::get(outputMap);
  }
  // C3
  auto lhs = cast<MemRefType>(getLhs().getType()),
       output = cast<MemRefType>(getOutput().getType());
  return verifyEpilogue(*this, output,
                        getProductType(*this, lhs.getElementType()));
}

unsigned lir::MatmulOp::getNumReads() { return getNumOperands() - 1; }

bool lir::MatmulOp::mayShareBuffer(unsigned index) {
  return index >= 2 &&
         mayShareEpilogueInput(*this, index - 2,
                               cast<MemRefType>(getOutput().getType()));
}

Size lir::MatmulOp::getFlops() { return countFlops(*this); }

//===-- quantized_matmul --------------------------------------------------===//

LogicalResult lir::QuantizedMatmulOp::verify() {
  ArrayRef<Size> domain = getDomain();
  // C1
  if (domain.size() != 3 || !domain[1].isNumber() || !domain[2].isNumber())
    return emitOpError() << "expected a domain [M, N, K] of known N and K, but "
                            "got ["
                         << domain << "]";
  // C2
  if (failed(verifyMaps(*this)))
    return failure();
  AffineMap output = cast<AffineMapAttr>(getMaps()[2]).getValue();
  if (!mayWriteBy(output))
    return emitOpError() << "expected the output's last dim to be n, but got "
                         << AffineMapAttr::get(output);
  // C3
  int64_t bits = getBits(), block = getBlockSize();
  if (bits != 2 && bits != 4 && bits != 8)
    return emitOpError() << "expected codes of 2, 4 or 8 bits, but got "
                         << bits;
  if (block <= 0 || (block % 16 != 0 && domain[2] != block))
    return emitOpError() << "expected a block_size of K or a multiple of 16, "
                            "but got "
                         << block;
  // C4
  Type types[] = {getElementTypeOrSelf(getLhs()),
                  getElementTypeOrSelf(getRhs()),
                  getElementTypeOrSelf(getScales())};
  if (!types[0].isF32() || !types[1].isInteger(8) || !types[2].isF32() ||
      (getZeros() && !getElementTypeOrSelf(getZeros()).isInteger(8)))
    return emitOpError() << "expected lhs and scales of f32, codes and zeros "
                            "of i8";
  return verifyEpilogue(*this, cast<MemRefType>(getOutput().getType()),
                        types[0]);
}

unsigned lir::QuantizedMatmulOp::getNumReads() { return getNumOperands() - 1; }

bool lir::QuantizedMatmulOp::mayShareBuffer(unsigned index) {
  unsigned first = getZeros() ? 4 : 3;
  return index >= first &&
         mayShareEpilogueInput(*this, index - first,
                               cast<MemRefType>(getOutput().getType()));
}

bool lir::QuantizedMatmulOp::mayWriteBy(AffineMap map) {
  return endsWithN(map);
}

Size lir::QuantizedMatmulOp::getFlops() { return countFlops(*this); }

//===-- block_matmul ------------------------------------------------------===//

LogicalResult lir::BlockMatmulOp::verify() {
  // C3
  const BlockFormat *format = findBlockFormat(getFormat().str().c_str());
  if (!format || !format->isInteger())
    return emitOpError() << "expected a format of blocks of integers of 8 "
                            "bits, but got "
                         << getFormat();
  if (getScale() != "down" && getScale() != "up")
    return emitOpError() << "expected a scale that is rounded down or up, but "
                            "got "
                         << getScale();
  ArrayRef<Size> domain = getDomain();
  // C1
  if (domain.size() != 3 || !domain[1].isNumber() || !domain[2].isNumber() ||
      !domain[2].isMultipleOf(format->size))
    return emitOpError() << "expected a domain [M, N, K] of known N and K, K a "
                            "multiple of "
                         << format->size << ", but got [" << domain << "]";
  // C2
  if (failed(verifyMaps(*this)))
    return failure();
  AffineMap output = cast<AffineMapAttr>(getMaps()[2]).getValue();
  if (!mayWriteBy(output))
    return emitOpError() << "expected the output's last dim to be n, but got "
                         << AffineMapAttr::get(output);
  // C4
  if (!getElementTypeOrSelf(getLhs()).isF32() ||
      !getElementTypeOrSelf(getRhs()).isInteger(8) ||
      !getElementTypeOrSelf(getExponents()).isInteger(8))
    return emitOpError() << "expected lhs of f32, codes and exponents of i8";
  // C5
  if (!getTable().empty() && getTable().size() != 16)
    return emitOpError() << "expected a table of 16 entries or none, but got "
                         << getTable().size();
  return verifyEpilogue(*this, cast<MemRefType>(getOutput().getType()),
                        getElementTypeOrSelf(getLhs()));
}

unsigned lir::BlockMatmulOp::getNumReads() { return getNumOperands() - 1; }

bool lir::BlockMatmulOp::mayShareBuffer(unsigned index) {
  return index >= 3 &&
         mayShareEpilogueInput(*this, index - 3,
                               cast<MemRefType>(getOutput().getType()));
}

bool lir::BlockMatmulOp::mayWriteBy(AffineMap map) { return endsWithN(map); }

Size lir::BlockMatmulOp::getFlops() { return countFlops(*this); }

#define GET_OP_CLASSES
#include "lambent/Lowering/IR/MatmulOps.cpp.inc"
