//===- Elements.cpp - Reads and folds small constants ---------------------===//
//
// Shape arithmetic is integer tensors of a few elements: it is folded element
// by element, as attributes. Large constants are never read here; folding those
// is a matter of running the code.

#include "Elements.h"

#include "lambent/ElementTypes/MLIRType.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace lambent::graph {

/// Constants beyond this are not folded by the ops themselves.
static constexpr int64_t maxFoldedElements = 4096;
/// Values that are not constants are only looked into when they are as small as
/// a list of dims.
static constexpr int64_t maxTracedElements = 64;
/// How many ops a look into producers may visit in all: the graph may share
/// subexpressions.
static constexpr unsigned maxTracedOps = 256;
/// The same for a folder, which is asked again and again about every op.
static constexpr unsigned maxFoldedOps = 64;

static unsigned getByteWidth(Type elementType) {
  return elementType.isIntOrFloat()
             ? (elementType.getIntOrFloatBitWidth() + 7) / 8
             : 0;
}

size_t getByteSize(RankedTensorType type) {
  return type.getNumElements() * getByteWidth(type.getElementType());
}

Type getProductElementType(RankedTensorType lhs, RankedTensorType rhs,
                           bool isWide) {
  Type left = lhs.getElementType(), right = rhs.getElementType();
  if (isWide)
    return left == right && (left.isBF16() || left.isF16())
               ? Float32Type::get(left.getContext())
               : Type();
  if (left == right)
    return left;
  bool isNarrow = left.isUnsignedInteger(8) && right.isSignlessInteger(8);
  return isNarrow ? IntegerType::get(left.getContext(), 32) : Type();
}

Type getScalarType(Type elementType) {
  if (isNarrow(elementType))
    return IntegerType::get(elementType.getContext(), 8);
  if (auto integer = dyn_cast<IntegerType>(elementType))
    return IntegerType::get(elementType.getContext(), integer.getWidth());
  return elementType;
}

ElementsAttr getConstantValue(Value value) {
  auto constant = value ? value.getDefiningOp<ConstantOp>() : ConstantOp();
  return constant ? constant.getValue() : ElementsAttr();
}

std::optional<int64_t> getInt(Attribute element) {
  auto integer = dyn_cast_or_null<IntegerAttr>(element);
  if (!integer || integer.getValue().getBitWidth() > 64)
    return std::nullopt;
  // Booleans and ui8..ui64 count from zero; an ui64 beyond i64 saturates, which
  // no use of it can tell from absurd.
  bool isUnsigned =
      integer.getType().isUnsignedInteger() || integer.getType().isInteger(1);
  if (!isUnsigned)
    return integer.getValue().getSExtValue();
  uint64_t value = integer.getValue().getZExtValue();
  return static_cast<int64_t>(
      std::min<uint64_t>(value, std::numeric_limits<int64_t>::max()));
}

Attribute getIntElement(Type type, int64_t value) {
  unsigned width = type.getIntOrFloatBitWidth();
  return IntegerAttr::get(
      type, APInt(64, static_cast<uint64_t>(value)).sextOrTrunc(width));
}

/// The elements of a resource, whose blob may lie unaligned in a mapped file
/// and may have any size.
static Elements readResource(DenseResourceElementsAttr resource) {
  auto type = cast<RankedTensorType>(resource.getType());
  AsmResourceBlob *blob = resource.getRawHandle().getBlob();
  Type elementType = type.getElementType();
  unsigned width = getByteWidth(elementType);
  if (!blob || width == 0 || width > 8 ||
      blob->getData().size() != getByteSize(type))
    return {};
  Elements elements;
  const char *data = blob->getData().data();
  for (int64_t i = 0, e = type.getNumElements(); i < e; ++i, data += width) {
    uint64_t bits = 0;
    std::memcpy(&bits, data, width);
    APInt value = APInt(64, bits).trunc(elementType.getIntOrFloatBitWidth());
    if (auto floatType = dyn_cast<FloatType>(elementType))
      elements.push_back(FloatAttr::get(
          elementType, APFloat(floatType.getFloatSemantics(), value)));
    else
      elements.push_back(IntegerAttr::get(elementType, value));
  }
  return elements;
}

static Elements readConstant(ElementsAttr value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getNumElements() > maxFoldedElements)
    return {};
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return readResource(resource);
  auto dense = dyn_cast<DenseIntOrFPElementsAttr>(value);
  if (!dense)
    return {};
  if (dense.isSplat())
    return Elements(type.getNumElements(), dense.getSplatValue<Attribute>());
  return llvm::to_vector(dense.getValues<Attribute>());
}

static Elements trace(Value value, unsigned &budget);

static Elements compute(Operation *op, RankedTensorType type,
                        unsigned &budget) {
  auto known = dyn_cast<ElementsOpInterface>(op);
  if (!known || budget == 0)
    return {};
  --budget;
  SmallVector<Elements> operands;
  for (Value operand : op->getOperands()) {
    // Where a large result needs all of its operands, do not compute the rest;
    // a scalar function of something unknown is hardly ever known.
    operands.push_back(trace(operand, budget));
    if (operands.back().empty() &&
        (isa<ElementwiseOp>(op) ||
         productOf(type.getShape()) > maxTracedElements))
      return {};
  }
  Elements result;
  if (failed(known.computeElements(operands, type, result)) ||
      static_cast<int64_t>(result.size()) != type.getNumElements())
    return {};
  return result;
}

