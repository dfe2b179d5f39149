//===- GatherOps.td - Look-ups --------------------------------------------===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_GatherOp : LIR_KernelOp<"gather"> {
  let summary = "output[o, i..., j] = data[o, indices[i...], j]";
  let description = [{
    data dims before `axis`, then those of indices (i32 or i64), then data's after axis. Negative indices count from the
    end; what is still out of range is clamped.
    ```mlir
    lir.gather ins(%t, %i : memref<100x8xf32>, memref<2x3xi64>) outs(%y : memref<2x3x8xf32>) {axis = 0 : i64}
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$data, Arg<LIR_Buffer, "", [MemRead]>:$indices,
    Arg<LIR_Buffer, "", [MemWrite]>:$output, I64Attr:$axis);
  let assemblyFormat = [{
    `ins` `(` $data `,` $indices `:` type($data) `,` type($indices) `)` `outs` `(` $output `:` type($output) `)` attr-dict
  }];
}

def LIR_GatherElementsOp : LIR_KernelOp<"gather_elements"> {
  let summary = "output[i..., j, k...] = data[i..., indices[i..., j, k...], k...]";
  let description = [{
    ```mlir
    lir.gather_elements ins(%t, %i : memref<4x8xf32>, memref<2x8xi64>) outs(%y : memref<2x8xf32>) {axis = 0 : i64}
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$data, Arg<LIR_Buffer, "", [MemRead]>:$indices,
    Arg<LIR_Buffer, "", [MemWrite]>:$output, I64Attr:$axis);
  let assemblyFormat = [{
    `ins` `(` $data `,` $indices `:` type($data) `,` type($indices) `)` `outs` `(` $output `:` type($output) `)` attr-dict
  }];
}
