//===- Variants.cpp - The ways to compute an op, and which is chosen ------===//

#include "Variants.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

Choice cpu::choose(Operation *op, ArrayRef<Variant> variants,
                   const Selection &selection) {
  Choice choice;
  for (const Variant &variant : variants) {
    Proposal proposal = variant.propose(op, selection);
    if (proposal.algorithm &&
        (!choice.chosen ||
         proposal.cycles < choice.proposals[*choice.chosen].cycles))
      choice.chosen = choice.proposals.size();
    choice.proposals.push_back(std::move(proposal));
  }
  return choice;
}

std::vector<Candidate> cpu::listCandidates(Operation *op,
                                           ArrayRef<Variant> variants,
                                           const Selection &selection,
                                           const Choice &choice) {
  // What is so much slower by estimate is not measured.
  constexpr double mostTimes = 4;
  std::vector<Candidate> candidates;
  if (!choice.chosen)
    return candidates;
  double most = mostTimes * choice.proposals[*choice.chosen].cycles;
  auto add = [&](size_t variant, const Proposal &proposal) {
    auto isSame = [&](const Candidate &other) {
      return other.proposal.algorithm == proposal.algorithm;
    };
    if (proposal.algorithm && proposal.algorithm != choice.getAlgorithm() &&
        proposal.cycles <= most && llvm::none_of(candidates, isSame))
      candidates.push_back({variant, proposal});
  };
  for (auto [i, proposal] : llvm::enumerate(choice.proposals))
    add(i, proposal);
  for (auto [i, variant] : llvm::enumerate(variants))
    if (variant.listOthers)
      for (const Proposal &proposal : variant.listOthers(op, selection))
        add(i, proposal);
  return candidates;
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
  return choose(op, getKnown(variants, target),
                {target, /*strict=*/false,
                 /*packsConstants=*/false})
      .getAlgorithm();
}
