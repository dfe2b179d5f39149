//===- TargetInfo.cpp - Facts of the CPU that code is generated for -------===//

#include "lambent/Backends/CPU/TargetInfo.h"
#include "lambent/Backends/CodeGeneration.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"
#include <mutex>

using namespace lambent::cpu;
using llvm::Expected;
using llvm::StringRef;

/// Feature names that generated code may use beyond the architecture's
/// baseline, as the runtime knows them.
static constexpr StringRef kChecked[] = {
    "sse4.1",   "sse4.2",   "popcnt",     "avx",       "avx2",
    "fma",      "f16c",     "avx512f",    "avx512bw",  "avx512dq",
    "avx512vl", "avx512cd", "avx512vnni", "avx512bf16"};

static std::string hostFeatures() {
  llvm::SubtargetFeatures features;
  // Sorted, so that the same host always gives the same string.
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  std::vector<StringRef> names;
  for (auto &entry : host)
    names.push_back(entry.first());
  llvm::sort(names);
  for (StringRef name : names)
    features.AddFeature(name, host[name]);
  return features.getString();
}

static Expected<const llvm::Target *> getTarget(const llvm::Triple &triple) {
  // Registering is not safe from several threads.
  static std::once_flag registered;
  std::call_once(registered, [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    LLVMInitializeX86AsmParser();
    LLVMInitializeAArch64TargetInfo();
    LLVMInitializeAArch64Target();
    LLVMInitializeAArch64TargetMC();
    LLVMInitializeAArch64AsmPrinter();
    LLVMInitializeAArch64AsmParser();
  });
  return lambent::findTarget(triple);
}

Expected<TargetInfo> TargetInfo::create(StringRef cpu) {
  TargetInfo info;
  llvm::Triple host(llvm::sys::getProcessTriple());
  auto [arch, model] = cpu.split(':');
  if (arch == "aarch64" || arch == "arm64") {
    info.triple = "aarch64-unknown-linux-gnu";
    info.cpu = model.empty() ? "generic" : model.str();
    info.isX86 = false;
    info.vectorRegisters = 32;
    info.hasFMA = true;
  } else if (cpu == "native") {
    info.triple = host.str();
    info.cpu = llvm::sys::getHostCPUName().str();
    info.features = hostFeatures();
    info.isX86 = host.isX86();
  } else {
    info.triple = "x86_64-unknown-linux-gnu";
    info.cpu = cpu.str();
  }

  llvm::Triple triple(info.triple);
  Expected<const llvm::Target *> target = getTarget(triple);
  if (!target)
    return target.takeError();
  info.llvmTarget = *target;
  // Asked for an unknown CPU, LLVM would print a warning of its own.
  std::unique_ptr<llvm::MCSubtargetInfo> any(
      (*target)->createMCSubtargetInfo(triple, "", ""));
  if (!any || !any->isCPUStringValid(info.cpu))
    return llvm::createStringError(
        "unknown CPU '" + info.cpu +
        "': expected native, an x86-64 level (x86-64, x86-64-v2, x86-64-v3, "
        "x86-64-v4), an x86-64 CPU by LLVM's name (znver4, skylake-avx512) or "
        "aarch64[:CPU]");
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      (*target)->createMCSubtargetInfo(triple, info.cpu, info.features));
  if (!info.isX86)
    return info;
  if (!subtarget->checkFeatures("+64bit"))
    return llvm::createStringError("CPU '" + info.cpu +
                                   "' is not a 64-bit one");

  auto has = [&](StringRef feature) {
    return subtarget->checkFeatures(("+" + feature).str());
  };
  info.hasRound = has("sse4.1");
  info.hasFMA = has("fma");
  info.hasAVX2 = has("avx2") && info.hasFMA;
  info.hasAVX512 =
      has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl");
  info.hasVNNI = has("avx512vnni");
  info.hasBF16 = has("avx512bf16");
  info.vectorBits = info.hasAVX512 ? 512 : info.hasAVX2 ? 256 : 128;
  info.vectorRegisters = info.hasAVX512 ? 32 : 16;
  std::vector<StringRef> required;
  for (StringRef feature : kChecked)
    if (has(feature))
      required.push_back(feature);
  info.required = llvm::join(required, ",");
  return info;
}

int64_t TargetInfo::getLanes(mlir::Type type) const {
  unsigned bits = type.isInteger(1) || type.isIndex()
                      ? (type.isIndex() ? 64 : 8)
                      : type.getIntOrFloatBitWidth();
  return std::max<int64_t>(1, vectorBits / bits);
}

std::unique_ptr<llvm::TargetMachine> TargetInfo::createTargetMachine() const {
  return std::unique_ptr<llvm::TargetMachine>(llvmTarget->createTargetMachine(
      llvm::Triple(triple), cpu, features, llvm::TargetOptions(),
      llvm::Reloc::PIC_, llvm::CodeModel::Small,
      llvm::CodeGenOptLevel::Default));
}
