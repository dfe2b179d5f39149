//===- IndexingOps.cpp - Ops that select, join or repeat elements ---------===//

#include "Elements.h"
#include "EmptyTensors.h"
#include "Permute.h"

using namespace mlir;

namespace lambent::graph {

//===-- concat ------------------------------------------------------------===//

FailureOr<RankedTensorType> ConcatOp::inferType(Adaptor op,
                                                EmitError emitError) {
  if (op.getInputs().empty())
    return emitError() << "expected at least one input, but got none";
  RankedTensorType first = typeOf(op.getInputs()[0]);
  int64_t axis = op.getAxis();
  if (failed(checkAxis(axis, first.getRank(), emitError)))
    return failure();
  Sizes shape = getSizes(first);
  Size sum = 0;
  for (Value input : op.getInputs()) {
    RankedTensorType type = typeOf(input);
    if (type.getElementType() != first.getElementType() ||
        type.getRank() != first.getRank())
      return emitError() << "expected inputs like " << first << ", but got "
                         << type;
    for (auto [d, size] : llvm::enumerate(getSizes(type))) {
      if (static_cast<int64_t>(d) == axis) {
        sum = sum + size;
        continue;
      }
      if (!dimsAgree(shape[d], size))
        return emitError() << "expected dim " << d << " to be "
                           << shape[d].getNumber() << ", but got "
                           << size.getNumber();
      shape[d] = mergeDims(shape[d], size);
    }
  }
  shape[axis] = sum;
  return makeTensorType(shape, first.getElementType());
}

LogicalResult ConcatOp::computeElements(ArrayRef<Elements> operands,
                                        RankedTensorType type,
                                        Elements &result) {
  result.assign(type.getNumElements(), Attribute());
  Shape strides = getStrides(type.getShape());
  int64_t begin = 0;
  for (auto [input, elements] : llvm::zip(getInputs(), operands)) {
    auto inputType = cast<RankedTensorType>(input.getType());
    if (!inputType.hasStaticShape())
      return failure();
    size_t next = 0;
    if (!elements.empty())
      forEachPosition(inputType.getShape(), [&](ArrayRef<int64_t> position) {
        result[begin * strides[getAxis()] + getOffset(position, strides)] =
            elements[next++];
      });
    begin += inputType.getDimSize(getAxis());
  }
  return success();
}

OpFoldResult ConcatOp::fold(FoldAdaptor adaptor) {
  // Empty inputs add nothing, such as a decoder's past before its first step.
  auto full = llvm::make_filter_range(
      getInputs(), [](Value input) { return !isEmpty(input); });
  if (llvm::hasSingleElement(full) &&
      (*full.begin()).getType() == getResult().getType())
    return *full.begin();
  return foldElements(*this);
}

FailureOr<SmallVector<Value>> ConcatOp::buildPermuted(OpBuilder &builder,
                                                      ValueRange inputs,
                                                      ArrayRef<bool> permuted,
                                                      ArrayRef<int64_t> perm) {
  SmallVector<Value> operands;
  for (auto [input, done] : llvm::zip(inputs, permuted))
    operands.push_back(permuteOperand(builder, getLoc(), input, done, perm));
  auto type = getResult().getType();
  return SmallVector<Value>{ConcatOp::create(builder, getLoc(),
                                             permuteType(type, perm), operands,
                                             permutedAxis(getAxis(), perm))};
}

//===-- slice -------------------------------------------------------------===//

namespace {
/// What a slice takes from one dim.
struct DimRange {
  int64_t start, step, size;
};
} // namespace

/// What exporters write for the end of a dim of any size, and more: TensorFlow's
/// begins here.
static constexpr int64_t beyondAnyDim = 1000000000;

/// Clamps a range as ONNX does: counting from the end where negative, empty
/// where start is past end.
static DimRange clampRange(int64_t dim, int64_t start, int64_t end,
                           int64_t step) {
  if (dim == 0)
    return {0, step, 0};
  auto clamp = [&](int64_t at, int64_t low, int64_t high) {
    Wide from = at < 0 ? Wide(at) + dim : Wide(at);
    return static_cast<int64_t>(std::clamp<Wide>(from, low, high));
  };
  if (step > 0) {
    start = clamp(start, 0, dim);
    end = clamp(end, 0, dim);
    return {start, step,
            end > start
                ? static_cast<int64_t>((Wide(end) - start + step - 1) / step)
                : 0};
  }
  start = clamp(start, 0, dim - 1);
  end = clamp(end, -1, dim - 1);
  return {start, step,
          start > end
              ? static_cast<int64_t>((Wide(end) - start + step + 1) / step)
              : 0};
}

/// The size of a slice of a dim, as far as start, end, step and the dim are
/// known. Where one of them is an expression, a range is taken to lie in the
/// dim: a run in which it does not is refused.
static Size inferSliceSize(const Size &dim, const Size &start, const Size &end,
                           const Size &step) {
  if (!start.isKnown() || !end.isKnown() || !step.isNumber() || step == Size(0))
    return Size::unknown();
  if (dim.isNumber() && start.isNumber() && end.isNumber())
    return clampRange(dim.getNumber(), start.getNumber(), end.getNumber(),
                      step.getNumber())
        .size;
  if (start == end && start.isNotNegative() == end.isNotNegative())
    return 0;
  if (!dim.isKnown())
    return Size::unknown();
  // The end of everything, in the direction of the steps.
  auto reaches = [](const Size &at, bool front) {
    return at.isNumber() && (front ? at.getNumber() <= -beyondAnyDim
                                   : at.getNumber() >= beyondAnyDim);
  };
  if (step.getNumber() < 0)
    return (start == Size(-1) || reaches(start, false)) && reaches(end, true)
               ? dim.ceilDiv(-step.getNumber())
               : Size::unknown();
  // Nothing where a range begins at the dim's end, ends at its begin, or goes
  // backwards.
  auto isFromEnd = [&](const Size &at) {
    return at.isNumber() && at.getNumber() < 0 && !reaches(at, true);
  };
  if (reaches(start, false) || reaches(end, true))
    return 0;
  if (start.isNumber() && end.isNumber()) {
    if (isFromEnd(start) == isFromEnd(end) &&
        end.getNumber() <= start.getNumber())
      return 0;
    // Only a run can say where an end counted from behind meets another.
    bool isPast = isFromEnd(start) && !reaches(end, false) && !isFromEnd(end);
    bool isWithin = !isFromEnd(start) && start != Size(0) && isFromEnd(end);
    if (isPast || (isWithin && step != Size(1)))
      return Size::unknown();
  }
  // A range that is not cut off by the dim's ends.
  auto place = [&](const Size &at) {
    if (reaches(at, false))
      return dim;
    if (reaches(at, true))
      return Size(0);
    if (at.isNotNegative())
      return at;
    // As many from the end as a size is, or in runs where it is negative.
    return (0 - at).isNotNegative() ? dim + at
                                    : at + dim * indicatePositive(0 - at);
  };
  return (place(end) - place(start)).ceilDiv(step.getNumber());
}

FailureOr<RankedTensorType> SliceOp::inferType(Adaptor op,
                                               EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  ArrayRef<int64_t> axes = op.getAxes();
  if (failed(checkAxes(axes, type.getRank(), /*sorted=*/false, emitError)))
    return failure();
  Sizes lists[3];
  Value operands[] = {op.getStarts(), op.getEnds(), op.getSteps()};
  for (auto [list, value] : llvm::zip(lists, operands)) {
    RankedTensorType listType = typeOf(value);
    if (listType.getRank() != 1 ||
        !dimsAgree(listType.getDimSize(0), axes.size()))
      return emitError() << "expected starts, ends and steps of " << axes.size()
                         << " entries, but got " << listType;
    auto sizes = getKnownSizes(value);
    if (succeeded(sizes))
      list = *sizes;
    list.resize(axes.size());
  }
  Sizes shape = getSizes(type);
  for (auto [index, axis] : llvm::enumerate(axes)) {
    if (lists[2][index] == Size(0))
      return emitError() << "expected steps other than 0, but got 0";
    shape[axis] = inferSliceSize(shape[axis], lists[0][index], lists[1][index],
                                 lists[2][index]);
  }
  return makeTensorType(shape, type.getElementType());
}

LogicalResult SliceOp::computeElements(ArrayRef<Elements> operands,
                                       RankedTensorType type,
                                       Elements &result) {
  auto inputType = getInput().getType();
  size_t count = getAxes().size();
  if (operands[0].empty() || !inputType.hasStaticShape())
    return failure();
  Shape strides = getStrides(inputType.getShape());
  int64_t base = 0;
  for (auto [index, axis] : llvm::enumerate(getAxes())) {
    std::optional<int64_t> list[3];
    for (int i = 0; i < 3; ++i) {
      if (operands[1 + i].size() != count)
        return failure();
      list[i] = getInt(operands[1 + i][index]);
    }
    if (!list[0] || !list[1] || !list[2] || *list[2] == 0)
      return failure();
    DimRange range =
        clampRange(inputType.getDimSize(axis), *list[0], *list[1], *list[2]);
    if (range.size != type.getDimSize(axis))
      return failure();
    base += range.start * strides[axis];
    strides[axis] = range.size > 1 ? strides[axis] * range.step : 0;
  }
  result = readStrided(operands[0], type.getShape(), strides, base);
  return success();
}

/// Whether a slice takes every element in order, whatever the open dims are.
static bool takesAll(SliceOp op) {
  auto starts = getConstantInts(op.getStarts()),
       ends = getConstantInts(op.getEnds()),
       steps = getConstantInts(op.getSteps());
  if (failed(starts) || failed(ends) || failed(steps))
    return false;
  for (auto [index, axis] : llvm::enumerate(op.getAxes())) {
    int64_t dim = op.getInput().getType().getDimSize(axis);
    if (!isOpen(dim) && dim == op.getResult().getType().getDimSize(axis) &&
        (*steps)[index] == 1)
      continue;
    if ((*starts)[index] != 0 || (*steps)[index] != 1 ||
        (*ends)[index] < beyondAnyDim)
      return false;
  }
  return true;
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getResult().getType() && takesAll(*this))
    return getInput();
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(adaptor.getInput()))
    if (getResult().getType().hasStaticShape())
      return splat.resizeSplat(getResult().getType());
  return foldElements(*this);
}

