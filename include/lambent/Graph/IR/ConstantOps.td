//===- ConstantOps.td - Constants -----------------------------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_ConstantOp : Graph_Op<"constant", [ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "A tensor known at compile time";
  let description = [{
    Small values are `dense<...>`; weights are `dense_resource<...>`, whose blob is memory-mapped and never copied.
    ```mlir
    %0 = graph.constant dense<[1, 2]> : tensor<2xi64>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let builders = [OpBuilder<(ins "::mlir::ElementsAttr":$value)>];
  let extraClassDeclaration = "static bool isBuildableWith(::mlir::Attribute value, ::mlir::Type type);";
  let hasFolder = 1;
  let hasVerifier = 1;
}
