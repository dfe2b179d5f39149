//===- FuseElementwise.cpp - Element-wise producers into their consumers --===//

#include "BufferUses.h"
#include "IndexedDomain.h"
#include "lambent/Lowering/Transforms/Passes.h"
#include "mlir/IR/IRMapping.h"

namespace lambent {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

// Beyond these a stack runs out of registers, and compiles slowly.
static constexpr size_t maxInputs = 10;
static constexpr size_t maxScalarOps = 96;
/// Work that several consumers may repeat.
static constexpr uint64_t cheapFlops = 4;

/// Whether there may be fewer points in a domain than `points`.
static bool mayBeFewer(ArrayRef<Size> domain, const Size &points) {
  return !(productOf(domain) - points).isNotNegative();
}

static bool usesIndex(ElementwiseOp op) {
  return !op.getBody().getOps<IndexOp>().empty();
}

static bool usesElementaryFunctions(ElementwiseOp op) {
  return llvm::any_of(op.getBody().front(), [](Operation &inner) {
    return isa<math::MathDialect>(inner.getDialect()) &&
           !isa<math::AbsFOp, math::AbsIOp, math::FloorOp, math::CeilOp,
                math::FmaOp>(inner);
  });
}

/// Whether the op moves elements without computing.
static bool movesOnly(ElementwiseOp op) {
  return getRegionFlops(op.getBody()) == 0 && !usesIndex(op);
}

/// Whether its reads go through memory in another order than its writes.
static bool permutes(const IndexedDomain &domain) {
  const IndexedOperand &output = domain.operands.back();
  for (const IndexedOperand &input : ArrayRef(domain.operands).drop_back()) {
    int64_t last = -1;
    for (const IndexTerm &term : input.terms) {
      if (term.dim < 0 || domain.sizes[term.dim].is(1))
        continue;
      int64_t place = -1;
      for (auto [index, target] : llvm::enumerate(output.terms))
        if (target.dim == term.dim)
          place = index;
      if (place < last)
        return true;
      last = place;
    }
  }
  return false;
}

/// Whether `op` will become the epilogue of a kernel whose result only it
/// reads.
static bool willBeEpilogue(ElementwiseOp op, const IndexedDomain &domain) {
  const IndexedOperand &output = domain.operands.back();
  if (permutes(domain) || usesIndex(op) ||
      failed(invertTerms(output.terms, domain.sizes, output.shape)))
    return false;
  return llvm::any_of(
      ArrayRef(domain.operands).drop_back(), [&](const IndexedOperand &input) {
        Value root = getRootBuffer(input.buffer);
        KernelOpInterface writer = getOnlyWriter(root);
        return writer && isa<EpilogueOpInterface>(writer.getOperation()) &&
               root.getDefiningOp<AllocOp>() && hasOneReader(root) &&
               succeeded(invertTerms(input.terms, domain.sizes, input.shape));
      });
}

/// Whether the op's results take fewer bits than what they are made of.
static bool narrows(ElementwiseOp op) {
  auto getBits = [](Value buffer) {
    return cast<MemRefType>(buffer.getType()).getElementTypeBitWidth();
  };
  unsigned widest = 0;
  for (Value input : op.getInputs())
    widest = std::max(widest, getBits(input));
  return getBits(op.getOutputs().front()) < widest;
}

/// Whether every reader of `producer`'s result may compute it again.
static bool mayRepeat(ElementwiseOp producer, const IndexedDomain &domain,
                      ArrayRef<KernelOpInterface> readers) {
  if (llvm::any_of(readers, [](KernelOpInterface reader) {
        return !isa<ElementwiseOp>(reader.getOperation());
      }))
    return false;
  // Readers of parts, as of a split, repeat nothing.
  Size points = 0;
  for (KernelOpInterface reader : readers)
    points += productOf(cast<ElementwiseOp>(reader.getOperation()).getDomain());
  bool repeats = mayBeFewer(producer.getDomain(), points);
  if (movesOnly(producer))
    return !repeats || !permutes(domain);
  if (repeats && (getRegionFlops(producer.getBody()) > cheapFlops ||
                  usesElementaryFunctions(producer)))
    return false;
  // What could become the epilogue of a kernel is better done there, once.
  return llvm::none_of(producer.getInputs(), [](Value input) {
    KernelOpInterface writer = getOnlyWriter(getRootBuffer(input));
    return writer && isa<EpilogueOpInterface>(writer.getOperation());
  });
}

/// Brings the producer's output and the consumer's operand `index` to one
/// shape.
static LogicalResult alignShapes(ElementwiseOp producer, IndexedDomain &from,
                                 ElementwiseOp consumer, IndexedDomain &to,
                                 unsigned index) {
  if (from.operands.back().shape == to.operands[index].shape)
    return success();
  FailureOr<Sizes> shape =
      getCommonRefinement(from.operands.back().shape, to.operands[index].shape);
  if (failed(shape))
    return failure();
  size_t fromRank = from.sizes.size(), toRank = to.sizes.size();
  if (failed(from.refineOperand(from.operands.size() - 1, *shape)) ||
      failed(to.refineOperand(index, *shape)))
    return failure();
  // lir.index counts along dims as they were.
  return success((from.sizes.size() == fromRank || !usesIndex(producer)) &&
                 (to.sizes.size() == toRank || !usesIndex(consumer)));
}

namespace {
/// The op that replaces a producer and a consumer while it is put together.
struct FusedOp {
  ArrayRef<Size> sizes; ///< of its domain, the consumer's
  SmallVector<IndexedOperand> inputs, outputs; ///< each input once
  SmallVector<unsigned> consumerInputs; ///< the input of each of its arguments
  static constexpr unsigned produced = ~0u;
  SmallVector<unsigned> producerInputs;

