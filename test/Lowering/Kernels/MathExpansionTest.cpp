//===- MathExpansionTest.cpp - Accuracy of the elementary functions -------===//
//
// Compiles each expansion through LLVM and compares it with libm in twice the
// precision. Prints the largest error of every function in units in the last
// place; LAMBENT_EXHAUSTIVE=1 tries all 2^32 floats instead of 2^20.
//
//===----------------------------------------------------------------------===//

#include "lambent/Lowering/Kernels/MathExpansion.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include <chrono>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace lambent;

namespace {

/// What the code is compiled for.
struct Level {
  const char *cpu;
  MathTarget target;
  unsigned lanes; ///< of f32; 0: scalars
};

/// AVX-512 scales by a power of two in one instruction.
Value scaleAVX512(OpBuilder &builder, Location loc, Value x, Value n) {
  auto type = dyn_cast<VectorType>(x.getType());
  if (!type || type.getNumElements() * type.getElementTypeBitWidth() != 512)
    return nullptr;
  bool wide = type.getElementType().isF64();
  Type maskType = builder.getIntegerType(type.getNumElements());
  Value mask = LLVM::ConstantOp::create(builder, loc, maskType,
                                        builder.getIntegerAttr(maskType, -1));
  Value rounding = LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                            builder.getI32IntegerAttr(4));
  return LLVM::CallIntrinsicOp::create(
             builder, loc, type,
             builder.getStringAttr(wide ? "llvm.x86.avx512.mask.scalef.pd.512"
                                        : "llvm.x86.avx512.mask.scalef.ps.512"),
             ValueRange{x, n, x, mask, rounding})
      .getResult(0);
}

const Level levels[] = {
    {"x86-64",
     {/*hasFMA=*/false, /*hasRound=*/false, /*hasF16Conversions=*/false, {}},
     4},
    {"x86-64-v3", {true, true, true, {}}, 8},
    {"x86-64-v4", {true, true, true, scaleAVX512}, 16},
    {"x86-64-v3", {true, true, true, {}}, 0}};

/// Whether this machine can run code for `cpu`.
bool canRun(StringRef cpu) {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  if (cpu == "x86-64-v4")
    return features.lookup("avx512f") && features.lookup("avx512dq") &&
           features.lookup("avx512vl");
  return cpu == "x86-64" || (features.lookup("avx2") && features.lookup("fma"));
}

/// A compiled function over arrays: (inputs..., output, count), count a
/// multiple of the lanes.
class Compiled {
public:
  /// `body` computes %r from %a and, with `inputs` = 2, %b; T stands for the
  /// type.
  Compiled(const Level &level, StringRef element, unsigned inputs,
           StringRef body) {
    DialectRegistry registry;
    registry
        .insert<arith::ArithDialect, math::MathDialect, scf::SCFDialect,
                func::FuncDialect, LLVM::LLVMDialect, cf::ControlFlowDialect>();
    registerBuiltinDialectTranslation(registry);
    registerLLVMDialectTranslation(registry);
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    context.loadAllAvailableDialects();
    unsigned lanes = element == "f64" ? level.lanes / 2 : level.lanes;
    step = std::max(1u, lanes);
    std::string type =
        lanes ? "vector<" + std::to_string(lanes) + "x" + element.str() + ">"
              : element.str();
    std::string text = source(element, inputs, body);
    for (size_t at; (at = text.find('T')) != std::string::npos;)
      text.replace(at, 1, type);
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
    if (!module || failed(expandMath(*module, level.target)))
      return;
    PassManager passes(&context);
    passes.addPass(createSCFToControlFlowPass());
    passes.addPass(createArithToLLVMConversionPass());
    passes.addPass(createConvertMathToLLVMPass());
    passes.addPass(createConvertControlFlowToLLVMPass());
    passes.addPass(createConvertFuncToLLVMPass());
    passes.addPass(createReconcileUnrealizedCastsPass());
    if (failed(passes.run(*module)))
      return;
    auto llvmContext = std::make_unique<llvm::LLVMContext>();
    std::unique_ptr<llvm::Module> code =
        translateModuleToLLVMIR(*module, *llvmContext);
    if (code)
      link(level.cpu, std::move(code), std::move(llvmContext));
  }

