//===- IndexMaps.cpp - Reading, building and checking index maps ----------===//

#include "lambent/Lowering/IR/IndexMaps.h"

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
  if (expr.getKind() == AffineExprKind::Add)
    return IndexTerm{term->dim, term->stride,
                     term->offset + constant.getValue()};
  if (expr.getKind() == AffineExprKind::Mul)
    return IndexTerm{term->dim, term->stride * constant.getValue(),
                     term->offset * constant.getValue()};
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
    int64_t first = term.offset;
    int64_t last =
        term.dim < 0 ? first : first + term.stride * (domain[term.dim] - 1);
    if (std::min(first, last) < 0 ||
        (!ShapedType::isDynamic(size) && std::max(first, last) >= size))
      return emitError() << "expected the indices of " << what
                         << " to be in bounds of " << buffer << ", but got "
                         << std::min(first, last) << " to "
                         << std::max(first, last) << " in a dim of " << size;
  }
  return success();
}
