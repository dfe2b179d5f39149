//===- PTXTest.cpp - PTX as text, and what ptxas says to it ---------------===//

#include "KernelTexts.h"
#include "lambent/Backends/CUDA/Emit.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

using namespace lambent;
using namespace lambent::test;

/// PTX, or the diagnostics.
static std::string emit(const std::string &text,
                        const std::string &gpu = "sm_80") {
  auto context = makeContext();
  std::string messages;
  mlir::ScopedDiagnosticHandler handler(context.get(),
                                        [&](mlir::Diagnostic &diagnostic) {
                                          messages += diagnostic.str() + "\n";
                                          return mlir::success();
                                        });
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, context.get());
  if (!module)
    return messages;
  auto ptx = cuda::emitPTX(*module, {gpu});
  return succeeded(ptx) ? *ptx : messages;
}

/// Assembles with ptxas where there is one.
static void assemble(const std::string &ptx, const std::string &gpu = "sm_80") {
  auto ptxas = llvm::sys::findProgramByName("ptxas");
  if (!ptxas)
    ptxas = llvm::sys::findProgramByName("ptxas", {"/usr/local/cuda/bin"});
  if (!ptxas)
    GTEST_SKIP() << "no ptxas";
  llvm::SmallString<128> input, output, errors;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("kernels", "ptx", input));
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("kernels", "cubin", output));
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("kernels", "txt", errors));
  {
    std::error_code code;
    llvm::raw_fd_ostream(input, code) << ptx;
    ASSERT_FALSE(code);
  }
  std::string architecture = "-arch=" + gpu;
  std::optional<llvm::StringRef> redirects[] = {
      std::nullopt, llvm::StringRef(errors), llvm::StringRef(errors)};
  int status = llvm::sys::ExecuteAndWait(
      *ptxas, {*ptxas, architecture, input, "-o", output}, std::nullopt,
      redirects);
  auto said = llvm::MemoryBuffer::getFile(errors);
  EXPECT_EQ(status, 0) << (said ? (*said)->getBuffer().str() : "") << ptx;
  for (llvm::StringRef file : {llvm::StringRef(input), llvm::StringRef(output),
                               llvm::StringRef(errors)})
    llvm::sys::fs::remove(file);
}

static void expectParts(const std::string &text,
                        std::initializer_list<const char *> parts) {
  for (const char *part : parts)
    EXPECT_NE(text.find(part), std::string::npos)
        << "expected '" << part << "' in\n"
        << text;
}

TEST(PTX, Matmul) {
  std::string ptx = emit(matmulText(2, 33, 19, 37));
  expectParts(ptx, {".target sm_80", ".visible .entry matmul_0(",
                    ".maxntid 256", ".shared", "bar.sync", "fma.rn.f32"});
  assemble(ptx);
}

TEST(PTX, MatmulOfHalves) {
  for (const char *type : {"f16", "bf16"}) {
    std::string ptx = emit(matmulText(1, 20, 20, 20, type));
    expectParts(ptx, {".entry matmul_0(", "bar.sync"});
    assemble(ptx);
  }
}

TEST(PTX, Softmax) {
  for (const char *type : {"f32", "f16", "f64"}) {
    std::string ptx = emit(softmaxText(3, 5, 300, 2, false, type));
    expectParts(ptx, {".entry softmax_0(", ".shared", "bar.sync"});
    assemble(ptx);
  }
}

TEST(PTX, ElementaryFunctionsNeedNoLibrary) {
  std::string ptx = emit(
      R"(func.func @main(%x: memref<50xf32>, %b: memref<50xi1>, %y: memref<50xf32>) {
    lir.elementwise ins(%x, %b : memref<50xf32>, memref<50xi1>) outs(%y : memref<50xf32>) domain [50]
      maps [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>, affine_map<(i) -> (i)>] {
    ^bb0(%s: f32, %c: i1):
      %0 = math.tanh %s : f32
      %1 = math.erf %s : f32
      %2 = math.log %s : f32
      %3 = math.floor %2 : f32
      %4 = math.powf %s, %3 : f32
      %5 = math.sqrt %4 : f32
      %6 = arith.select %c, %0, %1 : f32
      %7 = arith.divf %6, %5 : f32
      lir.yield %7 : f32
    }
    return
  })",
      "sm_90");
  expectParts(ptx, {".target sm_90", ".entry elementwise_0("});
  EXPECT_EQ(ptx.find(".extern"), std::string::npos) << ptx;
  assemble(ptx, "sm_90");
}

TEST(PTX, SaysWhatIsNotSupported) {
  expectParts(
      emit(R"(func.func @main(%x: memref<4x8xf32>, %y: memref<4x8xf32>) {
    lir.cumsum ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
    return
  })"),
      {"'lir.cumsum' op is not supported by the CUDA backend yet"});
  expectParts(emit(softmaxText(1, 1, 8, 2, false), "sm_1"),
              {"unknown GPU 'sm_1': expected one by its architecture"});
  expectParts(emit(R"(func.func @main(%y: memref<1099511627776xf32>) {
    lir.elementwise outs(%y : memref<1099511627776xf32>) domain [1099511627776] maps [affine_map<(i) -> (i)>] {
      %0 = arith.constant 1.0 : f32
      lir.yield %0 : f32
    }
    return
  })"),
              {"expected at most 2147483647 blocks, but got 4294967296"});
  expectParts(
      emit(
          R"(func.func @main(%a: memref<4x8xf32>, %b: memref<1x8x16xf32>, %c: memref<4x16xf32>) {
    lir.matmul ins(%a, %b : memref<4x8xf32>, memref<1x8x16xf32>) outs(%c : memref<4x16xf32>) domain [4, 16, 8]
      maps [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> ()>, affine_map<(m, n, k) -> (m, n)>]
      epilogue_maps [] {
    ^bb0(%acc: f32):
      lir.yield %acc : f32
    }
    return
  })"),
      {"'lir.matmul' op with a packed rhs is not supported by the CUDA "
       "backend"});
  expectParts(emit(R"(func.func @main(%x: memref<8xf32>, %y: memref<8xf32>) {
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
              {"'scf.if' op expected an element-wise op in a kernel's region"});
}
