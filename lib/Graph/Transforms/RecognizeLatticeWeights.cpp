//===- RecognizeLatticeWeights.cpp - Float weights of few bits ------------===//
//
// Constants of f32 whose numbers are small integers times a step, one step for
// all, for a column or for a block of k, are written as integers that are
// dequantized, as importers write those of quantized models. What takes
// quantized weights takes them then.
//
//===----------------------------------------------------------------------===//

#include "ConstantNumbers.h"
#include "Lattice.h"
#include "QuantizedTensor.h"
#include "lambent/Graph/Transforms/Passes.h"
#include "mlir/IR/AsmState.h"
#include <map>

using namespace mlir;

namespace lambent::graph {

#define GEN_PASS_DEF_GRAPHRECOGNIZELATTICEWEIGHTS
#include "lambent/Graph/Transforms/Passes.h.inc"

namespace {

/// How a constant is used, as far as it may be written as integers.
struct WeightUses {
  SmallVector<OpOperand *> operands;
  unsigned depthAxis = 1; ///< which of its two dims is k
  bool isFilter = false;  ///< [output channels, all else]
  bool isGathered = false;
  bool meetsIntegers = false; ///< what it is multiplied by is quantized

  bool takesBlocks() const { return !meetsIntegers && !isFilter; }
};

/// Weights as columns of k: where the elements of both lie.
struct WeightView {
  ArrayRef<char> bytes;
  int64_t columns, depth, columnStride, depthStride;

  /// Of elements that need not be aligned.
  float at(int64_t column, int64_t k) const {
    float number;
    std::memcpy(&number,
                bytes.data() + (column * columnStride + k * depthStride) *
                                   int64_t(sizeof number),
                sizeof number);
    return number;
  }
};

/// Weights as integers of `bits`, with a lattice for each block of k of each
/// column. One column, or one block, stands for all of them.
struct CodedLattices {
  int64_t bits, columns, block, blocks;
  SmallVector<Lattice> lattices; ///< [columns, blocks]

