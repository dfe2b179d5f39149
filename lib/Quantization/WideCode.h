//===- WideCode.h - Loops for the vectors of the CPU at hand ----*- C++ -*-===//

#ifndef LAMBENT_LIB_QUANTIZATION_WIDECODE_H
#define LAMBENT_LIB_QUANTIZATION_WIDECODE_H

#include <cstddef> // __GLIBC__

/// Before a function: it is compiled for several sizes of vectors, and the
/// loader takes the one that the CPU has. What it adds up may round differently
/// from CPU to CPU.
#if defined(__x86_64__) && defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__)
#define LAMBENT_WIDE_CODE                                                      \
  __attribute__((                                                              \
      target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LAMBENT_WIDE_CODE
#endif

#endif
