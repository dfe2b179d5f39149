//===- ResizeOps.cpp - Resampling -----------------------------------------===//

#include "Elements.h"
#include "Permute.h"
#include "lambent/Sizes/SizeScale.h"

#include <cmath>

using namespace mlir;

namespace lambent::graph {

static LogicalResult checkModes(ResizeOp::Adaptor op, EmitError emitError) {
  return success(
      succeeded(checkChoice("mode", op.getMode(),
                            {"nearest", "linear", "cubic"}, emitError)) &&
      succeeded(
          checkChoice("coordinate_transformation_mode",
                      op.getCoordinateTransformationMode(),
                      {"half_pixel", "half_pixel_symmetric",
                       "pytorch_half_pixel", "align_corners", "asymmetric",
                       "tf_half_pixel_for_nn", "tf_crop_and_resize"},
                      emitError)) &&
      succeeded(checkChoice(
          "nearest_mode", op.getNearestMode(),
          {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple"},
          emitError)) &&
      succeeded(
          checkChoice("keep_aspect_ratio_policy", op.getKeepAspectRatioPolicy(),
                      {"stretch", "not_larger", "not_smaller"}, emitError)));
}

/// The axes that scales or sizes stand for.
static Shape getResizedAxes(std::optional<ArrayRef<int64_t>> axes,
                            int64_t rank) {
  return axes ? Shape(*axes) : llvm::to_vector<6>(llvm::seq<int64_t>(rank));
}

/// Brings sizes to one scale: the smallest or largest of those asked for
/// (keep_aspect_ratio_policy).
static void keepAspectRatio(StringRef policy, ArrayRef<int64_t> input,
                            ArrayRef<int64_t> axes, Sizes &shape) {
  if (policy == "stretch")
    return;
  bool larger = policy == "not_smaller";
  std::optional<double> scale;
  for (int64_t axis : axes) {
    if (isOpen(input[axis]) || isOpen(shape[axis]) || input[axis] == 0) {
      for (int64_t other : axes)
        shape[other] = Size::unknown();
      return;
    }
    double ratio = static_cast<double>(shape[axis].getNumber()) /
                   static_cast<double>(input[axis]);
    scale = !scale   ? ratio
            : larger ? std::max(*scale, ratio)
                     : std::min(*scale, ratio);
  }
  for (int64_t axis : axes)
    // Half rounds up, as ONNX says.
    shape[axis] = boundDim(Wide(std::floor(
        std::min(*scale * static_cast<double>(input[axis]) + 0.5, 0x1p60))));
}

FailureOr<RankedTensorType> ResizeOp::inferType(Adaptor op,
                                                EmitError emitError) {
  RankedTensorType type = typeOf(op.getInput());
  Shape axes = getResizedAxes(op.getAxes(), type.getRank());
  if (failed(checkModes(op, emitError)) ||
      failed(checkAxes(axes, type.getRank(), /*sorted=*/false, emitError)))
    return failure();
  if (!op.getScales() && !op.getSizes())
    return emitError() << "expected scales or sizes, but got neither of them";
  Value list = op.getSizes() ? op.getSizes() : op.getScales();
  for (Value given : {op.getSizes(), op.getScales()})
    if (given && (typeOf(given).getRank() != 1 ||
                  !dimsAgree(typeOf(given).getDimSize(0), axes.size())))
      return emitError() << "expected " << axes.size()
                         << " scales or sizes, but got " << typeOf(given);
  if (Value roi = op.getRoi())
    if (typeOf(roi).getRank() != 1 ||
        !dimsAgree(typeOf(roi).getDimSize(0), 2 * axes.size()))
      return emitError() << "expected a roi of " << 2 * axes.size()
                         << " entries, but got " << typeOf(roi);
  Elements known = getKnownElements(list);
  known.resize(axes.size());
  Sizes shape = graph::getSizes(type);
  for (auto [axis, element] : llvm::zip(axes, known)) {
    Size dim = shape[axis], size = getSize(element);
    shape[axis] = Size::unknown();
    if (op.getSizes() && size.isKnown()) {
      if (size.isNumber() &&
          (size.getNumber() < 0 || size.getNumber() > maxElements))
        return emitError() << "expected sizes between 0 and 2^40, but got "
                           << size.getNumber();
      shape[axis] = size;
    } else if (auto scale = dyn_cast_or_null<FloatAttr>(element)) {
      float factor = scale.getValue().convertToFloat();
      if (!(factor > 0))
        return emitError() << "expected positive scales, but got " << factor;
      shape[axis] = scaleDown(dim, factor);
    }
  }
  if (!op.getScales())
    keepAspectRatio(op.getKeepAspectRatioPolicy(), type.getShape(), axes,
                    shape);
  for (auto [axis, dim] : llvm::enumerate(type.getShape()))
    if (dim == 0 && shape[axis].getNumber() > 0)
      return emitError() << "expected elements to resample along axis " << axis
                         << ", but got " << type;
  return makeTensorType(shape, type.getElementType());
}

bool ResizeOp::isDataOperand(unsigned index) { return index == 0; }

FailureOr<SmallVector<Value>> ResizeOp::buildPermuted(OpBuilder &builder,
                                                      ValueRange inputs,
                                                      ArrayRef<bool> permuted,
                                                      ArrayRef<int64_t> perm) {
  auto type = getResult().getType();
  Value input = permuteOperand(builder, getLoc(), inputs[0], permuted[0], perm);
  Operation *copy = builder.clone(*getOperation());
  copy->setOperands(inputs);
  copy->setOperand(0, input);
  auto resize = cast<ResizeOp>(copy);
  resize.setAxes(permuteAxes(getResizedAxes(getAxes(), type.getRank()), perm));
  resize.getResult().setType(permuteType(type, perm));
  return SmallVector<Value>{resize.getResult()};
}

/// A resize to the same size copies its input, in every mode but the one that
/// crops.
OpFoldResult ResizeOp::fold(FoldAdaptor adaptor) {
  auto type = getResult().getType();
  if (type == getInput().getType() && type.hasStaticShape() && isIdentity())
    return getInput();
  return {};
}

bool ResizeOp::isIdentity() {
  if (getCoordinateTransformationMode() == "tf_crop_and_resize")
    return false;
  if (!getScales())
    return true;
  // A scale slightly off 1 keeps the size, but moves the positions that are
  // sampled.
  Elements scales = getKnownElements(getScales());
  return !scales.empty() && llvm::all_of(scales, [](Attribute scale) {
    auto value = dyn_cast_or_null<FloatAttr>(scale);
    return value && value.getValueAsDouble() == 1;
  });
}

} // namespace lambent::graph

#define GET_OP_CLASSES
#include "lambent/Graph/IR/ResizeOps.cpp.inc"