  bool hasZeros() const {
    return llvm::any_of(lattices,
                        [&](const Lattice &l) { return l.getZero(bits) != 0; });
  }
  const Lattice &at(int64_t column, int64_t k) const {
    return lattices[(columns == 1 ? 0 : column * blocks) + k / block];
  }
};

} // namespace

//===-- Lattices of weights -----------------------------------------------===//

/// The bits that all of some lattices fit, which then prefer no zero points.
static std::optional<CodedLattices> finish(CodedLattices found) {
  found.bits = 2;
  for (const Lattice &lattice : found.lattices)
    found.bits = std::max(found.bits, lattice.getBits());
  for (Lattice &lattice : found.lattices)
    lattice = lattice.preferSigned(found.bits);
  return found;
}

static std::optional<CodedLattices> findOneLattice(const WeightView &view) {
  LatticeSearch search;
  // In the order of memory.
  bool isColumnFirst = view.depthStride == 1;
  int64_t outer = isColumnFirst ? view.columns : view.depth,
          inner = isColumnFirst ? view.depth : view.columns;
  for (int64_t i = 0; i < outer; ++i)
    for (int64_t j = 0; j < inner; ++j)
      if (!search.add(isColumnFirst ? view.at(i, j) : view.at(j, i)))
        return std::nullopt;
  std::optional<Lattice> lattice = search.find();
  if (!lattice)
    return std::nullopt;
  return finish({0, 1, view.depth, 1, {*lattice}});
}

static std::optional<CodedLattices> findLattices(const WeightView &view,
                                                 int64_t block) {
  int64_t blocks = int64_t(llvm::divideCeil(view.depth, block));
  CodedLattices found{0, view.columns, block, blocks, {}};
  LatticeSearch search;
  // Neighbouring columns together: they may share lines of memory.
  constexpr int64_t tile = 16;
  found.lattices.resize(view.columns * blocks);
  std::vector<float> numbers(tile * block);
  for (int64_t first = 0; first < view.columns; first += tile) {
    int64_t count = std::min(tile, view.columns - first);
    for (int64_t b = 0; b < blocks; ++b) {
      int64_t begin = b * block, depth = std::min(block, view.depth - begin);
      for (int64_t k = 0; k < depth; ++k)
        for (int64_t column = 0; column < count; ++column)
          numbers[column * block + k] = view.at(first + column, begin + k);
      for (int64_t column = 0; column < count; ++column) {
        search.clear();
        ArrayRef<float> own(&numbers[column * block], depth);
        if (!llvm::all_of(own, [&](float n) { return search.add(n); }))
          return std::nullopt;
        std::optional<Lattice> lattice = search.find();
        if (!lattice)
          return std::nullopt;
        found.lattices[(first + column) * blocks + b] = *lattice;
      }
    }
  }
  return finish(std::move(found));
}

/// How far weights shrink, as bits for each number.
static double getWidth(const CodedLattices &found, const WeightView &view) {
  double parameters = 32 + (found.hasZeros() ? 8 : 0);
  return double(found.bits) + parameters * double(found.lattices.size()) /
                                  double(view.columns * view.depth);
}

static std::optional<CodedLattices> findLattices(const WeightView &view,
                                                 const WeightUses &uses) {
  std::optional<CodedLattices> best;
  auto consider = [&](std::optional<CodedLattices> found) {
    if (found && (!best || getWidth(*found, view) < getWidth(*best, view)))
      best = std::move(found);
  };
  consider(findOneLattice(view));
  if (!best || best->bits > 2)
    consider(findLattices(view, view.depth));
  constexpr int64_t largestBlock = 256, leastBlock = 16;
  for (int64_t block = largestBlock;
       !best && uses.takesBlocks() && block >= leastBlock; block /= 2)
    if (block < view.depth)
      consider(findLattices(view, block));
  if (best && uses.meetsIntegers)
    best->bits = 8;
  // Half of the memory at most, or it is not worth another kernel.
  if (!best || getWidth(*best, view) > 16 ||
      (uses.meetsIntegers && best->hasZeros()))
    return std::nullopt;
  return best;
}

//===-- Rewriting ---------------------------------------------------------===//

/// A constant of bytes that nothing else holds.
static Value makeCodes(OpBuilder &builder, RankedTensorType type, Location loc,
                       ArrayRef<char> codes) {
  return ConstantOp::create(
      builder, loc,
      DenseResourceElementsAttr::get(
          type, "codes",
          HeapAsmResourceBlob::allocateAndCopyInferAlign(codes)));
}

namespace {
/// Writes one constant as (code - zero) * step.
class LatticeWriter {
public:
  LatticeWriter(OpBuilder &builder, Location loc, RankedTensorType type,
                const WeightView &view, const WeightUses &uses,
                const CodedLattices &found)
      : builder(builder), loc(loc), type(type), view(view), uses(uses),
        found(found),
        codeType(found.bits == 8 ? builder.getI8Type()
                                 : builder.getIntegerType(found.bits)) {}

  Value write() {
    SmallVector<Value> inputs{writeCodes()};
    inputs.push_back(writeTable(builder.getF32Type(), [](const Lattice &l) {
      return llvm::bit_cast<uint32_t>(l.step);
    }));
    if (found.hasZeros())
      inputs.push_back(writeTable(codeType, [&](const Lattice &l) {
        return uint32_t(l.getZero(found.bits)) & getMask();
      }));
    return ElementwiseOp::create(
        builder, loc, inputs, builder.getF32Type(),
        [&](OpBuilder &b, Location l, ValueRange args) -> Value {
          Value number = extend(b, l, args[0]);
          if (args.size() > 2)
            number = arith::SubIOp::create(b, l, number, extend(b, l, args[2]));
          number = arith::SIToFPOp::create(b, l, b.getF32Type(), number);
          return arith::MulFOp::create(b, l, number, args[1]);
        });
  }

private:
  uint32_t getMask() const { return (1u << found.bits) - 1; }

