//===- IndexedDomain.cpp - An op's domain and operands, to be reshaped ----===//

#include "IndexedDomain.h"
#include "BufferUses.h"
#include "lambent/Lowering/IR/BufferLayout.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

FailureOr<IndexedDomain> lir::getIndexedDomain(ArrayRef<Size> sizes,
                                               ArrayAttr maps,
                                               ArrayRef<Value> buffers) {
  IndexedDomain domain;
  domain.sizes.assign(sizes.begin(), sizes.end());
  for (auto [buffer, map] :
       llvm::zip_equal(buffers, maps.getAsRange<AffineMapAttr>())) {
    auto type = cast<MemRefType>(buffer.getType());
    FailureOr<SmallVector<IndexTerm>> terms = getIndexTerms(map.getValue());
    if (failed(terms) || terms->size() != type.getShape().size())
      return failure();
    normalizeTerms(*terms, sizes);
    domain.operands.push_back(
        {buffer, getSizes(type), *terms});
  }
  return domain;
}

FailureOr<IndexedDomain> lir::getIndexedDomain(ElementwiseOp op) {
  return getIndexedDomain(op.getDomain(), op.getMaps(),
                          SmallVector<Value>(op->getOperands()));
}

void lir::normalizeTerms(MutableArrayRef<IndexTerm> terms,
                         ArrayRef<Size> sizes) {
  for (auto [index, term] : llvm::enumerate(terms)) {
    if (term.dim >= 0 && sizes[term.dim].is(1))
      term = {-1, 0, term.offset};
    if (term.isZero() && terms.size() == sizes.size() && sizes[index].is(1))
      term = {static_cast<int64_t>(index), 1, 0};
  }
}

static void renumber(SmallVectorImpl<IndexTerm> &terms, int64_t above,
                     int64_t by) {
  for (IndexTerm &term : terms)
    if (term.dim > above)
      term.dim += by;
}

LogicalResult IndexedDomain::splitDim(unsigned dim, ArrayRef<Size> parts) {
  for (const IndexedOperand &operand : operands)
    for (auto [term, size] : llvm::zip_equal(operand.terms, operand.shape))
      if (term.dim == static_cast<int64_t>(dim) &&
          !(term.isDim() && size == sizes[dim]))
        return failure();
  assert(productOf(parts) == sizes[dim] && "parts make up the dim");
  for (IndexedOperand &operand : operands) {
    SmallVector<IndexTerm> terms;
    Sizes shape;
    for (auto [term, size] : llvm::zip_equal(operand.terms, operand.shape)) {
      if (term.dim != static_cast<int64_t>(dim)) {
        terms.push_back(term);
        shape.push_back(size);
        if (term.dim > static_cast<int64_t>(dim))
          terms.back().dim += parts.size() - 1;
        continue;
      }
      for (auto [index, part] : llvm::enumerate(parts)) {
        terms.push_back({static_cast<int64_t>(dim + index), 1, 0});
        shape.push_back(part);
      }
    }
    operand.terms = terms;
    operand.shape = shape;
  }
  sizes.erase(sizes.begin() + dim);
  sizes.insert(sizes.begin() + dim, parts.begin(), parts.end());
  return success();
}

/// The position in `operand` of dims [begin, begin + count) side by side and
/// whole; -1 when it uses none of them; failure otherwise.
static FailureOr<int64_t> findDims(const IndexedDomain &domain,
                                   const IndexedOperand &operand, int64_t begin,
                                   int64_t count) {
  auto isAmong = [&](const IndexTerm &term) {
    return term.dim >= begin && term.dim < begin + count;
  };
  int64_t rank = operand.terms.size(), used = 0, first = -1;
  for (int64_t index = 0; index < rank; ++index)
    if (isAmong(operand.terms[index])) {
      ++used;
      if (first < 0)
        first = index;
    }
  if (used == 0)
    return -1;
  if (used != count || first + count > rank)
    return failure();
  for (int64_t index = 0; index < count; ++index) {
    const IndexTerm &term = operand.terms[first + index];
    // The first of them may be a part of its dim: the others are multiplied.
    if (!term.isDim() || term.dim != begin + index ||
        operand.shape[first + index] != domain.sizes[begin + index])
      return failure();
  }
  return first;
}

