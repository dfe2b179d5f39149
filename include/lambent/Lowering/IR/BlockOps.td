//===- BlockOps.td - Numbers in blocks that share an exponent -------------===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_RoundBlocksOp : LIR_KernelOp<"round_blocks", [], ["mayShareBuffer"]> {
  let summary = "What a microscaling format holds of the numbers along a dim";
  let description = [{
    As graph.round_blocks.

    C1: the output is like the input. C2: axis is in range. C3: format is known. C4: scale is down or up.
    C5: groups divides the dim's size.
    ```mlir
    lir.round_blocks ins(%x : memref<4x64xf32>) outs(%y : memref<4x64xf32>) {format = "mxfp8", axis = 1 : i64}
    ```
  }];
  let arguments = (ins Arg<MemRefOf<[F32]>, "", [MemRead]>:$input, Arg<MemRefOf<[F32]>, "", [MemWrite]>:$output,
    StrAttr:$format, I64Attr:$axis, DefaultValuedStrAttr<StrAttr, "down">:$scale,
    DefaultValuedAttr<I64Attr, "1">:$groups);
  let assemblyFormat = "`ins` `(` $input `:` type($input) `)` `outs` `(` $output `:` type($output) `)` attr-dict";
}
