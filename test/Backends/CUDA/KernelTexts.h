//===- KernelTexts.h - lir modules for the CUDA backend's tests -----------===//

#ifndef LAMBENT_TEST_BACKENDS_CUDA_KERNELTEXTS_H
#define LAMBENT_TEST_BACKENDS_CUDA_KERNELTEXTS_H

#include "lambent/Backends/CUDA/CUDABackend.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include <memory>
#include <string>

namespace lambent::test {

/// A context with the CUDA backend's dialects.
inline std::unique_ptr<mlir::MLIRContext> makeContext() {
  mlir::DialectRegistry registry;
  cuda::registerDialects(registry);
  auto context = std::make_unique<mlir::MLIRContext>(registry);
  context->loadAllAvailableDialects();
  return context;
}

/// "memref<4x8xf32>"
inline std::string buffer(std::initializer_list<int64_t> shape,
                          const std::string &type = "f32") {
  std::string text = "memref<";
  for (int64_t size : shape)
    text += std::to_string(size) + "x";
  return text + type + ">";
}

/// max(lhs . rhs^T + bias, 0), batch by batch, rhs being [batch, n, k].
inline std::string matmulText(int64_t batch, int64_t m, int64_t n, int64_t k,
                              const std::string &type = "f32") {
  std::string lhs = buffer({batch, m, k}, type),
              rhs = buffer({batch, n, k}, type), bias = buffer({n}, "f32"),
              out = buffer({batch, m, n}, "f32");
  std::string sizes = std::to_string(batch) + ", " + std::to_string(m) + ", " +
                      std::to_string(n) + ", " + std::to_string(k);
  return "func.func @main(%a: " + lhs + ", %b: " + rhs + ", %c: " + bias +
         ", %d: " + out + ") {\n" + "lir.matmul ins(%a, %b : " + lhs + ", " +
         rhs + ") with(%c : " + bias + ") outs(%d : " + out + ") domain [" +
         sizes +
         "] maps [affine_map<(b, m, n, k) -> (b, m, k)>, affine_map<(b, m, n, "
         "k) -> (b, n, k)>, "
         "affine_map<(b, m, n, k) -> (b, m, n)>] epilogue_maps [affine_map<(b, "
         "m, n) -> (n)>] {\n"
         "^bb0(%acc: f32, %x: f32):\n  %s = arith.addf %acc, %x : f32\n  %zero "
         "= arith.constant 0.0 : f32\n"
         "  %r = arith.maximumf %s, %zero : f32\n  lir.yield %r : "
         "f32\n}\nreturn\n}\n";
}

inline std::string softmaxText(int64_t a, int64_t b, int64_t c, int64_t axis,
                               bool log, const std::string &type = "f32") {
  std::string rows = buffer({a, b, c}, type);
  return "func.func @main(%x: " + rows + ", %y: " + rows +
         ") {\nlir.softmax ins(%x : " + rows + ") outs(%y : " + rows +
         ") {axis = " + std::to_string(axis) +
         " : i64, log = " + (log ? "true" : "false") + "}\nreturn\n}\n";
}

} // namespace lambent::test

#endif
