//===- CpuFeatures.h - What this CPU can do ---------------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_CPUFEATURES_H
#define LAMBENT_RUNTIME_CPUFEATURES_H

#include "lambent-c/runtime.h"
#include <stddef.h>

namespace lambent::runtime {

/// Whether CPU and operating system support a feature, given by LLVM's name
/// ("avx512f"). A name that is not known here is not supported.
bool hasCpuFeature(const char *name, size_t length);

enum class Architecture { X86, AArch64 };

/// Whether this code can tell a feature on machines of an architecture.
bool knowsCpuFeature(Architecture architecture, const char *name,
                     size_t length);

/// Writes those of the features "avx2,fma" that are missing here as "avx2, fma"
/// into `*missing`, which the caller frees; null when none is. Fails when
/// there is no memory for them.
LambentStatus *listMissingCpuFeatures(const char *required, char **missing);

} // namespace lambent::runtime

#endif
