//===- SequenceOps.td - Sequences and optionals at run time ---------------===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_SequenceOp : LIR_KernelOp<"sequence"> {
  let summary = "What the runtime does with a sequence or an optional";
  let description = [{
    A sequence or optional is a number, its handle, in a memref<i64>, which the runtime keeps the tensors of; they never
    change. `action` is one of model.h's LambentListAction, without its prefix, and says what the operands are: handles,
    positions (memref<i64>) and tensors, and then the result. `types` has for each operand the element type as the model
    has it, and `sizes` its dims. It has no code: the run hands the buffers to the runtime, which may end it.

    C1: action exists. C2: there is a type and a list of sizes for each operand. C3: buffers are dense.
    ```mlir
    lir.sequence "insert" ins(%s, %x : memref<i64>, memref<2x3xf32>) outs(%r : memref<i64>)
      {types = [i64, f32, i64], sizes = [#lir.sizes<[]>, #lir.sizes<[2, 3]>, #lir.sizes<[]>]}
    ```
  }];
  let arguments = (ins Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$inputs, Arg<LIR_Buffer, "", [MemWrite]>:$output,
    StrAttr:$action, TypeArrayAttr:$types, ArrayAttr:$sizes, DefaultValuedAttr<I64Attr, "0">:$axis,
    DefaultValuedAttr<BoolAttr, "false">:$flag);
  let assemblyFormat = [{
    $action `ins` `(` ($inputs^ `:` type($inputs))? `)` `outs` `(` $output `:` type($output) `)` attr-dict
  }];
}
