//===- AdaRound.h - Round a matrix up or down, all weights at once *- C++ -*-=//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_ADAROUND_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_ADAROUND_H

#include "IntegerGrid.h"
#include "lambent/Quantization/SampleRunner.h"

namespace lambent::quantization {

/// Rounds a matrix so that it changes least of what the product gives: of the
/// nearest numbers, those that `roundMatrix` finds with feedback, and those
/// that all weights find together, each column takes what costs least. Strips
/// are computed on the threads of `samples`; their number changes no bit.
RoundingNoise roundTogether(const SummedMatrix &matrix, IntegerGrid &grid,
                            const ErrorFeedback &feedback,
                            SampleRunner &samples);

} // namespace lambent::quantization

#endif
