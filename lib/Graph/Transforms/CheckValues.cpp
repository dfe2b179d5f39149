//===- CheckValues.cpp - Refuses wrong indices and divisors ---------------===//

#include "lambent/Graph/Transforms/Passes.h"

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHCHECKVALUES
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {
struct CheckValues : impl::GraphCheckValuesBase<CheckValues> {
  using GraphCheckValuesBase::GraphCheckValuesBase;
  CheckValues() = default;
  CheckValues(const GraphCheckValuesOptions &options,
              const Evaluator &evaluator)
      : GraphCheckValuesBase(options), evaluator(&evaluator) {}

  void runOnOperation() override {
    SmallVector<ValueRuleOpInterface> ops;
    getOperation().walk([&](ValueRuleOpInterface op) { ops.push_back(op); });
    bool isGood = true;
    for (ValueRuleOpInterface op : ops)
      for (const ValueRule &rule : op.getValueRules())
        isGood &= succeeded(check(op, rule));
    if (!isGood)
      signalPassFailure();
  }

private:
  LogicalResult check(ValueRuleOpInterface op, const ValueRule &rule) {
    if (isKnown(rule)) {
      if (std::optional<int64_t> wrong = rule.findWrongValue())
        return op->emitError() << "expected " << rule.expected << ", but got "
                               << *wrong;
      if (isa<CheckOp>(op))
        op->erase();
      return success();
    }
    if (!final)
      return success();
    if (atRunTime && !isa<CheckOp>(op)) {
      OpBuilder builder(op);
      CheckOp::create(builder, op->getLoc(), rule);
    } else if (!atRunTime && !rule.isAlways && isa<CheckOp>(op)) {
      op->erase();
      return success();
    }
    numChecks += atRunTime || isa<CheckOp>(op);
    return success();
  }

  bool isKnown(const ValueRule &rule) const {
    return rule.isKnown() &&
           (!evaluator || evaluator->isComputed(getConstantValue(rule.values)));
  }

  const Evaluator *evaluator = nullptr;
};
} // namespace

std::unique_ptr<Pass>
createGraphCheckValues(const GraphCheckValuesOptions &options,
                       const Evaluator &evaluator) {
  return std::make_unique<CheckValues>(options, evaluator);
}

} // namespace lambent::graph
