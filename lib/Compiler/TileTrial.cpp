//===- TileTrial.cpp - Do the tiles of AMX compute what they should? ------===//
//
// What is written for tiles has run in emulation only, and a system or a
// virtual machine may say that it has AMX where it has not. So a process that
// compiles for this machine tries them first.
//
//===----------------------------------------------------------------------===//

#include "TileTrial.h"
#include "Compilation.h"
#include "JIT.h"
#include "lambent-c/runtime.h"
#include "lambent/Runtime/CpuFeatures.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <csignal>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace lambent;
using llvm::Error;
using llvm::Expected;
using llvm::StringRef;

/// No multiples of what tiles hold, and enough for tiles to be worth it.
static constexpr int64_t kRows = 130, kDepth = 200, kColumns = 250;

/// Numbers without a pattern that tiles or parts could hide in.
static uint32_t scatter(int64_t i) {
  return uint32_t(i + 1) * 2654435761u >> 12;
}
static float getFloat(int64_t i) {
  return float(int32_t(scatter(i) & 0xFFFF) - 0x8000) / 0x10000;
}
static uint8_t getByte(int64_t i) { return scatter(i) & 0xFF; }

namespace {

template <typename T> struct Operands {
  std::vector<T> lhs;
  /// Bytes of rhs are signed.
  std::vector<T> rhs;

  explicit Operands(T (*get)(int64_t)) {
    for (int64_t i = 0; i < kRows * kDepth; ++i)
      lhs.push_back(get(i));
    for (int64_t i = 0; i < kDepth * kColumns; ++i)
      rhs.push_back(get(7 * i + 3));
  }
  std::string getHexRhs() const {
    return llvm::toHex(StringRef(reinterpret_cast<const char *>(rhs.data()),
                                 rhs.size() * sizeof(T)));
  }
};

} // namespace

