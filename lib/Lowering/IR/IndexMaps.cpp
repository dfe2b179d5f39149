//===- IndexMaps.cpp - Reading, building and checking index maps ----------===//

#include "lambent/Lowering/IR/IndexMaps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lambent;
using lir::IndexTerm;

FailureOr<IndexTerm> lir::getIndexTerm(AffineExpr expr) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return IndexTerm{-1, 0, constant.getValue()};
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return IndexTerm{dim.getPosition(), 1, 0};
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return failure();
  // Affine simplification puts the constant on the right of a sum or product.
  auto constant = dyn_cast<AffineConstantExpr>(binary.getRHS());
  FailureOr<IndexTerm> term = getIndexTerm(binary.getLHS());
  if (!constant || failed(term))
    return failure();
  int64_t by = constant.getValue();
  if (expr.getKind() == AffineExprKind::Add &&
      !llvm::AddOverflow(term->offset, by, term->offset))
    return term;
  if (expr.getKind() == AffineExprKind::Mul &&
      !llvm::MulOverflow(term->stride, by, term->stride) &&
      !llvm::MulOverflow(term->offset, by, term->offset))
    return term;
  return failure();
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
  if (term.dim < 0)
    return getAffineConstantExpr(term.offset, context);
  return getAffineDimExpr(term.dim, context) * term.stride + term.offset;
}

AffineMap lir::getIndexMap(unsigned dims, ArrayRef<IndexTerm> terms,
                           MLIRContext *context) {
  SmallVector<AffineExpr> exprs;
  for (const IndexTerm &term : terms)
    exprs.push_back(getIndexExpr(term, context));
  return AffineMap::get(dims, 0, exprs, context);
}

LogicalResult lir::verifyIndexMap(function_ref<InFlightDiagnostic()> emitError,
                                  StringRef what, AffineMap map,
                                  ArrayRef<int64_t> domain, MemRefType buffer) {
  if (map.getNumDims() != domain.size() || map.getNumSymbols() != 0)
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
  if (llvm::any_of(domain, [](int64_t size) { return size == 0; }))
    return emitError() << "expected a domain that holds elements, but got ["
                       << domain << "]";
  for (auto [term, size] : llvm::zip_equal(*terms, buffer.getShape())) {
    int64_t first = term.offset, last = first;
    bool overflows =
        term.dim >= 0 &&
        (llvm::MulOverflow(term.stride, domain[term.dim] - 1, last) ||
         llvm::AddOverflow(first, last, last));
    if (overflows || std::min(first, last) < 0 ||
        (!ShapedType::isDynamic(size) && std::max(first, last) >= size))
      return emitError() << "expected the indices of " << what
                         << " to be in bounds of " << buffer << ", but got "
                         << std::min(first, last) << " to "
                         << std::max(first, last) << " in a dim of " << size;
  }
  return success();
}
