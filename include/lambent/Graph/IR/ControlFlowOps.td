//===- ControlFlowOps.td - Functions that a run decides to call -----------===//

include "lambent/Graph/IR/GraphBase.td"
include "mlir/IR/SymbolInterfaces.td"

/// An op that calls private functions of the module, its bodies. The symbols of the function around it are the first
/// symbols of each body, so that a size is the same expression on both sides; a body has more of its own.
class Graph_CallOp<string mnemonic, list<Trait> traits = []>
    : Op<Graph_Dialect, mnemonic, !listconcat([DeclareOpInterfaceMethods<SymbolUserOpInterface>,
                                               DeclareOpInterfaceMethods<MemoryEffectsOpInterface>], traits)> {
  let hasVerifier = 1;
}

def Graph_IfOp : Graph_CallOp<"if"> {
  let summary = "Calls one of two functions";
  let description = [{
    Both take all captures: what they use of the values around. The op decides the symbols `first_symbol` and so on,
    `num_symbols` of them: sizes of results on which the branches do not agree. Each is the whole size of a dim of some
    result.

    C1: the condition is one bool. C2: the branches are functions of the captures' types; their results have the types
    of this op's results, but for sizes.
    ```mlir
    %r = graph.if %condition, @then0, @else0 (%x) {first_symbol = 1 : i64, num_symbols = 1 : i64}
      : (tensor<i1>, tensor<?xf32, #graph.sizes<[s0]>>) -> tensor<?xf32, #graph.sizes<[s1]>>
    ```
  }];
  let arguments = (ins Graph_Tensor:$condition, Variadic<Graph_Tensor>:$captures, FlatSymbolRefAttr:$then_branch,
    FlatSymbolRefAttr:$else_branch, DefaultValuedAttr<I64Attr, "0">:$first_symbol,
    DefaultValuedAttr<I64Attr, "0">:$num_symbols);
  let results = (outs Variadic<Graph_Tensor>:$results);
  let assemblyFormat = [{
    $condition `,` $then_branch `,` $else_branch `(` $captures `)` attr-dict `:` functional-type(operands, results)
  }];
}

def Graph_LoopOp : Graph_CallOp<"loop", [AttrSizedOperandSegments]> {
  let summary = "Calls a function again and again";
  let description = [{
    The body takes the number of the iteration, the condition, what is carried, and the captures. It gives the
    condition of the next iteration, what is carried to it, and slices, each of which is stacked along a new first dim
    of its result. There are at most `trip` iterations, and none once the condition is false; where one of them is
    left out, it ends nothing. Results are what is carried at the end, then the stacks. Sizes of what is carried may
    change; all slices of a result must have the same. Symbols are as in graph.if.

    C1: trip is an i64, the condition a bool, each of rank 0. C2: the body is a function of these types, but for sizes.
    ```mlir
    %sum, %all = graph.loop @loop0 trip(%n) carried(%zero) captures(%x) {first_symbol = 1 : i64, num_symbols = 1 : i64}
      : (tensor<i64>, tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<?x4xf32, #graph.sizes<[s1, 4]>>)
    ```
  }];
  let arguments = (ins Optional<Graph_Tensor>:$trip, Optional<Graph_Tensor>:$condition, Variadic<Graph_Tensor>:$carried,
    Variadic<Graph_Tensor>:$captures, FlatSymbolRefAttr:$body, DefaultValuedAttr<I64Attr, "0">:$first_symbol,
    DefaultValuedAttr<I64Attr, "0">:$num_symbols);
  let results = (outs Variadic<Graph_Tensor>:$results);
  let assemblyFormat = [{
    $body (`trip` `(` $trip^ `)`)? (`while` `(` $condition^ `)`)? (`carried` `(` $carried^ `)`)?
    (`captures` `(` $captures^ `)`)? attr-dict `:` functional-type(operands, results)
  }];
}
