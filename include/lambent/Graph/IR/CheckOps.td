//===- CheckOps.td - Demands on values ------------------------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_CheckOp : Op<Graph_Dialect, "check", [MemoryEffects<[MemWrite]>,
                                                DeclareOpInterfaceMethods<ValueRuleOpInterface>]> {
  let summary = "Ends the run with an error where a value is wrong";
  let description = [{
    Integers must lie in [low, high], or, with `excluded`, outside. `expected` says so for people. Constants are checked by
    graph-check-values, which also decides what becomes of the others.

    C1: values are integers.
    ```mlir
    graph.check(%i) {low = -4 : i64, high = 3 : i64, excluded = false, expected = "an index from -4 to 3"} : tensor<2xi64>
    ```
  }];
  let arguments = (ins Graph_Tensor:$values, I64Attr:$low, I64Attr:$high, BoolAttr:$excluded, StrAttr:$expected);
  let assemblyFormat = "`(` $values `)` attr-dict `:` type($values)";
  let builders = [OpBuilder<(ins "const ::lambent::graph::ValueRule &":$rule)>];
  let hasVerifier = 1;
}
