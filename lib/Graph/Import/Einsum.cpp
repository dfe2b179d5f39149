//===- Einsum.cpp - Sums of products by index letters ---------------------===//
//
// Operands are multiplied from left to right. Of two operands each letter is a
// batch letter (in both, needed later), contracted (in both, not needed later)
// or free; transposed to [batch, free, contracted] and [batch, contracted,
// free] their product is a matrix product.
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "Lists.h"

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// The letter of each dim; the dims under an ellipsis have numbers above 255.
using Labels = SmallVector<int>;

struct Term {
  Value value;
  Labels labels;
};

/// Reads "bij" or "...ij" for a tensor of the given rank.
bool parseLabels(Node &node, StringRef text, int64_t rank, Labels &labels) {
  auto [before, after] = text.split("...");
  bool ellipsis = text.contains("...");
  int64_t hidden =
      rank - int64_t(before.size()) - int64_t(ellipsis ? after.size() : 0);
  if (hidden < 0 || (!ellipsis && hidden != 0)) {
    (void)node.error("the term '" + text + "' does not fit rank " +
                     Twine(rank));
    return false;
  }
  labels.append(before.begin(), before.end());
  for (int64_t i = 0; ellipsis && i < hidden; ++i)
    labels.push_back(int(256 + hidden - i));
  if (ellipsis)
    labels.append(after.begin(), after.end());
  for (int label : labels)
    if (label < 256 && !isAlpha(char(label))) {
      (void)node.error("the term '" + text + "' is not made of letters");
      return false;
    }
  return true;
}

class Einsum {
public:
  Einsum(Node &node) : node(node) {}

  LogicalResult run() {
    std::string equation = node.getString("equation");
    llvm::erase_if(equation, [](char c) { return c == ' '; });
    SmallVector<Value> inputs = node.variadicInputs(0, "Inputs", NumberKind);
    if (!checkSameType(node, inputs))
      return failure();
    auto [left, right] = StringRef(equation).split("->");
    SmallVector<StringRef> texts;
    left.split(texts, ',');
    if (texts.size() != inputs.size())
      return node.error("the equation has " + Twine(texts.size()) +
                        " terms for " + Twine(inputs.size()) + " inputs");
    for (auto [text, input] : zip(texts, inputs)) {
      terms.push_back({input, {}});
      if (!parseLabels(node, text, getType(input).getRank(),
                       terms.back().labels))
        return failure();
    }
    if (failed(readOutput(equation, right)))
      return failure();
    if (hasTwice(output))
      return node.error("the output has a letter twice");
    for (Term &term : terms)
      while (!node.hasFailed() && hasTwice(term.labels))
        takeDiagonal(term);
    if (node.hasFailed())
      return failure();
    for (size_t i = 0; i < terms.size(); ++i)
      sumLonely(i);
    for (size_t i = 1; i < terms.size() && !node.hasFailed(); ++i)
      terms[0] = multiply(terms[0], terms[i], i + 1);
    return node.result(arrange(terms[0], output));
  }

private:
  /// Without "->" the output has the ellipsis, then all letters that occur
  /// once, in alphabetical order.
  LogicalResult readOutput(StringRef equation, StringRef text) {
    Labels all, hidden;
    for (const Term &term : terms)
      for (int label : term.labels)
        (label < 256 ? all : hidden).push_back(label);
    llvm::sort(hidden, std::greater<int>());
    hidden.erase(std::unique(hidden.begin(), hidden.end()), hidden.end());
    if (equation.contains("->")) {
      int64_t rank = int64_t(text.size()) +
                     (text.contains("...") ? int64_t(hidden.size()) - 3 : 0);
      if (!parseLabels(node, text, rank, output))
        return failure();
    } else {
      output = hidden;
      llvm::sort(all);
      for (int label : all)
        if (llvm::count(all, label) == 1)
          output.push_back(label);
    }
    for (int label : output)
      if (!is_contained(all, label) && !is_contained(hidden, label))
        return node.error("the output has a letter that no input has");
    return success();
  }

  /// The first dim whose letter another one of the term has.
  static std::optional<size_t> findTwice(ArrayRef<int> labels) {
    for (size_t i = 0; i < labels.size(); ++i)
      if (llvm::count(labels, labels[i]) > 1)
        return i;
    return std::nullopt;
  }
  static bool hasTwice(ArrayRef<int> labels) {
    return findTwice(labels).has_value();
  }

  /// The last two dims' diagonal: every (n + 1)-th element of both as one dim,
  /// or, where n is open, the sum of columns of which only it is kept.
  Value sliceDiagonal(Value matrices, const Size &size) {
    Sizes dims = getSizes(getType(matrices));
    int64_t last = int64_t(dims.size()) - 1;
    if (size.isNumber()) {
      int64_t n = size.getNumber();
      dims.pop_back();
      dims.back() = n * n;
      return node.create<SliceOp>(
          node.reshapeTo(matrices, dims), node.indices(0), node.indices(n * n),
          node.indices(n + 1), ArrayRef<int64_t>(last - 1));
    }
    Value columns = countUp(node, node.sizeScalar(size));
    Value kept = node.map(
        {matrices, node.reshape(columns, {-1, 1}), columns},
        getType(matrices).getElementType(), [](Scalar &s, ArrayRef<Value> args) {
          return s.select(s.equal(args[1], args[2]), args[0],
                          s.number(args[0], 0));
        });
    return node.reduce(kept, "sum", last, /*keepDims=*/false);
  }

