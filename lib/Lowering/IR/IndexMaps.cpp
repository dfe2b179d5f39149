//===- IndexMaps.cpp - Reading, building and checking index maps ----------===//

#include "lambent/Lowering/IR/IndexMaps.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using lir::IndexTerm;

/// `term` * `by`, if that is a term.
static FailureOr<IndexTerm> scaleTerm(FailureOr<IndexTerm> term, int64_t by) {
  if (failed(term) || llvm::MulOverflow(term->stride, by, term->stride))
    return failure();
  term->offset *= by;
  return term;
}

FailureOr<IndexTerm> lir::getIndexTerm(AffineExpr expr) {
  if (expr.isSymbolicOrConstant())
    return IndexTerm{-1, 0, Size(expr) + 0};
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return IndexTerm{dim.getPosition(), 1, 0};
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return failure();
  AffineExpr lhs = binary.getLHS(), rhs = binary.getRHS();
  // Affine simplification puts the constant on the right of a product.
  if (auto by = dyn_cast<AffineConstantExpr>(rhs);
      by && expr.getKind() == AffineExprKind::Mul)
    return scaleTerm(getIndexTerm(lhs), by.getValue());
  if (expr.getKind() != AffineExprKind::Add)
    return failure();
  if (!rhs.isSymbolicOrConstant())
    std::swap(lhs, rhs);
  FailureOr<IndexTerm> term = getIndexTerm(lhs);
  if (failed(term) || !rhs.isSymbolicOrConstant())
    return failure();
  term->offset += Size(rhs);
  return term;
}

FailureOr<SmallVector<IndexTerm>> lir::getIndexTerms(AffineMap map) {
  SmallVector<IndexTerm> terms;
  for (AffineExpr expr : map.getResults()) {
    FailureOr<IndexTerm> term = getIndexTerm(expr);
    if (failed(term))
      return failure();
    terms.push_back(*term);
  }
  return terms;
}

AffineExpr lir::getIndexExpr(const IndexTerm &term, MLIRContext *context) {
  AffineExpr offset = term.offset.getExpression(context);
  return term.dim < 0
             ? offset
             : getAffineDimExpr(term.dim, context) * term.stride + offset;
}

AffineMap lir::getIndexMap(unsigned dims, ArrayRef<IndexTerm> terms,
                           MLIRContext *context) {
  SmallVector<AffineExpr> exprs;
  unsigned symbols = 0;
  for (const IndexTerm &term : terms) {
    exprs.push_back(getIndexExpr(term, context));
    exprs.back().walk([&](AffineExpr part) {
      if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
        symbols = std::max(symbols, symbol.getPosition() + 1);
    });
  }
  return AffineMap::get(dims, symbols, exprs, context);
}

/// Whether it is below 0 in every run, as far as its form shows.
static bool isNegative(const Size &size) {
  return (Size(-1) - size).isNotNegative();
}

lir::Batching lir::getBatching(AffineMap map) {
  if (map.getNumDims() == 0 || !map.isFunctionOfDim(0))
    return Batching::Shared;
  FailureOr<SmallVector<IndexTerm>> terms = getIndexTerms(map);
  if (failed(terms) || !terms->front().isDim() || terms->front().dim != 0)
    return Batching::Mixed;
  auto usesBatch = [](const IndexTerm &term) { return term.dim == 0; };
  return llvm::any_of(ArrayRef(*terms).drop_front(), usesBatch)
             ? Batching::Mixed
             : Batching::Batched;
}

LogicalResult lir::verifyIndexMap(function_ref<InFlightDiagnostic()> emitError,
                                  StringRef what, AffineMap map,
                                  ArrayRef<Size> domain, MemRefType buffer) {
  if (map.getNumDims() != domain.size())
    return emitError() << "expected the map of " << what << " to take the "
                       << domain.size() << " dims of the domain, but got "
                       << AffineMapAttr::get(map);
  if (map.getNumResults() != static_cast<unsigned>(buffer.getRank()))
    return emitError() << "expected the map of " << what << " to have "
                       << buffer.getRank() << " results, but got "
                       << AffineMapAttr::get(map);
  FailureOr<SmallVector<IndexTerm>> terms = getIndexTerms(map);
  if (failed(terms))
    return emitError() << "expected every result of the map of " << what
                       << " to be a dim * stride + offset, but got "
                       << AffineMapAttr::get(map);
  if (llvm::any_of(domain, [](const Size &size) { return size.is(0); }))
    return emitError() << "expected a domain that holds elements, but got ["
                       << domain << "]";
  for (auto [term, size] : llvm::zip_equal(*terms, getSizes(buffer))) {
    Size first = term.offset, last = first;
    if (term.dim >= 0)
      last += (domain[term.dim] - 1) * term.stride;
    if (term.stride < 0)
      std::swap(first, last);
    if (isNegative(first) || (size.isKnown() && isNegative(size - 1 - last)))
      return emitError() << "expected the indices of " << what
                         << " to be in bounds of " << buffer << ", but got "
                         << first << " to " << last << " in a dim of " << size;
  }
  return success();
}
