//===- Attention.cpp - What the attention ops have in common --------------===//
//
// Where neither scores nor a cap are asked for, attention is graph.attention,
// otherwise two products and a softmax. Heads that share keys and values become
// rows of one head, so that nothing is repeated in memory but a mask.
//
//===----------------------------------------------------------------------===//

#include "Attention.h"
#include "Offers.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Value add(Node &node, Value a, Value b) {
  return node.map(
      {a, b}, a ? getType(a).getElementType() : Type(),
      [](Scalar &s, ArrayRef<Value> args) { return s.add(args[0], args[1]); });
}

/// bias where all of `visible` hold, and otherwise minus infinity; null where
/// nothing is masked.
Value makeMask(Node &node, const Attention &attention, Type type) {
  Value mask = attention.bias ? node.cast(attention.bias, type) : Value();
  if (attention.visible.empty())
    return mask;
  SmallVector<Value> inputs{mask ? mask : node.scalar(type, 0)};
  append_range(inputs, attention.visible);
  return node.map(inputs, type, [](Scalar &s, ArrayRef<Value> args) {
    Value all = args[1];
    for (Value more : args.drop_front(2))
      all = s.make<arith::AndIOp>(all, more);
    return s.select(all, args[0], s.number(args[0], -infinity));
  });
}

/// [B, H, S, ...] as [B, H / G, G * S, ...]
Value groupRows(Node &node, Value x, int64_t groups) {
  if (!x || node.hasFailed())
    return {};
  Sizes sizes = getSizes(getType(x));
  return node.reshapeTo(x, {sizes[0], getType(x).getDimSize(1) / groups,
                            sizes[2] * groups, sizes[3]});
}

/// A mask for the grouped rows: it is repeated for heads that share it, unless
/// all rows do.
Value groupMask(Node &node, Value mask, const Attention &attention,
                int64_t groups) {
  if (!mask || node.hasFailed())
    return mask;
  Sizes dims(4 - getType(mask).getRank(), Size(1));
  append_range(dims, getSizes(getType(mask)));
  if (dims[1].is(1) && dims[2].is(1))
    return mask;
  if (!areKnown(dims) || !dims[1].isNumber()) {
    (void)node.undetermined("the shape of the mask");
    return {};
  }
  bool isShared = dims[1].is(1);
  Size heads = isShared ? 1 : dims[1].getNumber() / groups,
       queries = getSizes(getType(attention.query))[2];
  Value split = node.reshapeTo(
      mask, {dims[0], heads, isShared ? 1 : groups, dims[2], dims[3]});
  Value repeated = node.create<ExpandOp>(
      split, node.sizeList({dims[0], heads, groups, queries, dims[3]}));
  return node.reshapeTo(repeated, {dims[0], heads, queries * groups, dims[3]});
}

/// How many heads of queries share one of keys; 0 when they do not divide.
int64_t countGroups(Node &node, const Attention &attention) {
  RankedTensorType query = getType(attention.query),
                   key = getType(attention.key);
  if (query.getDimSize(1) == key.getDimSize(1))
    return 1;
  if (query.isDynamicDim(1) || key.isDynamicDim(1)) {
    (void)node.undetermined("the number of heads");
    return 0;
  }
  for (Value value : {attention.query, attention.key, attention.value})
    if (!areKnown(getSizes(getType(value)))) {
      (void)node.undetermined("the shape of queries, keys and values");
      return 0;
    }
  int64_t heads = query.getDimSize(1), shared = key.getDimSize(1);
  if (shared > 0 && heads % shared == 0)
    return heads / shared;
  (void)node.error("expected the heads of queries to be a multiple of those of "
                   "keys, but got " +
                   Twine(heads) + " and " + Twine(shared));
  return 0;
}

/// Attention by products and a softmax, which leaves its scores.
class AttentionSteps {
public:
  AttentionSteps(Node &node, const Attention &attention, int64_t groups)
      : node(node), attention(attention), groups(groups) {}

  Value build(Value query, Value key, Value value, Value mask);
  /// Undoes groupRows.
  Value ungroup(Value x);

  AttentionScores scores;

private:
  using Modifier = std::function<Value(Value)>;
  Value modify(Value x, const Modifier &modifier);

  Node &node;
  const Attention &attention;
  int64_t groups;
};

Value AttentionSteps::ungroup(Value x) {
  if (!x || node.hasFailed() || groups == 1)
    return x;
  Sizes sizes = getSizes(getType(attention.query));
  sizes[3] = getSizes(getType(x))[3];
  return node.reshapeTo(x, sizes);
}

Value AttentionSteps::modify(Value x, const Modifier &modifier) {
  if (!modifier || node.hasFailed())
    return x;
  Value modified = modifier(ungroup(x));
  if (!modified || node.hasFailed())
    return {};
  if (modified.getType() != ungroup(x).getType()) {
    (void)node.error("expected a modifier that keeps the type " +
                     describeType(ungroup(x).getType()) + ", but got " +
                     describeType(modified.getType()));
    return {};
  }
  return groups == 1 ? modified : groupRows(node, modified, groups);
}

