//===- TunedSelection.cpp - Choices that were measured, or are to be ------===//
//
// What was measured is taken only where it is one of the op's candidates: they
// keep the bounds of accuracy, on the values that the op's constants have now.
//
//===----------------------------------------------------------------------===//

#include "TunedSelection.h"
#include "../Emit/KernelModule.h"
#include "lambent/Lowering/IR/LIR.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::cpu;

llvm::Expected<TunedSelection> TunedSelection::create(StringRef text,
                                                      unsigned candidate) {
  TunedSelection result;
  result.candidate = candidate;
  if (text.empty())
    return result;
  llvm::Expected<TunedChoices> choices = TunedChoices::parse(text);
  if (!choices)
    return choices.takeError();
  result.choices = std::move(*choices);
  return result;
}

std::string TunedSelection::getKey(Operation *op, const Selection &selection) {
  std::string key = getKernelKey(op, selection.target);
  llvm::raw_string_ostream os(key);
  if (selection.strict)
    os << " strict";
  // What was measured for whole filters says nothing of others.
  if (selection.winogradZeros > 0 && isa<lir::ConvOp>(op))
    os << " without " << selection.winogradZeros;
  for (auto [i, operand] : llvm::enumerate(op->getOperands()))
    if (operand.getDefiningOp<lir::WeightOp>())
      os << " constant " << i;
  return llvm::utohexstr(llvm::xxh3_64bits(key), /*LowerCase=*/true,
                         /*Width=*/16);
}

void TunedSelection::apply(Operation *op, ArrayRef<Variant> variants,
                           const Selection &selection, StringRef key,
                           Choice &choice) const {
  const TunedChoice *tuned = candidate ? nullptr : choices.find(key);
  bool hasTuned = tuned && !tuned->algorithm.empty();
  if (!candidate && !hasTuned)
    return;
  auto take = [&](const Candidate &taken) {
    choice.proposals[taken.variant] = taken.proposal;
    choice.chosen = taken.variant;
  };
  std::vector<Candidate> candidates =
      listCandidates(op, variants, selection, choice);
  if (candidate) {
    if (candidate <= candidates.size())
      take(candidates[candidate - 1]);
    return;
  }
  auto print = [](Attribute algorithm) {
    std::string text;
    llvm::raw_string_ostream(text) << algorithm;
    return StringRef(text).drop_front(StringRef("#cpu.").size()).str();
  };
  for (const Candidate &each : candidates)
    if (print(each.proposal.algorithm) == tuned->algorithm)
      return take(each);
  op->emitRemark() << "the measured choice '" << tuned->algorithm
                   << "' does not fit any more and is ignored";
}
