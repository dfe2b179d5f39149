//===- EvaluatedPassTest.h - Passes that ask a scripted evaluator -*- C++ -*-=//

#ifndef LAMBENT_TEST_GRAPH_TRANSFORMS_EVALUATEDPASSTEST_H
#define LAMBENT_TEST_GRAPH_TRANSFORMS_EVALUATEDPASSTEST_H

#include "lambent/Graph/Transforms/Passes.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

namespace lambent::test {

/// Counts what it is asked, keeps the function as text, and answers each result
/// with what `answer` gives for its type.
class ScriptedEvaluator : public graph::Evaluator {
public:
  mlir::FailureOr<llvm::SmallVector<mlir::ElementsAttr>>
  evaluate(mlir::func::FuncOp function) override {
    ++calls;
    EXPECT_TRUE(mlir::succeeded(mlir::verify(function->getParentOp())));
    EXPECT_EQ(function.getNumArguments(), 0u);
    text.clear();
    llvm::raw_string_ostream(text) << function;
    if (fails)
      return function.emitError("told to fail");
    llvm::SmallVector<mlir::ElementsAttr> results;
    for (mlir::Type type : function.getResultTypes())
      results.push_back(answer(llvm::cast<mlir::RankedTensorType>(type)));
    return results;
  }
  virtual mlir::ElementsAttr answer(mlir::RankedTensorType type) = 0;

  unsigned calls = 0;
  bool fails = false;
  std::string text; ///< empty: not asked
};

class EvaluatedPassTest : public testing::Test {
protected:
  EvaluatedPassTest() {
    context.loadDialect<graph::GraphDialect>();
    handler.emplace(&context, [this](mlir::Diagnostic &diagnostic) {
      messages += diagnostic.str() + "\n";
    });
  }

  /// The module as text after the pass, or nothing when that failed.
  std::optional<std::string> run(llvm::StringRef source,
                                 std::unique_ptr<mlir::Pass> pass) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(source, &context);
    EXPECT_TRUE(module) << messages;
    mlir::PassManager passes(&context);
    passes.addPass(std::move(pass));
    if (!module || mlir::failed(passes.run(*module)))
      return std::nullopt;
    std::string text;
    llvm::raw_string_ostream(text) << *module;
    return text;
  }
  static size_t count(llvm::StringRef text, llvm::StringRef part) {
    return text.count(part);
  }

  mlir::MLIRContext context{mlir::MLIRContext::Threading::DISABLED};
  std::optional<mlir::ScopedDiagnosticHandler> handler;
  std::string messages;
};

} // namespace lambent::test

#endif
