//===- Hash.cpp - The checksum of code and weights ------------------------===//
//
// Blocks of 1 MiB are hashed each on its own, so that threads can share the
// work, and the blocks' hashes are hashed in turn. A block is read by eight
// independent lanes of 64-bit words, one multiplication each. Every step
//
//     lane = rotate((lane ^ word) * odd)
//
// is a bijection of the lane for a given word and of the word for a given lane,
// and so is the chain that joins lanes and blocks: whatever changes within one
// word certainly changes the result. Other changes go unseen once in 2^64.
//
//===----------------------------------------------------------------------===//

#include "Hash.h"
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

static constexpr uint64_t blockBytes = 1u << 20;
static constexpr unsigned numLanes = 8;
/// 2^64 divided by the golden ratio.
static constexpr uint64_t odd1 = 0x9E3779B97F4A7C15u;
static constexpr uint64_t odd2 = 0xD1342543DE82EF95u;

static inline uint64_t rotate(uint64_t value, unsigned by) {
  return value << by | value >> (64 - by);
}

static inline uint64_t loadWord(const unsigned char *data) {
  uint64_t word;
  memcpy(&word, data, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

/// Adds a word to a chain.
static inline uint64_t chain(uint64_t state, uint64_t word) {
  state = (state ^ word) * odd2;
  return state ^ state >> 32;
}

static uint64_t hashBlock(const unsigned char *data, uint64_t bytes) {
  uint64_t lanes[numLanes];
  for (unsigned i = 0; i < numLanes; ++i)
    lanes[i] = odd1 * (i + 1);
  auto addStripe = [&](const unsigned char *stripe) {
    for (unsigned i = 0; i < numLanes; ++i)
      lanes[i] = rotate(lanes[i] + loadWord(stripe + 8 * i) * odd1, 31) * odd2;
  };
  uint64_t position = 0;
  for (; position + 8 * numLanes <= bytes; position += 8 * numLanes)
    addStripe(data + position);
  if (position < bytes) {
    unsigned char last[8 * numLanes] = {};
    memcpy(last, data + position, bytes - position);
    addStripe(last);
  }
  uint64_t state = chain(odd2, bytes);
  for (uint64_t lane : lanes)
    state = chain(state, lane);
  return state;
}

uint64_t hash64(const void *data, uint64_t bytes, ThreadPool *pool) {
  struct Job {
    const unsigned char *data;
    uint64_t bytes;
    uint64_t *hashes;
    uint64_t hash(uint64_t block) const {
      uint64_t begin = block * blockBytes;
      return hashBlock(data + begin,
                       bytes - begin < blockBytes ? bytes - begin : blockBytes);
    }
  } job{static_cast<const unsigned char *>(data), bytes, nullptr};
  uint64_t blocks = (bytes + blockBytes - 1) / blockBytes;
  ThreadPool::Region *region = nullptr;
  if (pool && pool->size() > 1 && blocks > 1 && (region = pool->open())) {
    job.hashes = static_cast<uint64_t *>(malloc(blocks * sizeof(uint64_t)));
    auto body = [](void *argument, int64_t begin, int64_t end, unsigned) {
      auto *job = static_cast<Job *>(argument);
      for (int64_t block = begin; block < end; ++block)
        job->hashes[block] = job->hash(static_cast<uint64_t>(block));
    };
    if (job.hashes)
      pool->run(region, body, &job, static_cast<int64_t>(blocks));
    pool->close(region);
  }
  uint64_t state = chain(odd1, bytes);
  for (uint64_t block = 0; block < blocks; ++block)
    state = chain(state, job.hashes ? job.hashes[block] : job.hash(block));
  free(job.hashes);
  return state ^ state >> 29;
}

} // namespace lambent::runtime

uint64_t lambent_hash64(const void *data, uint64_t bytes) {
  return lambent::runtime::hash64(data, data ? bytes : 0, nullptr);
}
