//===- Random.cpp - Numbers drawn at random -------------------------------===//
//
// The i-th number is a hash of i and the seed (the finalizer of MurmurHash3,
// by Austin Appleby), so that neither threads nor sizes matter, and a run
// repeats the last one's. Without a seed it is a hash of the node's name. Normal
// numbers are Box and Muller's.
//
//===----------------------------------------------------------------------===//

#include "Lists.h"
#include "Node.h"
#include "OpTable.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

class Generator {
public:
  explicit Generator(Node &node)
      : node(node), i32(IntegerType::get(node.getContext(), 32)),
        f32(Float32Type::get(node.getContext())) {
    auto name = dyn_cast<NameLoc>(node.getLoc());
    seed = node.hasAttribute("seed")
               ? bit_cast<uint32_t>(node.getFloat("seed"))
               : uint32_t(xxh3_64bits(name ? name.getName().strref() : ""));
  }

  /// Numbers from 0 on below 1, of so many sizes.
  Value drawUniform(ArrayRef<Size> sizes) {
    Value drawn = node.map(count(sizes), f32,
                           [&](Scalar &s, ArrayRef<Value> args) {
                             return toUnit(s, hash(s, args[0], 0));
                           });
    return node.reshapeTo(drawn, sizes);
  }
  /// Of mean 0 and deviation 1.
  Value drawNormal(ArrayRef<Size> sizes) {
    Value drawn = node.map(
        count(sizes), f32, [&](Scalar &s, ArrayRef<Value> args) {
          Value one = s.number(f32, 1),
                first = toUnit(s, hash(s, args[0], 0)),
                second = toUnit(s, hash(s, args[0], 1));
          Value radius = s.sqrt(s.mul(s.log(s.sub(one, first)),
                                      s.number(f32, -2)));
          Value angle = s.mul(second, s.number(f32, 6.283185307179586));
          return s.mul(radius, s.make<math::CosOp>(angle));
        });
    return node.reshapeTo(drawn, sizes);
  }

private:
  Value count(ArrayRef<Size> sizes) {
    return node.cast(countUp(node, node.sizeScalar(productOf(sizes))), i32);
  }
  Value hash(Scalar &s, Value index, uint32_t stream) {
    auto number = [&](uint32_t value) { return s.integer(i32, int32_t(value)); };
    auto mix = [&](Value value, unsigned shift) -> Value {
      return s.make<arith::XOrIOp>(
          value, s.make<arith::ShRUIOp>(value, number(shift)));
    };
    Value key = s.add(s.mul(index, number(0x9e3779b9)),
                      number(seed * 0x27d4eb2f + stream * 0x165667b1));
    // Twice, since neighbours differ in few bits.
    for (int round = 0; round < 2; ++round) {
      key = s.mul(mix(key, 16), number(0x85ebca6b));
      key = mix(s.mul(mix(key, 13), number(0xc2b2ae35)), 16);
    }
    return key;
  }
  /// The upper 24 bits as a fraction.
  Value toUnit(Scalar &s, Value bits) {
    Value upper = s.make<arith::ShRUIOp>(bits, s.integer(i32, 8));
    return s.mul(s.convert(upper, f32, false, false),
                 s.number(f32, 1.0 / (1 << 24)));
  }

  Node &node;
  Type i32, f32;
  uint32_t seed;
};

enum class Distribution { Uniform, Normal };

/// Drawn numbers times a scale, and moved.
Value draw(Node &node, Distribution distribution, ArrayRef<Size> sizes) {
  Generator generator(node);
  bool isNormal = distribution == Distribution::Normal;
  double low = node.getFloat(isNormal ? "mean" : "low", 0),
         high = node.getFloat(isNormal ? "scale" : "high", 1),
         scale = isNormal ? high : high - low;
  if (node.hasFailed())
    return {};
  Value drawn =
      isNormal ? generator.drawNormal(sizes) : generator.drawUniform(sizes);
  return node.map(drawn, [&](Scalar &s, Value x) {
    return s.add(s.mul(x, s.number(x, scale)), s.number(x, low));
  });
}

LogicalResult setResult(Node &node, Value drawn, Type type) {
  if (type && getKind(type) != FloatKind)
    return node.error("expected dtype to be a type of floats");
  return node.result(node.cast(drawn, type));
}