  explicit operator bool() const { return entry != nullptr; }
  template <typename T>
  void operator()(const T *a, const T *b, T *result, size_t count) const {
    reinterpret_cast<void (*)(const T *, const T *, T *, int64_t)>(entry)(
        a, b, result, count);
  }
  unsigned step;

private:
  std::string source(StringRef element, unsigned inputs, StringRef body) const {
    std::string load =
        "%p = llvm.getelementptr %ap[%i] : (!llvm.ptr, i64) -> !llvm.ptr, " +
        element.str() +
        "\n%a = llvm.load %p {alignment = 4 : i64} : !llvm.ptr -> T\n";
    if (inputs == 2)
      load +=
          "%q = llvm.getelementptr %bp[%i] : (!llvm.ptr, i64) -> !llvm.ptr, " +
          element.str() +
          "\n%b = llvm.load %q {alignment = 4 : i64} : !llvm.ptr -> T\n";
    return "func.func @f(%ap: !llvm.ptr {llvm.noalias}, %bp: !llvm.ptr "
           "{llvm.noalias}, %rp: !llvm.ptr {llvm.noalias}, "
           "%n: i64) {\n%zero = arith.constant 0 : i64\n%step = "
           "arith.constant " +
           std::to_string(step) +
           " : i64\nscf.for %i = %zero to %n step %step : i64 {\n" + load +
           body.str() +
           "\n%o = llvm.getelementptr %rp[%i] : (!llvm.ptr, i64) -> "
           "!llvm.ptr, " +
           element.str() +
           "\nllvm.store %r, %o {alignment = 4 : i64} : T, "
           "!llvm.ptr\n}\nreturn\n}";
  }

  void link(StringRef cpu, std::unique_ptr<llvm::Module> code,
            std::unique_ptr<llvm::LLVMContext> context) {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    llvm::orc::JITTargetMachineBuilder machine{
        llvm::Triple(llvm::sys::getProcessTriple())};
    machine.setCPU(cpu.str());
    // No symbol of this process is visible: a call of libm would fail to link.
    auto built = llvm::orc::LLJITBuilder()
                     .setJITTargetMachineBuilder(machine)
                     .setLinkProcessSymbolsByDefault(false)
                     .setPlatformSetUp(llvm::orc::setUpInactivePlatform)
                     .create();
    ASSERT_TRUE(static_cast<bool>(built));
    jit = std::move(*built);
    ASSERT_FALSE(static_cast<bool>(jit->addIRModule(
        llvm::orc::ThreadSafeModule(std::move(code), std::move(context)))));
    auto symbol = jit->lookup("f");
    if (!symbol) {
      ADD_FAILURE() << llvm::toString(symbol.takeError());
      return;
    }
    entry = symbol->toPtr<void *>();
  }

  std::unique_ptr<llvm::orc::LLJIT> jit;
  void *entry = nullptr;
};

/// How far `got` is from `exact`, in units in the last place of T at `exact`.
/// Infinite if one is special and the other not, or if a zero has the wrong
/// sign.
template <typename T, typename Wide> double ulps(T got, Wide exact) {
  T rounded = static_cast<T>(exact);
  if (std::isnan(rounded) || std::isnan(got))
    return std::isnan(rounded) && std::isnan(got) ? 0 : INFINITY;
  if (got == rounded)
    return got == 0 && exact == 0 && std::signbit(got) != std::signbit(rounded)
               ? INFINITY
           : std::isinf(got)
               ? 0
               : std::abs(
                     double((static_cast<Wide>(got) - exact) /
                            (std::nextafter(std::abs(rounded), T(INFINITY)) -
                             std::abs(rounded))));
  constexpr T largest = std::numeric_limits<T>::max();
  // One step beyond the largest number counts as one unit.
  T finite = std::isinf(got) ? std::copysign(largest, got) : got;
  Wide exactFinite =
      std::isinf(rounded) ? std::copysign(Wide(largest), exact) : exact;
  double unit = std::max(
      double(std::abs(static_cast<T>(exactFinite)) -
             std::nextafter(std::abs(static_cast<T>(exactFinite)), T(0))),
      double(std::numeric_limits<T>::denorm_min()));
  return std::abs(double((static_cast<Wide>(finite) - exactFinite) / unit)) +
         (std::isinf(got) != std::isinf(rounded));
}

