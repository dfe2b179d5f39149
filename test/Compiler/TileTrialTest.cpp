//===- TileTrialTest.cpp - Trying the tiles of AMX before they are used ---===//

#include "TileTrial.h"
#include "lambent/Backends/CPU/TargetInfo.h"
#include "gtest/gtest.h"
#include <csignal>
#include <cstdlib>

using namespace lambent;

/// What it takes for right is right: multiply-adds of vectors compute it, too.
TEST(TileTrial, TakesOtherCodeForRight) {
  for (const char *cpu : {"x86-64", "native"}) {
    llvm::Expected<TileTrial> trial = TileTrial::compile(cpu);
    ASSERT_TRUE(bool(trial)) << llvm::toString(trial.takeError());
    EXPECT_FALSE(trial->usesTiles());
    EXPECT_TRUE(trial->isRight());
  }
}

TEST(TileTrial, UsesTilesOfBothKinds) {
  for (const char *cpu : {"sapphirerapids", "graniterapids"}) {
    llvm::Expected<TileTrial> trial = TileTrial::compile(cpu);
    ASSERT_TRUE(bool(trial)) << llvm::toString(trial.takeError());
    EXPECT_TRUE(trial->usesTiles());
  }
}

TEST(TileTrial, AsksAChild) {
  EXPECT_TRUE(holdsInChild([] { return true; }));
  EXPECT_FALSE(holdsInChild([] { return false; }));
}

TEST(TileTrial, SurvivesWhatEndsTheChild) {
  EXPECT_FALSE(holdsInChild([]() -> bool { __builtin_trap(); }));
  EXPECT_FALSE(holdsInChild([]() -> bool { std::abort(); }));
  EXPECT_FALSE(holdsInChild([] { return std::raise(SIGSEGV) == 0; }));
}

/// An application may not want to hear of children.
TEST(TileTrial, NeedsNoStatusOfTheChild) {
  auto before = std::signal(SIGCHLD, SIG_IGN);
  EXPECT_TRUE(holdsInChild([] { return true; }));
  EXPECT_FALSE(holdsInChild([]() -> bool { std::abort(); }));
  std::signal(SIGCHLD, before);
}

/// Native alone never has AMX: only a trial adds it.
TEST(TileTrial, AddsTilesToNative) {
  std::string resolved = resolveCpu("native");
  llvm::Expected<cpu::TargetInfo> plain = cpu::TargetInfo::create("native");
  llvm::Expected<cpu::TargetInfo> target = cpu::TargetInfo::create(resolved);
  ASSERT_TRUE(plain && target);
  EXPECT_EQ(plain->tileUnit, cpu::TileUnitKind::None);
  EXPECT_EQ(target->tileUnit == cpu::TileUnitKind::AMX,
            resolved == "native+amx");
  EXPECT_EQ(target->tunedFor, plain->tunedFor);
  EXPECT_EQ(target->description.name, plain->description.name);
  EXPECT_EQ(resolveCpu("sapphirerapids"), "sapphirerapids");
}
