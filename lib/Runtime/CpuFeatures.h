//===- CpuFeatures.h - What this CPU can do ---------------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_CPUFEATURES_H
#define LAMBENT_RUNTIME_CPUFEATURES_H

#include <stddef.h>

namespace lambent::runtime {

/// Whether CPU and operating system support a feature, given by LLVM's name
/// ("avx512f"). A name that is not known here is not supported.
bool hasCpuFeature(const char *name, size_t length);

} // namespace lambent::runtime

#endif
