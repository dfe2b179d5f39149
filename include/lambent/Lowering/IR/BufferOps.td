//===- BufferOps.td - Buffers ---------------------------------------------===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_AllocOp : LIR_Op<"alloc"> {
  let summary = "A buffer in the arena";
  let description = [{
    `offset` (bytes from the arena's start) is set by lir-plan-memory; or, where sizes are open, `block`, the entry of the
    function's lir.blocks which a run places.
    ```mlir
    %b = lir.alloc {offset = 256 : i64} : memref<4x8xf32>
    ```
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$offset, OptionalAttr<I64Attr>:$block);
  let results = (outs Res<LIR_Buffer, "", [MemAlloc]>:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let builders = [OpBuilder<(ins "::mlir::MemRefType":$type), "build($_builder, $_state, type, ::mlir::IntegerAttr(), ::mlir::IntegerAttr());">];
}

def LIR_WeightOp : LIR_Op<"weight", [Pure]> {
  let summary = "Constant data, packed at compile time";
  let description = [{
    `value` holds the data as the model has it. `packing`, when present, says how its elements lie in the packed weights
    (a PackingAttrInterface), and the result has the packed buffer's type; it is carried out when the model is emitted.
    `offset` is the position in the weights' blob, set by lir-plan-memory.
    ```mlir
    %w = lir.weight dense<1.0> : tensor<8x16xf32> : memref<8x16xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value, OptionalAttr<AnyAttr>:$packing, OptionalAttr<I64Attr>:$offset);
  let results = (outs LIR_Buffer:$result);
  let assemblyFormat = "$value attr-dict `:` type($result)";
}

def LIR_ViewOp : LIR_Op<"view", [Pure]> {
  let summary = "The same bytes under another shape, or a part of them";
  let description = [{
    A result with a strided layout is a part of the source: the layout says where, in elements from the source's first.

    C1: the byte counts of a dense result and the source agree. C2: a part has the source's element type and lies in
    its bounds. C3: the source is dense.
    ```mlir
    %v = lir.view %b : memref<4x8xf32> -> memref<32xf32>
    %p = lir.view %b : memref<4x8xf32> -> memref<4x2xf32, strided<[8, 1], offset: 6>>
    ```
  }];
  let arguments = (ins LIR_Buffer:$source);
  let results = (outs LIR_Buffer:$result);
  let assemblyFormat = "$source attr-dict `:` type($source) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def LIR_DonateOp : LIR_Op<"donate"> {
  let summary = "The memory that an output takes from an input";
  let description = [{
    Both arguments of the function begin where the result begins. It may be longer than the output along dim `grown`, by
    a symbol that a run reads off their strides; without `grown` it is the output.

    C1: the output has the input's sizes, but along one dim; the result has the output's, but along dim `grown`.
    C2: input and output are arguments of the function.
    ```mlir
    %m = lir.donate %past, %present grown 1 : memref<2x4xf32>, memref<2x5xf32> -> memref<2x?xf32, #lir.layout<[2, s0 + 5]>>
    ```
  }];
  let arguments = (ins LIR_Buffer:$input, LIR_Buffer:$output, OptionalAttr<I64Attr>:$grown);
  let results = (outs LIR_Buffer:$result);
  let assemblyFormat = "$input `,` $output (`grown` $grown^)? attr-dict `:` type($input) `,` type($output) `->` type($result)";
  let hasVerifier = 1;
}

def LIR_YieldOp : LIR_Op<"yield", [Pure, Terminator]> {
  let summary = "Yields the scalars of a kernel's region";
  let arguments = (ins Variadic<AnyType>:$results);
  let assemblyFormat = "attr-dict ($results^ `:` type($results))?";
  let builders = [OpBuilder<(ins), [{ (void)$_builder; }]>];
}