/// One function with its reference and limit.
struct Function {
  const char *op;
  double (*f32)(double);
  double limit;
  float low, high; ///< where samples are drawn more densely
};

double exactRsqrt(double x) { return 1 / std::sqrt(x); }
double roundHalfEven(double x) { return std::nearbyint(x); }

const Function functions[] = {{"exp", std::exp, 2, -104, 89},
                              {"exp2", std::exp2, 2, -150, 129},
                              {"expm1", std::expm1, 2, -20, 89},
                              {"log", std::log, 2, 0, 4},
                              {"log2", std::log2, 2, 0, 4},
                              {"log10", std::log10, 2, 0, 4},
                              {"log1p", std::log1p, 2, -1, 4},
                              {"tanh", std::tanh, 2, -10, 10},
                              {"erf", std::erf, 2, -4, 4},
                              {"rsqrt", exactRsqrt, 2, 0, 4},
                              {"sin", std::sin, 1, -100, 100},
                              {"cos", std::cos, 1, -100, 100},
                              {"tan", std::tan, 1, -100, 100},
                              {"asin", std::asin, 1, -1, 1},
                              {"acos", std::acos, 1, -1, 1},
                              {"atan", std::atan, 1, -10, 10},
                              {"sinh", std::sinh, 1, -90, 90},
                              {"cosh", std::cosh, 1, -90, 90},
                              {"asinh", std::asinh, 1, -10, 10},
                              {"acosh", std::acosh, 1, 1, 10},
                              {"atanh", std::atanh, 1, -1, 1},
                              {"floor", std::floor, 0, -10, 10},
                              {"ceil", std::ceil, 0, -10, 10},
                              {"trunc", std::trunc, 0, -10, 10},
                              {"round", std::round, 0, -10, 10},
                              {"roundeven", roundHalfEven, 0, -10, 10}};

float fromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

class MathExpansion : public testing::TestWithParam<Function> {};

/// The largest error over `count` inputs made by `sample`, with the input where
/// it is.
template <typename T, typename Wide, typename Sample>
std::pair<double, T> largestError(const Compiled &code, Wide (*exact)(Wide),
                                  uint64_t count, Sample sample) {
  constexpr size_t block = 4096;
  std::vector<T> x(block), y(block);
  std::pair<double, T> worst{0, 0};
  for (uint64_t done = 0; done < count; done += block) {
    for (size_t i = 0; i < block; ++i)
      x[i] = sample(done + i);
    code(x.data(), x.data(), y.data(), block);
    for (size_t i = 0; i < block; ++i)
      if (double error = ulps<T, Wide>(y[i], exact(x[i])); error > worst.first)
        worst = {error, x[i]};
  }
  return worst;
}

TEST_P(MathExpansion, F32) {
  const Function &function = GetParam();
  bool exhaustive = std::getenv("LAMBENT_EXHAUSTIVE") != nullptr;
  for (const Level &level : levels) {
    // x86-64-v3 and v4 do the same arithmetic.
    if (!canRun(level.cpu) ||
        (exhaustive && StringRef(level.cpu) == "x86-64-v3"))
      continue;
    Compiled code(level, "f32", 1,
                  std::string("%r = math.") + function.op + " %a : T");
    ASSERT_TRUE(static_cast<bool>(code));
    std::mt19937 random(1);
    auto sample = [&](uint64_t i) -> float {
      if (exhaustive)
        return fromBits(i);
      if (i < 64) // zeros, subnormals, infinities, NaN
        return fromBits(((i & 1) << 31) |
                        ((i & 2) ? 0x7F800000 - 16 + (i >> 2) * 2 : (i >> 2)));
      if (i % 2)
        return fromBits(random());
      return std::uniform_real_distribution<float>(function.low,
                                                   function.high)(random);
    };
    auto [error, at] = largestError<float, double>(
        code, function.f32, exhaustive ? uint64_t(1) << 32 : 1 << 20, sample);
    std::printf("%-9s f32 x %-2u %-9s %.3f ulp at %a\n", function.op,
                level.lanes, level.cpu, error, at);
    EXPECT_LE(error, function.limit)
        << function.op << " on " << level.cpu << " at " << at;
  }
}

