//===- Algorithms.h - The ways in which the CPU backend computes an op ----===//

#ifndef LAMBENT_BACKENDS_CPU_ALGORITHMS_H
#define LAMBENT_BACKENDS_CPU_ALGORITHMS_H

#include "lambent/Sizes/Size.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/DialectImplementation.h"

namespace lambent::cpu {
class KernelBuilder;
struct TargetInfo;
class WeightPacker;
} // namespace lambent::cpu

#include "lambent/Backends/CPU/CPUDialect.h.inc"

#include "lambent/Backends/CPU/AlgorithmInterfaces.h.inc"

#define GET_ATTRDEF_CLASSES
#include "lambent/Backends/CPU/Algorithms.h.inc"

#endif
