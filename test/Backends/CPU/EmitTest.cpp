//===- EmitTest.cpp - What emission says of modules it cannot take --------===//

#include "lambent/Backends/CPU/Emit.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include <gtest/gtest.h>

using namespace lambent;

namespace {

/// Runs `use` on a module of text; returns the errors, or "".
std::string
messagesOf(const std::string &text,
           llvm::function_ref<llvm::LogicalResult(mlir::ModuleOp)> use) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect>();
  cpu::registerDialects(registry);
  mlir::MLIRContext context(registry);
  context.loadAllAvailableDialects();
  std::string messages;
  mlir::ScopedDiagnosticHandler handler(&context,
                                        [&](mlir::Diagnostic &diagnostic) {
                                          messages += diagnostic.str() + "\n";
                                          return mlir::success();
                                        });
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
  if (module && succeeded(use(*module))) {
    EXPECT_EQ(messages, "");
  }
  return messages;
}

std::string emit(const std::string &text) {
  auto target = cpu::TargetInfo::create("x86-64-v3");
  EXPECT_TRUE(bool(target));
  return messagesOf(text, [&](mlir::ModuleOp module) -> llvm::LogicalResult {
    return cpu::emitObjects(module, *target, {});
  });
}

std::string pack(const std::string &weight) {
  std::vector<char> blob(64);
  return messagesOf(
      "func.func @main() {\n" + weight + "\nreturn\n}",
      [&](mlir::ModuleOp module) { return packWeights(module, blob, 1); });
}

const char attributes[] = " attributes {lir.num_inputs = 1 : i64} ";

/// The LLVM IR of the run of a model of `numLayers` softmaxes.
std::string emitRun(unsigned numLayers) {
  std::string text =
                  "func.func @main(%x: memref<4x8xf32>, %y: memref<4x8xf32>)" +
                  std::string(attributes) + "{\n",
              llvmIR;
  for (unsigned i = 0; i < numLayers; ++i)
    text += "lir.softmax ins(%" + std::string(i ? "y" : "x") +
            " : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}\n";
  auto target = cpu::TargetInfo::create("x86-64-v3");
  llvm::raw_string_ostream os(llvmIR);
  EXPECT_EQ(messagesOf(text + "return }",
                       [&](mlir::ModuleOp module) {
                         return cpu::emitText(module, *target, {},
                                              TextForm::LLVM, os);
                       }),
            "");
  size_t begin = llvmIR.find("define internal void @model_run");
  return begin == std::string::npos
             ? ""
             : llvmIR.substr(begin, llvmIR.find("\n}\n", begin) - begin);
}

} // namespace

TEST(CPUEmit, RunIsTheSameCodeForAnyNumberOfLayers) {
  auto countLines = [](llvm::StringRef text) { return text.count('\n'); };
  std::string run = emitRun(2);
  EXPECT_GT(countLines(run), 10u);
  EXPECT_EQ(countLines(run), countLines(emitRun(50))) << run;
}

// What was not chosen says nothing of a kernel's code.
TEST(CPUEmit, CompilesAKernelOnceWhateverElseWasConsidered) {
  std::string text =
      "func.func @main(%x: memref<4x8xf32>, %y: memref<4x8xf32>)" +
      std::string(attributes) + "{\n";
  for (std::string considered : {"", ", lir.considered = []",
                                 ", lir.considered = [{rejection = \"no\", "
                                 "variant = \"other\"}]"})
    text += "lir.softmax ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) "
            "{axis = 1 : i64" +
            considered + "}\n";
  auto target = cpu::TargetInfo::create("x86-64-v3");
  EXPECT_EQ(messagesOf(text + "return }",
                       [&](mlir::ModuleOp module) -> llvm::LogicalResult {
                         auto model = cpu::emitObjects(module, *target, {});
                         if (succeeded(model)) // the kernel's and the model's
                           EXPECT_EQ(model->objects.size(), 2u);
                         return model;
                       }),
            "");
}

