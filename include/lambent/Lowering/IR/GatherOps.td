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

def LIR_GatherNDOp : LIR_KernelOp<"gather_nd"> {
  let summary = "output[b..., i..., k...] = data[b..., indices[b..., i...]..., k...]";
  let description = [{
    The last dim of indices holds tuples that lead into as many dims of data, behind `batch_dims` dims that both share.
    Indices are as in lir.gather.

    C1: batch_dims are less than both ranks. C2: tuples hold from 1 to as many indices as there are dims behind the batch.
    C3: batch dims agree. C4: the output has the dims that the summary says.
    ```mlir
    lir.gather_nd ins(%t, %i : memref<2x4x5x8xf32>, memref<2x3x2xi64>) outs(%y : memref<2x3x8xf32>) {batch_dims = 1 : i64}
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$data, Arg<LIR_Buffer, "", [MemRead]>:$indices,
    Arg<LIR_Buffer, "", [MemWrite]>:$output, I64Attr:$batch_dims);
  let assemblyFormat = [{
    `ins` `(` $data `,` $indices `:` type($data) `,` type($indices) `)` `outs` `(` $output `:` type($output) `)` attr-dict
  }];
}
