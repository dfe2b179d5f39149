//===- RangeSearch.h - The parts of choosing a range ------------*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_CALIBRATE_RANGESEARCH_H
#define LAMBENT_LIB_QUANTIZATION_CALIBRATE_RANGESEARCH_H

#include "lambent/Quantization/Range.h"

namespace lambent::quantization {

/// Whether the integers of a tensor lie on both sides of 0 alike: ranges are
/// then chosen by magnitudes.
bool isByMagnitude(const TensorProfile &tensor, Schema schema);

/// The histogram of magnitudes, from 0 on.
Histogram foldAtZero(const TensorProfile &tensor);

/// The range of least divergence in a histogram whose intervals cover 0, for
/// `levels` integers.
Range findByEntropy(const Histogram &histogram, size_t levels);

/// The mean squared error of elements that integers of this form stand for,
/// where those of an interval of the histogram are spread evenly over it.
double estimateSquaredError(const Histogram &histogram,
                            const QuantizedForm &form);

/// The range of least mean squared error.
Range findBySquaredError(const TensorProfile &tensor,
                         const RangeOptions &options);

} // namespace lambent::quantization

#endif
