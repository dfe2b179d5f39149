//===- Signal.cpp - Fourier transforms as products ------------------------===//
//
// A transform is a product with a constant matrix. Its rows are the real, or
// the real and imaginary parts of the signal one by one, its columns those of
// the spectrum.
//
//===----------------------------------------------------------------------===//

#include "Elementwise.h"
#include "Importer.h"
#include "Lists.h"
#include "SignalOpen.h"
#include <cmath>
#include <numbers>

using namespace llvm;
using namespace mlir;

namespace lambent::graph {
namespace {

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

/// An optional scalar: a list of one number, or null.
Value readScalar(Node &node, unsigned index, StringRef name) {
  Value value = node.optionalInput(index, name, IntegerKind);
  if (!value)
    return {};
  RankedTensorType type = getType(value);
  if (type.hasStaticShape() && type.getNumElements() != 1) {
    (void)node.error("expected " + name + " to be a scalar, but got " +
                     Twine(type.getNumElements()) + " elements");
    return {};
  }
  node.noteSizeOperand(value);
  return node.reshape(
      node.cast(value, IntegerType::get(node.getContext(), 64)), int64_t(1));
}

/// Its number, where it is known.
std::optional<int64_t> getNumber(Value scalar) {
  FailureOr<SmallVector<int64_t>> known =
      scalar ? getConstantInts(scalar)
             : FailureOr<SmallVector<int64_t>>(failure());
  return failed(known) || known->size() != 1 ? std::nullopt
                                             : std::optional((*known)[0]);
}

/// What a node says of its signal: [..., samples, ..., parts].
struct Signal {
  int64_t rank, parts;
};

std::optional<Signal> readSignal(Node &node, Value x) {
  if (node.hasFailed())
    return std::nullopt;
  int64_t rank = getType(x).getRank();
  if (rank < 2) {
    (void)node.error("expected a signal [..., 1] or [..., 2], but got rank " +
                     Twine(rank));
    return std::nullopt;
  }
  int64_t parts = getType(x).getDimSize(rank - 1);
  if (ShapedType::isDynamic(parts))
    (void)node.undetermined("the last dim of the signal");
  else if (parts != 1 && parts != 2)
    (void)node.error("expected a last dim of 1 or 2, but got " + Twine(parts));
  return node.hasFailed() ? std::nullopt : std::optional(Signal{rank, parts});
}

/// A transform of a signal and to a length that are known.
Value transformBound(Node &node, Value x, int64_t axis,
                     std::optional<int64_t> length, bool isInverse,
                     bool isOneSided) {
  RankedTensorType type = getType(x);
  int64_t rank = type.getRank(), samples = type.getDimSize(axis);
  Transform transform{samples, type.getDimSize(rank - 1), 0, isInverse,
                      isInverse && isOneSided};
  if (samples == 0 && !length && !transform.isReal) // complex numbers, none
    return transform.parts == 2
               ? x
               : node.create<ConcatOp>(ValueRange{x, x}, rank - 1);
  if (length)
    transform.length = *length;
  else if (transform.isReal)
    transform.length = 2 * (samples - 1);
  if (transform.length < 1 || transform.length > mostMatrixElements) {
    (void)node.error("expected a positive dft_length, but got " +
                     Twine(transform.length));
    return {};
  }
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
  return node.transpose(apply(node, node.transpose(x, perm), transform), perm);
}

/// The same where a run decides them; `length` may be null.
Value transformOpen(Node &node, Value x, int64_t axis, Value length,
                    bool isInverse, bool isOneSided) {
  int64_t rank = getType(x).getRank();
  SmallVector<int64_t> perm = listAxes(0, rank);
  std::swap(perm[axis], perm[rank - 2]);
  Value turned = node.transpose(x, perm);
  OpenTransform transform{{}, isInverse, isOneSided};
  setLength(node, transform, turned, length);
  return node.transpose(applyOpen(node, turned, transform), perm);
}

/// The axis as a list of one number from 0 on, where a run says it.
Value readOpenAxis(Node &node, Value axis, int64_t rank) {
  (void)demand(node, {axis, -rank, rank - 1, /*isExcluded=*/false,
                      "an axis from " + std::to_string(-rank) + " to " +
                          std::to_string(rank - 1)});
  Value place = node.map(axis, [&](Scalar &s, Value value) {
    Type type = value.getType();
    return s.select(s.less(value, s.integer(type, 0)),
                    s.add(value, s.integer(type, rank)), value);
  });
  (void)demand(node, {place, 0, rank - 2, /*isExcluded=*/false,
                      "an axis of the signal, not its last dim"});
  return place;
}

LogicalResult importDFT(Node &node) {
  Value x = node.input(0, "input", FloatKind);
  Value length = readScalar(node, 1, "dft_length"),
        axisInput = node.getOpset() < 20 ? Value() : readScalar(node, 2, "axis");
  std::optional<int64_t> axis = getNumber(axisInput);
  if (!axisInput)
    axis = node.getOpset() < 20 ? node.getInt("axis", 1) : -2;
  bool isInverse = node.getBool("inverse", false),
       isOneSided = node.getBool("onesided", false);
  std::optional<Signal> signal = readSignal(node, x);
  if (!signal)
    return failure();
  if (axis) {
    axis = node.normalizeAxis(*axis, signal->rank);
    if (axis == signal->rank - 1)
      return node.error("expected an axis of the signal, but got its last dim");
  }
  if (isOneSided && signal->parts != (isInverse ? 2 : 1))
    return node.error(isInverse ? "expected complex numbers for a one-sided "
                                  "inverse, but got real ones"
                                : "expected real numbers for a one-sided "
                                  "transform, but got complex ones");
  if (node.hasFailed())
    return failure();
  std::optional<int64_t> known = getNumber(length);
  if (!axis && node.getImporter().isOffered(axisInput))
    return node.undetermined("input 'axis'", axisInput);
  if (!axis)
    return node.result(
        applyAlong(node, x, readOpenAxis(node, axisInput, signal->rank), length,
                   {{}, isInverse, isOneSided}));
  if (!getType(x).isDynamicDim(*axis) && (known || !length))
    return node.result(
        transformBound(node, x, *axis, known, isInverse, isOneSided));
  return node.result(
      transformOpen(node, x, *axis, length, isInverse, isOneSided));
}

/// Frames of a signal, [batch, frames, length, parts], that begin every `step`
/// samples.
Value cutFrames(Node &node, Value signal, Value step, Value length) {
  Type i64 = IntegerType::get(node.getContext(), 64);
  Value frames = computeSize(
      node, {node.create<ShapeOp>(signal, int64_t(1), int64_t(2)), length, step},
      "the number of frames", [&](Scalar &s, ArrayRef<Value> args) {
        return s.add(s.div(s.sub(args[0], args[1]), args[2]),
                     s.integer(i64, 1));
      });
  Value places = node.map({layAlong(node, countUp(node, frames), 0, 2),
                           countUp(node, length), step},
                          i64, [](Scalar &s, ArrayRef<Value> args) {
                            return s.add(s.mul(args[0], args[2]), args[1]);
                          });
  return node.create<GatherOp>(signal, places, int64_t(1));
}

/// The demands on frames that only a run can check.
void requireFrames(Node &node, Value signal, Value step, Value length) {
  (void)demand(node, {step, 1, maxElements, /*isExcluded=*/false,
                      "a positive frame_step"});
  (void)demand(node, {length, 1, maxElements, /*isExcluded=*/false,
                      "frames of at least 1 sample"});
  Value left = node.map(
      {node.create<ShapeOp>(signal, int64_t(1), int64_t(2)), length},
      IntegerType::get(node.getContext(), 64),
      [](Scalar &s, ArrayRef<Value> args) { return s.sub(args[0], args[1]); });
  (void)demand(node, {left, 0, maxElements, /*isExcluded=*/false,
                      "frames no longer than the signal"});
}

/// Transforms of parts of a signal that begin every frame_step samples.
LogicalResult importSTFT(Node &node) {
  Value x = node.input(0, "signal", FloatKind);
  Value step = readScalar(node, 1, "frame_step"),
        given = readScalar(node, 3, "frame_length");
  Value window = node.optionalInput(2, "window", FloatKind);
  bool isOneSided = node.getBool("onesided", true);
  if (node.hasFailed() || (window && !checkSameType(node, {x, window})))
    return failure();
  if (getType(x).getRank() != 3 || (window && getType(window).getRank() != 1))
    return node.error("expected a signal of rank 3 and a window of rank 1");
  std::optional<Signal> signal = readSignal(node, x);
  if (!signal)
    return failure();
  if (isOneSided && signal->parts == 2)
    return node.error("expected real numbers for a one-sided transform, but "
                      "got complex ones");
  if (!step)
    return node.error("expected a positive frame_step, but got none");
  Value length =
      given    ? given
      : window ? node.create<ShapeOp>(window, int64_t(0), int64_t(1))
               : node.create<ShapeOp>(x, int64_t(1), int64_t(2));
  requireFrames(node, x, step, length);
  OpenTransform open{{}, /*isInverse=*/false, isOneSided};
  if (!getNumber(length))
    setLength(node, open, x, length);
  else
    open.length = length;
  if (node.hasFailed())
    return failure();
  Value parted = cutFrames(node, x, step, open.length);
  if (window) {
    RankedTensorType type = getType(window);
    std::optional<int64_t> samples = getNumber(length);
    if (samples && !type.isDynamicDim(0) && type.getDimSize(0) != *samples)
      return node.error("expected a window of " + Twine(*samples) +
                        " samples, but got " + Twine(type.getDimSize(0)));
    parted =
        node.map({parted, layAlong(node, window, 0, 2)}, type.getElementType(),
                 [](Scalar &s, ArrayRef<Value> args) {
                   return s.mul(args[0], args[1]);
                 });
  }
  if (node.hasFailed())
    return failure();
  int64_t samples = getType(parted).getDimSize(2);
  if (ShapedType::isDynamic(samples))
    return node.result(applyOpen(node, parted, open));
  Transform transform{samples, signal->parts,
                      isOneSided ? samples / 2 + 1 : samples};
  return node.result(apply(node, parted, transform));
}

} // namespace

void addSignalRows(OpTable &table) {
  table.add("DFT", 17, importDFT);
  table.add("STFT", 17, importSTFT);
}

} // namespace lambent::graph
