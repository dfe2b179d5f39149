//===- Resize.cpp - graph.resize as look-ups and interpolations per dim ---===//

#include "GraphLowering.h"
#include "ResizeOpenTables.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Sizes/SizeScale.h"
#include <cmath>

using namespace mlir;
using namespace lambent;
using lir::IndexTerm;

/// The elements of a constant float tensor, or failure.
static FailureOr<SmallVector<float>> getConstantFloats(Value tensor) {
  ElementsAttr value = graph::getConstantValue(tensor);
  auto dense = dyn_cast_or_null<DenseFPElementsAttr>(value);
  if (!dense)
    return failure();
  SmallVector<float> result;
  for (APFloat element : dense.getValues<APFloat>())
    result.push_back(static_cast<float>(element.convertToDouble()));
  return result;
}

/// The dims that scales or sizes stand for.
static SmallVector<int64_t> listDims(graph::ResizeOp op) {
  if (auto axes = op.getAxes())
    return SmallVector<int64_t>(*axes);
  return llvm::to_vector(llvm::seq<int64_t>(getSizes(op.getInput()).size()));
}

/// All scales are one, that of the dim where it is the smallest or largest.
static LogicalResult keepAspectRatio(graph::ResizeOp op,
                                     MutableArrayRef<ResizeAxis> axes) {
  StringRef policy = op.getKeepAspectRatioPolicy();
  if (policy == "stretch" || axes.empty())
    return success();
  auto isBound = [](const ResizeAxis &axis) {
    return areNumbers({axis.quotient->first, axis.quotient->second});
  };
  if (!llvm::all_of(axes, isBound))
    return emitUnsupported(op) << "keeping the aspect ratio is not supported "
                                  "with open dims: bind them";
  auto multiply = [](const Size &a, const Size &b) {
    return double(a.getNumber()) * double(b.getNumber());
  };
  auto isLess = [&](const ResizeAxis &a, const ResizeAxis &b) {
    return multiply(a.quotient->first, b.quotient->second) <
           multiply(b.quotient->first, a.quotient->second);
  };
  auto kept = policy == "not_larger" ? *llvm::min_element(axes, isLess)
                                     : *llvm::max_element(axes, isLess);
  for (ResizeAxis &axis : axes)
    axis.quotient = kept.quotient;
  return success();
}

/// Demands open sizes for which the expressions of scaled ones hold.
static void requireScaled(ArrayRef<ResizeAxis> axes, GraphLowering &lowering) {
  for (const ResizeAxis &axis : axes) {
    int64_t most = getMostScaled(axis.scale);
    if (!axis.inputSize.isNumber() && most != INT64_MAX)
      lowering.requireNotNegative(most - axis.inputSize,
                                  "at most " + Twine(most) +
                                      " positions to scale");
  }
}

/// Sets the scales of the axes, or the quotients of sizes that stand for them.
static LogicalResult setScales(graph::ResizeOp op,
                               MutableArrayRef<ResizeAxis> axes,
                               GraphLowering &lowering) {
  if (op.getScales()) {
    FailureOr<SmallVector<float>> given = getConstantFloats(op.getScales());
    for (auto [index, axis] : llvm::enumerate(axes))
      if (failed(given))
        axis.givenScale = {lowering.getBuffer(op.getScales()), int64_t(index)};
      else
        axis.scale = (*given)[index];
    if (succeeded(given) && !op.getSizes())
      requireScaled(axes, lowering);
    return success();
  }
  FailureOr<Sizes> sizes = graph::getKnownSizes(op.getSizes());
  if (failed(sizes) || sizes->size() != axes.size() || !areKnown(*sizes))
    return emitUnsupported(op) << "sizes that are computed from the model's "
                                  "inputs are not supported";
  for (auto [size, axis] : llvm::zip_equal(*sizes, axes))
    axis.quotient = {size, axis.inputSize};
  if (failed(keepAspectRatio(op, axes)))
    return failure();
  for (ResizeAxis &axis : axes) {
    auto [up, down] = *axis.quotient;
    if (areNumbers({up, down}))
      axis.scale = static_cast<float>(double(up.getNumber()) /
                                      double(down.getNumber()));
    if (up.is(0) || down.is(0))
      axis.quotient = std::nullopt;
  }
  return success();
}