// LLVM alone would end the process.
TEST(CPUEmit, RefusesWhatTheAssemblerRefuses) {
  auto target = cpu::TargetInfo::create("x86-64-v3");
  std::string text =
      "func.func @main(%x: memref<4x8xf32>, %y: memref<4x8xf32>)" +
      std::string(attributes) +
      "{ lir.softmax ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) "
      "{axis = 1 : i64}\n return }";
  EXPECT_EQ(messagesOf(text,
                       [&](mlir::ModuleOp module) -> llvm::LogicalResult {
                         return cpu::emitSingleObject(module, *target, {},
                                                      "/nowhere/weights");
                       }),
            "the model's code cannot be written: <inline asm>:4:10: Could not "
            "find incbin file '/nowhere/weights'\n");
}

TEST(CPUEmit, NeedsAMainOfOneBlock) {
  EXPECT_EQ(emit("module {}"), "expected a function @main of one block\n");
}

TEST(CPUEmit, NeedsTheNumberOfInputs) {
  EXPECT_EQ(emit("func.func @main() { return }"),
            "'func.func' op expected attribute lir.num_inputs\n");
}

TEST(CPUEmit, TakesOnlyLIR) {
  EXPECT_EQ(emit("func.func @main(%x: memref<4xf32>)" +
                 std::string(attributes) +
                 "{\n %0 = arith.constant 1 : i64\n return }"),
            "'arith.constant' op expected a lir kernel or buffer\n");
}

TEST(CPUEmit, NeedsOffsets) {
  EXPECT_EQ(emit("func.func @main(%x: memref<4x8xf32>)" +
                 std::string(attributes) +
                 R"({
    %y = lir.alloc : memref<4x8xf32>
    lir.softmax ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
    return
  })"),
            "'lir.softmax' op expected planned buffers, but an operand has no "
            "offset; run lir-plan-memory first\n");
}

TEST(CPUEmit, TakesElementWiseRegionsOnly) {
  EXPECT_EQ(emit("func.func @main(%x: memref<8xf32>, %y: memref<8xf32>)" +
                 std::string(attributes) + R"({
    lir.elementwise ins(%x : memref<8xf32>) outs(%y : memref<8xf32>) domain [8]
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] {
    ^bb0(%s: f32):
      %c = arith.cmpf olt, %s, %s : f32
      %0 = scf.if %c -> f32 {
        scf.yield %s : f32
      } else {
        scf.yield %s : f32
      }
      lir.yield %0 : f32
    }
    return
  })"),
            "'scf.if' op expected an element-wise op in a kernel's region\n");
}

TEST(CPUEmit, PacksRhsForRowsOnly) {
  EXPECT_EQ(
      emit("func.func @main(%a: memref<4x8xf32>, %b: memref<1x8x16xf32>, %c: "
           "memref<16x4x2xf32>) attributes {lir.num_inputs = 2 : i64} " +
           std::string(R"({
    lir.matmul ins(%a, %b : memref<4x8xf32>, memref<1x8x16xf32>) outs(%c : memref<16x4x2xf32>) domain [2, 4, 16, 8]
      maps [affine_map<(b, m, n, k) -> (m, k)>, affine_map<(b, m, n, k) -> ()>, affine_map<(b, m, n, k) -> (n, m, b)>]
      epilogue_maps [] {
    ^bb0(%acc: f32):
      lir.yield %acc : f32
    }
    return
  })")),
      "'lir.matmul' op expected an output whose last dim is n with a packed "
      "rhs\n");
}

