//===- Families.h - The families of CPUs that were measured -----*- C++ -*-===//
//
// One file each. To add one: a file here with what `lambent tune --cpu` printed
// on it, and a line in CPUDescription.cpp.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_DESCRIPTIONS_FAMILIES_H
#define LAMBENT_LIB_BACKENDS_CPU_DESCRIPTIONS_FAMILIES_H

#include "lambent/Backends/CPU/CPUDescription.h"
#include <optional>

namespace lambent::cpu {

/// Each: the description of a CPU by LLVM's name, or nothing where it is of
/// another family.
std::optional<CPUDescription> describeZen(llvm::StringRef cpu);
std::optional<CPUDescription> describeRapids(llvm::StringRef cpu);

/// What any CPU computes well with.
CPUDescription describeGeneric();

} // namespace lambent::cpu

#endif