Handler random(Distribution distribution) {
  return [=](Node &node) {
    SmallVector<int64_t> shape = node.getInts("shape");
    Type type = node.getElementTypeAttribute("dtype",
                                             onnx::TensorProto::FLOAT);
    for (int64_t size : shape)
      if (size < 0 || size > maxElements)
        return node.error("shape holds " + Twine(size) +
                          ", which is out of range");
    return setResult(node, draw(node, distribution, toSizes(shape)), type);
  };
}

Handler randomLike(Distribution distribution) {
  return [=](Node &node) {
    Value x = node.input(0, "input", AnyKind | LaterStringKind);
    if (node.hasFailed())
      return failure();
    Type type = node.hasAttribute("dtype")
                    ? node.getElementTypeAttribute("dtype")
                    : getType(x).getElementType();
    return setResult(node, draw(node, distribution, getSizes(getType(x))),
                     type);
  };
}

/// Ones with the probability that the input says.
LogicalResult importBernoulli(Node &node) {
  Value x = node.input(0, "input", FloatKind);
  if (node.hasFailed())
    return failure();
  Type type = node.hasAttribute("dtype") ? node.getElementTypeAttribute("dtype")
                                         : getType(x).getElementType(),
       i1 = IntegerType::get(node.getContext(), 1);
  Value drawn = Generator(node).drawUniform(getSizes(getType(x)));
  Value ones =
      node.map({drawn, node.cast(x, Float32Type::get(node.getContext()))}, i1,
               [](Scalar &s, ArrayRef<Value> args) {
                 return s.less(args[0], args[1]);
               });
  return node.result(node.cast(ones, type));
}

/// Classes by the logarithms of their weights: as many as running sums of
/// weights do not exceed the drawn share of the total.
LogicalResult importMultinomial(Node &node) {
  Value x = node.input(0, "input", FloatKind);
  int64_t samples = node.getIntIn("sample_size", 1, 0, maxElements);
  Type type = node.getElementTypeAttribute("dtype", onnx::TensorProto::INT32),
       f32 = Float32Type::get(node.getContext()),
       i64 = IntegerType::get(node.getContext(), 64);
  if (node.hasFailed())
    return failure();
  if (getType(x).getRank() != 2)
    return node.error("expected an input [batch, classes], but got rank " +
                      Twine(getType(x).getRank()));
  if (!type.isInteger(32) && !type.isInteger(64))
    return node.error("expected dtype to be int32 or int64");
  Sizes sizes = getSizes(getType(x));
  Value scores = node.cast(x, f32);
  Value weights = node.map({scores, node.reduce(scores, "max", {1})}, f32,
                           [](Scalar &s, ArrayRef<Value> args) {
                             return s.exp(s.sub(args[0], args[1]));
                           });
  Value sums = node.create<CumSumOp>(weights, int64_t(1), /*exclusive=*/false,
                                     /*reverse=*/false);
  Value drawn = Generator(node).drawUniform({sizes[0], samples, 1});
  Value total = node.create<UnsqueezeOp>(node.reduce(weights, "sum", {1}),
                                         ArrayRef<int64_t>(1));
  Value passed =
      node.map({node.create<UnsqueezeOp>(sums, ArrayRef<int64_t>(1)), drawn,
                total},
               i64, [&](Scalar &s, ArrayRef<Value> args) {
                 return s.convert(
                     s.lessOrEqual(args[0], s.mul(args[1], args[2])), i64, true,
                     false);
               });
  Value classes =
      node.map({node.reduce(passed, "sum", {2}, /*keepDims=*/false),
                node.sizeScalar(sizes[1])},
               i64, [&](Scalar &s, ArrayRef<Value> args) {
                 return s.min(args[0], s.sub(args[1], s.integer(i64, 1)));
               });
  return node.result(node.cast(classes, type));
}

} // namespace

void addRandomRows(OpTable &table) {
  table.add("RandomUniform", 1, random(Distribution::Uniform));
  table.add("RandomNormal", 1, random(Distribution::Normal));
  table.add("RandomUniformLike", 1, randomLike(Distribution::Uniform));
  table.add("RandomNormalLike", 1, randomLike(Distribution::Normal));
  table.add("Bernoulli", 15, importBernoulli);
  table.add("Multinomial", 7, importMultinomial);
}

} // namespace lambent::graph