  /// Of two dims with one letter, the diagonal.
  void takeDiagonal(Term &term) {
    Sizes sizes = getSizes(getType(term.value));
    size_t first = *findTwice(term.labels), rank = term.labels.size();
    int label = term.labels[first];
    size_t second = first + 1;
    while (term.labels[second] != label)
      ++second;
    Size size = sizes[first];
    if (size.isNumber() && sizes[second].isNumber() && size != sizes[second])
      return (void)node.error("two dims of one letter have the sizes " +
                              size.toString() + " and " +
                              sizes[second].toString());
    SmallVector<int64_t> perm;
    Labels labels;
    for (size_t axis = 0; axis < rank; ++axis)
      if (axis != first && axis != second) {
        perm.push_back(axis);
        labels.push_back(term.labels[axis]);
      }
    perm.append({int64_t(first), int64_t(second)});
    labels.push_back(label);
    Value diagonal = sliceDiagonal(node.transpose(term.value, perm), size);
    term = {diagonal, labels};
  }

  bool isNeeded(int label, size_t from) const {
    return is_contained(output, label) ||
           any_of(ArrayRef<Term>(terms).drop_front(from),
                  [&](const Term &term) {
                    return is_contained(term.labels, label);
                  });
  }

  /// Sums over letters that nothing else has.
  void sumLonely(size_t index) {
    Term &term = terms[index];
    SmallVector<int64_t> axes;
    Labels kept;
    for (auto [axis, label] : enumerate(term.labels)) {
      bool elsewhere = is_contained(output, label);
      for (auto [other, peer] : enumerate(terms))
        elsewhere |= other != index && is_contained(peer.labels, label);
      elsewhere ? kept.push_back(label) : axes.push_back(axis);
    }
    if (axes.empty())
      return;
    term.value = node.reduce(term.value, "sum", axes, /*keepDims=*/false);
    term.labels = kept;
  }

  Value arrange(const Term &term, ArrayRef<int> labels) {
    if (ArrayRef<int>(term.labels) == labels)
      return term.value;
    SmallVector<int64_t> perm;
    for (int label : labels)
      perm.push_back(llvm::find(term.labels, label) - term.labels.begin());
    return node.transpose(term.value, perm);
  }

  static Size getSize(const Term &term, int label) {
    return getSizes(getType(term.value))[llvm::find(term.labels, label) -
                                         term.labels.begin()];
  }

  /// [batch..., rows..., columns...] as [batch..., product of rows, product of
  /// columns].
  Value toMatrix(const Term &term, ArrayRef<int> batch, ArrayRef<int> rows,
                 ArrayRef<int> columns) {
    Labels order(batch);
    order.append(rows.begin(), rows.end());
    order.append(columns.begin(), columns.end());
    Value arranged = arrange(term, order);
    if (rows.size() == 1 && columns.size() == 1)
      return arranged;
    Sizes dims;
    for (int label : batch)
      dims.push_back(getSize(term, label));
    for (ArrayRef<int> group : {rows, columns}) {
      Size size = 1;
      for (int label : group)
        size *= getSize(term, label);
      dims.push_back(size);
    }
    return node.reshapeTo(arranged, dims);
  }

  Term multiply(const Term &lhs, const Term &rhs, size_t next) {
    Labels batch, contracted, left, right;
    for (int label : lhs.labels)
      (!is_contained(rhs.labels, label) ? left
       : isNeeded(label, next)          ? batch
                                        : contracted)
          .push_back(label);
    for (int label : rhs.labels)
      if (!is_contained(lhs.labels, label))
        right.push_back(label);
    bool plain = left.size() == 1 && right.size() == 1;
    Value a = toMatrix(lhs, batch, left, contracted),
          b = toMatrix(rhs, batch, contracted, right);
    Value product = node.create<MatmulOp>(a, b, /*transpose_lhs=*/false,
                                          /*transpose_rhs=*/false);
    Term result{product, batch};
    result.labels.append(left);
    result.labels.append(right);
    if (!product || plain)
      return result;
    Sizes dims = getSizes(getType(product));
    dims.truncate(batch.size());
    for (int label : left)
      dims.push_back(getSize(lhs, label));
    for (int label : right)
      dims.push_back(getSize(rhs, label));
    result.value = node.reshapeTo(product, dims);
    return result;
  }

  Node &node;
  SmallVector<Term> terms;
  Labels output;
};

} // namespace

void addEinsumRows(OpTable &table) {
  table.add("Einsum", 12, [](Node &node) { return Einsum(node).run(); });
}

} // namespace lambent::graph