INSTANTIATE_TEST_SUITE_P(Functions, MathExpansion, testing::ValuesIn(functions),
                         [](const auto &info) {
                           return std::string(info.param.op);
                         });

TEST(MathExpansion, F64) {
  struct {
    const char *op;
    long double (*exact)(long double);
    double low, high;
  } wide[] = {{"exp", std::exp, -746, 710}, {"exp2", std::exp2, -1076, 1025},
              {"log", std::log, 0, 4},      {"log2", std::log2, 0, 4},
              {"tanh", std::tanh, -21, 21}, {"erf", std::erf, -6, 6}};
  for (auto &function : wide)
    for (const Level &level : levels) {
      if (!canRun(level.cpu))
        continue;
      Compiled code(level, "f64", 1,
                    std::string("%r = math.") + function.op + " %a : T");
      ASSERT_TRUE(static_cast<bool>(code));
      std::mt19937_64 random(1);
      auto sample = [&](uint64_t i) -> double {
        if (i % 2) {
          uint64_t bits = random();
          double value;
          std::memcpy(&value, &bits, 8);
          return value;
        }
        return std::uniform_real_distribution<double>(function.low,
                                                      function.high)(random);
      };
      auto [error, at] = largestError<double, long double>(code, function.exact,
                                                           1 << 18, sample);
      std::printf("%-9s f64 x %-2u %-9s %.3f ulp at %a\n", function.op,
                  level.lanes / 2, level.cpu, error, at);
      EXPECT_LE(error, 4) << function.op << " on " << level.cpu << " at " << at;
    }
}

TEST(MathExpansion, Power) {
  const float specials[] = {0.0f,     -0.0f,     1,        -1,       2,
                            -2,       3,         -3,       0.5f,     -0.5f,
                            INFINITY, -INFINITY, NAN,      1e38f,    -1e38f,
                            1e-40f,   -1e-40f,   16777215, -16777215};
  for (const Level &level : levels) {
    if (!canRun(level.cpu))
      continue;
    Compiled code(level, "f32", 2, "%r = math.powf %a, %b : T");
    ASSERT_TRUE(static_cast<bool>(code));
    std::mt19937 random(1);
    std::vector<float> x, y;
    for (float a : specials)
      for (float b : specials)
        x.push_back(a), y.push_back(b);
    while (x.size() < (1 << 18) || x.size() % 16) {
      x.push_back(
          std::exp2(std::uniform_real_distribution<float>(-20, 20)(random)));
      y.push_back(std::uniform_real_distribution<float>(-10, 10)(random));
    }
    std::vector<float> got(x.size());
    code(x.data(), y.data(), got.data(), x.size());
    double worst = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      double error =
          ulps<float, double>(got[i], std::pow(double(x[i]), double(y[i])));
      worst = std::max(worst, error);
      ASSERT_LE(error, 1) << x[i] << "^" << y[i] << " gave " << got[i] << " on "
                          << level.cpu;
    }
    std::printf("%-9s f32 x %-2u %-9s %.3f ulp\n", "powf", level.lanes,
                level.cpu, worst);
  }
}

