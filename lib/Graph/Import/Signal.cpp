//===- Signal.cpp - Fourier transforms as products ------------------------===//
//
// A transform is a product with a constant matrix. Its rows are the real, or
// the real and imaginary parts of the signal one by one, its columns those of
// the spectrum.
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include <cmath>
#include <numbers>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

/// Larger matrices would outweigh any model.
constexpr int64_t mostMatrixElements = 1 << 24;

struct Transform {
  /// The number of samples, of their parts (1 when they are real), and of the
  /// numbers that stand for the spectrum.
  int64_t length, parts, bins;
  bool isInverse = false;
  /// Whether the inverse is given half of a symmetric spectrum, and is real.
  bool isReal = false;
};

/// cos and sin of 2 pi * product / length
std::pair<double, double> getRoot(int64_t product, int64_t length) {
  double angle = 2 * std::numbers::pi * double(product % length) / length;
  return {std::cos(angle), std::sin(angle)};
}

/// The matrix of a transform from signals, or from spectra of `length` bins:
/// [length * parts, bins * 2].
SmallVector<double> makeMatrix(const Transform &transform) {
  auto [length, parts, bins, isInverse, isReal] = transform;
  SmallVector<double> matrix;
  double scale = isInverse ? 1.0 / length : 1;
  for (int64_t n = 0; n < length; ++n)
    for (int64_t part = 0; part < parts; ++part)
      for (int64_t k = 0; k < bins; ++k) {
        auto [cosine, sine] = getRoot(n * k, length);
        if (!isInverse)
          sine = -sine;
        // (a + bi) (cosine + sine i)
        matrix.push_back(scale * (part == 0 ? cosine : -sine));
        matrix.push_back(scale * (part == 0 ? sine : cosine));
      }
  return matrix;
}

/// The matrix from one half of a symmetric spectrum to a real signal:
/// [(length / 2 + 1) * 2, length].
SmallVector<double> makeRealMatrix(int64_t length) {
  SmallVector<double> matrix;
  for (int64_t k = 0; k <= length / 2; ++k)
    for (int64_t part = 0; part < 2; ++part)
      for (int64_t n = 0; n < length; ++n) {
        auto [cosine, sine] = getRoot(n * k, length);
        bool isAlone = k == 0 || 2 * k == length;
        double value = part == 0 ? cosine : isAlone ? 0 : -sine;
        matrix.push_back(value * (isAlone ? 1 : 2) / length);
      }
  return matrix;
}

/// Transforms rows: x [..., samples, parts] with as many samples as the
/// transform takes to [..., bins, 2], or [..., length, 1] where it is real.
Value apply(Node &node, Value x, const Transform &transform) {
  if (node.hasFailed())
    return {};
  RankedTensorType type = getType(x);
  int64_t rank = type.getRank();
  int64_t rows =
              (transform.isReal ? transform.length / 2 + 1 : transform.length) *
              transform.parts,
          columns = transform.isReal ? transform.length : transform.bins * 2;
  if (rows * columns > mostMatrixElements) {
    (void)node.unsupported("a transform of " + Twine(transform.length) +
                           " samples is not supported");
    return {};
  }
  Type wideType = type.getElementType().getIntOrFloatBitWidth() < 32
                      ? Type(Float32Type::get(node.getContext()))
                      : type.getElementType();
  Value matrix =
      node.numbers(wideType,
                   transform.isReal ? makeRealMatrix(transform.length)
                                    : makeMatrix(transform),
                   {rows, columns});
  Value flat = node.reshape(node.cast(x, wideType), rows, /*kept=*/rank - 2);
  // A vector has no rows to multiply.
  if (rank == 2)
    flat = node.reshape(flat, {1, rows});
  Value product = node.create<MatmulOp>(flat, matrix, false, false);
  int64_t parts = transform.isReal ? 1 : 2;
  Value split = rank == 2 ? node.reshape(product, {columns / parts, parts})
                          : node.reshape(product, {columns / parts, parts},
                                         /*kept=*/rank - 2);
  return node.cast(split, type.getElementType());
}

/// An optional scalar that must be known.
std::optional<int64_t> readScalar(Node &node, unsigned index, StringRef name) {
  if (!node.hasInput(index))
    return std::nullopt;
  SmallVector<int64_t> values = node.constantInts(index, name);
  if (!node.hasFailed() && values.size() != 1)
    (void)node.error("expected " + name + " to be a scalar, but got " +
                     Twine(values.size()) + " elements");
  return node.hasFailed() ? std::nullopt : std::optional(values[0]);
}

