//===- ReduceOps.td - Reductions over whole dims --------------------------===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_ReduceOp : LIR_EpilogueOp<"reduce"> {
  let summary = "Reduces dims by sum, prod, max or min";
  let description = [{
    `dims` of the input are reduced; the output has the remaining dims, in order (no unit dims). Floats narrower than f32
    accumulate in f32. The order of summation depends on shape and target only. A mean is a sum whose epilogue divides.
    `unsigned_elements` makes max and min compare unsigned. bool reduces max as or, min as and.

    C1: kind is sum, prod, max or min. C2: dims are sorted, unique and in range. C3: the output's shape is the rest.
    ```mlir
    lir.reduce ins(%x : memref<4x8xf32>) outs(%y : memref<4xf32>) epilogue_maps [] attributes {kind = "sum", dims = array<i64: 1>} {
    ^bb0(%acc: f32):
      lir.yield %acc : f32
    }
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$input,
    Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$epilogue_inputs, Arg<LIR_Buffer, "", [MemWrite]>:$output,
    LIR_Maps:$epilogue_maps, StrAttr:$kind, DenseI64ArrayAttr:$dims, DefaultValuedAttr<BoolAttr, "false">:$unsigned_elements);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)` (`with` `(` $epilogue_inputs^ `:` type($epilogue_inputs) `)`)?
    `outs` `(` $output `:` type($output) `)` `epilogue_maps` $epilogue_maps attr-dict-with-keyword $epilogue
  }];
}

def LIR_ArgReduceOp : LIR_KernelOp<"arg_reduce"> {
  let summary = "Position (i64) of the largest or smallest element along a dim";
  let description = [{
    The output has the input's dims without `axis`. NaN wins, as in numpy.
    ```mlir
    lir.arg_reduce ins(%x : memref<4x8xf32>) outs(%y : memref<4xi64>) {kind = "max", axis = 1 : i64}
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$input, Arg<LIR_Buffer, "", [MemWrite]>:$output, StrAttr:$kind, I64Attr:$axis,
    DefaultValuedAttr<BoolAttr, "false">:$select_last, DefaultValuedAttr<BoolAttr, "false">:$unsigned_elements);
  let assemblyFormat = "`ins` `(` $input `:` type($input) `)` `outs` `(` $output `:` type($output) `)` attr-dict";
}

def LIR_CumSumOp : LIR_KernelOp<"cumsum", [], ["mayShareBuffer"]> {
  let summary = "Running sum, or product, along a dim";
  let description = [{
    C1: the output is like the input. C2: axis is in range. C3: kind is sum or prod.
    ```mlir
    lir.cumsum ins(%x : memref<4x8xf32>) outs(%y : memref<4x8xf32>) {axis = 1 : i64}
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$input, Arg<LIR_Buffer, "", [MemWrite]>:$output, I64Attr:$axis,
    DefaultValuedAttr<BoolAttr, "false">:$exclusive, DefaultValuedAttr<BoolAttr, "false">:$reverse,
    DefaultValuedStrAttr<StrAttr, "sum">:$kind);
  let assemblyFormat = "`ins` `(` $input `:` type($input) `)` `outs` `(` $output `:` type($output) `)` attr-dict";
}

def LIR_TopKOp : LIR_KernelOp<"topk", [AttrSizedOperandSegments]> {
  let summary = "The largest or smallest elements along a dim, best first, and their positions (i64)";
  let description = [{
    The outputs have the input's dims but along `axis`, where there are as many as elements are asked for. One of them
    may be absent. Of equal elements the one of lower position comes first; NaN is larger than all numbers.

    C1: axis is in range. C2: there is an output. C3: outputs have the input's other dims and hold no more than the
    input does; values have the input's type, positions are i64.
    ```mlir
    lir.topk ins(%x : memref<4x8xf32>) values(%v : memref<4x3xf32>) positions(%i : memref<4x3xi64>) {axis = 1 : i64, largest = true}
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$input, Arg<Optional<LIR_Buffer>, "", [MemWrite]>:$values,
    Arg<Optional<LIR_Buffer>, "", [MemWrite]>:$positions, I64Attr:$axis, DefaultValuedAttr<BoolAttr, "true">:$largest,
    DefaultValuedAttr<BoolAttr, "false">:$unsigned_elements);
  let assemblyFormat = [{
    `ins` `(` $input `:` type($input) `)` (`values` `(` $values^ `:` type($values) `)`)?
    (`positions` `(` $positions^ `:` type($positions) `)`)? attr-dict
  }];
}
