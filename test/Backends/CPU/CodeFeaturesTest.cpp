//===- CodeFeaturesTest.cpp - The closed list of what code may use --------===//
//
// What compiled instructions use is read in test/Tools/cpu-features.test; here
// is what LLVM may generate at all, and what the runtime can check.
//
//===----------------------------------------------------------------------===//

#include "lambent/Backends/CPU/CodeFeatures.h"
#include "lambent/Backends/CPU/TargetInfo.h"
#include "lambent/Runtime/CpuFeatures.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/TargetParser/Triple.h"
#include <gtest/gtest.h>

using lambent::cpu::TileUnitKind;
using namespace lambent;
using cpu::CodeFeatures;
using cpu::TargetInfo;
using runtime::Architecture;

namespace {

std::unique_ptr<llvm::MCSubtargetInfo>
getSubtarget(const TargetInfo &target, llvm::StringRef features = "") {
  return std::unique_ptr<llvm::MCSubtargetInfo>(
      target.llvmTarget->createMCSubtargetInfo(llvm::Triple(target.triple),
                                               target.baseCPU, features));
}

llvm::StringSet<> split(llvm::StringRef list) {
  llvm::StringSet<> names;
  for (llvm::StringRef name : llvm::split(list, ','))
    if (!name.empty())
      names.insert(name);
  return names;
}

/// Expects that what LLVM generates code with, beyond the base, is what is
/// listed. Returns false for what is no 64-bit CPU.
bool listsAllThatIsUsed(const std::string &cpu) {
  llvm::Expected<TargetInfo> target = TargetInfo::create(cpu);
  if (!target) {
    EXPECT_EQ(llvm::toString(target.takeError()),
              "CPU '" + cpu + "' is not a 64-bit one");
    return false;
  }
  auto base = getSubtarget(*target);
  auto used = getSubtarget(*target, target->getFeatureString());
  llvm::StringSet<> listed = split(target->required);
  for (const llvm::SubtargetFeatureKV &feature :
       used->getAllProcessorFeatures())
    if (used->hasFeature(feature.Value) && !base->hasFeature(feature.Value)) {
      EXPECT_TRUE(listed.contains(feature.Key)) << cpu << " " << feature.Key;
    }
  return true;
}

TEST(CodeFeatures, areListedForEveryX86CPU) {
  llvm::Expected<TargetInfo> x86 = TargetInfo::create("x86-64");
  ASSERT_TRUE(bool(x86));
  unsigned taken = 0, refused = 0;
  for (const llvm::SubtargetSubTypeKV &cpu :
       getSubtarget(*x86)->getAllProcessorDescriptions())
    ++(listsAllThatIsUsed(cpu.Key) ? taken : refused);
  EXPECT_GT(taken, 80u);
  EXPECT_GT(refused, 10u);
}

TEST(CodeFeatures, areListedForEveryAArch64CPU) {
  llvm::Expected<TargetInfo> arm = TargetInfo::create("aarch64");
  ASSERT_TRUE(bool(arm));
  EXPECT_EQ(arm->required, "fp-armv8,neon");
  unsigned taken = 0;
  for (const llvm::SubtargetSubTypeKV &cpu :
       getSubtarget(*arm)->getAllProcessorDescriptions())
    taken += listsAllThatIsUsed("aarch64:" + std::string(cpu.Key));
  EXPECT_GT(taken, 50u);
}

TEST(CodeFeatures, nothingBeyondTheBaseIsUsedUnlisted) {
  llvm::Expected<TargetInfo> target = TargetInfo::create("x86-64");
  ASSERT_TRUE(bool(target));
  EXPECT_EQ(target->required, "");
  EXPECT_EQ(target->getFeatureString(), "");
}

/// CPUs whose own instructions died where artefacts were thought to run.
TEST(CodeFeatures, leaveOutWhatNoKernelNeeds) {
  for (const char *cpu :
       {"bdver2", "bdver4", "sapphirerapids", "diamondrapids", "novalake"}) {
    llvm::Expected<TargetInfo> target = TargetInfo::create(cpu);
    ASSERT_TRUE(bool(target));
    llvm::StringSet<> listed = split(target->required);
    EXPECT_TRUE(listed.contains("fma"));
    for (const char *name : {"fma4", "xop", "tbm", "sse4a", "avx512fp16",
                             "avx10.1", "avx10.2", "egpr", "amx-fp16"})
      EXPECT_FALSE(listed.contains(name)) << cpu << " " << name;
  }
}

/// A CPU to tune for does not say what code may use.
TEST(CodeFeatures, tilesAreThoseOfTheCPU) {
  auto getUnit = [](const char *cpu) {
    llvm::Expected<TargetInfo> target = TargetInfo::create(cpu);
    EXPECT_TRUE(bool(target));
    bool isListed = split(target->required).contains("amx-bf16");
    EXPECT_EQ(isListed, target->tileUnit == TileUnitKind::AMX);
    return target->tileUnit;
  };
  for (const char *cpu :
       {"sapphirerapids", "graniterapids", "graniterapids:znver4"})
    EXPECT_EQ(getUnit(cpu), TileUnitKind::AMX) << cpu;
  for (const char *cpu :
       {"znver4", "x86-64-v4:graniterapids", "icelake-server:graniterapids"})
    EXPECT_EQ(getUnit(cpu), TileUnitKind::None) << cpu;
}

TEST(CodeFeatures, theRuntimeKnowsEach) {
  auto knows = [](Architecture architecture, llvm::StringRef name) {
    return runtime::knowsCpuFeature(architecture, name.data(), name.size());
  };
  for (llvm::StringRef name : CodeFeatures::getX86().names)
    EXPECT_TRUE(knows(Architecture::X86, name)) << name.str();
  for (llvm::StringRef name : CodeFeatures::getAArch64().names)
    EXPECT_TRUE(knows(Architecture::AArch64, name)) << name.str();
  EXPECT_FALSE(knows(Architecture::X86, "neon"));
  EXPECT_FALSE(knows(Architecture::AArch64, "avx2"));
  EXPECT_FALSE(knows(Architecture::X86, "avx1024"));
}

TEST(CodeFeatures, ofThisMachineAreAllHere) {
  llvm::Expected<TargetInfo> native = TargetInfo::create("native");
  ASSERT_TRUE(bool(native));
  char *missing;
  EXPECT_EQ(runtime::listMissingCpuFeatures(native->required.c_str(), &missing),
            nullptr);
  EXPECT_EQ(missing, nullptr);
  free(missing);
}

} // namespace