bool SliceOp::isDataOperand(unsigned index) { return index == 0; }

FailureOr<SmallVector<Value>> SliceOp::buildPermuted(OpBuilder &builder,
                                                     ValueRange inputs,
                                                     ArrayRef<bool> permuted,
                                                     ArrayRef<int64_t> perm) {
  auto type = getResult().getType();
  return SmallVector<Value>{SliceOp::create(
      builder, getLoc(), permuteType(type, perm),
      permuteOperand(builder, getLoc(), inputs[0], permuted[0], perm),
      inputs[1], inputs[2], inputs[3], permuteAxes(getAxes(), perm))};
}

//===-- tile --------------------------------------------------------------===//

FailureOr<RankedTensorType> TileOp::inferType(Adaptor op, EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput()),
                   listType = typeOf(op.getRepeats());
  if (listType.getRank() != 1 ||
      !dimsAgree(listType.getDimSize(0), type.getRank()))
    return emitError() << "expected " << type.getRank() << " repeats, but got "
                       << listType;
  Sizes sizes = getSizes(type), shape(type.getRank(), Size::unknown());
  if (auto repeats = getKnownSizes(op.getRepeats()); succeeded(repeats))
    for (auto [d, repeat] : llvm::enumerate(*repeats)) {
      if (repeat.isNumber() &&
          (repeat.getNumber() < 0 || repeat.getNumber() > maxElements))
        return emitError() << "expected repeats between 0 and 2^40, but got "
                           << repeat.getNumber();
      shape[d] = sizes[d] * repeat;
    }
  return makeTensorType(shape, type.getElementType());
}

