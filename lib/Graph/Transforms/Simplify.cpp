//===- Simplify.cpp - Algebra that saves work -----------------------------===//

#include "Rewriting.h"
#include "lambent/Graph/Transforms/Passes.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHSIMPLIFY
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {
struct Simplify : impl::GraphSimplifyBase<Simplify> {
  using GraphSimplifyBase::GraphSimplifyBase;
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateSimplifyArithmeticPatterns(patterns, strict);
    populateSimplifyMovementPatterns(patterns);
    populateFoldPadPatterns(patterns);
    rewriteGreedily(getOperation(), std::move(patterns));
  }
};
} // namespace

} // namespace lambent::graph
