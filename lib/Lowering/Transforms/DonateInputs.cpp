//===- DonateInputs.cpp - Outputs that take the memory of inputs ----------===//
//
// An output that is longer than its input along one dim begins with it: both
// become parts of one buffer, which may be longer than either, by a symbol that
// a run reads off their strides. What copied the input to its place is gone.
// An output of the input's size is written over it: what still needs old
// elements then reads a copy, which of an output that grows would be an error.
//
//===----------------------------------------------------------------------===//

#include "BufferUses.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/Transforms/Passes.h"

namespace lambent {
#define GEN_PASS_DEF_DONATEINPUTS
#include "lambent/Lowering/Transforms/Passes.h.inc"
} // namespace lambent

using namespace mlir;
using namespace lambent;
using namespace lambent::lir;

namespace {

/// How much longer than outputs their memory is: symbols behind those of the
/// function.
class Spares {
public:
  explicit Spares(func::FuncOp function) : function(function) {}
  /// That of what grows from `before` to `after`. All that grow alike have as
  /// much.
  Size get(const Size &before, const Size &after);

private:
  func::FuncOp function;
  SmallVector<std::tuple<Size, Size, Size>> known; ///< before, after, spare
};

/// An input and the output that takes its memory.
class Donation {
public:
  Donation(func::FuncOp function, BlockArgument input, BlockArgument output,
           const AcceptsLayout &accepts, Spares &spares)
      : function(function), input(input), output(output), accepts(accepts),
        spares(spares), inputType(cast<MemRefType>(input.getType())),
        outputType(cast<MemRefType>(output.getType())) {}

  LogicalResult apply();

private:
  StringRef getName(BlockArgument argument) {
    auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                      "lir.name");
    return name ? name.getValue() : StringRef("?");
  }
  InFlightDiagnostic fail() {
    return emitError(input.getLoc()) << "input \"" << getName(input)
                                     << "\" can't give its memory to output \""
                                     << getName(output) << "\": ";
  }
  LogicalResult findGrownDim();
  /// The input's elements as a part of the output.
  MemRefType getKeptPart() {
    return makePartType(getSizes(inputType), inputType.getElementType(),
                        getStrides(outputType), 0);
  }
  bool keepsInput(BufferUse write);
  bool isCopyInPlace(Operation *kernel);
  /// That nothing is written before the input would be copied there. Lists
  /// what reads the input after its memory is written.
  LogicalResult checkOrder();
  static bool readsFirst(BufferUse read, BufferUse write);
  Value view(OpBuilder &here, MemRefType type, Value buffer) {
    return type == buffer.getType()
               ? buffer
               : ViewOp::create(here, input.getLoc(), type, buffer);
  }
  MemRefType makeMemoryType();
  MemRefType getMemoryType() { return cast<MemRefType>(memory.getType()); }
  FailureOr<MemRefType> moveLayout(MemRefType type, MemRefType whole);
  LogicalResult redirect(const BufferUse &use, MemRefType whole);
  void keepOldElements();

  func::FuncOp function;
  BlockArgument input, output;
  const AcceptsLayout &accepts;
  Spares &spares;
  MemRefType inputType, outputType;
  std::optional<size_t> grown;     ///< the dim along which the output is longer
  SmallVector<Operation *> copies; ///< of the input to where it is
  SmallVector<OpOperand *> late;   ///< operands that need old elements
  Value memory;                    ///< of both
};

} // namespace

Size Spares::get(const Size &before, const Size &after) {
  for (auto &[from, to, spare] : known)
    if (from == before && to == after)
      return spare;
  SmallVector<Attribute> symbols;
  if (auto list = function->getAttrOfType<ArrayAttr>("lir.symbols"))
    llvm::append_range(symbols, list);
  Size spare = Size::symbol(symbols.size(), function.getContext());
  Builder builder(function.getContext());
  symbols.push_back(builder.getStringAttr(""));
  function->setAttr("lir.symbols", builder.getArrayAttr(symbols));
  known.push_back({before, after, spare});
  return spare;
}