TEST(CPUEmit, ExpectsPartsOfTheRhs) {
  auto emitParts = [](std::string parts, std::string rhs) {
    return emit(
        "func.func @main(%a: memref<4x40xf32>, %b: " + rhs +
        ", %c: memref<4x70xf32>) attributes {lir.num_inputs = 2 : i64} "
        "{ lir.matmul ins(%a, %b : memref<4x40xf32>, " +
        rhs +
        ") outs(%c : memref<4x70xf32>) domain [4, 70, 40] maps "
        "[affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> ()>, "
        "affine_map<(m, n, k) -> (m, n)>] epilogue_maps [] attributes "
        "{algorithm = #cpu.split_tiles<parts = " +
        parts +
        ", leastExponent = -100, mostExponent = 100>} { ^bb0(%x: f32): "
        "lir.yield %x : f32 } return }");
  };
  std::string wrong = "'lir.matmul' op expected a rhs packed as [batch..., 2, "
                      "3, 32, 32, 2] of bf16\n";
  EXPECT_EQ(emitParts("2", "memref<3x3x32x32x2xbf16>"), wrong);
  EXPECT_EQ(emitParts("2", "memref<2x3x32x32x2xf16>"), wrong);
  EXPECT_EQ(emitParts("2", "memref<3x32x32x2xbf16>"), wrong);
  EXPECT_EQ(emitParts("4", "memref<4x3x32x32x2xbf16>"),
            "'lir.matmul' op expected two or three parts of a constant rhs\n");
}

TEST(CPUEmit, ExpectsTilesOfNarrowElements) {
  auto emitTiles = [](std::string rhs, std::string element, std::string sum) {
    std::string lhs = "memref<4x40x" + element + ">",
                output = "memref<4x70x" + sum + ">";
    return emit("func.func @main(%a: " + lhs + ", %b: " + rhs +
                ", %c: " + output +
                ") attributes {lir.num_inputs = 2 : i64} { lir.matmul ins(%a, "
                "%b : " +
                lhs + ", " + rhs + ") outs(%c : " + output +
                ") domain [4, 70, 40] maps [affine_map<(m, n, k) -> (m, k)>, "
                "affine_map<(m, n, k) -> ()>, affine_map<(m, n, k) -> (m, n)>] "
                "epilogue_maps [] attributes {algorithm = #cpu.narrow_tiles} { "
                "^bb0(%x: " +
                sum + "): lir.yield %x : " + sum + " } return }");
  };
  std::string wrong = "'lir.matmul' op expected a rhs packed as [batch..., 1, "
                      "3, 16, 32, 4] of i8\n";
  EXPECT_EQ(emitTiles("memref<1x3x10x32x4xi8>", "i8", "i32"), wrong);
  EXPECT_EQ(emitTiles("memref<3x16x32x4xi8>", "i8", "i32"), wrong);
  EXPECT_EQ(emitTiles("memref<1x3x16x32x2xbf16>", "bf16", "f32"),
            "'lir.matmul' op expected a rhs packed as [batch..., 1, 3, 32, 32, "
            "2] of bf16\n");
  EXPECT_EQ(
      emitTiles("memref<1x3x16x32x4xf32>", "f32", "f32"),
      "'lir.matmul' op expected operands of i8 and sums of i32, or of bf16 "
      "and sums of f32\n");
}

TEST(CPUEmit, ExpectsPartsOfTheFilter) {
  auto emitParts = [](std::string parts, std::string filter,
                      std::string group) {
    return emit(
        "func.func @main(%a: memref<1x5x5x2xf32>, %b: " + filter +
        ", %c: memref<1x3x3x4xf32>) attributes {lir.num_inputs = 2 : i64} "
        "{ lir.conv ins(%a, %b : memref<1x5x5x2xf32>, " +
        filter +
        ") outs(%c : memref<1x3x3x4xf32>) epilogue_maps [] attributes "
        "{algorithm = #cpu.split_conv<parts = " +
        parts +
        ", leastExponent = -100, mostExponent = 100>, filter_shape = "
        "array<i64: 4, " +
        (group == "1" ? "2" : "1") +
        ", 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, "
        "pads = #lir.sizes<[0, 0, 0, 0]>, group = " +
        group + " : i64} { ^bb0(%x: f32): lir.yield %x : f32 } return }");
  };
  std::string wrong = "'lir.conv' op expected a filter packed as [2, 1, 3, 3, "
                      "16, 32, 2] of bf16\n";
  EXPECT_EQ(emitParts("2", "memref<3x1x3x3x16x32x2xbf16>", "1"), wrong);
  EXPECT_EQ(emitParts("2", "memref<2x1x3x3x16x32x2xf16>", "1"), wrong);
  EXPECT_EQ(emitParts("4", "memref<4x1x3x3x16x32x2xbf16>", "1"),
            "'lir.conv' op expected two or three parts of a constant filter\n");
  EXPECT_EQ(emitParts("2", "memref<2x1x3x3x16x32x2xbf16>", "2"),
            "'lir.conv' op expected a convolution for tiles, but there are "
            "several groups of channels\n");
}

