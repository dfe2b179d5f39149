//===- DiagnosticsTest.cpp - Kinds of errors, and the last resort ---------===//

#include "lambent/Diagnostics/OutOfMemory.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace lambent;

namespace {

/// What is reported on a context, and whether it is marked.
struct Reports {
  MLIRContext context;
  std::vector<std::pair<std::string, bool>> list;
  ScopedDiagnosticHandler handler{
      &context, [this](Diagnostic &diagnostic) {
        list.emplace_back(diagnostic.str(), isUnsupported(diagnostic));
      }};
  Location at(llvm::StringRef name) {
    return NameLoc::get(StringAttr::get(&context, name));
  }
};

TEST(Diagnostics, aKindIsAMarkAndNoWord) {
  Reports reports;
  emitError(reports.at("a")) << "unsupported and not supported";
  emitUnsupported(reports.at("a")) << "a plain word of type " << 3;
  (void)markUnsupported(emitError(reports.at("a")) << "marked later");
  using Report = std::pair<std::string, bool>;
  EXPECT_EQ(reports.list,
            (std::vector<Report>{{"unsupported and not supported", false},
                                 {"a plain word of type 3", true},
                                 {"marked later", true}}));
}

TEST(Diagnostics, aMarkOutlivesHandingOn) {
  Reports outer;
  {
    std::vector<Diagnostic> held;
    {
      ScopedDiagnosticHandler inner(&outer.context, [&](Diagnostic &given) {
        held.push_back(std::move(given));
      });
      emitUnsupported(outer.at("a")) << "held";
    }
    for (Diagnostic &diagnostic : held)
      outer.context.getDiagEngine().emit(std::move(diagnostic));
  }
  ASSERT_EQ(outer.list.size(), 1u);
  EXPECT_TRUE(outer.list[0].second);
}

TEST(Diagnostics, outOfMemoryNamesItsPlace) {
  Reports reports;
  std::string place;
  ScopedDiagnosticHandler handler(&reports.context, [&](Diagnostic &given) {
    llvm::raw_string_ostream(place) << given.getLocation();
    return failure();
  });
  EXPECT_TRUE(succeeded(
      reportOutOfMemory(reports.at("small"), [] { return success(); })));
  EXPECT_TRUE(failed(reportOutOfMemory(
      reports.at("large"), []() -> LogicalResult { throw std::bad_alloc(); })));
  ASSERT_EQ(reports.list.size(), 1u);
  EXPECT_EQ(reports.list[0].first,
            "compiling it takes more memory than there is");
  EXPECT_EQ(place, "loc(\"large\")");
}

} // namespace
