//===- GraphLowering.cpp - What the lowerings of all op families share ----===//

#include "GraphLowering.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace lambent;
using lir::IndexTerm;

MemRefType lambent::getBufferType(Type tensorType) {
  auto type = cast<RankedTensorType>(tensorType);
  return lir::makeBufferType(graph::getSizes(type),
                             graph::getScalarType(type.getElementType()));
}

ArrayRef<int64_t> lambent::getShape(Value shaped) {
  return cast<ShapedType>(shaped.getType()).getShape();
}
Sizes lambent::getSizes(Type tensorType) {
  return graph::getSizes(cast<RankedTensorType>(tensorType));
}
Sizes lambent::getSizes(Value shaped) {
  return isa<MemRefType>(shaped.getType()) ? lir::getSizes(shaped)
                                           : getSizes(shaped.getType());
}
Type lambent::getElementType(Value shaped) {
  return cast<ShapedType>(shaped.getType()).getElementType();
}

Value GraphLowering::createResult(Value tensor) {
  for (auto [dim, size] : llvm::enumerate(getSizes(tensor.getType())))
    requireNotNegative(size, "a size of dim " + Twine(dim) +
                                 " of the result that is at least 0");
  Value buffer = outputs.lookup(tensor);
  if (!buffer)
    buffer =
        lir::AllocOp::create(builder, loc, getBufferType(tensor.getType()));
  bind(tensor, buffer);
  return buffer;
}

Value GraphLowering::createBuffer(ArrayRef<Size> sizes, Type elementType) {
  return lir::AllocOp::create(builder, loc,
                              lir::makeBufferType(sizes, elementType));
}

/// Constants of narrow elements as their codes, the bytes that they are.
static ElementsAttr readAsCodes(ElementsAttr value) {
  auto type =
      RankedTensorType::get(cast<ShapedType>(value.getType()).getShape(),
                            graph::getScalarType(value.getElementType()));
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return DenseElementsAttr::getFromRawBuffer(
      type, cast<DenseElementsAttr>(value).getRawData());
}

Value GraphLowering::createWeight(ElementsAttr value) {
  if (isNarrow(value.getElementType()))
    value = readAsCodes(value);
  return lir::WeightOp::create(builder, loc, getBufferType(value.getType()),
                               value, DictionaryAttr(), IntegerAttr());
}

Value GraphLowering::createIndexTable(ArrayRef<int64_t> shape,
                                      ArrayRef<int64_t> values) {
  return createWeight(DenseElementsAttr::get(
      RankedTensorType::get(shape, builder.getI64Type()), values));
}

Value GraphLowering::createFloatTable(ArrayRef<int64_t> shape,
                                      ArrayRef<float> values) {
  return createWeight(DenseElementsAttr::get(
      RankedTensorType::get(shape, builder.getF32Type()), values));
}

Value GraphLowering::createView(Value buffer, ArrayRef<Size> sizes) {
  if (ArrayRef(getSizes(buffer)) == sizes)
    return buffer;
  return lir::ViewOp::create(
      builder, loc, lir::makeBufferType(sizes, getElementType(buffer)), buffer);
}

/// A buffer whose dim d is as large as dim perm[d] of `shaped`.
static Value createPermuted(Value shaped, ArrayRef<int64_t> perm,
                            GraphLowering &lowering) {
  Sizes sizes;
  for (int64_t dim : perm)
    sizes.push_back(getSizes(shaped)[dim]);
  return lowering.createBuffer(sizes, getElementType(shaped));
}

Value GraphLowering::createChannelsLast(Value result) {
  return createPermuted(result, getToChannelsLast(getShape(result).size()),
                        *this);
}

Value GraphLowering::createChannelsFirst(Value result) {
  return createPermuted(result, getToChannelsFirst(getShape(result).size()),
                        *this);
}