TEST(CPUEmit, ExpectsAFilterOfNarrowElements) {
  auto emitTiles = [](std::string filter, std::string element,
                      std::string sum) {
    std::string input = "memref<1x5x5x2x" + element + ">",
                output = "memref<1x3x3x4x" + sum + ">";
    return emit("func.func @main(%a: " + input + ", %b: " + filter +
                ", %c: " + output +
                ") attributes {lir.num_inputs = 2 : i64} { lir.conv ins(%a, "
                "%b : " +
                input + ", " + filter + ") outs(%c : " + output +
                ") epilogue_maps [] attributes {algorithm = #cpu.narrow_conv, "
                "filter_shape = array<i64: 4, 2, 3, 3>, strides = array<i64: "
                "1, 1>, dilations = array<i64: 1, 1>, pads = #lir.sizes<[0, 0, "
                "0, 0]>, group = 1 : i64} { ^bb0(%x: " +
                sum + "): lir.yield %x : " + sum + " } return }");
  };
  EXPECT_EQ(emitTiles("memref<1x1x3x3x1x32x4xi8>", "i8", "i32"),
            "'lir.conv' op expected a filter packed as [1, 1, 3, 3, 16, 32, 4] "
            "of i8\n");
  EXPECT_EQ(emitTiles("memref<1x1x3x3x1x32x2xbf16>", "bf16", "f32"),
            "'lir.conv' op expected a filter packed as [1, 1, 3, 3, 16, 32, 2] "
            "of bf16\n");
  EXPECT_EQ(
      emitTiles("memref<1x1x3x3x16x32x4xf32>", "f32", "f32"),
      "'lir.conv' op expected operands of i8 and sums of i32, or of bf16 and "
      "sums of f32\n");
}

TEST(CPUEmit, ExpectsAttentionForTiles) {
  auto emitTiles = [](std::string queries, std::string element,
                      std::string parts) {
    std::string q = "memref<1x2x" + queries + "x8x" + element + ">",
                k = "memref<1x2x20x8x" + element + ">";
    auto map = [](std::string row, std::string column) {
      return "affine_map<(b, h, s, t, d, e) -> (b, h, " + row + ", " + column +
             ")>";
    };
    return emit("func.func @main(%q: " + q + ", %k: " + k + ", %v: " + k +
                ", %o: " + q +
                ") attributes {lir.num_inputs = 3 : i64} { lir.attention "
                "ins(%q, %k, %v : " +
                q + ", " + k + ", " + k + ") outs(%o : " + q +
                ") domain [1, 2, " + queries + ", 20, 8, 8] maps [" +
                map("s", "d") + ", " + map("t", "d") + ", " + map("t", "e") +
                ", " + map("s", "e") +
                "] {scale = 0.25 : f32, algorithm = #cpu.split_attention<"
                "parts = " +
                parts + ">} return }");
  };
  std::string wrong =
      "'lir.attention' op expected an attention for tiles of bf16, but ";
  EXPECT_EQ(emitTiles("20", "f64", "2"), wrong + "the operands are not f32\n");
  EXPECT_EQ(emitTiles("8", "f32", "2"), wrong + "there are few queries\n");
  EXPECT_EQ(emitTiles("20", "f32", "4"),
            wrong + "there are neither two nor three parts\n");
}

