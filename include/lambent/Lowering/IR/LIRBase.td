//===- LIRBase.td - The lir dialect, its op classes and shared operands ---===//

#ifndef LAMBENT_LOWERING_IR_LIRBASE_TD
#define LAMBENT_LOWERING_IR_LIRBASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "lambent/Lowering/IR/LIRInterfaces.td"

def LIR_Dialect : Dialect {
  let name = "lir";
  let cppNamespace = "::lambent::lir";
  let summary = "Kernels on buffers, before they become loops";
  let description = [{
    A compiled model is a `func.func @main` on memrefs: the inputs (`lir.name`, read only), then the outputs. Its body
    is a list of buffers (lir.alloc, lir.weight, lir.view) and kernels. Until lir-plan-memory a buffer is written by
    one kernel only (several for `inout`). Buffers are dense and row-major. A kernel states what it computes, and after
    the backend's passes by which `algorithm`; it holds no loops. bool is i1, stored as a byte; unsigned tensors are
    signless here.

    After planning the module carries `lir.arena_bytes`, `lir.live_bytes` and `lir.weight_bytes`, each lir.alloc and
    lir.weight an `offset`.
  }];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = "void registerAttributes();";
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::func::FuncDialect"];
}

def LIR_Buffer : MemRefOf<[AnyFloat, AnySignlessInteger]>;
def LIR_FloatBuffer : MemRefOf<[AnyFloat]>;
def LIR_Maps : TypedArrayAttrBase<AffineMapAttr, "affine maps">;

class LIR_Op<string mnemonic, list<Trait> traits = []> : Op<LIR_Dialect, mnemonic, traits>;

/// A kernel: reads `reads` operands, writes the outputs behind them. Effects are on the operands' buffers.
/// `methods` names the optional interface methods that the op defines besides getFlops.
class LIR_KernelOp<string mnemonic, list<Trait> traits = [], list<string> methods = []>
    : LIR_Op<mnemonic, !listconcat([
          DeclareOpInterfaceMethods<KernelOpInterface, !listconcat(["getFlops"], methods)>], traits)> {
  let hasVerifier = 1;
}

/// A kernel with one output and an epilogue on it.
class LIR_EpilogueOp<string mnemonic, list<Trait> traits = [], list<string> methods = []>
    : LIR_KernelOp<mnemonic, !listconcat([EpilogueOpInterface, SingleBlockImplicitTerminator<"YieldOp">], traits),
                   !listconcat(["mayShareBuffer"], methods)> {
  let regions = (region SizedRegion<1>:$epilogue);
}

#endif
