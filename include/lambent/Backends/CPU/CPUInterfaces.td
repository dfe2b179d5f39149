//===- CPUInterfaces.td - How a lir op becomes CPU code -------------------===//

#ifndef LAMBENT_BACKENDS_CPU_CPUINTERFACES_TD
#define LAMBENT_BACKENDS_CPU_CPUINTERFACES_TD

include "mlir/IR/OpBase.td"

def CPUKernelOpInterface : OpInterface<"CPUKernelOpInterface"> {
  let cppNamespace = "::lambent::cpu";
  let description = [{
    Attached to lir's kernels by the CPU backend, an external model per op. A kernel's work is a list of chunks whose
    number and boundaries depend on shape and target only; any worker may run any range of them.
  }];
  let methods = [
    InterfaceMethod<[{
      Emits the code of chunks [builder.getBegin(), builder.getEnd()) at the builder's insertion point. Returns failure
      after an error on the op when its types or attributes are not supported.
    }], "::llvm::LogicalResult", "emitKernel", (ins "::lambent::cpu::KernelBuilder &":$builder)>,
    InterfaceMethod<"How many chunks there are; none where sizes turn out to be 0.", "::lambent::Size", "getNumChunks",
      (ins "const ::lambent::cpu::TargetInfo &":$target)>,
    InterfaceMethod<[{
      How often all chunks are run: 1, or a number that is not 1 in every run. A stage begins when the one before is
      done: its number is the builder's getStage().
    }], "::lambent::Size", "getNumStages", (ins "const ::lambent::cpu::TargetInfo &":$target), [{}], [{ return 1; }]>,
    InterfaceMethod<"Bytes of scratch memory that one worker needs.", "::lambent::Size", "getScratchBytes",
      (ins "const ::lambent::cpu::TargetInfo &":$target), [{}], [{ return 0; }]>,
    InterfaceMethod<"Whether operand `index` may be a part of a buffer that lies as `type` says.", "bool", "acceptsLayout",
      (ins "unsigned":$index, "::mlir::MemRefType":$type), [{}], [{ return false; }]>,
    InterfaceMethod<"Whether the kernel can be written for operands of these sizes when some are open.", "bool",
      "takesOpenSizes", (ins), [{}], [{ return false; }]>,
    InterfaceMethod<"The ways to compute it, where there are several: one becomes its `algorithm`.",
      "::llvm::ArrayRef<::lambent::cpu::Variant>", "getVariants", (ins), [{}], [{ return {}; }]>,
    InterfaceMethod<"Algorithm and tile, for people: \"conv implicit-gemm 14x32\".", "std::string", "describeKernel",
      (ins "const ::lambent::cpu::TargetInfo &":$target), [{}],
      [{ return $_op->getName().stripDialect().str(); }]>,
  ];
}

#endif
