//===- FibersTest.cpp - Threads of a block take turns ---------------------===//

#include "Emulator/Fibers.h"
#include <gtest/gtest.h>

using lambent::cuda::Fibers;

TEST(Fibers, TakeTurnsAtEveryYield) {
  Fibers fibers;
  for (int64_t count : {1, 3, 200}) {
    std::vector<int64_t> order;
    EXPECT_TRUE(fibers.run(count, [&](int64_t i) {
      double kept = 0.5 * double(i); // lives across the switches
      for (int round = 0; round < 3; ++round) {
        order.push_back(int64_t(2 * kept) + round * count);
        if (round < 2)
          fibers.yield();
      }
    }));
    ASSERT_EQ(order.size(), size_t(3 * count));
    for (size_t i = 0; i < order.size(); ++i)
      EXPECT_EQ(order[i], int64_t(i));
  }
}

TEST(Fibers, TellsWhenSomeDoNotYield) {
  Fibers fibers;
  int ended = 0;
  EXPECT_FALSE(fibers.run(4, [&](int64_t i) {
    if (i != 2)
      fibers.yield();
    ++ended;
  }));
  EXPECT_EQ(ended, 4);
}