  unsigned addInput(IndexedOperand input) {
    normalizeTerms(input.terms, sizes);
    for (auto [index, other] : llvm::enumerate(inputs))
      if (getRootBuffer(other.buffer) == getRootBuffer(input.buffer) &&
          other.shape == input.shape && other.terms == input.terms &&
          cast<MemRefType>(other.buffer.getType()).getElementType() ==
              cast<MemRefType>(input.buffer.getType()).getElementType())
        return index;
    inputs.push_back(input);
    return inputs.size() - 1;
  }
};
} // namespace

/// Clones a body's operations; `indexTerms` says where its lir.index lie in the
/// new domain. Returns what it yields.
static SmallVector<Value> cloneBody(OpBuilder &builder, Region &body,
                                    IRMapping &mapping,
                                    ArrayRef<IndexTerm> indexTerms) {
  for (Operation &op : body.front().without_terminator()) {
    auto index = dyn_cast<IndexOp>(op);
    if (!index || indexTerms.empty()) {
      builder.clone(op, mapping);
      continue;
    }
    IndexTerm term = indexTerms[index.getDim()];
    Location loc = op.getLoc();
    auto constant = [&](const Size &value) -> Value {
      if (value.isNumber())
        return arith::ConstantOp::create(
            builder, loc, builder.getI64IntegerAttr(value.getNumber()));
      return SizeOp::create(builder, loc, builder.getI64Type(),
                            SizesAttr::get(builder.getContext(), {value}));
    };
    Value position = constant(term.offset);
    if (term.dim >= 0) {
      position = IndexOp::create(builder, loc, builder.getI64Type(), term.dim);
      if (term.stride != 1)
        position = arith::MulIOp::create(builder, loc, position,
                                         constant(term.stride));
      if (!term.offset.is(0))
        position = arith::AddIOp::create(builder, loc, position,
                                         constant(term.offset));
    }
    mapping.map(index.getResult(), position);
  }
  SmallVector<Value> results;
  for (Value value : body.front().getTerminator()->getOperands())
    results.push_back(mapping.lookupOrDefault(value));
  return results;
}

/// Fuses the producer of operand `index` of `consumer`; returns the new op, or
/// null when that is not possible or not worth it.
static ElementwiseOp fuseProducer(ElementwiseOp consumer, unsigned index) {
  Value root = getRootBuffer(consumer.getInputs()[index]);
  if (!root.getDefiningOp<AllocOp>())
    return {};
  KernelOpInterface writer = getOnlyWriter(root);
  auto producer =
      writer ? dyn_cast<ElementwiseOp>(writer.getOperation()) : ElementwiseOp();
  // Where text has the consumer first, the producer is still to be visited.
  if (!producer || producer.getOutputs().size() != 1 ||
      producer->getBlock() != consumer->getBlock() ||
      !producer->isBeforeInBlock(consumer))
    return {};
  FailureOr<IndexedDomain> from = getIndexedDomain(producer),
                           to = getIndexedDomain(consumer);
  if (failed(from) || failed(to))
    return {};
  SmallVector<KernelOpInterface> readers = getReaders(root);
  if (readers.size() > 1 && !mayRepeat(producer, *from, readers))
    return {};
  // A copy alone may go, or move whole vectors. What narrows the result of a
  // kernel does so before that is stored, whatever consumes it where.
  if (((movesOnly(consumer) && !movesOnly(producer)) || narrows(producer)) &&
      willBeEpilogue(producer, *from))
    return {};
  bool repeats =
      mayBeFewer(producer.getDomain(), productOf(consumer.getDomain()));
  if (repeats && !movesOnly(producer))
    return {};
  if (failed(alignShapes(producer, *from, consumer, *to, index)))
    return {};
  const IndexedOperand &output = from->operands.back();
  FailureOr<SmallVector<IndexTerm>> inverse =
      invertTerms(output.terms, from->sizes, output.shape);
  if (failed(inverse))
    return {};

  unsigned numInputs = consumer.getInputs().size();
  FusedOp fused;
  fused.sizes = to->sizes;
  SmallVector<IndexTerm> place =
      composeTerms(*inverse, to->operands[index].terms);
  // All operands that read the same element are replaced at once.
  for (unsigned i = 0; i < numInputs; ++i) {
    const IndexedOperand &input = to->operands[i];
    bool isProduced = getRootBuffer(input.buffer) == root &&
                      input.shape == output.shape &&
                      input.terms == to->operands[index].terms;
    fused.consumerInputs.push_back(isProduced ? FusedOp::produced
                                              : fused.addInput(input));
  }
  for (const IndexedOperand &input : ArrayRef(from->operands).drop_back())
    fused.producerInputs.push_back(fused.addInput(
        {input.buffer, input.shape, composeTerms(input.terms, place)}));
  size_t scalarOps = producer.getBody().front().getOperations().size() +
                     consumer.getBody().front().getOperations().size();
  if (fused.inputs.size() > std::max<size_t>(maxInputs, numInputs) ||
      scalarOps > maxScalarOps)
    return {};

  OpBuilder builder(consumer);
  Location loc = builder.getFusedLoc({producer.getLoc(), consumer.getLoc()});
  SmallVector<Value> inputs, outputs;
  SmallVector<AffineMap> maps;
  auto add = [&](const IndexedOperand &operand, SmallVectorImpl<Value> &list) {
    list.push_back(materialize(builder, loc, operand));
    maps.push_back(
        getIndexMap(to->sizes.size(), operand.terms, builder.getContext()));
  };
  for (const IndexedOperand &input : fused.inputs)
    add(input, inputs);
  for (const IndexedOperand &each :
       ArrayRef(to->operands).drop_front(numInputs))
    add(each, outputs);
  auto body = [&](OpBuilder &inner, Location, ValueRange scalars) {
    IRMapping produced, consumed;
    for (auto [argument, input] : llvm::zip_equal(
             producer.getBody().getArguments(), fused.producerInputs))
      produced.map(argument, scalars[input]);
    Value result =
        cloneBody(inner, producer.getBody(), produced, place).front();
    for (auto [argument, input] : llvm::zip_equal(
             consumer.getBody().getArguments(), fused.consumerInputs))
      consumed.map(argument,
                   input == FusedOp::produced ? result : scalars[input]);
    return cloneBody(inner, consumer.getBody(), consumed, {});
  };
  auto result = ElementwiseOp::create(builder, loc, inputs, outputs, to->sizes,
                                      maps, body);
  consumer.erase();
  // So that what it read counts one reader less.
  if (!hasReaders(root))
    producer.erase();
  return result;
}

/// The one value of a constant's elements, or null.
static TypedAttr getSplat(Value buffer) {
  auto weight = getRootBuffer(buffer).getDefiningOp<WeightOp>();
  if (!weight || weight.getPacking())
    return {};
  auto value = dyn_cast<DenseElementsAttr>(weight.getValue());
  if (!value || !value.isSplat())
    return {};
  Type type = cast<MemRefType>(buffer.getType()).getElementType();
  if (isa<FloatType>(type) && value.getElementType() == type)
    return FloatAttr::get(type, value.getSplatValue<APFloat>());
  if (isa<IntegerType>(type) && isa<IntegerType>(value.getElementType()))
    return IntegerAttr::get(type, value.getSplatValue<APInt>());
  return {};
}

/// Puts constants of one value into the body. Returns the new op, or null when
/// there were none.
static ElementwiseOp inlineConstants(ElementwiseOp op) {
  unsigned numInputs = op.getInputs().size();
  SmallVector<TypedAttr> splats;
  for (Value input : op.getInputs())
    splats.push_back(getSplat(input));
  if (llvm::none_of(splats, [](TypedAttr splat) { return bool(splat); }))
    return {};
  OpBuilder builder(op);
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (unsigned index = 0; index < op->getNumOperands(); ++index) {
    if (index < numInputs && splats[index])
      continue;
    if (index < numInputs)
      inputs.push_back(op.getInputs()[index]);
    maps.push_back(op.getMap(index));
  }
  auto body = [&](OpBuilder &inner, Location loc, ValueRange scalars) {
    IRMapping mapping;
    unsigned next = 0;
    for (auto [argument, splat] :
         llvm::zip_equal(op.getBody().getArguments(), splats))
      mapping.map(argument,
                  splat
                      ? arith::ConstantOp::create(inner, loc, splat).getResult()
                      : scalars[next++]);
    return cloneBody(inner, op.getBody(), mapping, {});
  };
  auto result =
      ElementwiseOp::create(builder, op.getLoc(), inputs, op.getOutputs(),
                            op.getDomain(), maps, body);
  op.erase();
  return result;
}

/// Reads of one element become one argument.
static ElementwiseOp mergeEqualInputs(ElementwiseOp op) {
  unsigned numInputs = op.getInputs().size();
  SmallVector<unsigned> firsts;
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (unsigned index = 0; index < numInputs; ++index) {
    unsigned found = 0;
    while (found < inputs.size() && !(inputs[found] == op.getInputs()[index] &&
                                      maps[found] == op.getMap(index)))
      ++found;
    firsts.push_back(found);
    if (found == inputs.size()) {
      inputs.push_back(op.getInputs()[index]);
      maps.push_back(op.getMap(index));
    }
  }
  if (inputs.size() == numInputs)
    return {};
  for (unsigned index = numInputs; index < op->getNumOperands(); ++index)
    maps.push_back(op.getMap(index));
  OpBuilder builder(op);
  auto body = [&](OpBuilder &inner, Location, ValueRange scalars) {
    IRMapping mapping;
    for (auto [argument, first] :
         llvm::zip_equal(op.getBody().getArguments(), firsts))
      mapping.map(argument, scalars[first]);
    return cloneBody(inner, op.getBody(), mapping, {});
  };
  auto result =
      ElementwiseOp::create(builder, op.getLoc(), inputs, op.getOutputs(),
                            op.getDomain(), maps, body);
  op.erase();
  return result;
}

namespace {
struct FuseElementwise : lambent::impl::FuseElementwiseBase<FuseElementwise> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal())
      return;
    // Producers come first, so that a consumer meets them fused already.
    SmallVector<ElementwiseOp> ops(function.getOps<ElementwiseOp>());
    for (ElementwiseOp op : ops) {
      for (bool changed = true; changed;) {
        changed = false;
        if (ElementwiseOp inlined = inlineConstants(op)) {
          op = inlined;
          changed = true;
        }
        if (ElementwiseOp merged = mergeEqualInputs(op)) {
          op = merged;
          changed = true;
        }
        for (unsigned index = 0; index < op.getInputs().size(); ++index) {
          if (ElementwiseOp fused = fuseProducer(op, index)) {
            op = fused;
            changed = true;
            break;
          }
        }
      }
    }
    eraseDeadKernels(function);
  }
};
} // namespace