  /// A code, whose upper bits are 0 where it is narrow, as i32.
  Value extend(OpBuilder &b, Location l, Value code) {
    if (found.bits < 8) {
      Value unused = arith::ConstantOp::create(
          b, l, b.getI8IntegerAttr(int8_t(8 - found.bits)));
      code = arith::ShRSIOp::create(
          b, l, arith::ShLIOp::create(b, l, code, unused), unused);
    }
    return arith::ExtSIOp::create(b, l, b.getI32Type(), code);
  }

  Value writeCodes() {
    std::vector<char> codes(view.columns * view.depth);
    for (int64_t column = 0; column < view.columns; ++column)
      for (int64_t k = 0; k < view.depth; ++k) {
        const Lattice &lattice = found.at(column, k);
        // It was found for these numbers.
        int64_t code =
            *lattice.getCode(view.at(column, k)) + lattice.getZero(found.bits);
        codes[column * view.columnStride + k * view.depthStride] =
            char(uint32_t(code) & getMask());
      }
    return makeCodes(builder, type.clone(codeType), loc, codes);
  }

  /// A parameter of each lattice, which broadcasts to the weights.
  Value writeTable(Type element,
                   function_ref<uint32_t(const Lattice &)> getBits) {
    int64_t rank = type.getRank();
    SmallVector<int64_t> shape(rank, 1);
    unsigned columnAxis = uses.isFilter ? 0 : 1 - uses.depthAxis;
    shape[columnAxis] = found.columns;
    bool isBlocked = found.blocks > 1;
    if (isBlocked)
      shape[uses.depthAxis] = found.blocks;
    unsigned width = element.getIntOrFloatBitWidth() > 8 ? 4 : 1;
    std::vector<char> bytes(found.lattices.size() * width);
    bool isTransposed = isBlocked && uses.depthAxis == 0;
    for (auto [i, lattice] : llvm::enumerate(found.lattices)) {
      size_t column = i / found.blocks, block = i % found.blocks,
             place = isTransposed ? block * found.columns + column : i;
      uint32_t bits = getBits(lattice);
      std::memcpy(&bytes[place * width], &bits, width);
    }
    auto tableType = RankedTensorType::get(shape, element);
    Value table =
        width == 4 ? ConstantOp::create(
                         builder, loc,
                         DenseElementsAttr::getFromRawBuffer(tableType, bytes))
                         .getResult()
                   : makeCodes(builder, tableType, loc, bytes);
    if (!isBlocked)
      return table;
    SmallVector<int64_t> places;
    for (int64_t k = 0; k < view.depth; ++k)
      places.push_back(k / found.block);
    Value indices =
        ConstantOp::create(builder, loc, builder.getI64TensorAttr(places));
    return GatherOp::create(builder, loc, table, indices, uses.depthAxis);
  }