/// Sets the regions of the axes.
static LogicalResult setRegions(graph::ResizeOp op,
                                MutableArrayRef<ResizeAxis> axes,
                                GraphLowering &lowering) {
  if (op.getCoordinateTransformationMode() != "tf_crop_and_resize")
    return success();
  if (!op.getRoi())
    return emitUnsupported(op) << "cropping without a region is not supported";
  int64_t count = axes.size();
  FailureOr<SmallVector<float>> given = getConstantFloats(op.getRoi());
  for (auto [index, axis] : llvm::enumerate(axes))
    if (failed(given)) {
      Value buffer = lowering.getBuffer(op.getRoi());
      axis.givenStart = {buffer, int64_t(index)};
      axis.givenEnd = {buffer, int64_t(index) + count};
    } else {
      axis.roiStart = (*given)[index];
      axis.roiEnd = (*given)[index + count];
    }
  if (succeeded(given) &&
      !llvm::all_of(*given, [](float x) { return std::isfinite(x); }))
    return emitUnsupported(op)
           << "a region with infinity or NaN is not supported";
  return success();
}

/// Whether an axis takes every position where it is.
static bool isIdentity(const ResizeAxis &axis) {
  bool isWhole = !axis.crops() || (!axis.givenStart.buffer &&
                                   axis.roiStart == 0 && axis.roiEnd == 1);
  return axis.inputSize == axis.outputSize && axis.scale == 1 &&
         !axis.givenScale.buffer && isWhole;
}

/// The dims that change, each with its scale and region.
static FailureOr<SmallVector<std::pair<int64_t, ResizeAxis>>>
getAxes(graph::ResizeOp op, GraphLowering &lowering) {
  Sizes from = getSizes(op.getInput()), to = getSizes(op.getResult());
  SmallVector<int64_t> dims = listDims(op);
  SmallVector<ResizeAxis> axes(dims.size());
  for (auto [dim, axis] : llvm::zip_equal(dims, axes)) {
    axis.inputSize = from[dim];
    axis.outputSize = to[dim];
    axis.mode = op.getMode();
    axis.coordinates = op.getCoordinateTransformationMode();
    axis.nearest = op.getNearestMode();
    axis.cubicA = op.getCubicCoeffA().convertToFloat();
    axis.excludeOutside = op.getExcludeOutside();
    axis.antialias = op.getAntialias();
  }
  if (failed(setScales(op, axes, lowering)) ||
      failed(setRegions(op, axes, lowering)))
    return failure();
  SmallVector<std::pair<int64_t, ResizeAxis>> result;
  for (auto [dim, axis] : llvm::zip_equal(dims, axes)) {
    if (isIdentity(axis))
      continue;
    if (!axis.isOpen() && !hasResizeTable(axis))
      return emitUnsupported(op)
             << "resizing from " << axis.inputSize << " to " << axis.outputSize
             << " positions along dim " << dim << " is not supported";
    result.push_back({dim, axis});
  }
  // The dims that shrink go first: less is left for the others.
  llvm::sort(result, [](const auto &a, const auto &b) {
    auto multiply = [](const auto &out, const auto &in) {
      return out.second.outputSize.estimate() * in.second.inputSize.estimate();
    };
    return std::make_pair(multiply(a, b), a.first) <
           std::make_pair(multiply(b, a), b.first);
  });
  return result;
}

