//===- Variants.cpp - The ways to compute an op, and which is chosen ------===//

#include "Variants.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

Proposal cpu::choose(
    Operation *op, ArrayRef<Variant> variants, const Selection &selection,
    function_ref<void(const Variant &, const Proposal &)> rejected) {
  SmallVector<Proposal> proposals;
  const Proposal *best = nullptr;
  proposals.reserve(variants.size());
  for (const Variant &variant : variants) {
    const Proposal &proposal =
        proposals.emplace_back(variant.propose(op, selection));
    if (proposal.algorithm && (!best || proposal.cycles < best->cycles))
      best = &proposal;
  }
  for (auto [variant, proposal] : llvm::zip_equal(variants, proposals))
    if (&proposal != best)
      rejected(variant, proposal);
  return best ? *best : Proposal();
}

SmallVector<Variant> cpu::getKnown(ArrayRef<Variant> variants,
                                   const TargetInfo &target) {
  SmallVector<Variant> known;
  llvm::copy_if(variants, std::back_inserter(known),
                [&](const Variant &variant) {
                  return !variant.isKnown || variant.isKnown(target);
                });
  return known;
}

AlgorithmAttrInterface cpu::getAlgorithm(Operation *op,
                                         ArrayRef<Variant> variants,
                                         const TargetInfo &target) {
  if (auto chosen = op->getAttrOfType<AlgorithmAttrInterface>("algorithm"))
    return chosen;
  return choose(op, getKnown(variants, target), {target, /*strict=*/false,
                               /*packsConstants=*/false})
      .algorithm;
}