LogicalResult TileOp::computeElements(ArrayRef<Elements> operands,
                                      RankedTensorType type, Elements &result) {
  auto inputType = getInput().getType();
  if (operands[0].empty() || !inputType.hasStaticShape())
    return failure();
  Shape strides = getStrides(inputType.getShape());
  forEachPosition(type.getShape(), [&](ArrayRef<int64_t> position) {
    int64_t offset = 0;
    for (auto [at, stride, dim] :
         llvm::zip(position, strides, inputType.getShape()))
      offset += at % dim * stride;
    result.push_back(operands[0][offset]);
  });
  return success();
}

OpFoldResult TileOp::fold(FoldAdaptor adaptor) {
  auto repeats = getConstantInts(getRepeats());
  if (succeeded(repeats) && getInput().getType() == getResult().getType() &&
      llvm::all_of(*repeats, [](int64_t repeat) { return repeat == 1; }))
    return getInput();
  return foldElements(*this);
}

bool TileOp::isDataOperand(unsigned index) { return index == 0; }

/// A 1-D constant with its entries in another order, or failure where it is not
/// constant.
static FailureOr<Value> permuteList(OpBuilder &builder, Value list,
                                    ArrayRef<int64_t> perm) {
  auto ints = getConstantInts(list);
  if (failed(ints) || ints->size() != perm.size())
    return failure();
  return createIndexConstant(builder, list.getLoc(), permuteShape(*ints, perm));
}