LogicalResult Donation::findGrownDim() {
  if (DecidedSizes(function).areOf(output))
    return fail() << "data decide how large that is";
  Sizes before = getSizes(inputType), after = getSizes(outputType);
  for (size_t dim = 0; dim < before.size(); ++dim) {
    if (before[dim] == after[dim])
      continue;
    if (grown || !(after[dim] - before[dim]).isNotNegative())
      return fail() << "expected sizes that are the same, or larger along one "
                       "dim, but got "
                    << inputType << " and " << outputType;
    grown = dim;
  }
  return success();
}

/// Whether a kernel that writes the output leaves the input's elements alone.
bool Donation::keepsInput(BufferUse write) {
  auto type = cast<MemRefType>(write.operand->get().getType());
  if (!grown)
    return false;
  if (isDense(type)) {
    auto copy = dyn_cast<ElementwiseOp>(write.kernel.getOperation());
    if (!copy || !isCopy(copy))
      return false;
    FailureOr<MemRefType> part = getPartType(copy, 0, 1);
    if (failed(part))
      return false;
    type = *part;
  }
  return areDisjoint(type, getKeptPart());
}

/// Whether it copies the whole input to where its memory has it already.
bool Donation::isCopyInPlace(Operation *kernel) {
  auto copy = dyn_cast<ElementwiseOp>(kernel);
  if (!copy || !isCopy(copy) || getRootBuffer(copy.getInputs()[0]) != input ||
      getRootBuffer(copy.getOutputs()[0]) != output)
    return false;
  FailureOr<MemRefType> part = getPartType(copy, 0, 1);
  if (failed(part))
    return false;
  FailureOr<MemRefType> expected =
      reshapeLayout(getKeptPart(), getSizes(*part));
  return succeeded(expected) && *expected == *part;
}

/// Whether all that is read is read before it is overwritten.
bool Donation::readsFirst(BufferUse read, BufferUse write) {
  Operation *reader = read.kernel, *writer = write.kernel;
  if (reader != writer)
    return reader->isBeforeInBlock(writer);
  return write.operand->getOperandNumber() == write.kernel.getNumReads() &&
         read.kernel.mayShareBuffer(read.operand->getOperandNumber()) &&
         read.operand->get().getType() == write.operand->get().getType();
}

LogicalResult Donation::checkOrder() {
  for (BufferUse write : getBufferUses(output)) {
    if (!write.isWrite())
      continue;
    if (isCopyInPlace(write.kernel)) {
      copies.push_back(write.kernel);
      continue;
    }
    if (keepsInput(write))
      continue;
    for (BufferUse &read : getBufferUses(input)) {
      if (readsFirst(read, write))
        continue;
      if (grown) {
        InFlightDiagnostic error =
            fail() << "its old elements are still needed after they are "
                      "overwritten";
        error.attachNote(read.kernel->getLoc()) << "needed here";
        return error;
      }
      if (!llvm::is_contained(late, read.operand))
        late.push_back(read.operand);
    }
  }
  // Where what is copied would be overwritten first, it isn't there any more.
  llvm::erase_if(copies, [&](Operation *copy) {
    return llvm::any_of(
        late, [&](OpOperand *operand) { return operand->getOwner() == copy; });
  });
  return success();
}

/// Lets what needs old elements read a copy of them.
void Donation::keepOldElements() {
  if (late.empty())
    return;
  OpBuilder builder(input.getContext());
  builder.setInsertionPointToStart(input.getOwner());
  Value kept = AllocOp::create(builder, input.getLoc(), inputType);
  createCopy(builder, input.getLoc(), input, kept);
  for (OpOperand *operand : late) {
    OpBuilder here(operand->getOwner());
    operand->set(view(here, cast<MemRefType>(operand->get().getType()), kept));
  }
}

/// The type of what both share.
MemRefType Donation::makeMemoryType() {
  Sizes sizes = getSizes(outputType);
  bool isLeading =
      !grown || llvm::all_of(ArrayRef(sizes).take_front(*grown),
                             [](const Size &size) { return size.is(1); });
  if (isLeading)
    return outputType;
  sizes[*grown] += spares.get(getSizes(inputType)[*grown], sizes[*grown]);
  return makeBufferType(sizes, outputType.getElementType());
}

