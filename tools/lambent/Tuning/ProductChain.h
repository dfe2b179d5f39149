//===- ProductChain.h - Products whose weights come from afar ---*- C++ -*-===//
//
// A model of products in a row, each with weights of its own, as many as no
// cache holds: what large products of a model meet. It is made here, byte by
// byte, with weights in memory.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_TOOLS_TUNING_PRODUCTCHAIN_H
#define LAMBENT_TOOLS_TUNING_PRODUCTCHAIN_H

#include "lambent-c/compiler.h"
#include <cstdint>
#include <string>
#include <vector>

namespace lambent::driver {

class ProductChain {
public:
  /// `rows` x `wide` times `wide` x `narrow`, then back, and again, until the
  /// weights take so many bytes.
  ProductChain(uint64_t rows, uint64_t wide, uint64_t narrow, uint64_t bytes);
  ProductChain(const ProductChain &) = delete;

  /// "49x2048x512"
  const std::string &getName() const { return name; }
  /// GFLOP/s on one thread, the best of some runs, of code for the description
  /// in a file. Prints what is wrong; returns an exit status.
  int measure(const std::string &description, double &gflops);

private:
  static int findWeights(void *user, const char *location, const void **data,
                         uint64_t *size);
  std::string name, model;
  std::vector<float> values; ///< each weight is a part, a little further on
  uint64_t weightBytes, count;
  double flops;
};

} // namespace lambent::driver

#endif
