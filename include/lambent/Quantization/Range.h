//===- Range.h - Which values of a tensor integers stand for ----*- C++ -*-===//
//
// A range that is smaller than what was seen gives finer steps and cuts off a
// few values. The methods weigh one against the other, on a tensor's histogram.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_QUANTIZATION_RANGE_H
#define LAMBENT_QUANTIZATION_RANGE_H

#include "lambent/Quantization/Profile.h"

namespace lambent::quantization {

/// How integers stand for numbers: x = scale * (q - zeroPoint).
enum class Schema {
  Asymmetric,              ///< any zero point
  Symmetric,               ///< signed, zero point 0, as far below 0 as above
  SymmetricWithUInt8,      ///< the same, unsigned where no value is negative
  SymmetricWithPower2Scale ///< symmetric, and the scale is a power of two
};

enum class RangeMethod {
  MinMax,
  Percentile, ///< leaves out the farthest values, a part of all
  /// The values that the histogram's part within the range says most of: the
  /// least Kullback-Leibler divergence between it and what is left of it in as
  /// many levels as there are integers (S. Migacz, "8-bit inference with
  /// TensorRT", GTC 2017).
  Entropy,
  MeanSquaredError ///< the least, of rounding within and cutting off outside
};

struct Range {
  double least = 0, most = 0;
  bool operator==(const Range &) const = default;
};

struct RangeOptions {
  RangeMethod method = RangeMethod::MinMax;
  Schema schema = Schema::Asymmetric;
  unsigned bits = 8;         ///< of an integer, 2 to 16
  double percentile = 99.99; ///< of all values that are kept, above 0 to 100
};

/// The integers of a range.
struct QuantizedForm {
  double scale = 1;            ///< above 0, and a normal f32
  int64_t zeroPoint = 0;       ///< stands for 0 exactly
  int64_t least = 0, most = 0; ///< the integers that are used
};

/// The range that integers of the schema have to cover for the values that a
/// tensor takes: with 0 in it, and as symmetric as the schema.
Range chooseRange(const TensorProfile &tensor, const RangeOptions &options);

/// Widens a range to one that the schema can have: with 0 in it, as far below 0
/// as above where it is symmetric, a power of two a step where that is asked.
Range widenToSchema(Range range, Schema schema, unsigned bits = 8);

/// The integers for a range, as an unsigned type has them where `isSigned` is
/// false. A symmetric schema is signed but for SymmetricWithUInt8 of a range
/// without negative numbers, whatever `isSigned` is. A range of 0 alone has the
/// scale 1.
QuantizedForm chooseForm(Range range, Schema schema, bool isSigned,
                         unsigned bits = 8);

} // namespace lambent::quantization

#endif
