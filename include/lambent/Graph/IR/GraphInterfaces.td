//===- GraphInterfaces.td - What passes may ask of a graph op -------------===//

#ifndef LAMBENT_GRAPH_IR_GRAPHINTERFACES_TD
#define LAMBENT_GRAPH_IR_GRAPHINTERFACES_TD

include "mlir/IR/OpBase.td"

def LayoutOpInterface : OpInterface<"LayoutOpInterface"> {
  let cppNamespace = "::lambent::graph";
  let description = [{
    An op that can work on permuted data: op(transpose(x)) == transpose(op'(x)). The layout pass uses it to move
    transposes through the graph until they meet their inverse or the model's edge.
  }];
  let methods = [
    InterfaceMethod<[{
      Builds this op on data whose dims are permuted: `inputs` replace the operands, those with `permuted[i]` set
      being un-transposed already (dim d of the new value is dim perm[d] of the old one). Returns the results, whose
      dims are permuted the same way, or failure when the op can't (nothing was built then).
    }], "::mlir::FailureOr<::llvm::SmallVector<::mlir::Value>>", "buildPermuted",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$inputs, "::llvm::ArrayRef<bool>":$permuted,
           "::llvm::ArrayRef<int64_t>":$perm)>,
    InterfaceMethod<"Whether operand `index` holds data that is permuted with the result (not a shape or a table).",
      "bool", "isDataOperand", (ins "unsigned":$index), [{}], [{ return true; }]>,
  ];
}

def SpatialOpInterface : OpInterface<"SpatialOpInterface"> {
  let cppNamespace = "::lambent::graph";
  let description = "An op on images that exists in both layouts: channels first, as in ONNX, or channels last.";
  let methods = [
    InterfaceMethod<"Whether it works on [N, spatial..., C].", "bool", "getChannelsLast">,
    InterfaceMethod<"Builds it for channels last on `inputs` ([N, spatial..., C]); filters keep ONNX's layout.",
      "::mlir::Value", "buildChannelsLast", (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$inputs)>,
    InterfaceMethod<"Whether operand `index` is an image, and so changes layout.", "bool", "isImageOperand",
      (ins "unsigned":$index), [{}], [{ return index == 0; }]>,
  ];
}

def ElementsOpInterface : OpInterface<"ElementsOpInterface"> {
  let cppNamespace = "::lambent::graph";
  let description = [{
    An op whose result's elements can be computed one by one at compile time from those of its operands. Folders use it
    on small constants, and shape inference on shape arithmetic of which only a part is known.
  }];
  let methods = [
    InterfaceMethod<[{
      Computes the elements of the result, whose type is `type` (static), in row-major order; null stands for an
      element that is not known. `operands` holds the elements of each operand, or nothing where nothing is known.
      Failure means that nothing is known. Must not change the op.
    }], "::llvm::LogicalResult", "computeElements",
      (ins "::llvm::ArrayRef<::llvm::SmallVector<::mlir::Attribute>>":$operands, "::mlir::RankedTensorType":$type,
           "::llvm::SmallVector<::mlir::Attribute> &":$result)>,
  ];
}

def ValueRuleOpInterface : OpInterface<"ValueRuleOpInterface"> {
  let cppNamespace = "::lambent::graph";
  let description = "An op that asks something of integers that it is given: indices, divisors.";
  let methods = [
    InterfaceMethod<"The rules, but for those that depend on sizes that are open.",
      "::llvm::SmallVector<::lambent::graph::ValueRule>", "getValueRules">,
  ];
}

#endif
