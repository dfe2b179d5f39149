//===- Forms.h - What a product may become ----------------------*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_QUANTIZE_FORMS_H
#define LAMBENT_LIB_QUANTIZATION_QUANTIZE_FORMS_H

#include "Quantization.h"

namespace lambent::quantization {

/// Whether weights alone become integers, in blocks.
bool isInBlocks(QuantizedNumbers numbers);

/// Why a product has no form in the integers that the options ask for; empty
/// where it has one.
std::string explainNoIntegers(const Quantization &state,
                              const Product &product);

/// The same of bf16.
std::string explainNoBF16(const Quantization &state, const Product &product);

/// Notes the nodes that the options keep in float, and why. Fails for names
/// that no node has, or that contradict each other.
llvm::Error noteExcepted(Quantization &state, llvm::ArrayRef<Product> products);

} // namespace lambent::quantization

#endif