/// The layout in the common memory of what lies so in `whole`, the input or the
/// output.
FailureOr<MemRefType> Donation::moveLayout(MemRefType type, MemRefType whole) {
  MemRefType common = getMemoryType();
  Sizes steps = getStrides(common);
  if (isDense(type))
    return whole == common
               ? type
               : reshapeLayout(makePartType(getSizes(whole),
                                            whole.getElementType(), steps, 0),
                               getSizes(type));
  if (whole == common || !grown || *grown == 0)
    return type;
  // Steps over the grown dim become wider. What lies within one is the same.
  Size from = getStrides(whole)[*grown - 1], to = steps[*grown - 1];
  Size last = getFirstElement(type);
  Sizes strides = getStrides(type);
  for (auto [size, stride] : llvm::zip_equal(getSizes(type), strides)) {
    Size times = divideWhole(stride, from);
    if (times.isKnown())
      stride = times * to;
    else
      last += (size - 1) * stride;
  }
  if (!(from - last - 1).isNotNegative())
    return failure();
  return makePartType(getSizes(type), type.getElementType(), strides,
                      getFirstElement(type));
}

/// Lets a kernel see the input or the output in the common memory.
LogicalResult Donation::redirect(const BufferUse &use, MemRefType whole) {
  auto type = cast<MemRefType>(use.operand->get().getType());
  FailureOr<MemRefType> layout = moveLayout(type, whole);
  bool isTaken = succeeded(layout) && (*layout == type || !accepts ||
                                       accepts(*use.operand, *layout));
  OpBuilder builder(use.operand->getOwner());
  if (!isTaken && !use.isWrite()) {
    // Dense, as it was.
    Value copied = AllocOp::create(builder, input.getLoc(), whole);
    MemRefType part = makePartType(getSizes(whole), whole.getElementType(),
                                   getStrides(getMemoryType()), 0);
    createCopy(builder, input.getLoc(), view(builder, part, memory), copied);
    use.operand->set(view(builder, type, copied));
    return success();
  }
  if (!isTaken) {
    InFlightDiagnostic error = fail() << "a kernel does not take a part of it";
    error.attachNote(use.operand->getOwner()->getLoc()) << "this kernel";
    return error;
  }
  use.operand->set(view(builder, *layout, memory));
  return success();
}

LogicalResult Donation::apply() {
  if (failed(findGrownDim()) || failed(checkOrder()))
    return failure();
  for (Operation *copy : copies)
    copy->erase();
  keepOldElements();
  SmallVector<BufferUse> reads = getBufferUses(input),
                         others = getBufferUses(output);
  OpBuilder builder = OpBuilder::atBlockBegin(input.getOwner());
  MemRefType type = makeMemoryType();
  IntegerAttr dim;
  if (type != outputType)
    dim = builder.getI64IntegerAttr(*grown);
  memory = DonateOp::create(builder, input.getLoc(), type, input, output, dim);
  for (const BufferUse &use : reads)
    if (failed(redirect(use, inputType)))
      return failure();
  for (const BufferUse &use : others)
    if (failed(redirect(use, outputType)))
      return failure();
  return success();
}

namespace lambent {
namespace {
struct DonateInputs : impl::DonateInputsBase<DonateInputs> {
  DonateInputs() = default;
  explicit DonateInputs(AcceptsLayout accepts) : accepts(std::move(accepts)) {}
  DonateInputs(const DonateInputs &) = default;

  void runOnOperation() override {
    func::FuncOp function = getOperation();
    auto numInputs = function->getAttrOfType<IntegerAttr>("lir.num_inputs");
    if (function.isExternal() || !numInputs)
      return;
    Spares spares(function);
    bool isWrong = false;
    for (int64_t i = 0; i < numInputs.getInt(); ++i) {
      auto taker = function.getArgAttrOfType<IntegerAttr>(i, "lir.donated");
      if (!taker)
        continue;
      BlockArgument output =
          function.getArgument(numInputs.getInt() + taker.getInt());
      isWrong |= failed(
          Donation(function, function.getArgument(i), output, accepts, spares)
              .apply());
    }
    if (isWrong)
      return signalPassFailure();
    eraseDeadKernels(function);
  }

  AcceptsLayout accepts;
};
} // namespace

std::unique_ptr<Pass> createDonateInputs(AcceptsLayout accepts) {
  return std::make_unique<DonateInputs>(std::move(accepts));
}
} // namespace lambent
