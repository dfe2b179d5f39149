//===- Scaling.cpp - How a model would scale, from the times of its chunks ===//
//
// usage: Scaling MODEL.so [ROUNDS]
//
// Runs an artefact of bound sizes on one thread, times every chunk of every
// kernel by itself, the least of some rounds each, and deals the chunks out to
// more workers as the pool does: in order, each to the worker that is free
// first, with half a microsecond for each region. Prints the time of a run and
// the speed-up for 1 to 64 workers. Workers share no caches and no memory here,
// so that this is what the chunks allow, not what a machine gives.
//
//===----------------------------------------------------------------------===//

#include "Runtime/Module.h"
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <lambent-c/lambent.hpp>
#include <queue>
#include <string>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "%s\n", message.c_str());
  std::exit(1);
}

/// Memory at a multiple of 64 bytes.
struct Block {
  explicit Block(size_t bytes)
      : data(static_cast<char *>(
            std::aligned_alloc(64, (bytes + 64) / 64 * 64))) {
    std::fill_n(data, bytes, char(0));
  }
  ~Block() { std::free(data); }
  Block(Block &&other) noexcept : data(std::exchange(other.data, nullptr)) {}
  Block(const Block &) = delete;
  char *data;
};

/// What is dealt out together: chunks in order, in microseconds.
struct Region {
  int64_t layer = 0;
  std::vector<double> chunks;
};

/// Times the regions of a run, which are the same in each.
class Recorder {
public:
  Recorder(const LambentModel &model, const void *weights)
      : model(model), weights(static_cast<const char *>(weights)),
        arena(model.arena_bytes), scratch(model.scratch_bytes) {
    if (model.num_symbols || model.num_calls || model.num_lists)
      fail("expected a library of bound sizes without control flow");
    for (uint32_t i = 0; i < model.num_inputs; ++i)
      inputs.emplace_back(getBytes(model.inputs[i]));
    for (uint32_t i = 0; i < model.num_outputs; ++i)
      outputs.emplace_back(getBytes(model.outputs[i]));
  }

  void run() {
    std::vector<void *> in, out;
    for (Block &block : inputs)
      in.push_back(block.data);
    for (Block &block : outputs)
      out.push_back(block.data);
    std::vector<LambentFault> faults(model.num_checks);
    State state{};
    state.call.inputs = in.data();
    state.call.outputs = out.data();
    state.call.arena = arena.data;
    state.call.weights = weights;
    state.call.parallel_for = time;
    state.call.faults = faults.data();
    state.recorder = this;
    next = 0;
    model.run(&state.call);
  }

  std::vector<Region> regions;

private:
  struct State {
    LambentCall call;
    Recorder *recorder;
  };

  static size_t getBytes(const LambentTensorInfo &info) {
    size_t bytes = std::max(info.type_bits / 8, 1);
    for (int64_t d = 0; d < info.rank; ++d)
      bytes *= static_cast<size_t>(info.dims[d]);
    return bytes;
  }

  static void time(LambentCall *call, int64_t layer, LambentKernel kernel,
                   void *const *buffers, int64_t chunks) {
    Recorder &self = *reinterpret_cast<State *>(call)->recorder;
    if (self.next == self.regions.size())
      self.regions.push_back({layer, std::vector<double>(chunks, 1e9)});
    Region &region = self.regions[self.next++];
    for (int64_t i = 0; i < chunks; ++i) {
      auto begin = std::chrono::steady_clock::now();
      kernel(buffers, i, i + 1, self.scratch.data);
      std::chrono::duration<double, std::micro> took =
          std::chrono::steady_clock::now() - begin;
      region.chunks[i] = std::min(region.chunks[i], took.count());
    }
  }

  const LambentModel &model;
  const char *weights;
  Block arena, scratch;
  std::vector<Block> inputs, outputs;
  size_t next = 0;
};

/// Microseconds for chunks that workers take as they become free.
double deal(const std::vector<double> &chunks, int workers) {
  constexpr double region = 0.5;
  std::priority_queue<double, std::vector<double>, std::greater<>> free;
  for (int i = 0; i < workers; ++i)
    free.push(0);
  double end = 0;
  for (double chunk : chunks) {
    double at = free.top() + chunk;
    free.pop();
    free.push(at);
    end = std::max(end, at);
  }
  return end + (workers > 1 ? region : 0);
}

/// Layers that may wait are dealt out with the one behind them where that is
/// faster.
double simulate(const LambentModel &model, const std::vector<Region> &regions,
                int workers) {
  double total = 0, apart = 0;
  std::vector<double> together;
  for (const Region &region : regions) {
    apart += deal(region.chunks, workers);
    together.insert(together.end(), region.chunks.begin(), region.chunks.end());
    if (model.layers[region.layer].waits)
      continue;
    total += std::min(apart, deal(together, workers));
    apart = 0;
    together.clear();
  }
  return total + apart;
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 2)
    fail("usage: Scaling MODEL.so [ROUNDS]");
  auto module = lambent::Module::load(argv[1]);
  if (!module)
    fail(module.message());
  const LambentModel &model = module->model();
  Recorder recorder(model,
                    lambent::runtime::unwrap(module->get())->getWeights());
  for (int round = 0, rounds = argc > 2 ? std::atoi(argv[2]) : 20;
       round < rounds; ++round)
    recorder.run();
  size_t chunks = 0;
  for (const Region &region : recorder.regions)
    chunks += region.chunks.size();
  std::printf("%s: %zu regions, %zu chunks\n", argv[1], recorder.regions.size(),
              chunks);
  double alone = simulate(model, recorder.regions, 1);
  for (int workers = 1; workers <= 64; workers *= 2) {
    double time = simulate(model, recorder.regions, workers);
    std::printf("%2d workers %9.3f ms %6.2fx\n", workers, time / 1e3,
                alone / time);
  }
  return 0;
}