LogicalResult importDFT(Node &node) {
  Value x = node.input(0, "input", FloatKind);
  std::optional<int64_t> length = readScalar(node, 1, "dft_length");
  int64_t axis = node.getOpset() < 20
                     ? node.getInt("axis", 1)
                     : readScalar(node, 2, "axis").value_or(-2);
  bool isInverse = node.getBool("inverse", false),
       isOneSided = node.getBool("onesided", false);
  if (node.hasFailed())
    return failure();
  RankedTensorType type = getType(x);
  int64_t rank = type.getRank();
  if (rank < 2)
    return node.error("expected a signal [..., 1] or [..., 2], but got rank " +
                      Twine(rank));
  axis = node.normalizeAxis(axis, rank);
  if (axis == rank - 1)
    return node.error("expected an axis of the signal, but got its last dim");
  if (node.hasFailed())
    return failure();
  int64_t samples = type.getDimSize(axis), parts = type.getDimSize(rank - 1);
  if (ShapedType::isDynamic(samples) || ShapedType::isDynamic(parts))
    return node.undetermined("the size of the signal");
  if (parts != 1 && parts != 2)
    return node.error("expected a last dim of 1 or 2, but got " + Twine(parts));
  Transform transform{samples, parts, 0, isInverse, isInverse && isOneSided};
  if (isOneSided && parts != (isInverse ? 2 : 1))
    return node.error(isInverse ? "expected complex numbers for a one-sided "
                                  "inverse, but got real ones"
                                : "expected real numbers for a one-sided "
                                  "transform, but got complex ones");
  if (samples == 0 && !length && !transform.isReal) {
    SmallVector<int64_t> shape(type.getShape());
    shape.back() = 2;
    return node.result(node.create<ExpandOp>(
        node.scalar(type.getElementType(), 0), node.indices(shape)));
  }
  if (length)
    transform.length = *length;
  else if (transform.isReal)
    transform.length = 2 * (samples - 1);
  if (transform.length < 1 || transform.length > mostMatrixElements)
    return node.error("expected a positive dft_length, but got " +
                      Twine(transform.length));
  transform.bins =
      isOneSided && !isInverse ? transform.length / 2 + 1 : transform.length;
  int64_t wanted =
      transform.isReal ? transform.length / 2 + 1 : transform.length;
  if (wanted != samples)
    x = node.create<PadOp>(x, node.indices({0, wanted - samples}),
                           node.scalar(type.getElementType(), 0),
                           StringRef("constant"), ArrayRef<int64_t>(axis));
  SmallVector<int64_t> perm = listAxes(0, rank);
  std::swap(perm[axis], perm[rank - 2]);
  return node.result(
      node.transpose(apply(node, node.transpose(x, perm), transform), perm));
}

/// Transforms of parts of a signal that begin every frame_step samples.
LogicalResult importSTFT(Node &node) {
  Value signal = node.input(0, "signal", FloatKind);
  std::optional<int64_t> step = readScalar(node, 1, "frame_step"),
                         given = readScalar(node, 3, "frame_length");
  Value window = node.optionalInput(2, "window", FloatKind);
  bool isOneSided = node.getBool("onesided", true);
  if (node.hasFailed() || (window && !checkSameType(node, {signal, window})))
    return failure();
  RankedTensorType type = getType(signal);
  if (type.getRank() != 3 || (window && getType(window).getRank() != 1))
    return node.error("expected a signal of rank 3 and a window of rank 1");
  int64_t samples = type.getDimSize(1), parts = type.getDimSize(2);
  if (ShapedType::isDynamic(samples) || ShapedType::isDynamic(parts) ||
      (window && getType(window).isDynamicDim(0)))
    return node.undetermined("the size of the signal and its window");
  if (parts != 1 && parts != 2)
    return node.error("expected a last dim of 1 or 2, but got " + Twine(parts));
  if (isOneSided && parts == 2)
    return node.error("expected real numbers for a one-sided transform, but "
                      "got complex ones");
  int64_t length = given    ? *given
                   : window ? getType(window).getDimSize(0)
                            : samples;
  if (!step || *step < 1 || length < 1 || length > samples)
    return node.error("expected a positive frame_step and frames of 1 to " +
                      Twine(samples) + " samples");
  if (window && getType(window).getDimSize(0) != length)
    return node.error("expected a window of " + Twine(length) +
                      " samples, but got " +
                      Twine(getType(window).getDimSize(0)));
  int64_t frames = (samples - length) / *step + 1;
  if (frames > mostMatrixElements / length)
    return node.unsupported(Twine(frames) + " frames are not supported");
  SmallVector<int64_t> places;
  for (int64_t frame = 0; frame < frames; ++frame)
    for (int64_t i = 0; i < length; ++i)
      places.push_back(frame * *step + i);
  Value parted = node.create<GatherOp>(
      signal, node.indices(places, {frames, length}), int64_t(1));
  if (window)
    parted =
        node.map({parted, node.reshape(window, {length, 1})},
                 type.getElementType(), [](Scalar &s, ArrayRef<Value> args) {
                   return s.mul(args[0], args[1]);
                 });
  Transform transform{length, parts, isOneSided ? length / 2 + 1 : length};
  return node.result(apply(node, parted, transform));
}

} // namespace

void addSignalRows(OpTable &table) {
  table.add("DFT", 17, importDFT);
  table.add("STFT", 17, importSTFT);
}

} // namespace lambent::graph