/// `buffer` with its elements converted to or from f32, in which interpolation
/// works for integers.
static void createCast(Value from, Value to, bool isUnsigned,
                       GraphLowering &lowering) {
  SmallVector<IndexTerm> terms = getIdentityTerms(getShape(from).size());
  lowering.createElementwise(
      getSizes(from), {{from, terms}}, {to, terms},
      [&](OpBuilder &builder, Location loc, ValueRange scalars) -> Value {
        Type type = getElementType(to);
        if (isa<FloatType>(type) && isUnsigned)
          return arith::UIToFPOp::create(builder, loc, type, scalars[0]);
        if (isa<FloatType>(type))
          return arith::SIToFPOp::create(builder, loc, type, scalars[0]);
        if (isUnsigned)
          return arith::FPToUIOp::create(builder, loc, type, scalars[0]);
        return arith::FPToSIOp::create(builder, loc, type, scalars[0]);
      });
}

/// Puts the extrapolation value where a coordinate lies outside of the input.
static void createExtrapolation(graph::ResizeOp op, Value input, Value output,
                                ArrayRef<std::pair<int64_t, Value>> masks,
                                GraphLowering &lowering) {
  Sizes shape = getSizes(output);
  SmallVector<BufferAccess> inputs = {{input, getIdentityTerms(shape.size())}};
  for (auto [dim, mask] : masks)
    inputs.push_back({mask, {{dim, 1, 0}}});
  auto body = [&](OpBuilder &builder, Location loc,
                  ValueRange scalars) -> Value {
    Value outside = scalars[1];
    for (Value mask : scalars.drop_front(2))
      outside = arith::OrIOp::create(builder, loc, outside, mask);
    Value value = createScalar(builder, loc, scalars[0].getType(),
                               op.getExtrapolationValue().convertToFloat());
    return arith::SelectOp::create(builder, loc, outside, value, scalars[0]);
  };
  lowering.createElementwise(shape, inputs,
                             {output, getIdentityTerms(shape.size())}, body);
}

/// How often every element of a bound dim is repeated by a table of look-ups, or
/// 0.
static int64_t getRepeats(const ResizeAxis &axis, const ResizeTable &table) {
  int64_t in = axis.inputSize.getNumber(), out = axis.outputSize.getNumber(),
          repeats = in ? out / in : 0;
  for (auto [i, index] : llvm::enumerate(table.indices))
    if (repeats == 0 || index != int64_t(i) / repeats)
      return 0;
  return repeats * in == out ? repeats : 0;
}

/// The same of an open dim. Where a scale is whole, coordinates recur with each
/// element, so that some of them stand for all; but not where they depend on the
/// size.
static int64_t getOpenRepeats(ResizeAxis axis) {
  constexpr int64_t some = 16;
  Size repeats = divideWhole(axis.outputSize, axis.inputSize);
  if (!repeats.isNumber() || axis.coordinates == "align_corners" ||
      axis.givenScale.buffer || axis.givenStart.buffer || axis.crops() ||
      (!axis.quotient && axis.scale != float(repeats.getNumber())))
    return 0;
  axis.inputSize = some;
  axis.outputSize = repeats * some;
  if (axis.quotient)
    axis.quotient = {axis.outputSize, axis.inputSize};
  return hasResizeTable(axis) ? getRepeats(axis, getResizeTable(axis)) : 0;
}

/// Repeats elements along dims: one copy, whose domain has a dim more behind
/// each of them that the input doesn't have. False where a table does other
/// than repeat.
static bool createRepeats(Value input, Value output,
                          ArrayRef<std::pair<int64_t, ResizeAxis>> axes,
                          ArrayRef<ResizeTable> tables,
                          GraphLowering &lowering) {
  Sizes shape = getSizes(input);
  SmallVector<int64_t> repeats(shape.size(), 1);
  Sizes domain;
  for (auto [entry, table] : llvm::zip_equal(axes, tables)) {
    repeats[entry.first] = entry.second.isOpen()
                               ? getOpenRepeats(entry.second)
                               : getRepeats(entry.second, table);
    if (repeats[entry.first] == 0)
      return false;
  }
  SmallVector<IndexTerm> source;
  for (auto [size, count] : llvm::zip_equal(shape, repeats)) {
    source.push_back({int64_t(domain.size()), 1, 0});
    domain.push_back(size);
    if (count > 1)
      domain.push_back(count);
  }
  lowering.createCopy(
      domain, {input, source},
      {lowering.createView(output, domain), getIdentityTerms(domain.size())});
  return true;
}