TEST(CPUPackWeights, SaysWhatIsWrong) {
  EXPECT_EQ(pack("%w = lir.weight dense<1.0> : tensor<4xf32> {offset = 56 : "
                 "i64} : memref<4xf32>"),
            "'lir.weight' op expected an offset inside the weights, but got "
            "56\n");
  EXPECT_EQ(pack("%w = lir.weight dense_resource<lost> : tensor<4xf32> "
                 "{offset = 0 : i64} : memref<4xf32>"),
            "'lir.weight' op has lost its data\n");
  EXPECT_EQ(pack("%w = lir.weight sparse<[[0]], [1.0]> : tensor<4xf32> "
                 "{offset = 0 : i64} : memref<4xf32>"),
            "'lir.weight' op expected dense data\n");
  EXPECT_EQ(pack("%w = lir.weight dense<1.0> : tensor<4xf32> {offset = 0 : "
                 "i64, packing = \"panels\"} : memref<4xf32>"),
            "'lir.weight' op expected a packing that can be carried out, but "
            "got \"panels\"\n");
  EXPECT_EQ(pack("%w = lir.weight dense<127> : tensor<4x1xi8> {offset = 0 : "
                 "i64, packing = #lir.short_packing<(p, k, j, i) -> (k * 4 + "
                 "i, p + j), panel = [1, 1, 4], taps = 0, chain = 1, "
                 "extra_steps = 0>} : memref<1x64xi8>"),
            "'lir.weight' op expected a packing with room for what its weights "
            "take, but got #lir.short_packing<(d0, d1, d2, d3) -> (d1 * 4 + "
            "d3, d0 + d2), panel = [1, 1, 4], taps = 0, chain = 1, extra_steps "
            "= 0>\n");
  EXPECT_EQ(pack("%w = lir.weight dense<1.0> : tensor<4xf64> {offset = 0 : "
                 "i64, packing = #lir.split_packing<(p, k, j) -> (k)>} : "
                 "memref<2x1x1x1x2xbf16>"),
            "'lir.weight' op packing: expected f32 to be split into bf16, but "
            "got 'tensor<4xf64>' and 'memref<2x1x1x1x2xbf16>'\n");
  EXPECT_EQ(pack("%w = lir.weight dense<1.0> : tensor<4xf32> {offset = 0 : "
                 "i64, packing = #lir.split_packing<(k) -> (k)>} : "
                 "memref<2x1x1x1x2xbf16>"),
            "'lir.weight' op packing: expected [batch..., part, panel, K / 2, "
            "column, 2], but got 5 dims for a map of 1\n");
  EXPECT_EQ(pack("%w = lir.weight dense<1> : tensor<4x4xi32> {offset = 0 : "
                 "i64, packing = #lir.sparse_row_packing<(n, k) -> (n, k), "
                 "outputs = 4, depths = [4], channel_bytes = 4, tap_bytes = "
                 "[0], section = 4, block = 1, groups = 1, sum_bytes = 4>} : "
                 "memref<64xi8>"),
            "'lir.weight' op packing: expected f32 or i8 as sparse rows in "
            "bytes, but got 'tensor<4x4xi32>' and 'memref<64xi8>'\n");
}

TEST(CPUPackWeights, GivesNoPlaceToAWeightOfNoElements) {
  std::vector<float> blob(4);
  llvm::MutableArrayRef<char> bytes(reinterpret_cast<char *>(blob.data()), 16);
  EXPECT_EQ(messagesOf(R"(func.func @main() {
      %e = lir.weight dense<> : tensor<0xf32> {offset = 0 : i64} : memref<0xf32>
      %w = lir.weight dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32> {offset = 0 : i64} : memref<4xf32>
      return
    })",
                       [&](mlir::ModuleOp module) {
                         return packWeights(module, bytes, 1);
                       }),
            "");
  EXPECT_EQ(blob, (std::vector<float>{1, 2, 3, 4}));
}
