//===- Backends.cpp - All backends that there are -------------------------===//

#include "Backends.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Backends/CUDA/CUDABackend.h"

llvm::Expected<std::unique_ptr<lambent::Backend>>
lambent::createBackend(llvm::StringRef name, const TargetOptions &options) {
  BackendRegistry registry;
  cpu::registerCPUBackend(registry);
  cuda::registerCUDABackend(registry);
  return registry.create(name, options);
}