void GraphLowering::createElementwise(ArrayRef<Size> domain,
                                      ArrayRef<BufferAccess> inputs,
                                      const BufferAccess &output,
                                      ScalarFunction body) {
  if (llvm::is_contained(domain, Size(0)))
    return;
  SmallVector<Value> buffers;
  SmallVector<AffineMap> maps;
  for (const BufferAccess &input : inputs) {
    buffers.push_back(input.buffer);
    maps.push_back(
        lir::getIndexMap(domain.size(), input.terms, builder.getContext()));
  }
  maps.push_back(
      lir::getIndexMap(domain.size(), output.terms, builder.getContext()));
  lir::ElementwiseOp::create(
      builder, loc, buffers, ValueRange(output.buffer), domain, maps,
      [&](OpBuilder &inner, Location at, ValueRange scalars) {
        return SmallVector<Value>{body(inner, at, scalars)};
      });
}

void GraphLowering::createCopy(ArrayRef<Size> domain,
                               const BufferAccess &input,
                               const BufferAccess &output) {
  createElementwise(
      domain, {input}, output,
      [](OpBuilder &, Location, ValueRange scalars) { return scalars[0]; });
}

Value GraphLowering::createTransposed(Value buffer, ArrayRef<int64_t> perm,
                                      Value output) {
  Sizes shape(perm.size()), sizes = getSizes(buffer);
  SmallVector<IndexTerm> terms(perm.size());
  for (auto [dim, source] : llvm::enumerate(perm)) {
    shape[dim] = sizes[source];
    terms[source] = {static_cast<int64_t>(dim), 1, 0};
  }
  if (!output)
    output = createBuffer(shape, getElementType(buffer));
  createCopy(shape, {buffer, terms}, {output, getIdentityTerms(perm.size())});
  return output;
}

//===-- Sizes that a run decides ------------------------------------------===//

void GraphLowering::require(const Size &size, bool isZero,
                            const Twine &expected) {
  MLIRContext *context = builder.getContext();
  auto entry = builder.getDictionaryAttr(
      {builder.getNamedAttr("size", lir::SizesAttr::get(context, {size})),
       builder.getNamedAttr("is_zero", builder.getBoolAttr(isZero)),
       builder.getNamedAttr("expected", builder.getStringAttr(expected)),
       builder.getNamedAttr("loc", loc)});
  if (!llvm::is_contained(sizeChecks, Attribute(entry)))
    sizeChecks.push_back(entry);
}

void GraphLowering::requireNotNegative(const Size &size,
                                       const Twine &expected) {
  if (!size.isNotNegative())
    require(size, /*isZero=*/false, expected);
}

void GraphLowering::requireEqual(const Size &a, const Size &b,
                                 const Twine &expected) {
  if (a != b)
    require(a - b, /*isZero=*/true, expected);
}

void GraphLowering::takeEqualities(const GraphLowering &other) {
  for (Attribute check :
       ArrayRef(other.sizeChecks).drop_front(sizeChecks.size()))
    if (cast<BoolAttr>(cast<DictionaryAttr>(check).get("is_zero")).getValue())
      sizeChecks.push_back(check);
}

SmallVector<IndexTerm>
GraphLowering::getBroadcastTerms(ArrayRef<Size> shape, ArrayRef<Size> domain,
                                 const Twine &expected) {
  SmallVector<IndexTerm> terms;
  int64_t missing = domain.size() - shape.size();
  for (auto [dim, size] : llvm::enumerate(shape)) {
    int64_t target = dim + missing;
    bool isRepeated = size.is(1) && !domain[target].is(1);
    if (!isRepeated)
      requireEqual(size, domain[target], expected);
    terms.push_back(isRepeated ? IndexTerm{} : IndexTerm{target, 1, 0});
  }
  return terms;
}

SmallVector<IndexTerm> lambent::getIdentityTerms(unsigned rank) {
  SmallVector<IndexTerm> terms;
  for (unsigned dim = 0; dim < rank; ++dim)
    terms.push_back({dim, 1, 0});
  return terms;
}

Value lambent::convertFloat(OpBuilder &builder, Location loc, Value value,
                            Type type) {
  auto from = dyn_cast<FloatType>(value.getType()),
       to = dyn_cast<FloatType>(type);
  if (!from || !to || from == to)
    return value;
  if (from.getWidth() < to.getWidth())
    return arith::ExtFOp::create(builder, loc, to, value);
  if (from.getWidth() > to.getWidth())
    return arith::TruncFOp::create(builder, loc, to, value);
  // f16 and bf16 hold each other by way of f32.
  Value wide = arith::ExtFOp::create(builder, loc, builder.getF32Type(), value);
  return arith::TruncFOp::create(builder, loc, to, wide);
}

