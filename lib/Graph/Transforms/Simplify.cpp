//===- Simplify.cpp - Algebra that saves work -----------------------------===//

#include "lambent/Graph/Transforms/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

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
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace

} // namespace lambent::graph
