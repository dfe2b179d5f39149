//===- CompiledMath.cpp - Expanded math ops, compiled and run -------------===//

#include "CompiledMath.h"
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
#include <cstring>
#include <gtest/gtest.h>

using namespace mlir;
using namespace lambent;
using namespace lambent::test;

/// An instruction of AVX-512 on the 512 bits of `x`; null for fewer.
static Value callAVX512(OpBuilder &builder, Location loc, StringRef instruction,
                        Value x, Value second) {
  auto type = dyn_cast<VectorType>(x.getType());
  if (!type || type.getNumElements() * type.getElementTypeBitWidth() != 512)
    return nullptr;
  bool wide = type.getElementType().isF64();
  Type maskType = builder.getIntegerType(type.getNumElements());
  Value mask = LLVM::ConstantOp::create(builder, loc, maskType,
                                        builder.getIntegerAttr(maskType, -1));
  Value rounding = LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                            builder.getI32IntegerAttr(4));
  std::string name = "llvm.x86.avx512.mask." + instruction.str() +
                     (wide ? ".pd.512" : ".ps.512");
  return LLVM::CallIntrinsicOp::create(builder, loc, type,
                                       builder.getStringAttr(name),
                                       ValueRange{x, second, x, mask, rounding})
      .getResult(0);
}

static Value scaleAVX512(OpBuilder &builder, Location loc, Value x, Value n) {
  return callAVX512(builder, loc, "scalef", x, n);
}

static std::pair<Value, Value> splitAVX512(OpBuilder &builder, Location loc,
                                           Value x) {
  // Without fraction bits, to nearest even.
  Value how = LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                       builder.getI32IntegerAttr(8));
  Value nearest = callAVX512(builder, loc, "rndscale", x, how);
  return {nearest,
          nearest ? callAVX512(builder, loc, "reduce", x, how) : Value()};
}

static Value fractionAVX512(OpBuilder &builder, Location loc, Value x) {
  // The same, rounded down.
  Value down = LLVM::ConstantOp::create(builder, loc, builder.getI32Type(),
                                        builder.getI32IntegerAttr(1));
  return callAVX512(builder, loc, "reduce", x, down);
}

static const Level levels[] = {
    {"x86-64",
     {/*hasFMA=*/false,
      /*hasRound=*/false,
      /*hasF16Conversions=*/false,
      {},
      {},
      {}},
     4},
    {"x86-64-v3", {true, true, true, {}, {}, {}}, 8},
    {"x86-64-v4",
     {true, true, true, scaleAVX512, splitAVX512, fractionAVX512},
     16},
    {"x86-64-v3", {true, true, true, {}, {}, {}}, 0}};

llvm::ArrayRef<Level> test::getLevels() { return levels; }

bool test::canRun(StringRef cpu) {
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  if (cpu == "x86-64-v4")
    return features.lookup("avx512f") && features.lookup("avx512dq") &&
           features.lookup("avx512vl");
  return cpu == "x86-64" || (features.lookup("avx2") && features.lookup("fma"));
}

CompiledMath::CompiledMath(const Level &level, StringRef element,
                           unsigned inputs, StringRef body) {
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

std::string CompiledMath::source(StringRef element, unsigned inputs,
                                 StringRef body) const {
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

void CompiledMath::link(StringRef cpu, std::unique_ptr<llvm::Module> code,
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

float test::fromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}
