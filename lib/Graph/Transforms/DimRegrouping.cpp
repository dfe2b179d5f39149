//===- DimRegrouping.cpp - Reshapes that split and merge dims -------------===//

#include "DimRegrouping.h"

using namespace mlir;

namespace lambent::graph {

Dims getPermutationToChannelsLast(int64_t rank) {
  Dims perm = {0};
  for (int64_t dim = 2; dim < rank; ++dim)
    perm.push_back(dim);
  perm.push_back(1);
  return perm;
}

Dims invertPermutation(ArrayRef<int64_t> perm) {
  Dims inverse(perm.size());
  for (auto [i, dim] : llvm::enumerate(perm))
    inverse[dim] = i;
  return inverse;
}

namespace {
/// The coarsest factors that dims of two shapes with the same elements are made
/// of. Unit dims have none.
struct Refinement {
  Dims factors;
  SmallVector<Dims> first, second; ///< the factors of each dim
};
} // namespace

static std::optional<Refinement> refine(ArrayRef<int64_t> first,
                                        ArrayRef<int64_t> second) {
  Refinement result;
  result.first.resize(first.size());
  result.second.resize(second.size());
  size_t i = 0, j = 0;
  int64_t left = 1, right = 1; // what remains of the dims before i and j
  for (;;) {
    while (left == 1 && i < first.size())
      left = first[i++];
    while (right == 1 && j < second.size())
      right = second[j++];
    if (left == 1 && right == 1)
      return result;
    int64_t factor = std::min(left, right);
    if (factor < 2 || left % factor || right % factor)
      return std::nullopt;
    left /= factor;
    right /= factor;
    result.first[i - 1].push_back(result.factors.size());
    result.second[j - 1].push_back(result.factors.size());
    result.factors.push_back(factor);
  }
}

static ArrayRef<int64_t> getShapeOf(Value value) {
  return getTensorType(value).getShape();
}

/// Whether one of the shapes is open.
static bool isAnyOpen(ArrayRef<Value> values) {
  return llvm::any_of(values, [](Value value) {
    return !getTensorType(value).hasStaticShape();
  });
}

static Dims concatInOrder(ArrayRef<Dims> groups, ArrayRef<int64_t> perm) {
  Dims result;
  for (int64_t dim : perm)
    llvm::append_range(result, groups[dim]);
  return result;
}

std::optional<DimRegrouping> DimRegrouping::match(ReshapeOp last) {
  DimRegrouping result;
  ArrayRef<int64_t> shape = getShapeOf(last.getResult());
  auto transpose = last.getInput().getDefiningOp<TransposeOp>();
  auto first =
      transpose ? transpose.getInput().getDefiningOp<ReshapeOp>() : nullptr;
  if (isAnyOpen({last.getInput(), last.getResult()}))
    return std::nullopt;
  if (first && transpose->hasOneUse() && first->hasOneUse()) {
    if (isAnyOpen({first.getInput(), first.getResult()}))
      return std::nullopt;
    auto split = refine(getShapeOf(first.getInput()),
                        getShapeOf(first.getResult()));
    auto merge = refine(getShapeOf(transpose.getResult()), shape);
    if (!split || !merge || split->factors.size() != merge->factors.size())
      return std::nullopt;
    // Every dim between them is one factor of both.
    Dims renamed(merge->factors.size());
    for (auto [d, from] : llvm::enumerate(transpose.getPerm())) {
      if (split->second[from].size() != merge->first[d].size() ||
          merge->first[d].size() > 1)
        return std::nullopt;
      if (!merge->first[d].empty())
        renamed[merge->first[d][0]] = split->second[from][0];
    }
    for (Dims &group : merge->second)
      for (int64_t &factor : group)
        factor = renamed[factor];
    result.input = first.getInput();
    result.innerOps = {first, transpose};
    result.factors = split->factors;
    result.inputs = split->first;
    result.results = merge->second;
  } else {
    auto parts = refine(getShapeOf(last.getInput()), shape);
    if (!parts)
      return std::nullopt;
    result.input = last.getInput();
    result.factors = parts->factors;
    result.inputs = parts->first;
    result.results = parts->second;
  }
  int64_t rank = result.inputs.size(), resultRank = result.results.size();
  if (rank < 3 || resultRank < 3)
    return std::nullopt;
  bool sameOrder =
      concatInOrder(result.inputs, getPermutationToChannelsLast(rank)) ==
      concatInOrder(result.results, getPermutationToChannelsLast(resultRank));
  if (result.innerOps.empty() && !sameOrder)
    return std::nullopt;
  return result;
}

Value DimRegrouping::buildChannelsLast(TensorBuilder &tensors,
                                       Value data) const {
  Dims from = concatInOrder(inputs,
                               getPermutationToChannelsLast(inputs.size())),
          to = concatInOrder(results,
                             getPermutationToChannelsLast(results.size()));
  Dims perm, shape;
  for (int64_t factor : to)
    perm.push_back(llvm::find(from, factor) - from.begin());
  if (!llvm::is_sorted(perm)) {
    Dims split;
    for (int64_t factor : from)
      split.push_back(factors[factor]);
    data = tensors.transpose(tensors.reshape(data, split), perm);
  }
  for (int64_t dim : getPermutationToChannelsLast(results.size())) {
    shape.push_back(1);
    for (int64_t factor : results[dim])
      shape.back() *= factors[factor];
  }
  return tensors.reshape(data, shape);
}

} // namespace lambent::graph
