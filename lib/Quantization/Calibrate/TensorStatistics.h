//===- TensorStatistics.h - What a tensor holds, in numbers -----*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_CALIBRATE_TENSORSTATISTICS_H
#define LAMBENT_LIB_QUANTIZATION_CALIBRATE_TENSORSTATISTICS_H

#include "lambent/Quantization/Profile.h"
#include "llvm/ADT/ArrayRef.h"

namespace lambent::quantization {

/// The width of intervals, as an exponent of 2, for values from `least` to
/// `most`, which are f32.
int chooseExponent(double least, double most);
/// The interval of a width of 2^exponent that holds the value, counted from 0.
/// The value is at most 2^53 widths away.
int64_t findBin(double value, int exponent);

/// The counts of another histogram on intervals for values from `least` to
/// `most`, which cover its own; some at the ends may be 0. They are as wide as
/// its own, or wider.
Histogram rebin(const Histogram &histogram, double least, double most);

/// Describes one tensor of finite elements, at least one. `axis` is 1 or -1;
/// no channels where it has no such axis, or with 0.
TensorProfile describeTensor(llvm::ArrayRef<int64_t> dims,
                             llvm::ArrayRef<float> elements, int64_t axis);
/// Adds what another profile of the same tensor saw. An empty one has seen
/// nothing.
void mergeTensor(TensorProfile &into, const TensorProfile &from);

} // namespace lambent::quantization

#endif
