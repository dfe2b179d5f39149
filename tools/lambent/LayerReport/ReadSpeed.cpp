//===- ReadSpeed.cpp - How fast this machine reads memory -----------------===//

#include "ReadSpeed.h"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <string>
#include <sys/mman.h>
#include <system_error>
#include <thread>
#include <vector>

namespace lambent::driver {

uint64_t getCacheBytes(int level) {
  for (int index = 0; index < 8; ++index) {
    std::string folder = "/sys/devices/system/cpu/cpu0/cache/index" +
                         std::to_string(index) + "/";
    std::ifstream levelFile(folder + "level"), typeFile(folder + "type"),
        sizeFile(folder + "size");
    int found = 0;
    uint64_t size = 0;
    char unit = 0;
    std::string type;
    if (!(levelFile >> found) || !(typeFile >> type) || !(sizeFile >> size))
      continue;
    sizeFile >> unit;
    if (found == level && type != "Instruction")
      return size << (unit == 'M' ? 20 : unit == 'K' ? 10 : 0);
  }
  return 0;
}

namespace {

using Clock = std::chrono::steady_clock;

/// Memory of its own pages, all there.
class Buffer {
public:
  explicit Buffer(uint64_t bytes) : bytes(bytes) {
    void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      return;
    madvise(memory, bytes, MADV_HUGEPAGE);
    std::memset(memory, 1, bytes);
    data = static_cast<const char *>(memory);
  }
  Buffer(const Buffer &) = delete;
  ~Buffer() {
    if (data)
      munmap(const_cast<char *>(data), bytes);
  }
  const char *get() const { return data; }

private:
  uint64_t bytes;
  const char *data = nullptr;
};

// Reads all of it but an end. Four chains, so that no load waits for another's
// result.
#if defined(__x86_64__)
#define LAMBENT_USE(value) asm volatile("" : : "v"(value))
#else
#define LAMBENT_USE(value) asm volatile("" : : "w"(value))
#endif

#define LAMBENT_READ(NAME, BYTES, ATTRIBUTES)                                  \
  ATTRIBUTES void NAME(const char *data, uint64_t bytes) {                     \
    typedef uint64_t Vector __attribute__((vector_size(BYTES)));               \
    Vector a = {}, b = {}, c = {}, d = {};                                     \
    const auto *next = reinterpret_cast<const Vector *>(data);                 \
    const auto *end = next + bytes / sizeof(Vector) / 8 * 8;                   \
    for (; next < end; next += 8) {                                            \
      a |= next[0];                                                            \
      b |= next[1];                                                            \
      c |= next[2];                                                            \
      d |= next[3];                                                            \
      a |= next[4];                                                            \
      b |= next[5];                                                            \
      c |= next[6];                                                            \
      d |= next[7];                                                            \
    }                                                                          \
    a |= b | c | d;                                                            \
    LAMBENT_USE(a);                                                            \
  }

LAMBENT_READ(readNarrow, 16, )
#if defined(__x86_64__)
LAMBENT_READ(readAvx, 32, __attribute__((target("avx2"))))
LAMBENT_READ(readAvx512, 64, __attribute__((target("avx512f"))))
#endif

/// Reads with the widest vectors that there are: narrower ones do not reach the
/// speed of the nearest caches.
auto findRead() -> void (*)(const char *, uint64_t) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    return readAvx512;
  if (__builtin_cpu_supports("avx2"))
    return readAvx;
#endif
  return readNarrow;
}

/// What one thread reads in a time, in bytes a second: the best of some rounds.
double readAgain(const char *data, uint64_t bytes) {
  // Of a round, so that reading the clock does not count.
  constexpr uint64_t leastBytes = 4 << 20;
  constexpr auto time = std::chrono::milliseconds(20);
  uint64_t passes = std::max<uint64_t>(1, leastBytes / bytes);
  auto *read = findRead();
  double best = 0;
  Clock::time_point end = Clock::now() + time;
  do {
    Clock::time_point start = Clock::now();
    for (uint64_t i = 0; i < passes; ++i)
      read(data, bytes);
    std::chrono::duration<double> taken = Clock::now() - start;
    best = std::max(best, static_cast<double>(passes * bytes) / taken.count());
  } while (Clock::now() < end);
  return best;
}

} // namespace

double measureReadSpeed(unsigned threads, uint64_t bytes) {
  std::vector<double> speeds(threads);
  std::atomic<unsigned> numReady = 0, expected = threads;
  auto work = [&](unsigned index) {
    Buffer buffer(bytes);
    ++numReady;
    while (numReady < expected)
      std::this_thread::yield();
    if (buffer.get())
      speeds[index] = readAgain(buffer.get(), bytes);
  };
  std::vector<std::thread> others;
  try {
    for (unsigned i = 1; i < threads; ++i)
      others.emplace_back(work, i);
  } catch (const std::system_error &) {
    expected = static_cast<unsigned>(others.size()) + 1;
  }
  work(0);
  for (std::thread &other : others)
    other.join();
  double sum = 0;
  for (double speed : speeds)
    sum += speed;
  return sum * 1e-9;
}

} // namespace lambent::driver
