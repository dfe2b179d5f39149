//===- SequenceTypes.td - Values that are not tensors ---------------------===//

#ifndef LAMBENT_GRAPH_IR_SEQUENCETYPES_TD
#define LAMBENT_GRAPH_IR_SEQUENCETYPES_TD

include "lambent/Graph/IR/GraphBase.td"

def Graph_SequenceType : TypeDef<Graph_Dialect, "Sequence"> {
  let mnemonic = "sequence";
  let summary = "A list of tensors of one element type";
  let description = [{
    The length is no part of the type. `element` is what is known of every tensor: its element type, its rank, or
    nothing of that (`*`), and its dims, of which those that differ are `?`. A sequence that is known to be `empty` is
    one of any such tensors.
    ```mlir
    !graph.sequence<tensor<?x3xf32>>
    !graph.sequence<tensor<*xf32>, empty = true>
    ```
  }];
  let parameters = (ins "::mlir::TensorType":$element, DefaultValuedParameter<"bool", "false">:$empty);
  let builders = [TypeBuilderWithInferredContext<(ins "::mlir::TensorType":$element,
                                                      CArg<"bool", "false">:$empty),
                                                 "return $_get(element.getContext(), element, empty);">];
  let assemblyFormat = "`<` $element (`,` `empty` `=` $empty^)? `>`";
}

def Graph_OptionalType : TypeDef<Graph_Dialect, "Optional"> {
  let mnemonic = "optional";
  let summary = "A tensor or a sequence, or nothing";
  let description = [{
    ```mlir
    !graph.optional<tensor<4xf32>>
    !graph.optional<!graph.sequence<tensor<*xf32>>>
    ```
  }];
  let parameters = (ins "::mlir::Type":$element);
  let builders = [TypeBuilderWithInferredContext<(ins "::mlir::Type":$element),
                                                 "return $_get(element.getContext(), element);">];
  let assemblyFormat = "`<` $element `>`";
  let genVerifyDecl = 1;
}

#endif