Value lambent::createScalar(OpBuilder &builder, Location loc, Type type,
                            double value) {
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(builder, loc,
                                     builder.getFloatAttr(type, value));
  return arith::ConstantOp::create(
      builder, loc, builder.getIntegerAttr(type, static_cast<int64_t>(value)));
}

Value lambent::createSize(OpBuilder &builder, Location loc, Type type,
                          const Size &size) {
  if (size.isNumber())
    return createScalar(builder, loc, type, size.getNumber());
  Value number = lir::SizeOp::create(
      builder, loc, builder.getI64Type(),
      lir::SizesAttr::get(builder.getContext(), {size}));
  if (isa<FloatType>(type))
    return arith::SIToFPOp::create(builder, loc, type, number);
  return type.isInteger(64)
             ? number
             : arith::TruncIOp::create(builder, loc, type, number).getResult();
}

void lambent::buildEpilogue(GraphLowering &lowering, Region &region,
                            Type accumulator, ValueRange inputs,
                            Type outputElement, ScalarFunction body) {
  OpBuilder &builder = lowering.builder;
  OpBuilder::InsertionGuard guard(builder);
  SmallVector<Type> types = {accumulator};
  for (Value input : inputs)
    types.push_back(getElementType(input));
  Block *block =
      builder.createBlock(&region, region.end(), types,
                          SmallVector<Location>(types.size(), lowering.loc));
  Value result = body(builder, lowering.loc, block->getArguments());
  lir::YieldOp::create(
      builder, lowering.loc,
      convertFloat(builder, lowering.loc, result, outputElement));
}

SmallVector<int64_t> lambent::getToChannelsLast(unsigned rank) {
  SmallVector<int64_t> perm = {0};
  for (unsigned dim = 2; dim < rank; ++dim)
    perm.push_back(dim);
  perm.push_back(1);
  return perm;
}

SmallVector<int64_t> lambent::getToChannelsFirst(unsigned rank) {
  SmallVector<int64_t> perm = {0, rank - 1};
  for (unsigned dim = 1; dim + 1 < rank; ++dim)
    perm.push_back(dim);
  return perm;
}

Sizes lambent::getSpatialSizes(Value image) {
  Sizes sizes = getSizes(image);
  return Sizes(ArrayRef(sizes).drop_front().drop_back());
}

/// What is lacking of the image for its last window, at least 0: `missing`, or
/// 0 where windows leave gaps and the image ends in one. It is below `window`.
static Size getTotalPads(const Size &missing, int64_t window, int64_t stride) {
  if (missing.isNumber())
    return std::max<int64_t>(missing.getNumber(), 0);
  if (window >= stride)
    return missing;
  // As many as there are numbers from 1 on that are no larger.
  Size total = 0;
  for (int64_t least = 1; least < window; ++least)
    total += (missing + (stride - least)).floorDiv(stride);
  return total;
}

Sizes lambent::resolvePads(StringRef autoPad, ArrayRef<int64_t> pads,
                           ArrayRef<Size> input, ArrayRef<Size> output,
                           ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                           ArrayRef<int64_t> dilations) {
  if (autoPad != "SAME_UPPER" && autoPad != "SAME_LOWER")
    return toSizes(pads);
  size_t rank = kernel.size();
  Sizes result(2 * rank, 0);
  for (size_t dim = 0; dim < rank; ++dim) {
    int64_t window = dilations[dim] * (kernel[dim] - 1) + 1;
    Size missing = (output[dim] - 1) * strides[dim] + window - input[dim];
    Size total = getTotalPads(missing, window, strides[dim]);
    Size smaller = total.floorDiv(2);
    result[dim] = autoPad == "SAME_UPPER" ? smaller : total - smaller;
    result[dim + rank] = missing - result[dim];
  }
  return result;
}

ElementsAttr lambent::reshapeElements(ElementsAttr value,
                                      ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, value.getElementType());
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    return dense.reshape(type);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    return DenseResourceElementsAttr::get(type, resource.getRawHandle());
  return {};
}