static Elements trace(Value value, unsigned &budget) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape())
    return {};
  if (ElementsAttr constant = getConstantValue(value))
    return readConstant(constant);
  Operation *op = value.getDefiningOp();
  int64_t count = productOf(type.getShape());
  if (!op || count > maxTracedElements)
    return {};
  return compute(op, type, budget);
}

Elements getKnownElements(Value value) {
  unsigned budget = maxTracedOps;
  return trace(value, budget);
}

Attribute getUniformElement(Value value) {
  ElementsAttr constant = getConstantValue(value);
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(constant))
    return splat.getSplatValue<Attribute>();
  if (!constant || constant.getNumElements() != 1)
    return {};
  Elements elements = readConstant(constant);
  return elements.empty() ? Attribute() : elements[0];
}

OpFoldResult foldElements(Operation *op) {
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.hasStaticShape() ||
      productOf(type.getShape()) > maxFoldedElements)
    return {};
  // Sizes are integers; other values are only computed from constants.
  if (!isa<IntegerType>(type.getElementType()) &&
      !llvm::all_of(op->getOperands(), getConstantValue))
    return {};
  unsigned budget = maxFoldedOps;
  Elements elements = compute(op, type, budget);
  auto isNumber = [](Attribute element) {
    return element && !isa<SizesAttr>(element);
  };
  if (!llvm::all_of(elements, isNumber) ||
      (elements.empty() && type.getNumElements() != 0))
    return {};
  return DenseElementsAttr::get(type, elements);
}

FailureOr<SmallVector<int64_t>> getConstantInts(Value value) {
  auto type =
      value ? dyn_cast<RankedTensorType>(value.getType()) : RankedTensorType();
  // A list of no entries is known wherever it comes from.
  if (type && isa<IntegerType>(type.getElementType()) &&
      type.hasStaticShape() && productOf(type.getShape()) == 0)
    return SmallVector<int64_t>();
  ElementsAttr constant = getConstantValue(value);
  if (!constant || !isa<IntegerType>(constant.getElementType()))
    return failure();
  Elements elements = readConstant(constant);
  if (static_cast<int64_t>(elements.size()) != constant.getNumElements())
    return failure();
  SmallVector<int64_t> ints;
  for (Attribute element : elements) {
    std::optional<int64_t> integer = getInt(element);
    if (!integer)
      return failure();
    ints.push_back(*integer);
  }
  return ints;
}

FailureOr<Sizes> getKnownSizes(Value value) {
  auto type =
      value ? dyn_cast<RankedTensorType>(value.getType()) : RankedTensorType();
  if (!type || !isa<IntegerType>(type.getElementType()))
    return failure();
  Elements elements = getKnownElements(value);
  if (elements.empty() &&
      !(type.hasStaticShape() && productOf(type.getShape()) == 0))
    return failure();
  return Sizes(llvm::map_range(elements, getSize));
}

FailureOr<SmallVector<std::optional<int64_t>>> getKnownInts(Value value) {
  auto sizes = getKnownSizes(value);
  if (failed(sizes))
    return failure();
  return llvm::map_to_vector(*sizes, [](const Size &size) {
    return size.isNumber() ? std::optional(size.getNumber()) : std::nullopt;
  });
}

Value createIndexConstant(OpBuilder &builder, Location loc,
                          ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    builder.getI64Type());
  return ConstantOp::create(builder, loc, DenseElementsAttr::get(type, values));
}

Value createSizeList(OpBuilder &builder, Location loc, ArrayRef<Size> sizes) {
  if (llvm::all_of(sizes, [](const Size &size) { return size.isNumber(); }))
    return createIndexConstant(builder, loc,
                               llvm::map_to_vector(sizes, [](const Size &size) {
                                 return size.getNumber();
                               }));
  auto type = RankedTensorType::get({static_cast<int64_t>(sizes.size())},
                                    builder.getI64Type());
  return SizesOp::create(builder, loc, type,
                         makeSizesAttr(builder.getContext(), sizes));
}

Value createKnownSizes(OpBuilder &builder, Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() ||
      productOf(type.getShape()) > maxTracedElements ||
      !isa<IntegerType>(type.getElementType()))
    return {};
  auto sizes = getKnownSizes(value);
  if (failed(sizes) || !areKnown(*sizes) ||
      llvm::all_of(*sizes, [](const Size &size) { return size.isNumber(); }))
    return {};
  return SizesOp::create(builder, value.getLoc(), type,
                         makeSizesAttr(builder.getContext(), *sizes));
}

Shape getStrides(ArrayRef<int64_t> shape) {
  Shape strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;)
    strides[i - 1] = strides[i] * shape[i];
  return strides;
}

int64_t getOffset(ArrayRef<int64_t> position, ArrayRef<int64_t> strides) {
  int64_t offset = 0;
  for (auto [at, stride] : llvm::zip(position, strides))
    offset += at * stride;
  return offset;
}

void forEachPosition(ArrayRef<int64_t> shape,
                     llvm::function_ref<void(ArrayRef<int64_t>)> visit) {
  if (llvm::is_contained(shape, 0))
    return;
  Shape position(shape.size(), 0);
  while (true) {
    visit(position);
    size_t dim = shape.size();
    while (dim > 0 && ++position[dim - 1] == shape[dim - 1])
      position[--dim] = 0;
    if (dim == 0)
      return;
  }
}

Elements readStrided(const Elements &input, ArrayRef<int64_t> shape,
                     ArrayRef<int64_t> strides, int64_t first) {
  Elements result;
  forEachPosition(shape, [&](ArrayRef<int64_t> position) {
    result.push_back(input[first + getOffset(position, strides)]);
  });
  return result;
}

} // namespace lambent::graph
