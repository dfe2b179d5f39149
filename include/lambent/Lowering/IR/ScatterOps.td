//===- ScatterOps.td - Updates by index -----------------------------------===//

include "lambent/Lowering/IR/LIRBase.td"

class LIR_ScatterBaseOp<string mnemonic, dag more> : LIR_KernelOp<mnemonic, [], ["mayShareBuffer"]> {
  let arguments = !con((ins Arg<LIR_Buffer, "", [MemRead]>:$data, Arg<LIR_Buffer, "", [MemRead]>:$indices,
    Arg<LIR_Buffer, "", [MemRead]>:$updates, Arg<LIR_Buffer, "", [MemWrite]>:$output), more,
    (ins DefaultValuedStrAttr<StrAttr, "none">:$kind, DefaultValuedAttr<BoolAttr, "false">:$unsigned_elements));
  let assemblyFormat = [{
    `ins` `(` $data `,` $indices `,` $updates `:` type($data) `,` type($indices) `,` type($updates) `)`
    `outs` `(` $output `:` type($output) `)` attr-dict
  }];
}

def LIR_ScatterElementsOp : LIR_ScatterBaseOp<"scatter_elements", (ins I64Attr:$axis)> {
  let summary = "output = data, but output[i..., indices[i..., j, k...], k...] = updates[i..., j, k...]";
  let description = [{
    Of several updates of one element the last one along j is kept (kind none), or all are combined with data's, in order:
    sum, prod, max, min, rounded each time. `unsigned_elements` makes max and min compare unsigned; bool knows max (or) and
    min (and) only. Indices are as in lir.gather. The output may be data's buffer, which is not copied then.

    C1: axis is in range. C2: indices have data's rank and no larger dims, but the axis. C3: updates have the indices'
    shape. C4: the output is like data. C5: the kind is one of these.
    ```mlir
    lir.scatter_elements ins(%t, %i, %u : memref<4x8xf32>, memref<2x8xi64>, memref<2x8xf32>) outs(%y : memref<4x8xf32>)
      {axis = 0 : i64, kind = "sum"}
    ```
  }];
}

def LIR_ScatterNDOp : LIR_ScatterBaseOp<"scatter_nd", (ins)> {
  let summary = "output = data, but output[indices[i...]..., k...] = updates[i..., k...]";
  let description = [{
    The last dim of indices holds tuples that lead into as many dims of data, from the first on. The rest is as in
    lir.scatter_elements.

    C1: tuples hold from 1 to as many indices as data has dims. C2: updates have the dims i..., k... C3: the output is like
    data. C4: the kind is known.
    ```mlir
    lir.scatter_nd ins(%t, %i, %u : memref<4x5x8xf32>, memref<3x2xi64>, memref<3x8xf32>) outs(%y : memref<4x5x8xf32>)
    ```
  }];
}
