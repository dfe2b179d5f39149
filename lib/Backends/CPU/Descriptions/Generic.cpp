//===- Generic.cpp - CPUs that were not measured --------------------------===//

#include "Families.h"

using namespace lambent::cpu;

CPUDescription lambent::cpu::describeGeneric() {
  return CPUDescription{.name = "generic"};
}