Value AttentionSteps::build(Value query, Value key, Value value, Value mask) {
  Value product = node.create<MatmulOp>(query, key, /*transpose_lhs=*/false,
                                        /*transpose_rhs=*/true);
  scores.products = node.map(product, [&](Scalar &s, Value x) {
    return s.mul(x, s.number(x, attention.scale));
  });
  scores.capped = scores.products;
  if (attention.softcap > 0)
    scores.capped = node.map(scores.products, [&](Scalar &s, Value x) {
      Value cap = s.number(x, attention.softcap);
      return s.mul(s.tanh(s.div(x, cap)), cap);
    });
  scores.biased = mask ? add(node, scores.capped, mask) : scores.capped;
  if (node.hasFailed())
    return {};
  Type type = getType(scores.biased).getElementType();
  bool isModified = attention.modifyScores || attention.modifyProbabilities;
  Type precision =
      attention.precision && (isModified || attention.precision.isF64())
          ? attention.precision
          : type;
  Value wide =
      modify(node.cast(scores.biased, precision), attention.modifyScores);
  Value probabilities =
      modify(node.create<SoftmaxOp>(wide, int64_t(3), /*log=*/false),
             attention.modifyProbabilities);
  scores.probabilities = node.cast(probabilities, type);
  return node.create<MatmulOp>(scores.probabilities, value, false, false);
}

/// Zeros where a query sees nothing: its row of the mask has no number.
Value clearUnseeing(Node &node, Value x, Value mask) {
  if (!x || node.hasFailed())
    return {};
  Value highest = node.reduce(mask, "max", getType(mask).getRank() - 1);
  return node.map({x, highest}, getType(x).getElementType(),
                  [](Scalar &s, ArrayRef<Value> args) {
                    Value nothing =
                        s.equal(args[1], s.number(args[1], -infinity));
                    return s.select(nothing, s.number(args[0], 0), args[0]);
                  });
}

} // namespace

Value attend(Node &node, const Attention &attention, AttentionScores *scores) {
  int64_t groups = node.hasFailed() ? 0 : countGroups(node, attention);
  if (groups == 0)
    return {};
  Type type = getType(attention.query).getElementType();
  Type wideType = type.getIntOrFloatBitWidth() < 32
                      ? Type(Float32Type::get(node.getContext()))
                      : type;
  Value query = node.cast(attention.query, wideType),
        key = node.cast(attention.key, wideType),
        value = node.cast(attention.value, wideType),
        mask = makeMask(node, attention, wideType);
  if (groups > 1) {
    query = groupRows(node, query, groups);
    mask = groupMask(node, mask, attention, groups);
  }
  AttentionSteps steps(node, attention, groups);
  // The kernel takes no operands of no elements.
  bool isEmpty = any_of(ArrayRef<Value>({query, key, value}), [](Value x) {
    return x && is_contained(getType(x).getShape(), 0);
  });
  bool isPlain = !isEmpty && !scores && attention.softcap == 0 &&
                 !attention.modifyScores && !attention.modifyProbabilities &&
                 (!attention.precision || !attention.precision.isF64() ||
                  wideType.isF64());
  Value result = isPlain
                     ? node.create<AttentionOp>(query, key, value, mask,
                                                APFloat(float(attention.scale)))
                     : steps.build(query, key, value, mask);
  Value probabilities = steps.scores.probabilities;
  if (mask && !attention.seesAlways) {
    result = clearUnseeing(node, result, mask);
    if (scores)
      probabilities = clearUnseeing(node, probabilities, mask);
  }
  auto finish = [&](Value x) { return node.cast(steps.ungroup(x), type); };
  if (scores)
    *scores = {finish(steps.scores.products), finish(steps.scores.capped),
               finish(steps.scores.biased), finish(probabilities)};
  return finish(result);
}

Value splitHeads(Node &node, Value x, int64_t heads) {
  if (!x || node.hasFailed())
    return {};
  int64_t size = getType(x).getDimSize(2);
  if (heads <= 0 || (!ShapedType::isDynamic(size) && size % heads != 0)) {
    (void)node.error("expected a number of heads that divides " + Twine(size) +
                     ", but got " + Twine(heads));
    return {};
  }
  Value split = node.reshape(
      x, {heads, ShapedType::isDynamic(size) ? -1 : size / heads}, /*kept=*/2);
  return node.transpose(split, {0, 2, 1, 3});
}

Value joinHeads(Node &node, Value x) {
  Value rows = node.transpose(x, {0, 2, 1, 3});
  if (!rows)
    return {};
  int64_t heads = getType(rows).getDimSize(2),
          size = getType(rows).getDimSize(3);
  bool isOpen = ShapedType::isDynamic(heads) || ShapedType::isDynamic(size);
  return node.reshape(rows, isOpen ? -1 : heads * size, /*kept=*/2);
}

Value seesWindow(Node &node, Value queries, Value keys,
                 std::optional<int64_t> first, std::optional<int64_t> last) {
  Type i1 = IntegerType::get(node.getContext(), 1);
  return node.map({queries, keys}, i1, [&](Scalar &s, ArrayRef<Value> args) {
    Value distance = s.sub(args[1], args[0]), sees = s.integer(i1, 1);
    Type type = distance.getType();
    if (first)
      sees = s.lessOrEqual(s.integer(type, *first), distance);
    if (last)
      sees = s.make<arith::AndIOp>(
          sees, s.lessOrEqual(distance, s.integer(type, *last)));
    return sees;
  });
}

} // namespace lambent::graph