TEST(MathExpansion, Remainder) {
  const float specials[] = {0.0f,  -0.0f,  1,        -1,        3,
                            -3,    0.1f,   INFINITY, -INFINITY, NAN,
                            3e38f, -3e38f, 1e-45f,   7e-40f};
  for (const Level &level : levels) {
    if (!canRun(level.cpu))
      continue;
    Compiled code(level, "f32", 2, "%r = arith.remf %a, %b : T");
    ASSERT_TRUE(static_cast<bool>(code));
    std::mt19937 random(1);
    std::vector<float> x, y;
    for (float a : specials)
      for (float b : specials)
        x.push_back(a), y.push_back(b);
    while (x.size() < (1 << 16) || x.size() % 16) {
      x.push_back(fromBits(random()));
      y.push_back(random() % 2 ? fromBits(random())
                               : x.back() / float(random() % 50));
    }
    std::vector<float> got(x.size());
    code(x.data(), y.data(), got.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_EQ((ulps<float, double>(got[i], std::fmod(x[i], y[i]))), 0)
          << "fmod(" << x[i] << ", " << y[i] << ") gave " << got[i] << " on "
          << level.cpu;
  }
}

TEST(MathExpansion, NarrowFloats) {
  for (StringRef type : {"f16", "bf16"})
    for (Level level : levels) {
      if (!canRun(level.cpu))
        continue;
      level.target.hasF16Conversions = false;
      std::string narrow =
          level.lanes
              ? "vector<" + std::to_string(level.lanes) + "x" + type.str() + ">"
              : type.str();
      Compiled code(level, "f32", 1,
                    "%h = arith.truncf %a : T to " + narrow +
                        "\n%r = arith.extf %h : " + narrow + " to T");
      ASSERT_TRUE(static_cast<bool>(code));
      std::mt19937 random(1);
      std::vector<float> x(1 << 18), got(x.size());
      for (size_t i = 0; i < x.size(); ++i)
        x[i] = i < 64    ? fromBits(((i & 1) << 31) |
                                    ((i & 2) ? 0x7F800000 - 16 + (i >> 2) * 2
                                             : (i >> 2)))
               : (i % 2) ? fromBits(random())
                         : std::ldexp(1 + float(random() % 4096) / 4096,
                                      int(random() % 45) - 26);
      code(x.data(), x.data(), got.data(), x.size());
      const llvm::fltSemantics &semantics =
          type == "f16" ? llvm::APFloat::IEEEhalf() : llvm::APFloat::BFloat();
      for (size_t i = 0; i < x.size(); ++i) {
        llvm::APFloat number(x[i]);
        bool inexact;
        number.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &inexact);
        number.convert(llvm::APFloat::IEEEsingle(),
                       llvm::APFloat::rmNearestTiesToEven, &inexact);
        ASSERT_EQ((ulps<float, double>(got[i], number.convertToFloat())), 0)
            << x[i] << " by " << type.str() << " gave " << got[i] << " on "
            << level.cpu;
      }
    }
}

TEST(MathExpansion, UnsupportedTypeIsAnError) {
  MLIRContext context;
  context.loadDialect<math::MathDialect, func::FuncDialect>();
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>("func.func @f(%x: f64) -> f64 {\n%r = "
                                  "math.sin %x : f64\nreturn %r : f64\n}",
                                  &context);
  ASSERT_TRUE(module);
  std::string message;
  ScopedDiagnosticHandler handler(
      &context, [&](Diagnostic &diagnostic) { message = diagnostic.str(); });
  EXPECT_TRUE(failed(expandMath(*module)));
  EXPECT_EQ(message,
            "'math.sin' op is not supported on elements of type 'f64'");
}

/// Nanoseconds per element in L2; printed, not checked.
TEST(MathExpansion, Speed) {
  for (const char *op : {"exp", "erf", "tanh", "log", "log1p", "sin"})
    for (const Level &level : levels) {
      if (!canRun(level.cpu) || !level.lanes)
        continue;
      Compiled code(level, "f32", 1,
                    std::string("%r = math.") + op + " %a : T");
      ASSERT_TRUE(static_cast<bool>(code));
      std::vector<float> x(1 << 14), y(x.size());
      for (size_t i = 0; i < x.size(); ++i)
        x[i] = float(i % 1000) * 0.008f - 4;
      double best = 1e9;
      for (int repeat = 0; repeat < 50; ++repeat) {
        auto start = std::chrono::steady_clock::now();
        code(x.data(), x.data(), y.data(), x.size());
        std::chrono::duration<double, std::nano> time =
            std::chrono::steady_clock::now() - start;
        best = std::min(best, time.count() / x.size());
      }
      std::printf("%-9s f32 x %-2u %-9s %.3f ns per element\n", op, level.lanes,
                  level.cpu, best);
    }
}

} // namespace
