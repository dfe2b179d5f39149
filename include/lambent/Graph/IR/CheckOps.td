//===- CheckOps.td - Ops that are done for what they say of values --------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_CheckOp : Op<Graph_Dialect, "check", [MemoryEffects<[MemWrite]>,
                                                DeclareOpInterfaceMethods<ValueRuleOpInterface>]> {
  let summary = "Ends the run with an error where a value is wrong";
  let description = [{
    Integers must lie in [low, high], or, with `excluded`, outside. `expected` says so for people. Only the values `first`,
    `first + step`, ... are meant. Constants are checked by graph-check-values, which also decides what becomes of the
    others; with `always` they are checked in every run.

    C1: values are integers. C2: first is 0 or more, step is 1 or more.
    ```mlir
    graph.check(%i) {low = -4 : i64, high = 3 : i64, excluded = false, expected = "an index from -4 to 3"} : tensor<2xi64>
    ```
  }];
  let arguments = (ins Graph_Tensor:$values, I64Attr:$low, I64Attr:$high, BoolAttr:$excluded, StrAttr:$expected,
    DefaultValuedAttr<I64Attr, "0">:$first, DefaultValuedAttr<I64Attr, "1">:$step,
    UnitAttr:$always);
  let assemblyFormat = "`(` $values `)` attr-dict `:` type($values)";
  let builders = [OpBuilder<(ins "const ::lambent::graph::ValueRule &":$rule)>];
  let hasVerifier = 1;
}

def Graph_DecideOp : Op<Graph_Dialect, "decide", [MemoryEffects<[MemWrite]>]> {
  let summary = "From here on symbols are what the elements of a list say";
  let description = [{
    Element i of `sizes` is what symbol `first + i` of the function is in a run. Types of later ops, and graph.sizes, use
    the symbols; none before it does. A run in which one is negative ends with an error.

    C1: `sizes` has a known number of elements, at least one. C2: the function's graph.symbols has an entry for each
    symbol, without an argument that decides it, and no other op decides one.
    ```mlir
    graph.decide(%count) {first = 2 : i64} : tensor<1xi64>
    %s = graph.sizes <[s2, 3]> : tensor<2xi64>
    ```
  }];
  let arguments = (ins Graph_IndexTensor:$sizes, I64Attr:$first);
  let assemblyFormat = "`(` $sizes `)` attr-dict `:` type($sizes)";
  let hasVerifier = 1;
}
