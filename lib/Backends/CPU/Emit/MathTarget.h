//===- MathTarget.h - What elementary functions may use of a CPU ----------===//

#ifndef LAMBENT_LIB_BACKENDS_CPU_EMIT_MATHTARGET_H
#define LAMBENT_LIB_BACKENDS_CPU_EMIT_MATHTARGET_H

#include "lambent/Backends/CPU/TargetInfo.h"
#include "lambent/Lowering/Kernels/MathExpansion.h"

namespace lambent::cpu {

MathTarget getMathTarget(const TargetInfo &target);

} // namespace lambent::cpu

#endif