  OpBuilder &builder;
  Location loc;
  RankedTensorType type;
  const WeightView &view;
  const WeightUses &uses;
  const CodedLattices &found;
  Type codeType;
};
} // namespace

//===-- The pass ----------------------------------------------------------===//

static bool isQuantized(Value value) {
  return matchQuantized(value, Float32Type::get(value.getContext()))
      .has_value();
}

/// What takes the constant, by whether integers meet it there. Uses of which
/// no integers would come are left out.
static std::map<bool, WeightUses> getUses(Value constant) {
  std::map<bool, WeightUses> result;
  for (OpOperand &use : constant.getUses()) {
    WeightUses own;
    if (auto matmul = dyn_cast<MatmulOp>(use.getOwner())) {
      if (use.getOperandNumber() != 1 || getTensorType(constant).getRank() != 2)
        continue;
      own.depthAxis = matmul.getTransposeRhs() ? 1 : 0;
      own.meetsIntegers = isQuantized(matmul.getLhs());
      if (matmul.getTransposeLhs() && !own.meetsIntegers)
        continue;
    } else if (auto conv = dyn_cast<ConvOp>(use.getOwner())) {
      if (use.getOperandNumber() != 1 || !isQuantized(conv.getInput()))
        continue;
      own.isFilter = own.meetsIntegers = true;
    } else if (auto gather = dyn_cast<GatherOp>(use.getOwner())) {
      if (use.getOperandNumber() != 0 || gather.getAxis() != 0 ||
          getTensorType(constant).getRank() != 2 ||
          isConstantExpression(gather.getIndices()))
        continue;
      own.isGathered = true;
    } else {
      continue;
    }
    auto [place, isNew] = result.try_emplace(own.meetsIntegers, own);
    WeightUses &all = place->second;
    // A table's rows are read along either axis; products agree, or the first
    // one counts.
    if (all.isGathered && !own.isGathered && all.depthAxis != own.depthAxis &&
        llvm::none_of(all.operands, [](OpOperand *operand) {
          return isa<MatmulOp>(operand->getOwner());
        }))
      all.depthAxis = own.depthAxis;
    if (!own.isGathered &&
        (all.isFilter != own.isFilter || all.depthAxis != own.depthAxis))
      continue;
    all.isGathered |= own.isGathered;
    all.operands.push_back(&use);
  }
  return result;
}

static std::optional<WeightView> getView(Value constant,
                                         const WeightUses &uses) {
  RankedTensorType type = getTensorType(constant);
  ArrayRef<char> bytes = getBytes(getConstantValue(constant));
  int64_t count = type.getNumElements();
  if (type.getRank() < 2 || int64_t(bytes.size()) != count * 4)
    return std::nullopt; // a splat is smaller
  if (uses.isFilter || uses.depthAxis == 1) {
    int64_t depth = count / type.getDimSize(0);
    return WeightView{bytes, type.getDimSize(0), depth, depth, 1};
  }
  int64_t columns = type.getDimSize(1);
  return WeightView{bytes, columns, type.getDimSize(0), 1, columns};
}

/// Whether a number is -0, which integers do not have.
static bool hasNegativeZeros(ArrayRef<char> bytes) {
  for (size_t i = 0; i < bytes.size(); i += 4) {
    uint32_t bits;
    std::memcpy(&bits, bytes.data() + i, 4);
    if (bits == 0x80000000u)
      return true;
  }
  return false;
}

unsigned recognizeLatticeWeights(func::FuncOp function, int64_t least) {
  unsigned count = 0;
  SmallVector<ConstantOp> constants;
  function.walk([&](ConstantOp op) {
    RankedTensorType type = getTensorType(op.getResult());
    if (type.getElementType().isF32() && type.getRank() >= 2)
      constants.push_back(op);
  });
  for (ConstantOp op : constants)
    for (auto &[meetsIntegers, uses] : getUses(op.getResult())) {
      // Integers multiply faster whatever their number is.
      if (!meetsIntegers &&
          getTensorType(op.getResult()).getNumElements() < least)
        continue;
      std::optional<WeightView> view = getView(op.getResult(), uses);
      std::optional<CodedLattices> found =
          view ? findLattices(*view, uses) : std::nullopt;
      // In a sum of products a zero's sign is lost, but not in rows.
      if (!found || (uses.isGathered && hasNegativeZeros(view->bytes)))
        continue;
      OpBuilder builder(op);
      builder.setInsertionPointAfter(op);
      Value weights =
          LatticeWriter(builder, op.getLoc(), getTensorType(op.getResult()),
                        *view, uses, *found)
              .write();
      for (OpOperand *operand : uses.operands)
        operand->set(weights);
      ++count;
    }
  return count;
}

namespace {
struct RecognizeLatticeWeights
    : impl::GraphRecognizeLatticeWeightsBase<RecognizeLatticeWeights> {
  using GraphRecognizeLatticeWeightsBase::GraphRecognizeLatticeWeightsBase;
  void runOnOperation() override {
    numWeights += recognizeLatticeWeights(getOperation(), leastElements);
  }
};
} // namespace

} // namespace lambent::graph
