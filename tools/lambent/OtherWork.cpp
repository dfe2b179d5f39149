//===- OtherWork.cpp - What happens between a model's runs ----------------===//

#include "OtherWork.h"
#include "LayerReport/ReadSpeed.h"
#include <algorithm>
#include <system_error>
#include <thread>

namespace lambent::driver {

OtherWork::OtherWork(unsigned threads) {
  // Together more than L3, each more than L2.
  constexpr uint64_t least = 64 << 20, most = 1 << 30;
  uint64_t bytes = std::clamp(2 * getCacheBytes(3), least, most) / threads;
  bytes = std::max(bytes, 4 * getCacheBytes(2));
  for (unsigned i = 0; i < threads; ++i)
    memory.emplace_back(bytes / sizeof(uint64_t));
}

void OtherWork::run() {
  auto work = [](std::vector<uint64_t> &part) {
    for (uint64_t &number : part)
      ++number;
  };
  std::vector<std::thread> others;
  size_t taken = 1;
  // Parts for which there is no thread are the first one's.
  try {
    for (; taken < memory.size(); ++taken)
      others.emplace_back(work, std::ref(memory[taken]));
  } catch (const std::system_error &) {
  }
  work(memory.front());
  for (; taken < memory.size(); ++taken)
    work(memory[taken]);
  for (std::thread &thread : others)
    thread.join();
}

} // namespace lambent::driver
