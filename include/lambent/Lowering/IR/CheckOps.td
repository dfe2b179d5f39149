//===- CheckOps.td - What is done for what values say, at run time --------===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_FaultOp : LIR_Op<"fault"> {
  let summary = "Where a check says what it found";
  let description = [{
    Two numbers that belong to the runtime and not to the arena: whether the check failed (0 or 1), and the first wrong
    value. They are read when the run is over. The faults of a model are numbered in the order of their checks.
    ```mlir
    %f = lir.fault : memref<2xi64>
    ```
  }];
  let results = (outs Res<LIR_Buffer, "", [MemAlloc]>:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
}

def LIR_CheckOp : LIR_KernelOp<"check"> {
  let summary = "fault = whether a value is wrong, and the first that is";
  let description = [{
    Integers must lie in [low, high], or, with `excluded`, outside. `expected` says so for people. Only the values `first`,
    `first + step`, ... are meant.

    C1: values are integers of at most 64 bits. C2: the fault is a memref<2xi64>. C3: first is the position of a value,
    step is 1 or more.
    ```mlir
    lir.check ins(%i : memref<2x3xi64>) outs(%f : memref<2xi64>)
      {low = -4 : i64, high = 3 : i64, excluded = false, expected = "an index from -4 to 3"}
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$values, Arg<LIR_Buffer, "", [MemWrite]>:$fault,
    I64Attr:$low, I64Attr:$high, BoolAttr:$excluded, StrAttr:$expected,
    DefaultValuedAttr<I64Attr, "0">:$first, DefaultValuedAttr<I64Attr, "1">:$step);
  let assemblyFormat = "`ins` `(` $values `:` type($values) `)` `outs` `(` $fault `:` type($fault) `)` attr-dict";
}

def LIR_DecideOp : LIR_KernelOp<"decide", [MemoryEffects<[MemWrite]>], ["getDecidedSymbols"]> {
  let summary = "From here on the run knows symbols: the elements of a buffer";
  let description = [{
    Element i is symbol `first + i` of the function's lir.symbols. Buffers whose sizes need one are written and read
    behind it only. It has no code: the run hands the buffer to the runtime.

    C1: the buffer is dense, i64, of one dim and a known size.
    ```mlir
    lir.decide ins(%n : memref<2xi64>) {first = 3 : i64}
    ```
  }];
  let arguments = (ins LIR_Buffer:$sizes, I64Attr:$first);
  let assemblyFormat = "`ins` `(` $sizes `:` type($sizes) `)` attr-dict";
}
