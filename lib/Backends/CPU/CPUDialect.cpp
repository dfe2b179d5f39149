//===- CPUDialect.cpp - Registers the algorithms --------------------------===//

#include "Kernels/AlgorithmPlans.h"
#include "lambent/Backends/CPU/Algorithms.h"
#include "lambent/Backends/CPU/TargetInfo.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lambent;

#include "lambent/Backends/CPU/AlgorithmInterfaces.cpp.inc"
#include "lambent/Backends/CPU/CPUDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "lambent/Backends/CPU/Algorithms.cpp.inc"

void cpu::CPUDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "lambent/Backends/CPU/Algorithms.cpp.inc"
      >();
}