static std::string makeText() {
  return llvm::formatv(R"(
func.func @main(%x: tensor<{0}x{1}xf32> {{graph.name = "x"},
                %a: tensor<{0}x{1}xui8> {{graph.name = "a"})
    -> (tensor<{0}x{2}xf32> {{graph.name = "y"},
        tensor<{0}x{2}xi32> {{graph.name = "b"}) {{
  %w = graph.constant dense<"0x{3}"> : tensor<{1}x{2}xf32>
  %v = graph.constant dense<"0x{4}"> : tensor<{1}x{2}xi8>
  %y = graph.matmul(%x, %w)
      : (tensor<{0}x{1}xf32>, tensor<{1}x{2}xf32>) -> tensor<{0}x{2}xf32>
  %b = graph.matmul(%a, %v)
      : (tensor<{0}x{1}xui8>, tensor<{1}x{2}xi8>) -> tensor<{0}x{2}xi32>
  return %y, %b : tensor<{0}x{2}xf32>, tensor<{0}x{2}xi32>
})",
                       kRows, kDepth, kColumns,
                       Operands<float>(getFloat).getHexRhs(),
                       Operands<uint8_t>(getByte).getHexRhs());
}

Expected<TileTrial> TileTrial::compile(StringRef cpu) {
  CompileOptions options;
  options.cpu = cpu.str();
  options.name = "tiles";
  options.threads = 1;
  options.keepFloatWeights = true;
  auto compilation = Compilation::create(options);
  if (!compilation)
    return compilation.takeError();
  auto module = mlir::parseSourceString<mlir::ModuleOp>(
      makeText(), &(*compilation)->getContext());
  if (!module)
    return llvm::createStringError("the trial of tiles cannot be read");
  (*compilation)->adopt(std::move(module));
  if (Error error = (*compilation)->optimizeGraph(/*evaluator=*/nullptr))
    return error;
  if (Error error = (*compilation)->lower())
    return error;
  auto weights = (*compilation)->packWeights();
  if (!weights)
    return weights.takeError();
  auto objects = (*compilation)->emitObjects(/*weightHash=*/0);
  if (!objects)
    return objects.takeError();
  auto model =
      linkInProcess(std::move(*objects), std::move(*weights), options.name);
  if (!model)
    return model.takeError();
  return TileTrial(std::move(*model));
}

bool TileTrial::usesTiles() const {
  StringRef features = model->getModel().cpu_features;
  return features.contains("amx-bf16") && features.contains("amx-int8");
}

/// Whether each of `got` lies within `tolerance` of its sum, relative to the
/// sum of what is added up without signs.
template <typename T, typename Rhs, typename Sum>
static bool isNear(const Operands<T> &operands, const std::vector<Sum> &got,
                   double tolerance) {
  for (int64_t i = 0; i < kRows; ++i)
    for (int64_t j = 0; j < kColumns; ++j) {
      double sum = 0, size = 0;
      for (int64_t k = 0; k < kDepth; ++k) {
        double product = double(operands.lhs[i * kDepth + k]) *
                         double(Rhs(operands.rhs[k * kColumns + j]));
        sum += product;
        size += std::abs(product);
      }
      // Not a number is not near.
      if (!(std::abs(double(got[i * kColumns + j]) - sum) <= tolerance * size))
        return false;
    }
  return true;
}

bool TileTrial::isRight() const {
  Operands<float> floats(getFloat);
  Operands<uint8_t> bytes(getByte);
  std::vector<float> floatSums(kRows * kColumns);
  std::vector<int32_t> byteSums(kRows * kColumns);
  int64_t inputDims[] = {kRows, kDepth}, outputDims[] = {kRows, kColumns};
  auto makeTensor = [](void *data, int64_t *dims, uint8_t code, uint8_t bits) {
    LambentTensor tensor = {};
    tensor.data = data;
    tensor.device = {LAMBENT_DEVICE_CPU, 0};
    tensor.ndim = 2;
    tensor.dtype = {code, bits, 1};
    tensor.shape = dims;
    return tensor;
  };
  LambentTensor inputs[] = {
      makeTensor(floats.lhs.data(), inputDims, LAMBENT_FLOAT, 32),
      makeTensor(bytes.lhs.data(), inputDims, LAMBENT_UINT, 8)};
  LambentTensor outputs[] = {
      makeTensor(floatSums.data(), outputDims, LAMBENT_FLOAT, 32),
      makeTensor(byteSums.data(), outputDims, LAMBENT_INT, 32)};
  LambentLoadOptions load{sizeof(load), /*skip_weight_hash=*/1, 0, nullptr};
  LambentModule *module = nullptr;
  LambentContext *context = nullptr;
  LambentStatus *status = lambent_module_create(
      &model->getModel(), model->getWeights(), &load, &module);
  if (!status)
    status = lambent_context_create(module, nullptr, &context);
  if (!status)
    status = lambent_context_run(context, inputs, 2, outputs, 2, nullptr);
  lambent_context_destroy(context);
  lambent_module_destroy(module);
  if (status) {
    lambent_status_destroy(status);
    return false;
  }
  // One part of bf16 alone would err by 2^-9.
  constexpr double twoParts = 1.0 / (1 << 14);
  return isNear<float, float>(floats, floatSums, twoParts) &&
         isNear<uint8_t, int8_t>(bytes, byteSums, 0);
}

bool lambent::holdsInChild(llvm::function_ref<bool()> claim) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC))
    return false;
  pid_t child = fork();
  if (child == 0) {
    // Nobody is to see that it fails: no message, no core file.
    for (int signal : {SIGILL, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGTRAP})
      std::signal(signal, SIG_DFL);
    rlimit none = {};
    setrlimit(RLIMIT_CORE, &none);
    char answer = claim();
    _exit(write(ends[1], &answer, 1) == 1 ? 0 : 1);
  }
  close(ends[1]);
  char answer = 0;
  if (child > 0) {
    // What the application does with children does not matter to a pipe.
    ssize_t got;
    do
      got = read(ends[0], &answer, 1);
    while (got < 0 && errno == EINTR);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR)
      ;
  }
  close(ends[0]);
  return answer;
}

static bool tilesWork() {
  for (StringRef name : {"amx-tile", "amx-bf16", "amx-int8"})
    if (!runtime::hasCpuFeature(name.data(), name.size()))
      return false;
  Expected<TileTrial> trial = TileTrial::compile("native+amx");
  if (!trial) {
    llvm::consumeError(trial.takeError());
    return false;
  }
  return trial->usesTiles() && holdsInChild([&] { return trial->isRight(); });
}

std::string lambent::resolveCpu(StringRef cpu) {
  if (cpu != "native")
    return cpu.str();
  static const bool withTiles = tilesWork();
  return withTiles ? "native+amx" : "native";
}
