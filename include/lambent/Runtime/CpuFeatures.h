//===- CpuFeatures.h - What this CPU can do ---------------------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_CPUFEATURES_H
#define LAMBENT_RUNTIME_CPUFEATURES_H

#include "lambent-c/runtime.h"
#include <stddef.h>

namespace lambent::runtime {

/// What a process may do with the tiles of AMX.
enum class TileAccess {
  Absent, ///< the CPU or the operating system has none
  Refused,
  Granted,
};

/// Asks the operating system for permission, once; it is for all threads, and
/// children have it, too.
TileAccess askForTiles();

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

/// Whether the features "amx-tile, amx-bf16" are missing only because the
/// system does not let this process use them.
bool isRefusedOnly(const char *missing, TileAccess access);

/// Why a model that was compiled for `cpu` does not run: features are missing.
LambentStatus *makeMissingFeatures(const char *origin, const char *cpu,
                                   const char *missing, TileAccess access);

} // namespace lambent::runtime

#endif
