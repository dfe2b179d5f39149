//===- SelectionUnique.cpp - Each of equal slices once --------------------===//
//
// Slices are the rows of a matrix, which is sorted; where a row differs from
// the one before, a group of equal rows begins. Sorting is stable, so that the
// first row of a group is the first one in the input.
//
//===----------------------------------------------------------------------===//

#include "Lists.h"
#include "OpTable.h"
#include "Selection.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Groups of equal rows: where each begins, how many rows it has, and which one
/// a row belongs to.
struct Groups {
  Value first, counts, groupOf;
};

Value look(Node &node, Value list, Value places) {
  return node.create<GatherOp>(list, places, int64_t(0));
}

Value shift(Node &node, Value places, int64_t by) {
  Type type = IntegerType::get(node.getContext(), 64);
  return node.map(places, [&](Scalar &s, Value place) {
    return s.add(place, s.integer(type, by));
  });
}

/// `values` at `places`, which are all the places of a list.
Value permute(Node &node, Value places, Value values) {
  return node.create<ScatterElementsOp>(places, places, values, int64_t(0),
                                        StringRef("none"));
}

/// Which rows, in their order, begin a group. NaN is equal to itself.
Value findBegins(Node &node, Value rows, Value order) {
  Type i1 = IntegerType::get(node.getContext(), 1);
  Value index = countDim(node, order, 0);
  Value before = node.map(index, [](Scalar &s, Value place) {
    Value zero = s.integer(place.getType(), 0);
    return s.max(s.sub(place, s.integer(place.getType(), 1)), zero);
  });
  Value differs = node.map(
      {look(node, rows, order), look(node, rows, look(node, order, before))},
      i1, [&](Scalar &s, ArrayRef<Value> args) {
        Value isEqual = s.equal(args[0], args[1]);
        if (isa<FloatType>(args[0].getType())) {
          auto isNaN = [&](Value x) {
            return s.compare(arith::CmpFPredicate::UNO, x, x);
          };
          isEqual = s.make<arith::OrIOp>(
              isEqual,
              s.make<arith::AndIOp>(isNaN(args[0]), isNaN(args[1])));
        }
        return s.make<arith::XOrIOp>(isEqual, s.integer(i1, 1));
      });
  Value any = node.reduce(differs, "max", int64_t(1), /*keepDims=*/false);
  return node.map({any, index}, i1, [](Scalar &s, ArrayRef<Value> args) {
    Value isFirst = s.equal(args[1], s.integer(args[1].getType(), 0));
    return s.make<arith::OrIOp>(args[0], isFirst);
  });
}

Groups findGroups(Node &node, Value rows) {
  Type i64 = IntegerType::get(node.getContext(), 64);
  Value order = node.create<SortRowsOp>(rows);
  Value begins = findBegins(node, rows, order);
  Value places = node.create<SqueezeOp>(findNonZero(node, begins),
                                        ArrayRef<int64_t>(0));
  Value ends = look(
      node,
      node.create<ConcatOp>(
          ValueRange{places, node.create<ShapeOp>(rows, int64_t(0), int64_t(1))},
          int64_t(0)),
      shift(node, countDim(node, places, 0), 1));
  Value counts = node.map({ends, places}, i64,
                          [](Scalar &s, ArrayRef<Value> args) {
                            return s.sub(args[0], args[1]);
                          });
  Value group = shift(
      node,
      node.create<CumSumOp>(node.cast(begins, i64), int64_t(0),
                            /*exclusive=*/false, /*reverse=*/false),
      -1);
  return {look(node, order, places), counts, permute(node, order, group)};
}

/// Groups in the order of their first rows.
Groups orderByFirst(Node &node, const Groups &groups) {
  Value order = node.create<SortRowsOp>(
      node.create<UnsqueezeOp>(groups.first, ArrayRef<int64_t>(1)));
  Value placeOf = permute(node, order, countDim(node, order, 0));
  return {look(node, groups.first, order), look(node, groups.counts, order),
          look(node, placeOf, groups.groupOf)};
}

/// The slices of `x` along `axis` as rows [slices, elements].
Value makeRows(Node &node, Value x, int64_t axis) {
  RankedTensorType type = getType(x);
  SmallVector<int64_t> perm{axis};
  int64_t elements = 1;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (dim != axis) {
      perm.push_back(dim);
      if (elements != 0 && type.getDimSize(dim) != 1)
        elements = type.getDimSize(dim) == 0 ? 0 : -1;
    }
  // Slices of no elements are equal.
  if (elements == 0)
    return node.create<ExpandOp>(
        node.scalar(type.getElementType(), 0),
        node.create<ConcatOp>(
            ValueRange{node.create<ShapeOp>(x, axis, axis + 1),
                       node.indices(1)},
            int64_t(0)));
  return node.reshape(node.transpose(x, perm), elements, /*kept=*/1);
}

LogicalResult importUnique(Node &node) {
  Value x = node.input(0, "X", NumberKind | BoolKind | LaterStringKind);
  bool isSorted = node.getBool("sorted", true);
  std::optional<int64_t> axis = readAxisOrFlatten(node, x);
  node.allowOutputs(4);
  if (node.hasFailed())
    return failure();
  int64_t along = axis.value_or(0);
  if (getType(x).getDimSize(along) == 0) {
    for (unsigned index = 1; index < 4; ++index)
      (void)node.result(index, node.indices({}));
    return node.result(x);
  }
  Groups groups = findGroups(node, makeRows(node, x, along));
  if (!isSorted)
    groups = orderByFirst(node, groups);
  (void)node.result(1, groups.first);
  (void)node.result(2, groups.groupOf);
  (void)node.result(3, groups.counts);
  return node.result(node.create<GatherOp>(x, groups.first, along));
}

} // namespace

void addUniqueRows(OpTable &table) { table.add("Unique", 11, importUnique); }

} // namespace lambent::graph