FailureOr<SmallVector<Value>> TileOp::buildPermuted(OpBuilder &builder,
                                                    ValueRange inputs,
                                                    ArrayRef<bool> permuted,
                                                    ArrayRef<int64_t> perm) {
  auto repeats = permuteList(builder, inputs[1], perm);
  if (failed(repeats))
    return failure();
  auto type = getResult().getType();
  return SmallVector<Value>{TileOp::create(
      builder, getLoc(), permuteType(type, perm),
      permuteOperand(builder, getLoc(), inputs[0], permuted[0], perm),
      *repeats)};
}

//===-- pad ---------------------------------------------------------------===//

FailureOr<RankedTensorType> PadOp::inferType(Adaptor op, EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput()),
                   listType = typeOf(op.getPads());
  int64_t count = op.getAxes().size();
  if (failed(checkAxes(op.getAxes(), type.getRank(), /*sorted=*/false,
                       emitError)) ||
      failed(checkChoice("mode", op.getMode(),
                         {"constant", "reflect", "edge", "wrap"}, emitError)))
    return failure();
  if (listType.getRank() != 1 || !dimsAgree(listType.getDimSize(0), 2 * count))
    return emitError() << "expected " << 2 * count << " pads, but got "
                       << listType;
  if (Value value = op.getValue()) {
    RankedTensorType valueType = typeOf(value);
    if (valueType.getElementType() != type.getElementType() ||
        productOf(valueType.getShape()) != 1)
      return emitError() << "expected a value of one " << type.getElementType()
                         << ", but got " << valueType;
  }
  Sizes shape = getSizes(type);
  auto pads = getKnownSizes(op.getPads());
  for (auto [index, axis] : llvm::enumerate(op.getAxes())) {
    Size begin = succeeded(pads) ? (*pads)[index] : Size::unknown();
    Size end = succeeded(pads) ? (*pads)[index + count] : Size::unknown();
    Size padded = shape[axis] + begin + end;
    if (padded.isNumber() && padded.getNumber() < 0)
      return emitError() << "expected pads that leave dim " << axis << " of "
                         << shape[axis].getNumber() << ", but got "
                         << begin.getNumber() << " and " << end.getNumber();
    if (shape[axis] == Size(0) && padded.getNumber() > 0 &&
        op.getMode() != "constant")
      return emitError() << "expected elements to repeat along axis " << axis
                         << " in mode " << op.getMode() << ", but got " << type;
    shape[axis] = padded;
  }
  return makeTensorType(shape, type.getElementType());
}

OpFoldResult PadOp::fold(FoldAdaptor adaptor) {
  auto pads = getConstantInts(getPads());
  if (succeeded(pads) && getInput().getType() == getResult().getType() &&
      llvm::all_of(*pads, [](int64_t pad) { return pad == 0; }))
    return getInput();
  return {};
}

bool PadOp::isDataOperand(unsigned index) { return index == 0; }

FailureOr<SmallVector<Value>> PadOp::buildPermuted(OpBuilder &builder,
                                                   ValueRange inputs,
                                                   ArrayRef<bool> permuted,
                                                   ArrayRef<int64_t> perm) {
  auto type = getResult().getType();
  return SmallVector<Value>{PadOp::create(
      builder, getLoc(), permuteType(type, perm),
      permuteOperand(builder, getLoc(), inputs[0], permuted[0], perm),
      inputs[1], inputs.size() > 2 ? inputs[2] : Value(), getMode(),
      permuteAxes(getAxes(), perm))};
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/IndexingOps.cpp.inc"
