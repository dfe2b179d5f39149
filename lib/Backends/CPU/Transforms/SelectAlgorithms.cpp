//===- SelectAlgorithms.cpp - Choose algorithms and pack weights -------------------===//

#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Lowering/IR/LIR.h"

namespace lambent::cpu {
#define GEN_PASS_DEF_SELECTALGORITHMS
#include "lambent/Backends/CPU/Passes.h.inc"
} // namespace lambent::cpu

using namespace lambent;

namespace {

struct SelectAlgorithms : cpu::impl::SelectAlgorithmsBase<SelectAlgorithms> {
  using SelectAlgorithmsBase::SelectAlgorithmsBase;
  void runOnOperation() override {}
};

} // namespace
