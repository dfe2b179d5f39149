//===- MultiplyBlocks.cpp - Products of blocks as integers ----------------===//
//
// graph-multiply-blocks, see Passes.td. A block of weights is integers times a
// power of two whatever made it: its step is the lowest digit of its numbers.
//
//===----------------------------------------------------------------------===//

#include "ConstantNumbers.h"
#include "lambent/ElementTypes/BlockFormat.h"
#include "lambent/Graph/Transforms/Passes.h"
#include "mlir/IR/AsmState.h"
#include <cmath>
#include <set>

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHMULTIPLYBLOCKS
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {
/// Weights [N, K] as integers and an exponent for each block of k.
struct BlockWeights {
  std::vector<int8_t> numbers;
  std::vector<uint8_t> exponents; ///< and 127
  std::set<int8_t> distinct;
};
} // namespace

/// A constant [K, N], or [N, K], as rows of k.
static std::optional<std::vector<float>> readRows(Value weights,
                                                  bool isTransposed) {
  RankedTensorType type = getTensorType(weights);
  ArrayRef<char> bytes = getBytes(getConstantValue(weights));
  int64_t count = type.hasStaticShape() ? type.getNumElements() : 0;
  if (type.getRank() != 2 || !type.getElementType().isF32() || count == 0 ||
      int64_t(bytes.size()) != count * 4)
    return std::nullopt;
  std::vector<float> rows(count);
  std::memcpy(rows.data(), bytes.data(), bytes.size());
  if (isTransposed)
    return rows;
  int64_t k = type.getDimSize(0), n = type.getDimSize(1);
  std::vector<float> turned(count);
  // By tiles, of which lines stay in L1.
  constexpr int64_t tile = 16;
  for (int64_t i = 0; i < k; i += tile)
    for (int64_t j = 0; j < n; ++j)
      for (int64_t at = i; at < std::min(k, i + tile); ++at)
        turned[j * k + at] = rows[at * n + j];
  return turned;
}

/// Appends a block; false where its numbers are no integers of 8 bits times a
/// power of two.
static bool append(ArrayRef<float> block, BlockWeights &weights) {
  float largest = 0;
  for (float number : block) {
    if (!std::isfinite(number))
      return false;
    largest = std::max(largest, std::abs(number));
  }
  constexpr int bias = 127, leastExponent = -126, digits = 7;
  // With it the largest has seven digits, and those below are not needed.
  int step = largest == 0 ? leastExponent : std::ilogb(largest) - (digits - 1);
  step = std::max(step, leastExponent);
  // As coarse as all allow: numbers of few bits are few numbers then.
  auto isMultiple = [&](int exponent) {
    return llvm::all_of(block, [&](float number) {
      double code = std::ldexp(double(number), -exponent);
      return code == std::nearbyint(code);
    });
  };
  if (!isMultiple(step))
    return false;
  for (int i = 0; largest != 0 && i < digits && isMultiple(step + 1); ++i)
    ++step;
  weights.exponents.push_back(uint8_t(step + bias));
  for (float number : block) {
    weights.numbers.push_back(int8_t(std::ldexp(double(number), -step)));
    weights.distinct.insert(weights.numbers.back());
  }
  return true;
}

static Value makeBytes(OpBuilder &builder, Location loc, StringRef name,
                       ArrayRef<int64_t> shape, ArrayRef<uint8_t> bytes) {
  auto type = RankedTensorType::get(
      shape, builder.getIntegerType(8, /*isSigned=*/false));
  return ConstantOp::create(
      builder, loc,
      DenseResourceElementsAttr::get(
          type, name, HeapAsmResourceBlob::allocateAndCopyInferAlign(bytes)));
}

static bool multiply(MatmulOp op) {
  auto rounded = op.getLhs().getDefiningOp<RoundBlocksOp>();
  if (!rounded || op.getTransposeLhs() || rounded.getGroups() != 1)
    return false;
  RankedTensorType lhs = getTensorType(op.getLhs());
  const BlockFormat *format =
      findBlockFormat(rounded.getFormat().str().c_str());
  if (int64_t(rounded.getAxis()) != lhs.getRank() - 1 || !format->isInteger() ||
      !getConstantValue(op.getRhs()))
    return false;
  RankedTensorType type = getTensorType(op.getRhs());
  bool isTransposed = op.getTransposeRhs();
  if (type.getRank() != 2 || !type.hasStaticShape() ||
      type.getDimSize(isTransposed ? 1 : 0) % format->size != 0)
    return false;
  auto rows = readRows(op.getRhs(), isTransposed);
  if (!rows)
    return false;
  BlockWeights weights;
  for (size_t i = 0; i < rows->size(); i += format->size)
    if (!append(ArrayRef(*rows).slice(i, format->size), weights))
      return false;
  // Where few numbers are left, codes are their places.
  constexpr size_t entries = 16;
  constexpr int middle = 128;
  SmallVector<int8_t> table;
  if (weights.distinct.size() <= entries) {
    table.assign(weights.distinct.begin(), weights.distinct.end());
    table.resize(entries, 0);
  }
  std::vector<uint8_t> codes;
  for (int8_t number : weights.numbers)
    codes.push_back(
        uint8_t(table.empty() ? number + middle
                              : std::distance(weights.distinct.begin(),
                                              weights.distinct.find(number))));
  OpBuilder builder(op);
  int64_t k = type.getDimSize(isTransposed ? 1 : 0),
          n = type.getDimSize(isTransposed ? 0 : 1);
  Location loc = op.getLoc();
  Value product =
      BlockMatmulOp::create(builder, loc, rounded.getInput(),
                            makeBytes(builder, loc, "codes", {n, k}, codes),
                            makeBytes(builder, loc, "exponents",
                                      {n, k / format->size}, weights.exponents),
                            rounded.getFormat(), rounded.getScale(), table);
  op.getResult().replaceAllUsesWith(product);
  op.erase();
  if (rounded->use_empty())
    rounded.erase();
  return true;
}

unsigned multiplyBlocks(func::FuncOp function) {
  unsigned count = 0;
  SmallVector<MatmulOp> products;
  function.walk([&](MatmulOp op) { products.push_back(op); });
  for (MatmulOp op : products)
    count += multiply(op);
  return count;
}

namespace {
struct MultiplyBlocks : impl::GraphMultiplyBlocksBase<MultiplyBlocks> {
  void runOnOperation() override {
    numProducts += multiplyBlocks(getOperation());
  }
};
} // namespace

} // namespace lambent::graph
