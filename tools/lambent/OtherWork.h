//===- OtherWork.h - What happens between a model's runs --------*- C++ -*-===//

#ifndef LAMBENT_TOOLS_OTHERWORK_H
#define LAMBENT_TOOLS_OTHERWORK_H

#include <cstdint>
#include <vector>

namespace lambent::driver {

/// Work on other memory, as an application does between two runs: it takes all
/// caches.
class OtherWork {
public:
  /// By so many threads, each with memory of its own.
  explicit OtherWork(unsigned threads);
  uint64_t getBytes() const {
    return memory.size() * memory.front().size() * sizeof(uint64_t);
  }
  /// Adds to every number of it.
  void run();

private:
  std::vector<std::vector<uint64_t>> memory;
};

} // namespace lambent::driver

#endif
