//===- StridedDomain.cpp - A domain and its operands' strides -------------===//
//
// See StridedDomain.h.
//
//===----------------------------------------------------------------------===//

#include "StridedDomain.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/IndexMaps.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

static Access getAccess(MemRefType buffer, AffineMap map) {
  Access access{buffer.getElementType(), 0, Sizes(map.getNumDims(), 0)};
  SmallVector<lir::IndexTerm> terms = *lir::getIndexTerms(map);
  for (auto [term, step] : llvm::zip(terms, lir::getStrides(buffer))) {
    access.offset += term.offset * step;
    if (term.dim >= 0)
      access.strides[term.dim] += step * term.stride;
  }
  return access;
}

StridedDomain::StridedDomain(lir::ElementwiseOp op) {
  ArrayRef<Size> domain = op.getDomain();
  SmallVector<bool> indexed(domain.size(), false);
  for (auto index : op.getBody().getOps<lir::IndexOp>())
    indexed[index.getDim()] = true;

  SmallVector<bool> keep;
  dimOf.assign(domain.size(), -1);
  for (auto [dim, size] : llvm::enumerate(domain))
    if (!size.is(1)) {
      dimOf[dim] = sizes.size();
      sizes.push_back(size);
      keep.push_back(indexed[dim]);
    }
  for (auto [operand, map] : llvm::zip_equal(
           op->getOperands(), op.getMaps().getAsRange<AffineMapAttr>())) {
    Access full =
        getAccess(cast<MemRefType>(operand.getType()), map.getValue());
    Access access{full.elementType, full.offset, {}};
    for (auto [dim, size] : llvm::enumerate(domain))
      if (!size.is(1))
        access.strides.push_back(full.strides[dim]);
    accesses.push_back(std::move(access));
  }

  // Order by the first output's strides, the largest outermost.
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, rank()));
  const Access &output = accesses[op.getInputs().size()];
  auto getDistance = [&](int64_t dim) {
    return std::pair(-std::abs(output.strides[dim].estimate()), dim);
  };
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return getDistance(a) < getDistance(b);
  });
  auto permute = [&](auto &list) {
    auto old = list;
    for (auto [to, from] : llvm::enumerate(order))
      list[to] = old[from];
  };
  permute(sizes);
  permute(keep);
  for (Access &access : accesses)
    permute(access.strides);
  for (int64_t &dim : dimOf)
    if (dim >= 0)
      dim = llvm::find(order, dim) - order.begin();
  mergeNeighbours(keep);
}

void StridedDomain::mergeNeighbours(const SmallVector<bool> &keep) {
  SmallVector<int64_t> newDim;
  Sizes newSizes;
  SmallVector<Access> merged;
  for (const Access &access : accesses)
    merged.push_back({access.elementType, access.offset, {}});
  for (int64_t dim = 0; dim < rank(); ++dim) {
    bool joins =
        dim > 0 && !keep[dim] && !keep[dim - 1] &&
        llvm::all_of(accesses, [&](const Access &access) {
          return access.strides[dim - 1] == access.strides[dim] * sizes[dim];
        });
    if (joins) {
      newSizes.back() *= sizes[dim];
      for (auto [to, from] : llvm::zip_equal(merged, accesses))
        to.strides.back() = from.strides[dim];
    } else {
      newSizes.push_back(sizes[dim]);
      for (auto [to, from] : llvm::zip_equal(merged, accesses))
        to.strides.push_back(from.strides[dim]);
    }
    newDim.push_back(newSizes.size() - 1);
  }
  sizes = newSizes;
  accesses = std::move(merged);
  for (int64_t &dim : dimOf)
    if (dim >= 0)
      dim = newDim[dim];
}

Value StridedDomain::position(KernelBuilder &builder, unsigned operand,
                              ValueRange indices) const {
  const Access &access = accesses[operand];
  Value position = builder.value(access.offset);
  for (auto [index, stride] : llvm::zip_equal(indices, access.strides))
    if (!stride.is(0))
      position = builder.add(position, builder.mul(index, stride));
  return position;
}
