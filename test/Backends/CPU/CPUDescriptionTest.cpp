//===- CPUDescriptionTest.cpp - How families of CPUs compute best ---------===//

#include "lambent/Backends/CPU/CPUDescription.h"
#include "lambent/Backends/CPU/TargetInfo.h"
#include "lambent/Backends/CPU/TunedChoices.h"
#include "gtest/gtest.h"
#include <map>

using namespace lambent::cpu;

namespace {

TEST(CPUDescription, belongsToAFamily) {
  EXPECT_EQ(CPUDescription::find("znver4").name, "zen");
  EXPECT_EQ(CPUDescription::find("graniterapids").name, "rapids");
  EXPECT_EQ(CPUDescription::find("x86-64-v4").name, "generic");
  EXPECT_EQ(CPUDescription::find("").name, "generic");
}

TEST(CPUDescription, knowsWhichRowsStayInL1) {
  CPUDescription eight{.l1Bytes = 32 << 10, .l1Ways = 8};
  EXPECT_EQ(eight.getSetPeriod(), 4096);
  EXPECT_EQ(eight.getCachedRowsPerSet(), 6);
  CPUDescription twelve{.l1Bytes = 48 << 10, .l1Ways = 12};
  EXPECT_EQ(twelve.getSetPeriod(), 4096);
  EXPECT_EQ(twelve.getCachedRowsPerSet(), 14);
  CPUDescription one{.l1Bytes = 32 << 10, .l1Ways = 1};
  EXPECT_EQ(one.getCachedRowsPerSet(), 1);
}

TEST(CPUDescription, namesTheCachesThatDiffer) {
  CPUDescription zen = CPUDescription::find("znver4");
  CacheSizes sizes{zen.l1Bytes, zen.l1Ways, zen.l2Bytes, zen.l3Bytes};
  EXPECT_EQ(zen.withCaches(sizes).name, "zen");
  sizes.l2Bytes = 512 << 10;
  sizes.l3Bytes = 16 << 20;
  EXPECT_EQ(zen.withCaches(sizes).name, "zen-l2-512k-l3-16m");
  EXPECT_EQ(zen.withCaches(sizes).l2Bytes, 512 << 10);
  EXPECT_EQ(zen.withCaches(sizes).flops, zen.flops);
  sizes.l1Bytes = 48 << 10;
  sizes.l1Ways = 12;
  sizes.l3Bytes = 0;
  EXPECT_EQ(zen.withCaches(sizes).name, "zen-l1-48k-12-l2-512k-l3-0");
  sizes.l2Bytes = 500'001;
  EXPECT_EQ(zen.withCaches(sizes).name, "zen-l1-48k-12-l2-500001-l3-0");
}

TEST(CPUDescription, ofThisMachineIsNamedForItsCaches) {
  auto native = TargetInfo::create("native");
  ASSERT_TRUE(bool(native));
  CPUDescription family = CPUDescription::find(native->tunedFor);
  EXPECT_TRUE(
      llvm::StringRef(native->description.name).starts_with(family.name));
  if (std::optional<CacheSizes> sizes = CacheSizes::detect())
    EXPECT_EQ(family.withCaches(*sizes).name, native->description.name);
  // Where a CPU is named, code is the same wherever it is compiled.
  auto named = TargetInfo::create("znver4");
  ASSERT_TRUE(bool(named));
  EXPECT_EQ(named->description.name, "zen");
}

//===-- Files -------------------------------------------------------------===//

/// Why a text is no description of a CPU.
std::string refuse(llvm::StringRef text, llvm::StringRef cpu = "znver4") {
  auto parsed = CPUDescription::parse(text, cpu);
  return parsed ? "" : llvm::toString(parsed.takeError());
}

/// A description's text with one part replaced.
std::string replaced(llvm::StringRef from, llvm::StringRef to) {
  std::string text = CPUDescription::find("znver4").write("znver4");
  size_t place = text.find(from);
  EXPECT_NE(place, std::string::npos);
  return text.replace(place, from.size(), to);
}

TEST(CPUDescription, isReadAsItWasWritten) {
  CPUDescription tuned = CPUDescription::find("znver4");
  tuned.prefetchStreams = 2;
  tuned.depthUnroll = 4;
  tuned.keepsPanels = false;
  tuned.l3Bytes = 16 << 20;
  tuned.memorySpeed = 31'000'000'000;
  auto read = CPUDescription::parse(tuned.write("znver4"), "znver4");
  ASSERT_TRUE(bool(read));
  EXPECT_EQ(read->prefetchStreams, 2);
  EXPECT_EQ(read->depthUnroll, 4);
  EXPECT_FALSE(read->keepsPanels);
  EXPECT_EQ(read->l3Bytes, 16 << 20);
  EXPECT_EQ(read->memorySpeed, 31'000'000'000);
  EXPECT_EQ(read->write("znver4"), tuned.write("znver4"));
}

TEST(CPUDescription, isNamedForWhatItsFileSays) {
  auto name = [](llvm::StringRef text) {
    auto read = CPUDescription::parse(text, "znver4");
    return read ? read->name : llvm::toString(read.takeError());
  };
  std::string text = CPUDescription::find("znver4").write("znver4");
  EXPECT_EQ(name(text).substr(0, 10), "tuned-zen-");
  EXPECT_EQ(name(text).size(), 16u);
  EXPECT_EQ(name(text), name(text + "\n\n"));
  EXPECT_NE(name(text),
            name(replaced("\"depth_unroll\": 1", "\"depth_unroll\": 2")));
}

TEST(CPUDescription, isRefusedWhereItIsNone) {
  constexpr const char *none =
      "expected a description of a CPU as 'lambent tune --cpu' writes it";
  for (llvm::StringRef text : {"", "{", "7", "[]", "{}", "\xff\xfe",
                               "{\"lambent_cpu_description\": 2}"})
    EXPECT_EQ(refuse(text), none) << text.str();
  EXPECT_EQ(
      refuse(replaced("znver4", "znver5")),
      "it describes the CPU 'znver5', but the code is tuned for 'znver4'");
  EXPECT_EQ(refuse(replaced("\"depth_unroll\": 1", "\"depth_unroll\": 0")),
            "expected 'depth_unroll' to be a number from 1 to 16");
  EXPECT_EQ(refuse(replaced("\"depth_unroll\": 1", "\"depth_unroll\": \"1\"")),
            "expected 'depth_unroll' to be a number from 1 to 16");
  EXPECT_EQ(refuse(replaced("\"flops\"", "\"flips\"")),
            "expected 'flops' to be a number from 0 to 1000000000000000");
  EXPECT_EQ(refuse(replaced("\"keeps_panels\": true", "\"keeps_panels\": 0")),
            "expected 'keeps_panels' to be true or false");
  EXPECT_EQ(refuse(replaced("\"l2_bytes\": 1048576", "\"l2_bytes\": 16")),
            "its caches are those of no CPU");
}

TEST(CPUDescription, isWhatATargetIsGiven) {
  std::string text = CPUDescription::find("znver4").write("znver4");
  auto target = TargetInfo::create("x86-64-v4:znver4", text);
  ASSERT_TRUE(bool(target));
  EXPECT_EQ(target->description.name.substr(0, 10), "tuned-zen-");
  auto other = TargetInfo::create("x86-64-v4", text);
  ASSERT_FALSE(bool(other));
  EXPECT_EQ(llvm::toString(other.takeError()),
            "it describes the CPU 'znver4', but the code is tuned for "
            "'x86-64-v4'");
}

TEST(TunedChoices, areReadAsTheyWereWritten) {
  TunedChoices choices;
  choices.set("00000000000000aa",
              {"panels<rows = 6, columns = 64>", 0.5, 0.75, 3});
  choices.set("00000000000000ab", {"", 1, 1, 7});
  auto read = TunedChoices::parse(choices.write());
  ASSERT_TRUE(bool(read));
  EXPECT_EQ(read->write(), choices.write());
  EXPECT_EQ(read->find("x"), nullptr);
  const TunedChoice *choice = read->find("00000000000000aa");
  ASSERT_NE(choice, nullptr);
  EXPECT_EQ(choice->algorithm, "panels<rows = 6, columns = 64>");
  EXPECT_EQ(choice->ms, 0.5);
  EXPECT_EQ(choice->estimatedMs, 0.75);
  EXPECT_EQ(choice->numTried, 3);
}

TEST(TunedChoices, areRefusedWhereTheyAreNone) {
  for (llvm::StringRef text :
       {"", "7", "{}", "{\"lambent_tuned_choices\": 1}",
        "{\"lambent_tuned_choices\": 1, \"kernels\": {\"a\": 1}}",
        "{\"lambent_tuned_choices\": 1, \"kernels\": {\"a\": {}}}"}) {
    auto read = TunedChoices::parse(text);
    ASSERT_FALSE(bool(read)) << text.str();
    EXPECT_EQ(llvm::toString(read.takeError()),
              "expected choices as 'lambent tune MODEL' writes them");
  }
}

//===-- What a CPU says of its caches -------------------------------------===//

/// A CPU that answers with registers by leaf and subleaf.
struct FakeCPU {
  std::map<std::pair<uint32_t, uint32_t>, std::array<uint32_t, 4>> leaves;

  /// Adds a cache to a leaf.
  void add(uint32_t leaf, uint32_t index, uint32_t kind, uint32_t level,
           uint32_t ways, uint32_t sets) {
    leaves[{leaf, index}] = {kind | level << 5, (ways - 1) << 22 | 63, sets - 1,
                             0};
  }
  std::optional<CacheSizes> read() {
    return CacheSizes::read([&](uint32_t leaf, uint32_t subleaf) {
      return leaves[{leaf, subleaf}];
    });
  }
};

constexpr uint32_t intel = 4, amd = 0x8000001d, extended = 0x80000000;
enum Kind : uint32_t { Data = 1, Instructions, Unified };

TEST(CacheSizes, comeFromIntelsLeaf) {
  FakeCPU cpu;
  cpu.leaves[{0, 0}] = {0x20};
  cpu.add(intel, 0, Data, 1, 12, 64);
  cpu.add(intel, 1, Instructions, 1, 8, 64);
  cpu.add(intel, 2, Unified, 2, 16, 2048);
  cpu.add(intel, 3, Unified, 3, 15, 114688);
  CacheSizes expected{48 << 10, 12, 2 << 20, 105 << 20};
  EXPECT_EQ(cpu.read(), expected);
}

TEST(CacheSizes, comeFromAMDsLeaf) {
  FakeCPU cpu;
  cpu.leaves[{0, 0}] = {0x10};
  cpu.leaves[{extended, 0}] = {0x80000028};
  cpu.add(amd, 0, Data, 1, 8, 64);
  cpu.add(amd, 1, Instructions, 1, 8, 64);
  cpu.add(amd, 2, Unified, 2, 8, 2048);
  cpu.add(amd, 3, Unified, 3, 16, 32768);
  CacheSizes expected{32 << 10, 8, 1 << 20, 32 << 20};
  EXPECT_EQ(cpu.read(), expected);
  cpu.leaves[{extended, 0}] = {0x8000001c};
  EXPECT_EQ(cpu.read(), std::nullopt) << "it has no such leaf";
}

TEST(CacheSizes, areNotTakenWhereNoCPUHasSuch) {
  FakeCPU cpu;
  EXPECT_EQ(cpu.read(), std::nullopt) << "it says nothing";
  cpu.leaves[{0, 0}] = {0x20};
  cpu.add(intel, 0, Data, 1, 12, 64);
  EXPECT_EQ(cpu.read(), std::nullopt) << "there is no L2";
  cpu.add(intel, 1, Unified, 2, 16, 2048);
  EXPECT_TRUE(cpu.read().has_value()) << "there need not be an L3";
  cpu.add(intel, 2, Unified, 3, 4, 64);
  EXPECT_EQ(cpu.read(), std::nullopt) << "L3 is smaller than L2";
  cpu.add(intel, 2, Unified, 3, 1024, 0xffffffff);
  EXPECT_EQ(cpu.read(), std::nullopt) << "L3 is larger than any";
}

} // namespace