LogicalResult IndexedDomain::mergeDims(unsigned begin, unsigned count) {
  SmallVector<int64_t> places;
  for (const IndexedOperand &operand : operands) {
    FailureOr<int64_t> place = findDims(*this, operand, begin, count);
    if (failed(place))
      return failure();
    places.push_back(*place);
  }
  Size merged = 1;
  for (unsigned index = 0; index < count; ++index)
    merged *= sizes[begin + index];
  for (auto [operand, place] : llvm::zip_equal(operands, places)) {
    if (place >= 0) {
      operand.terms.erase(operand.terms.begin() + place + 1,
                          operand.terms.begin() + place + count);
      operand.shape[place] = merged;
      operand.shape.erase(operand.shape.begin() + place + 1,
                          operand.shape.begin() + place + count);
    }
    renumber(operand.terms, begin + count - 1, 1 - static_cast<int64_t>(count));
  }
  sizes.erase(sizes.begin() + begin + 1, sizes.begin() + begin + count);
  sizes[begin] = merged;
  return success();
}

LogicalResult IndexedDomain::refineOperand(unsigned index,
                                           ArrayRef<Size> shape) {
  size_t next = 0; // in `shape`
  for (size_t place = 0; place < operands[index].shape.size();) {
    Size size = operands[index].shape[place];
    if (size.is(1)) {
      // Indexed by 0 whatever its term says.
      operands[index].shape.erase(operands[index].shape.begin() + place);
      operands[index].terms.erase(operands[index].terms.begin() + place);
      continue;
    }
    size_t end = next;
    Size product = 1;
    while (end < shape.size() && product != size)
      product *= shape[end++];
    if (product != size)
      return failure();
    ArrayRef<Size> parts = shape.slice(next, end - next);
    IndexTerm term = operands[index].terms[place];
    if (parts.size() > 1 && (term.dim < 0 || failed(splitDim(term.dim, parts))))
      return failure();
    place += parts.size();
    next = end;
  }
  return success(next == shape.size());
}

FailureOr<Sizes> lir::getCommonRefinement(ArrayRef<Size> a, ArrayRef<Size> b) {
  if (llvm::is_contained(a, Size(0)) || llvm::is_contained(b, Size(0)))
    return failure();
  // From the inside, what is left of the dim at hand of either shape.
  Size left[] = {1, 1};
  ArrayRef<Size> shapes[] = {a, b};
  Sizes result;
  while (true) {
    for (auto [rest, shape] : llvm::zip_equal(left, shapes))
      while (rest.is(1) && !shape.empty()) {
        rest = shape.back();
        shape = shape.drop_back();
      }
    if (left[0].is(1) && left[1].is(1)) {
      std::reverse(result.begin(), result.end());
      return result;
    }
    Size first = divideWhole(left[0], left[1]),
         second = divideWhole(left[1], left[0]);
    if (first.isKnown() && !left[1].is(1)) {
      result.push_back(left[1]);
      left[0] = first;
      left[1] = 1;
    } else if (second.isKnown() && !left[0].is(1)) {
      result.push_back(left[0]);
      left[1] = second;
      left[0] = 1;
    } else {
      return failure();
    }
  }
}

Value lir::materialize(OpBuilder &builder, Location loc,
                       const IndexedOperand &operand) {
  return createRootView(builder, loc, operand.buffer, operand.shape);
}

SmallVector<IndexTerm> lir::composeTerms(ArrayRef<IndexTerm> inner,
                                         ArrayRef<IndexTerm> outer) {
  SmallVector<IndexTerm> result;
  for (const IndexTerm &term : inner) {
    if (term.dim < 0) {
      result.push_back(term);
      continue;
    }
    IndexTerm through = outer[term.dim];
    result.push_back({through.stride == 0 ? -1 : through.dim,
                      through.stride * term.stride,
                      through.offset * term.stride + term.offset});
    if (result.back().dim < 0)
      result.back().stride = 0;
  }
  return result;
}

FailureOr<SmallVector<IndexTerm>>
lir::invertTerms(ArrayRef<IndexTerm> terms, ArrayRef<Size> sizes,
                 ArrayRef<Size> bufferShape) {
  SmallVector<IndexTerm> inverse(sizes.size());
  SmallVector<bool> found(sizes.size(), false);
  for (auto [index, term] : llvm::enumerate(terms)) {
    if (bufferShape[index].is(1))
      continue;
    if (!term.isDim() || found[term.dim] ||
        sizes[term.dim] != bufferShape[index])
      return failure();
    found[term.dim] = true;
    inverse[term.dim] = {static_cast<int64_t>(index), 1, 0};
  }
  for (auto [size, isFound] : llvm::zip_equal(sizes, found))
    if (!size.is(1) && !isFound)
      return failure();
  return inverse;
}
