//===- ResizeOps.td - Resampling ------------------------------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_ResizeOp : Graph_InferOp<"resize", [DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted", "isDataOperand"]>, AttrSizedOperandSegments]> {
  let summary = "Resamples dims by nearest, linear or cubic interpolation";
  let description = [{
    Attributes and rules as in ONNX's Resize 19; nearest_mode `simple` is floor where an axis grows and ceil where it
    shrinks. `scales` (f32) or `sizes` (i64) are given, with one entry per axis in `axes` (all dims when absent). Where
    both are, the scales say where positions lie and sizes are the result's, whatever keep_aspect_ratio_policy is.
    C1: mode, coordinate_transformation_mode, nearest_mode and keep_aspect_ratio_policy are known.
    C2: a dim of no elements stays one.
    ```mlir
    %s = graph.constant dense<[1.0, 1.0, 2.0, 2.0]> : tensor<4xf32>
    %r = graph.resize(%x scales %s : tensor<4xf32>) {mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"} : tensor<1x4x8x8xf32> -> tensor<1x4x16x16xf32>
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, Optional<Graph_FloatTensor>:$roi, Optional<Graph_FloatTensor>:$scales,
    Optional<Graph_IndexTensor>:$sizes, StrAttr:$mode,
    DefaultValuedStrAttr<StrAttr, "half_pixel">:$coordinate_transformation_mode,
    DefaultValuedStrAttr<StrAttr, "round_prefer_floor">:$nearest_mode,
    DefaultValuedStrAttr<StrAttr, "stretch">:$keep_aspect_ratio_policy,
    DefaultValuedAttr<F32Attr, "-0.75f">:$cubic_coeff_a, DefaultValuedAttr<F32Attr, "0.0f">:$extrapolation_value,
    DefaultValuedAttr<BoolAttr, "false">:$exclude_outside, DefaultValuedAttr<BoolAttr, "false">:$antialias,
    OptionalAttr<DenseI64ArrayAttr>:$axes);
  let results = (outs Graph_Tensor:$result);
  let assemblyFormat = [{
    `(` $input (`roi` $roi^ `:` type($roi))? (`scales` $scales^ `:` type($scales))? (`sizes` $sizes^ `:` type($sizes))? `)`
    attr-dict `:` type($input) `->` type($result)
  }];
  let hasFolder = 1;
  let extraClassDeclaration = inferDeclaration # [{
    /// Whether it takes every element where it is, given that the size stays.
    bool isIdentity();
  }];
}
