//===- Sizes.td - What tensor types say beyond their dims -----------------===//

#ifndef LAMBENT_GRAPH_IR_SIZES_TD
#define LAMBENT_GRAPH_IR_SIZES_TD

include "lambent/Graph/IR/GraphBase.td"
include "mlir/IR/TensorEncoding.td"

def Graph_SizesAttr : AttrDef<Graph_Dialect, "Sizes", [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let mnemonic = "sizes";
  let summary = "The sizes of a tensor's dims as expressions in the model's symbols";
  let description = [{
    The encoding of a tensor type with open dims: which size each `?` stands for. Symbol `s0` is the first entry of
    `graph.symbols` on the function, and so on; a symbol is a number of at least 0 that a run decides. Two dims with
    equal expressions have equal sizes. `?` is a size of which nothing is known.

    C1: one entry per dim; C2: numbers are the static dims.
    ```mlir
    tensor<?x?x768xf32, #graph.sizes<[s0, s1 * 2, 768]>>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::AffineExpr", "null where nothing is known">:$sizes);
  let hasCustomAssemblyFormat = 1;
}

def Graph_HandleAttr : AttrDef<Graph_Dialect, "Handle", [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let mnemonic = "handle";
  let summary = "What a number stands for: a sequence or an optional that a run knows by it";
  let description = [{
    The encoding of a `tensor<i64>` whose element is not to be computed with. So sequences go wherever tensors go, and
    never change: an op that inserts gives another one.
    ```mlir
    tensor<i64, #graph.handle<!graph.sequence<tensor<?x3xf32>>>>
    ```
  }];
  let parameters = (ins "::mlir::Type":$type);
  let assemblyFormat = "`<` $type `>`";
}

#endif