/// The buffers of a table that is known, or that a run makes.
static ResizeBuffers createTable(const ResizeAxis &axis,
                                   const ResizeTable &table,
                                   GraphLowering &lowering) {
  if (axis.isOpen())
    return createResizeTable(axis, lowering);
  int64_t size = axis.outputSize.getNumber();
  if (axis.mode == "nearest")
    return {lowering.createIndexTable(size, table.indices), nullptr};
  return {lowering.createIndexTable({size, table.taps}, table.indices),
          lowering.createFloatTable({size, table.taps}, table.weights)};
}

/// Which positions lie outside of the input, of a resize that crops; null where
/// none does.
static Value createMask(const ResizeAxis &axis, const ResizeTable &table,
                        GraphLowering &lowering) {
  if (!axis.crops())
    return {};
  if (axis.isOpen())
    return createOutsideTable(axis, lowering);
  if (!llvm::is_contained(table.outside, true))
    return {};
  SmallVector<bool> outside(table.outside.begin(), table.outside.end());
  auto type = RankedTensorType::get(axis.outputSize.getNumber(),
                                    lowering.builder.getI1Type());
  return lowering.createWeight(DenseElementsAttr::get(type, outside));
}

static LogicalResult lowerResize(graph::ResizeOp op, GraphLowering &lowering) {
  FailureOr<SmallVector<std::pair<int64_t, ResizeAxis>>> axes =
      getAxes(op, lowering);
  if (failed(axes))
    return failure();
  Value current = lowering.getBuffer(op.getInput());
  if (axes->empty()) {
    lowering.bind(op.getResult(), current);
    return success();
  }
  Value output = lowering.createResult(op.getResult());
  Type type = getElementType(output);
  bool nearest = op.getMode() == "nearest",
       viaFloat = !nearest && !isa<FloatType>(type);
  bool isUnsigned = getElementType(op.getInput()).isUnsignedInteger();
  SmallVector<ResizeTable> tables;
  SmallVector<std::pair<int64_t, Value>> masks;
  for (auto &[dim, axis] : *axes) {
    if (axis.quotient)
      lowering.requireNotNegative(axis.inputSize - 1,
                                  "elements to resample along dim " +
                                      Twine(dim));
    tables.push_back(axis.isOpen() ? ResizeTable() : getResizeTable(axis));
    if (Value mask = createMask(axis, tables.back(), lowering))
      masks.push_back({dim, mask});
  }
  Value resampled = output;
  if (viaFloat) {
    Value wide =
        lowering.createBuffer(getSizes(current), lowering.builder.getF32Type());
    createCast(current, wide, isUnsigned, lowering);
    current = wide;
    resampled =
        lowering.createBuffer(getSizes(output), lowering.builder.getF32Type());
  }
  Value last = resampled;
  if (!masks.empty())
    last = lowering.createBuffer(getSizes(output), getElementType(resampled));
  if (nearest && createRepeats(current, last, *axes, tables, lowering))
    axes->clear();
  for (auto [index, entry] : llvm::enumerate(*axes)) {
    auto &[dim, axis] = entry;
    Sizes shape = getSizes(current);
    shape[dim] = axis.outputSize;
    Value target = index + 1 == axes->size()
                       ? last
                       : lowering.createBuffer(shape, getElementType(current));
    ResizeBuffers buffers = createTable(axis, tables[index], lowering);
    if (nearest)
      lir::GatherOp::create(lowering.builder, lowering.loc, current,
                            buffers.indices, target, dim);
    else
      lir::ResampleOp::create(lowering.builder, lowering.loc, current,
                              buffers.indices, buffers.weights, target, dim);
    current = target;
  }
  if (!masks.empty())
    createExtrapolation(op, last, resampled, masks, lowering);
  if (viaFloat)
    createCast(resampled, output, isUnsigned, lowering);
  return success();
}

void lambent::addResizeLowerings(LoweringTable &table) {
  table.add(lowerResize);
}
