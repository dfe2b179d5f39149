//===- ElementwiseOps.td - Element-wise stacks and movement ---------------===//

include "lambent/Lowering/IR/LIRBase.td"
include "lambent/Lowering/IR/SizeAttrs.td"

def LIR_ElementwiseOp : LIR_KernelOp<"elementwise", [AttrSizedOperandSegments,
    SingleBlockImplicitTerminator<"YieldOp">], ["mayShareBuffer", "isInOut",
                                                            "getBatchedOperands", "resizeBatch"]> {
  let summary = "output[map(i)] = region(inputs[map(i)]...) for every i of a domain";
  let description = [{
    The region holds arith and math ops on scalars, and lir.index. A map's results are affine in the domain's dims,
    `d * stride + constant` or a constant each, so that one op stands for element-wise stacks, casts, broadcasts, transposes, slices,
    concatenations and the inside of pads. It is `inout` when the output map does not reach every element.

    C1: maps has one map per input, then one per output, each with the domain's dims and the buffer's rank.
    C2: every index is in the buffer's bounds. C3: block arguments and yielded types are the buffers' element types.
    C4: no output element is written twice.
    ```mlir
    lir.elementwise ins(%x, %b : memref<4x8xf32>, memref<8xf32>) outs(%y : memref<4x8xf32>) domain [4, 8]
      maps [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>] {
    ^bb0(%s: f32, %t: f32):
      %0 = arith.addf %s, %t : f32
      lir.yield %0 : f32
    }
    ```
  }];
  let arguments = (ins Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$inputs, Arg<Variadic<LIR_Buffer>, "", [MemWrite]>:$outputs,
    LIR_Sizes:$domain, LIR_Maps:$maps);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::mlir::ValueRange":$inputs, "::mlir::ValueRange":$outputs,
      "::llvm::ArrayRef<::lambent::Size>":$domain, "::llvm::ArrayRef<::mlir::AffineMap>":$maps,
      "::llvm::function_ref<::llvm::SmallVector<::mlir::Value>(::mlir::OpBuilder &, ::mlir::Location, ::mlir::ValueRange)>":$body)>];
  let extraClassDeclaration = [{
    /// The map of operand `index` (inputs first, then outputs).
    ::mlir::AffineMap getMap(unsigned index) { return ::mlir::cast<::mlir::AffineMapAttr>(getMaps()[index]).getValue(); }
  }];
  let assemblyFormat = [{
    (`ins` `(` $inputs^ `:` type($inputs) `)`)? `outs` `(` $outputs `:` type($outputs) `)` `domain` custom<Sizes>($domain)
    `maps` $maps attr-dict-with-keyword $body
  }];
}

def LIR_SizeOp : LIR_Op<"size", [Pure]> {
  let summary = "A size that a run decides, as a number (i64) in a kernel's region";
  let description = [{
    ```mlir
    %n = lir.size [s0 * 2]
    ```
  }];
  let arguments = (ins LIR_Sizes:$size);
  let results = (outs I64:$result);
  let assemblyFormat = "custom<Sizes>($size) attr-dict";
  let hasVerifier = 1;
}

def LIR_IndexOp : LIR_Op<"index", [Pure]> {
  let summary = "Position (i64) along a dim of the enclosing element-wise domain";
  let arguments = (ins I64Attr:$dim);
  let results = (outs I64:$result);
  let assemblyFormat = "$dim attr-dict";
  let hasVerifier = 1;
}
