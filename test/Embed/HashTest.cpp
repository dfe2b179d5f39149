//===- HashTest.cpp - The checksum of code and weights --------------------===//

#include "Runtime/Hash.h"
#include <gtest/gtest.h>
#include <numeric>
#include <set>
#include <vector>

using namespace lambent::runtime;

namespace {

std::vector<unsigned char> makeBytes(size_t size) {
  std::vector<unsigned char> bytes(size);
  uint32_t state = 1;
  for (unsigned char &byte : bytes)
    byte = static_cast<unsigned char>(
        (state = state * 1664525u + 1013904223u) >> 24);
  return bytes;
}

/// Files outlive programs: the function may never change.
TEST(Hash, staysTheSame) {
  EXPECT_EQ(lambent_hash64("", 0), lambent_hash64(nullptr, 0));
  auto bytes = makeBytes(3 << 20);
  EXPECT_EQ(lambent_hash64("", 0), 0xfb34c4befa493249u);
  EXPECT_EQ(lambent_hash64("abc", 3), 0x5d514ec16c300b87u);
  EXPECT_EQ(lambent_hash64(bytes.data(), bytes.size()), 0x45a62526b9a71238u);
}

TEST(Hash, seesEveryBit) {
  for (size_t size : {1, 7, 8, 63, 64, 65, 1000}) {
    auto bytes = makeBytes(size);
    std::set<uint64_t> hashes = {lambent_hash64(bytes.data(), size)};
    for (size_t bit = 0; bit < 8 * size; ++bit) {
      bytes[bit / 8] ^= 1 << bit % 8;
      hashes.insert(lambent_hash64(bytes.data(), size));
      bytes[bit / 8] ^= 1 << bit % 8;
    }
    EXPECT_EQ(hashes.size(), 8 * size + 1);
  }
}

TEST(Hash, seesLengthAndOrder) {
  std::vector<unsigned char> zeros(4 << 20);
  std::set<uint64_t> hashes;
  for (size_t size :
       {0u, 1u, 8u, 64u, 65u, 1u << 20, (1u << 20) + 1, 2u << 20, 4u << 20})
    hashes.insert(lambent_hash64(zeros.data(), size));
  EXPECT_EQ(hashes.size(), 9u);
  zeros[0] = 1; // the same block, first or second
  uint64_t first = lambent_hash64(zeros.data(), 2 << 20);
  std::swap(zeros[0], zeros[1 << 20]);
  EXPECT_NE(first, lambent_hash64(zeros.data(), 2 << 20));
}

TEST(Hash, isTheSameOnAnyNumberOfThreads) {
  auto bytes = makeBytes((5 << 20) + 12345);
  uint64_t alone = lambent_hash64(bytes.data(), bytes.size());
  for (unsigned threads : {2, 5}) {
    ThreadPool *pool = ThreadPool::create(threads);
    EXPECT_EQ(hash64(bytes.data(), bytes.size(), pool), alone);
    pool->destroy();
  }
}

} // namespace
