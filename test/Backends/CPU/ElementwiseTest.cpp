//===- ElementwiseTest.cpp - lir.elementwise against plain loops ----------===//

#include "KernelHarness.h"
#include "NumberArrays.h"
#include <gtest/gtest.h>
#include <random>

using namespace lambent::test;

namespace {

/// One result of an index map.
struct Term {
  int64_t dim = -1, stride = 0, offset = 0;
};

struct Operand {
  std::vector<int64_t> shape;
  std::vector<Term> terms;
};

std::string printMap(const Operand &operand, size_t rank) {
  std::string text = "affine_map<(";
  for (size_t d = 0; d < rank; ++d)
    text += (d ? ", d" : "d") + std::to_string(d);
  text += ") -> (";
  for (size_t r = 0; r < operand.terms.size(); ++r) {
    const Term &term = operand.terms[r];
    text += r ? ", " : "";
    if (term.dim >= 0)
      text += "d" + std::to_string(term.dim) + " * " +
              std::to_string(term.stride) + " + ";
    text += std::to_string(term.offset);
  }
  return text + ")>";
}

int64_t position(const Operand &operand, const std::vector<int64_t> &index) {
  int64_t linear = 0;
  for (size_t r = 0; r < operand.terms.size(); ++r) {
    const Term &term = operand.terms[r];
    linear = linear * operand.shape[r] + term.offset +
             (term.dim >= 0 ? index[term.dim] * term.stride : 0);
  }
  return linear;
}

/// Which op of the region combines the inputs (a sum, or xor for bool), and
/// whether lir.index of dim 0 is added.
struct Case {
  std::string type;
  std::vector<int64_t> domain;
  std::vector<Operand> operands; ///< the inputs, then the output
  bool addIndex = false;
};

std::string print(const Case &test) {
  size_t inputs = test.operands.size() - 1;
  std::string arguments, ins, types, blockArguments, maps, domain;
  for (size_t i = 0; i < test.operands.size(); ++i) {
    std::string type = memrefType(test.operands[i].shape, test.type);
    arguments += (i ? ", " : "") + ("%b" + std::to_string(i)) + ": " + type;
    maps += (i ? ", " : "") + printMap(test.operands[i], test.domain.size());
    if (i == inputs)
      continue;
    ins += (i ? ", %b" : "%b") + std::to_string(i);
    types += (i ? ", " : "") + type;
    blockArguments +=
        (i ? ", %x" : "%x") + std::to_string(i) + ": " + test.type;
  }
  for (size_t d = 0; d < test.domain.size(); ++d)
    domain += (d ? ", " : "") + std::to_string(test.domain[d]);
  bool isFloat = test.type[0] == 'f', isBool = test.type == "i1";
  std::string add = isFloat  ? "arith.addf"
                    : isBool ? "arith.xori"
                             : "arith.addi";
  std::string body = "%s0 = " + add + " %x0, %x0 : " + test.type + "\n",
              last = "%x0";
  for (size_t i = 1; i < inputs; ++i) {
    std::string next = "%s" + std::to_string(i);
    body += next + " = " + add + " " + last + ", %x" + std::to_string(i) +
            " : " + test.type + "\n";
    last = next;
  }
  if (test.addIndex && isFloat) {
    body += "%i = lir.index 0\n%n = arith.sitofp %i : i64 to " + test.type +
            "\n%t = arith.addf " + last + ", %n : " + test.type + "\n";
    last = "%t";
  }
  std::string output = "%b" + std::to_string(inputs);
  return "func.func @main(" + arguments +
         ") attributes {lir.num_inputs = " + std::to_string(inputs) +
         " : i64} {\nlir.elementwise ins(" + ins + " : " + types + ") outs(" +
         output + " : " + memrefType(test.operands.back().shape, test.type) +
         ") domain [" + domain + "] maps [" + maps + "] {\n^bb0(" +
         blockArguments + "):\n" + body + "lir.yield " + last + " : " +
         test.type + "\n}\nreturn\n}\n";
}

template <typename T> void check(const Case &test) {
  std::string text = print(test);
  SCOPED_TRACE(text);
  std::mt19937 random(7);
  std::vector<std::vector<T>> data;
  for (const Operand &operand : test.operands)
    data.push_back(randomNumbers<T>(count(operand.shape), random));
  std::vector<T> expected = data.back();
  std::vector<int64_t> index(test.domain.size(), 0);
  for (int64_t n = count(test.domain); n-- > 0;) {
    T sum = data[0][position(test.operands[0], index)];
    for (size_t i = 1; i + 1 < test.operands.size(); ++i) {
      T value = data[i][position(test.operands[i], index)];
      if constexpr (std::is_same_v<T, bool>)
        sum = sum != value;
      else if constexpr (std::is_integral_v<T>)
        sum = static_cast<T>(uint64_t(sum) + uint64_t(value)); // wraps
      else
        sum += value;
    }
    if constexpr (std::is_floating_point_v<T>)
      sum += test.addIndex ? T(index[0]) : T(0);
    expected[position(test.operands.back(), index)] = sum;
    for (size_t d = index.size(); d-- > 0;) {
      if (++index[d] < test.domain[d])
        break;
      index[d] = 0;
    }
  }
  runEverywhere<T>(text, data, expected, 0);
}

void check(const Case &test) {
  if (test.type == "f32")
    check<float>(test);
  else if (test.type == "f64")
    check<double>(test);
  else if (test.type == "i8")
    check<int8_t>(test);
  else if (test.type == "i16")
    check<int16_t>(test);
  else if (test.type == "i32")
    check<int32_t>(test);
  else if (test.type == "i64")
    check<int64_t>(test);
  else
    check<bool>(test);
}

Operand dense(std::vector<int64_t> shape) {
  Operand operand{std::move(shape), {}};
  for (size_t d = 0; d < operand.shape.size(); ++d)
    operand.terms.push_back({int64_t(d), 1, 0});
  return operand;
}

/// An operand whose dim r walks along domain dim order[r].
Operand permuted(const std::vector<int64_t> &domain,
                 std::vector<int64_t> order) {
  Operand operand;
  for (int64_t dim : order) {
    operand.shape.push_back(domain[dim]);
    operand.terms.push_back({dim, 1, 0});
  }
  return operand;
}

TEST(Elementwise, LongArray) {
  check({"f32", {20000 + 7}, {dense({20007}), dense({20007}), dense({20007})}});
}
TEST(Elementwise, Scalar) {
  check({"f32", {}, {Operand{}, Operand{}, Operand{}}});
}
TEST(Elementwise, ShortRows) {
  check({"f32",
         {1000, 5},
         {dense({1000, 5}), {{5}, {{1, 1, 0}}}, dense({1000, 5})}});
}

/// A last dim that fills little of a vector, read in every way: as it lies,
/// broadcast along either dim, transposed, with gaps.
TEST(Elementwise, ShortLastDim) {
  for (const char *type : {"f32", "f64", "i8", "i16", "i1"})
    for (int64_t last : {2, 3, 5}) {
      std::vector<int64_t> domain{2, 37, last};
      check({type,
             domain,
             {dense(domain),
              {{2, 37}, {{0, 1, 0}, {1, 1, 0}}},
              {{last}, {{2, 1, 0}}},
              permuted(domain, {0, 2, 1}),
              {{2, 37, 2 * last}, {{0, 1, 0}, {1, 1, 0}, {2, 2, 0}}},
              dense(domain)},
             true});
    }
}
TEST(Elementwise, RepeatsElements) {
  for (int64_t last : {2, 3, 4})
    check({"f32",
           {6, 3, 43, last},
           {{{6, 43}, {{0, 1, 0}, {2, 1, 0}}}, dense({6, 3, 43, last})}});
}

void checkTranspose(const char *type, std::vector<int64_t> domain) {
  check({type, domain, {permuted(domain, {1, 0}), permuted(domain, {0, 1})}});
}

TEST(Elementwise, TransposesEveryType) {
  for (const char *type : {"f64", "i8", "i16", "i32", "i64", "i1"})
    checkTranspose(type, {37, 83});
}

TEST(Elementwise, TransposesEveryShape) {
  for (auto domain :
       {std::vector<int64_t>{64, 48}, {37, 83}, {3, 50}, {50, 3}, {4, 4}})
    checkTranspose("f32", domain);
}

TEST(Elementwise, ChannelsLastAndBack) {
  std::vector<int64_t> domain{2, 9, 11, 35};
  Operand first = permuted(domain, {0, 3, 1, 2}), last = dense(domain),
          channel{{35}, {{3, 1, 0}}};
  check({"f32", domain, {first, channel, last}});
  check({"f32", domain, {last, channel, first}});
}

TEST(Elementwise, SlicesReversesAndIndices) {
  // A strided, offset slice, reversed along dim 1, into the middle of a larger
  // output.
  Case test{"f32", {5, 20}, {}, true};
  test.operands.push_back({{12, 30}, {{0, 2, 1}, {1, -1, 25}}});
  test.operands.push_back({{9, 40}, {{0, 1, 3}, {1, 1, 10}}});
  check(test);
}

/// Through a narrow float and back: what needs a library on some CPUs.
TEST(Elementwise, NarrowFloats) {
  std::vector<float> x, y;
  for (int i = 0; i < 100; ++i) {
    x.push_back(float(i) * 0.25f);
    y.push_back(float(i) * 0.25f);
  }
  for (std::string type : {"f16", "bf16"}) {
    std::string buffer = memrefType({100}, "f32"),
                narrow = memrefType({100}, type),
                map = "affine_map<(d) -> (d)>";
    std::string text =
        "func.func @main(%x: " + buffer + ", %y: " + buffer +
        ") attributes {lir.num_inputs = 1 : i64} {\n" +
        "%t = lir.alloc : " + narrow + "\nlir.elementwise ins(%x : " + buffer +
        ") outs(%t : " + narrow + ") domain [100] maps [" + map + ", " + map +
        "] {\n^bb0(%a: f32):\n%r = arith.truncf %a : f32 to " + type +
        "\nlir.yield %r : " + type + "\n}\nlir.elementwise ins(%t : " + narrow +
        ") outs(%y : " + buffer + ") domain [100] maps [" + map + ", " + map +
        "] {\n^bb0(%a: " + type + "):\n%r = arith.extf %a : " + type +
        " to f32\nlir.yield %r : f32\n}\nreturn\n}\n";
    runEverywhere<float, float>(text, {x}, std::vector<float>(100), y, 0);
  }
}

TEST(Elementwise, Random) {
  std::mt19937 random(3);
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  const char *types[] = {"f32", "f64", "i8", "i16", "i32", "i64", "i1"};
  for (int repeat = 0; repeat < 24; ++repeat) {
    Case test{types[pick(0, 6)], {}, {}, pick(0, 3) == 0};
    int64_t rank = pick(1, 4);
    for (int64_t d = 0; d < rank; ++d)
      test.domain.push_back(pick(0, 3) == 0 ? 1 : pick(1, 24));
    int64_t inputs = pick(1, 3);
    for (int64_t i = 0; i <= inputs; ++i) {
      std::vector<int64_t> order(rank);
      for (int64_t d = 0; d < rank; ++d)
        order[d] = d;
      std::shuffle(order.begin(), order.end(), random);
      Operand operand;
      for (int64_t dim : order) {
        if (i < inputs && pick(0, 4) == 0)
          continue; // broadcast
        int64_t stride = pick(0, 5) == 0 ? pick(2, 3) : 1,
                offset = pick(0, 3) == 0 ? pick(1, 5) : 0;
        operand.terms.push_back({dim, stride, offset});
        operand.shape.push_back((test.domain[dim] - 1) * stride + 1 + offset +
                                (pick(0, 3) == 0));
      }
      test.operands.push_back(operand);
    }
    check(test);
  }
}

} // namespace
