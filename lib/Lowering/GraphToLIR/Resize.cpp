//===- Resize.cpp - graph.resize as look-ups and interpolations per dim ---===//

#include "GraphLowering.h"
#include "ResizeOpenTables.h"
#include "lambent/Diagnostics/Unsupported.h"
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

/// The dims that change, each with its scale and region.
static FailureOr<SmallVector<std::pair<int64_t, ResizeAxis>>>
getAxes(graph::ResizeOp op) {
  Sizes from = getSizes(op.getInput()), to = getSizes(op.getResult());
  int64_t rank = from.size();
  SmallVector<int64_t> dims;
  if (auto axes = op.getAxes())
    dims = SmallVector<int64_t>(*axes);
  else
    llvm::append_range(dims, llvm::seq<int64_t>(0, rank));
  SmallVector<float> scales(dims.size()), roi;
  SmallVector<std::pair<Size, Size>> quotients;
  if (op.getScales()) {
    FailureOr<SmallVector<float>> given = getConstantFloats(op.getScales());
    if (failed(given) || given->size() != dims.size())
      return emitUnsupported(op) << "scales that are computed from the model's "
                                    "inputs are not supported";
    scales = *given;
  } else {
    FailureOr<Sizes> sizes = graph::getKnownSizes(op.getSizes());
    if (failed(sizes) || sizes->size() != dims.size() || !areKnown(*sizes))
      return emitUnsupported(op) << "sizes that are computed from the model's "
                                    "inputs are not supported";
    for (auto [index, dim] : llvm::enumerate(dims))
      quotients.push_back(std::pair((*sizes)[index], from[dim]));
    // All scales are one, that of the dim where it is the smallest or largest.
    StringRef policy = op.getKeepAspectRatioPolicy();
    auto isBound = [](const auto &quotient) {
      return areNumbers({quotient.first, quotient.second});
    };
    if (policy != "stretch" && !llvm::all_of(quotients, isBound))
      return emitUnsupported(op) << "keeping the aspect ratio is not supported "
                                    "with open dims: bind them";
    if (policy != "stretch" && !quotients.empty()) {
      auto multiply = [](const Size &a, const Size &b) {
        return double(a.getNumber()) * double(b.getNumber());
      };
      auto isLess = [&](const auto &a, const auto &b) {
        return multiply(a.first, b.second) < multiply(b.first, a.second);
      };
      quotients.assign(dims.size(),
                       policy == "not_larger"
                           ? *llvm::min_element(quotients, isLess)
                           : *llvm::max_element(quotients, isLess));
    }
    for (auto [scale, quotient] : llvm::zip_equal(scales, quotients))
      scale = isBound(quotient)
                  ? static_cast<float>(double(quotient.first.getNumber()) /
                                       double(quotient.second.getNumber()))
                  : 1;
  }
  bool crops = op.getCoordinateTransformationMode() == "tf_crop_and_resize";
  if (crops) {
    FailureOr<SmallVector<float>> given = failure();
    if (op.getRoi())
      given = getConstantFloats(op.getRoi());
    if (failed(given) || given->size() != 2 * dims.size())
      return emitUnsupported(op) << "a region that is computed from the "
                                    "model's inputs is not supported";
    roi = *given;
    if (!llvm::all_of(roi, [](float x) { return std::isfinite(x); }))
      return emitUnsupported(op)
             << "a region with infinity or NaN is not supported";
  }
  SmallVector<std::pair<int64_t, ResizeAxis>> result;
  for (auto [index, dim] : llvm::enumerate(dims)) {
    bool wholeRegion =
        !crops || (roi[index] == 0 && roi[index + dims.size()] == 1);
    if (from[dim] == to[dim] && scales[index] == 1 && wholeRegion)
      continue;
    ResizeAxis axis;
    axis.inputSize = from[dim];
    axis.outputSize = to[dim];
    axis.scale = scales[index];
    if (!quotients.empty() && !quotients[index].first.is(0) &&
        !quotients[index].second.is(0))
      axis.quotient = quotients[index];
    if (crops) {
      axis.roiStart = roi[index];
      axis.roiEnd = roi[index + dims.size()];
    }
    axis.mode = op.getMode();
    axis.coordinates = op.getCoordinateTransformationMode();
    axis.nearest = op.getNearestMode();
    axis.cubicA = op.getCubicCoeffA().convertToFloat();
    axis.excludeOutside = op.getExcludeOutside();
    axis.antialias = op.getAntialias();
    if (axis.isOpen() && (crops || (axis.antialias && axis.quotient)))
      return emitUnsupported(op)
             << "resizing a region, or to given sizes with antialiasing, is not "
                "supported with open dims: bind them";
    // Others depend on the rounded output size, which its form does not give.
    bool isPlain = llvm::is_contained(
        {"half_pixel", "asymmetric", "tf_half_pixel_for_nn"}, axis.coordinates);
    if (axis.isOpen() && !isPlain)
      return emitUnsupported(op)
             << "resizing by coordinates of " << axis.coordinates
             << " is not supported with open dims: bind them";
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

static LogicalResult lowerResize(graph::ResizeOp op, GraphLowering &lowering) {
  FailureOr<SmallVector<std::pair<int64_t, ResizeAxis>>> axes = getAxes(op);
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
    if (op.getCoordinateTransformationMode() != "tf_crop_and_resize" ||
        !llvm::is_contained(tables.back().outside, true))
      continue;
    SmallVector<bool> outside(tables.back().outside.begin(),
                              tables.back().outside.end());
    auto maskType =
        RankedTensorType::get(axis.outputSize.getNumber(),
                              lowering.builder.getI1Type());
    masks.push_back({dim, lowering.createWeight(
                              DenseElementsAttr::get(maskType, outside))});
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
