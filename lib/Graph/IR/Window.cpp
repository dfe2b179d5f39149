//===- Window.cpp - Sizes and padding of sliding windows ------------------===//

#include "Window.h"

#include "Permute.h"

using namespace mlir;

namespace lambent::graph {

LogicalResult checkWindow(const Window &window, RankedTensorType input,
                          EmitError emitError) {
  int64_t spatial = input.getRank() - 2;
  if (spatial < 1 || spatial > 3)
    return emitError()
           << "expected an input of one to three spatial dims, but got "
           << input;
  if (failed(checkEntries("strides", window.strides, spatial, 1, emitError)) ||
      failed(
          checkEntries("dilations", window.dilations, spatial, 1, emitError)) ||
      failed(checkEntries("pads", window.pads, 2 * spatial, 0, emitError)) ||
      failed(checkChoice("auto_pad", window.autoPad,
                         {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"},
                         emitError)))
    return failure();
  if (static_cast<int64_t>(window.kernel.size()) != spatial)
    return emitError() << "expected a kernel of " << spatial
                       << " dims, but got " << window.kernel.size();
  for (int64_t taps : window.kernel)
    if (!isOpen(taps) && (taps < 1 || taps > maxElements))
      return emitError() << "expected a kernel of 1 to 2^40 taps, but got "
                         << taps;
  if (window.autoPad != "NOTSET")
    for (int64_t pad : window.pads)
      if (pad != 0)
        return emitError() << "expected no pads beside auto_pad, but got "
                           << pad;
  return success();
}

/// How often a window fits into an open dim. With ceil_mode, the last one may
/// begin in the padding, and then does not count.
static Size slideOverOpenDim(const Window &window, const Size &input,
                             size_t d) {
  if (isOpen(window.kernel[d]))
    return Size::unknown();
  int64_t stride = window.strides[d];
  Wide end = Wide(window.pads[d + window.rank()]) - window.extent(d);
  Size padded = input + window.pads[d], slack = padded + boundNumber(end);
  if (!window.ceilMode)
    return slack.floorDiv(stride) + 1;
  // The last one that counts begins at an element of `padded` or before it.
  if (end + stride <= 0)
    return slack.ceilDiv(stride) + 1;
  return end <= 0 ? (padded - 1).floorDiv(stride) + 1 : slack.ceilDiv(stride);
}

FailureOr<Sizes> slideWindow(const Window &window, ArrayRef<Size> sizes,
                             EmitError emitError) {
  Sizes result;
  for (size_t d = 0; d < window.rank(); ++d) {
    int64_t stride = window.strides[d];
    if (window.autoPad.starts_with("SAME")) {
      result.push_back(sizes[d].ceilDiv(stride));
      continue;
    }
    if (isOpen(sizes[d]) || isOpen(window.kernel[d])) {
      result.push_back(slideOverOpenDim(window, sizes[d], d));
      continue;
    }
    int64_t input = sizes[d].getNumber();
    Wide padded = Wide(input) + window.pads[d] + window.pads[d + window.rank()];
    Wide slack = padded - window.extent(d) + (window.ceilMode ? stride - 1 : 0);
    // In an empty image, a window may have no place, as far as ONNX's formula
    // gives a size.
    if (slack < (input == 0 ? -stride : 0))
      return emitError() << "expected a window that fits in spatial dim " << d
                         << " of " << static_cast<int64_t>(boundDim(padded))
                         << " with padding, but got one of "
                         << boundDim(window.extent(d));
    Wide size = slack < 0 ? 0 : slack / stride + 1;
    // A window that begins in the padding after the input does not count.
    if (window.ceilMode && (size - 1) * stride >= Wide(input) + window.pads[d])
      --size;
    result.push_back(boundDim(size));
  }
  return result;
}

FailureOr<Shape> resolvePads(const Window &window, ArrayRef<int64_t> input) {
  if (!window.autoPad.starts_with("SAME"))
    return Shape(window.pads);
  size_t rank = window.rank();
  Shape pads(2 * rank, 0);
  for (size_t d = 0; d < rank; ++d) {
    if (isOpen(input[d]) || isOpen(window.kernel[d]))
      return failure();
    Wide stride = window.strides[d], out = (input[d] + stride - 1) / stride;
    Wide total =
        std::max<Wide>((out - 1) * stride + window.extent(d) - input[d], 0);
    Wide less = total / 2, more = total - less;
    bool upper = window.autoPad == "SAME_UPPER";
    pads[d] = boundDim(upper ? less : more);
    pads[d + rank] = boundDim(upper ? more : less);
  }
  return pads;
}

Shape getChannelsLastPermutation(int64_t rank) {
  Shape perm = {0};
  for (int64_t d = 2; d < rank; ++d)
    perm.push_back(d);
  perm.push_back(1);
  return perm;
}

RankedTensorType makeImageType(const Size &batch, const Size &channels,
                               ArrayRef<Size> spatial, Type elementType,
                               bool channelsLast) {
  Sizes sizes = {batch};
  llvm::append_range(sizes, spatial);
  sizes.insert(channelsLast ? sizes.end() : sizes.begin() + 1, channels);
  return makeTensorType(sizes, elementType);
}

Value cloneChannelsLast(OpBuilder &builder, Operation *op, ValueRange inputs) {
  Operation *copy = builder.clone(*op);
  copy->setOperands(inputs);
  copy->setAttr("channels_last", builder.getBoolAttr(true));
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  copy->getResult(0).setType(
      permuteType(type, getChannelsLastPermutation(type.getRank())));
  return copy->getResult(0);
}

} // namespace lambent::graph
