//===- TargetInfo.cpp - Facts of the CPU that code is generated for -------===//

#include "lambent/Backends/CPU/TargetInfo.h"
#include "lambent/Backends/CPU/CodeFeatures.h"
#include "lambent/Backends/CodeGeneration.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/SubtargetFeature.h"
#include "llvm/TargetParser/Triple.h"
#include <mutex>

using namespace lambent::cpu;
using llvm::Expected;
using llvm::StringRef;

static constexpr StringRef native = "native", nativeWithTiles = "native+amx";

/// What this machine can do, as a feature string: its CPU by name may have more
/// than the operating system lets it use.
static std::string hostFeatures(bool withTiles) {
  llvm::SubtargetFeatures features;
  for (const auto &[name, has] : llvm::sys::getHostCPUFeatures())
    features.AddFeature(name, has && (withTiles || !name.starts_with("amx-")));
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

static Expected<CPUDescription> describe(bool isNative, StringRef tunedFor,
                                         StringRef description) {
  if (!description.empty())
    return CPUDescription::parse(description, tunedFor);
  CPUDescription family = CPUDescription::find(tunedFor);
  std::optional<CacheSizes> sizes;
  if (isNative)
    sizes = CacheSizes::detect();
  return sizes ? family.withCaches(*sizes) : family;
}

Expected<TargetInfo> TargetInfo::create(StringRef cpu, StringRef description) {
  TargetInfo info;
  std::string features;
  llvm::Triple host(llvm::sys::getProcessTriple());
  auto [arch, model] = cpu.split(':');
  bool isNative = cpu == native || cpu == nativeWithTiles;
  if (arch == "aarch64" || arch == "arm64") {
    info.triple = "aarch64-unknown-linux-gnu";
    info.tunedFor = model.empty() ? "generic" : model.str();
    info.isX86 = false;
  } else if (isNative) {
    info.triple = host.str();
    info.tunedFor = llvm::sys::getHostCPUName().str();
    info.isX86 = host.isX86();
    features = hostFeatures(cpu == nativeWithTiles);
  } else {
    info.triple = "x86_64-unknown-linux-gnu";
    info.tunedFor = model.empty() ? arch.str() : model.str();
  }
  std::string able = info.isX86 && !isNative ? arch.str() : info.tunedFor;

  llvm::Triple triple(info.triple);
  Expected<const llvm::Target *> target = getTarget(triple);
  if (!target)
    return target.takeError();
  info.llvmTarget = *target;
  // Asked for an unknown CPU, LLVM would print a warning of its own.
  std::unique_ptr<llvm::MCSubtargetInfo> any(
      (*target)->createMCSubtargetInfo(triple, "", ""));
  if (!any || !any->isCPUStringValid(info.tunedFor) ||
      !any->isCPUStringValid(able))
    return llvm::createStringError(
        "unknown CPU '" + cpu +
        "': expected native, an x86-64 level (x86-64, x86-64-v2, x86-64-v3, "
        "x86-64-v4), an x86-64 CPU by LLVM's name (znver4, skylake-avx512), "
        "either of these and a CPU to tune for (x86-64-v4:znver4) or "
        "aarch64[:CPU]");
  std::unique_ptr<llvm::MCSubtargetInfo> subtarget(
      (*target)->createMCSubtargetInfo(triple, able, features));
  auto canUse = [&](StringRef feature) {
    return subtarget->checkFeatures(("+" + feature).str());
  };
  if (info.isX86 && !canUse("64bit"))
    return llvm::createStringError("CPU '" + able + "' is not a 64-bit one");
  Expected<CPUDescription> described =
      describe(isNative, info.tunedFor, description);
  if (!described)
    return described.takeError();
  info.description = std::move(*described);
  CodeFeatures usable =
      info.isX86 ? CodeFeatures::getX86() : CodeFeatures::getAArch64();
  info.baseCPU = usable.baseCPU;
  std::vector<StringRef> required;
  llvm::copy_if(usable.names, std::back_inserter(required), canUse);
  info.required = llvm::join(required, ",");
  auto has = [&](StringRef feature) {
    return llvm::is_contained(required, feature);
  };
  if (!info.isX86) {
    info.vectorRegisters = 32;
    info.hasFMA = true;
    return info;
  }
  info.hasRound = has("sse4.1");
  info.hasSSSE3 = has("ssse3");
  info.hasFMA = has("fma");
  info.hasF16C = has("f16c");
  info.hasAVX2 = has("avx2") && info.hasFMA;
  info.hasAVX512 =
      has("avx512f") && has("avx512bw") && has("avx512dq") && has("avx512vl");
  // Vectors of 256 bits have it with either.
  info.hasVNNI = info.hasAVX512 ? has("avx512vnni") : has("avxvnni");
  info.hasBF16 = info.hasAVX512 && has("avx512bf16");
  info.hasVBMI = info.hasAVX512 && has("avx512vbmi");
  if (has("amx-tile") && has("amx-bf16") && has("amx-int8") && info.hasAVX512)
    info.tileUnit = TileUnitKind::AMX;
  info.vectorBits = info.hasAVX512 ? 512 : info.hasAVX2 ? 256 : 128;
  info.vectorRegisters = info.hasAVX512 ? 32 : 16;
  return info;
}

std::string TargetInfo::getKey() const {
  return llvm::formatv("{0} {1} {2} {3} {4} {5} {6}", triple, tunedFor, baseCPU,
                       required, vectorBits, vectorRegisters, description.name);
}

std::string TargetInfo::getFeatureString() const {
  llvm::SubtargetFeatures features;
  for (StringRef name : llvm::split(required, ','))
    features.AddFeature(name);
  return features.getString();
}

int64_t TargetInfo::getLanes(mlir::Type type) const {
  unsigned bits = type.isInteger(1) || type.isIndex()
                      ? (type.isIndex() ? 64 : 8)
                      : type.getIntOrFloatBitWidth();
  return std::max<int64_t>(1, vectorBits / bits);
}

int64_t TargetInfo::getSumLanes(mlir::Type type) const {
  constexpr unsigned widest = 512;
  int64_t registers =
      isX86 && hasFMA ? std::max(1u, widest / unsigned(vectorBits)) : 1;
  return registers * getLanes(type);
}

std::unique_ptr<llvm::TargetMachine> TargetInfo::createTargetMachine() const {
  return std::unique_ptr<llvm::TargetMachine>(llvmTarget->createTargetMachine(
      llvm::Triple(triple), baseCPU, getFeatureString(), llvm::TargetOptions(),
      llvm::Reloc::PIC_, llvm::CodeModel::Small,
      llvm::CodeGenOptLevel::Default));
}
