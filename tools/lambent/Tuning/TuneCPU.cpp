//===- TuneCPU.cpp - Measures this machine's CPU --------------------------===//
//
// Products with weights from afar say how loops should be: first whether panels
// are kept and how the next one is fetched, then how far k is unrolled. What is
// simpler stays unless another way gains more than noise.
//
//===----------------------------------------------------------------------===//

#include "TuneCPU.h"
#include "../Handles.h"
#include "../Report.h"
#include "../TensorText.h"
#include "MachineSpeeds.h"
#include "ProductChain.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <unistd.h>

namespace lambent::driver {

namespace {

/// A file that goes when this does.
class TemporaryFile {
public:
  bool create() {
    std::error_code error;
    path = (std::filesystem::temp_directory_path(error) / "lambent-XXXXXX")
               .string();
    int file = error ? -1 : mkstemp(path.data());
    if (file < 0)
      return false;
    close(file);
    return true;
  }
  ~TemporaryFile() { unlink(path.c_str()); }
  const std::string &get() const { return path; }

private:
  std::string path;
};

/// The ways in which loops may be, tried one after the other.
class LoopSearch {
public:
  LoopSearch(const LambentCpuDescription &description, const Budget &budget)
      : best(description), budget(budget) {
    // Beyond all caches, but not so much that packing it takes longer.
    uint64_t bytes = std::clamp<uint64_t>(
        2 * std::max(best.l2_bytes, best.l3_bytes), 48 << 20, 160 << 20);
    chains.emplace_back(std::make_unique<ProductChain>(49, 2048, 512, bytes));
    chains.emplace_back(std::make_unique<ProductChain>(128, 768, 768, bytes));
  }

  /// Prints what is wrong; returns an exit status.
  int run() {
    if (!budget.allows(0.5))
      return Done;
    if (!file.create())
      return reportError("cannot write a temporary file");
    printHead();
    LambentCpuDescription family = best;
    if (int status = measure(family))
      return status;
    for (uint32_t keeps : {0u, 1u})
      for (uint32_t streams : {0u, 1u, 2u, 4u}) {
        LambentCpuDescription tried = family;
        tried.keeps_panels = keeps;
        tried.prefetch_streams = streams;
        if (int status = measureNew(tried))
          return status;
      }
    LambentCpuDescription order = best;
    for (uint32_t unroll : {1u, 4u, 8u}) {
      LambentCpuDescription tried = order;
      tried.depth_unroll = unroll;
      if (int status = measureNew(tried))
        return status;
    }
    return Done;
  }

  const LambentCpuDescription &getBest() const { return best; }

private:
  static std::string describe(const LambentCpuDescription &way) {
    std::string text =
        way.keeps_panels ? "panels for all rows, " : "panels for some rows, ";
    text += way.prefetch_streams
                ? std::to_string(way.prefetch_streams) + " streams ahead, "
                : "none ahead, ";
    return text + std::to_string(way.depth_unroll) + " steps a trip";
  }

  void printHead() const {
    std::printf("\n%-52s", "products on weights from memory, GFLOP/s");
    for (const auto &chain : chains)
      std::printf(" %12s", chain->getName().c_str());
    std::printf("\n");
  }

  static bool isSame(const LambentCpuDescription &a,
                     const LambentCpuDescription &b) {
    return a.keeps_panels == b.keeps_panels &&
           a.prefetch_streams == b.prefetch_streams &&
           a.depth_unroll == b.depth_unroll;
  }

  int measureNew(const LambentCpuDescription &tried) {
    for (const LambentCpuDescription &other : measured)
      if (isSame(tried, other))
        return Done;
    return budget.allows(longest) ? measure(tried) : int(Done);
  }

  /// What gains more than noise becomes the best.
  int measure(const LambentCpuDescription &tried) {
    constexpr double leastGain = 1.03;
    double begin = budget.passed(), score = 0;
    if (int status = reportStatus(
            lambent_cpu_description_write(&tried, file.get().c_str())))
      return status;
    std::printf("%-52s", describe(tried).c_str());
    for (const auto &chain : chains) {
      double gflops = 0;
      if (int status = chain->measure(file.get(), gflops))
        return status;
      score += std::log(gflops);
      std::printf(" %12.1f", gflops);
      std::fflush(stdout);
    }
    std::printf("\n");
    score = std::exp(score / static_cast<double>(chains.size()));
    if (measured.empty() || score > bestScore * leastGain) {
      best = tried;
      bestScore = score;
    }
    measured.push_back(tried);
    longest = std::max(longest, budget.passed() - begin);
    return Done;
  }

  LambentCpuDescription best;
  const Budget &budget;
  std::vector<std::unique_ptr<ProductChain>> chains;
  std::vector<LambentCpuDescription> measured;
  TemporaryFile file;
  double bestScore = 0, longest = 0;
};

} // namespace

static void print(const LambentCpuDescription &description,
                  const MachineSpeeds &speeds) {
  std::printf("CPU          %s\n", shown(description.cpu).c_str());
  std::printf("caches       L1 %s in %llu ways, L2 %s, L3 %s\n",
              sizeText(description.l1_bytes).c_str(),
              static_cast<unsigned long long>(description.l1_ways),
              sizeText(description.l2_bytes).c_str(),
              description.l3_bytes ? sizeText(description.l3_bytes).c_str()
                                   : "none, or not known");
  std::printf("\n%-14s %12s %12s\n", "speed", "1 thread",
              ("all " + std::to_string(speeds.threads)).c_str());
  for (const MachineSpeed *speed : speeds.list())
    if (speed->one > 0)
      std::printf("%-14s %12.1f %12.1f %s\n", speed->what.c_str(), speed->one,
                  speed->all, speed->unit.c_str());
}

/// A speed as descriptions have it; what is measured is not known to more.
static uint64_t roundSpeed(double giga) {
  return static_cast<uint64_t>(std::llround(giga)) * 1'000'000'000;
}

static int findDescription(const char *path, CpuDescription &description) {
  const LambentCpuDescription *found = nullptr;
  int status =
      reportStatus(lambent_cpu_description_find(nullptr, path, &found));
  description.reset(found);
  return status;
}

int tuneCPU(const Budget &budget, const std::string &output) {
  CpuDescription family;
  if (int status = findDescription("", family))
    return status;
  std::string path = output.empty() ? family->file : output;
  if (path.empty())
    return reportError("there is no folder to keep the description in: neither "
                       "XDG_CACHE_HOME nor HOME names one, and no --output is "
                       "given");
  LambentCpuDescription description = *family;
  MachineSpeeds speeds = MachineSpeeds::measure(description);
  description.flops = roundSpeed(speeds.peak.one);
  description.l2_speed = roundSpeed(speeds.l2.one);
  description.l3_speed = roundSpeed(speeds.l3.one);
  description.memory_speed = roundSpeed(speeds.memory.one);
  print(description, speeds);
  LoopSearch search(description, budget);
  if (int status = search.run())
    return status;
  if (int status = reportStatus(
          lambent_cpu_description_write(&search.getBest(), path.c_str())))
    return status;
  CpuDescription written;
  if (int status = findDescription(path.c_str(), written))
    return status;
  std::printf("\ndescription  %s in %s\nproducts     %s, %u streams ahead, %u "
              "steps a trip\n",
              shown(written->name).c_str(), shown(path).c_str(),
              written->keeps_panels ? "panels for all rows"
                                    : "panels for some rows",
              written->prefetch_streams, written->depth_unroll);
  return Done;
}

} // namespace lambent::driver
