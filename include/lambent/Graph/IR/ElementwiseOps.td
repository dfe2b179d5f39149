//===- ElementwiseOps.td - Scalar functions over tensors ------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_ElementwiseOp : Graph_InferOp<"elementwise", [
    DeclareOpInterfaceMethods<ElementsOpInterface>, IsolatedFromAbove, SingleBlockImplicitTerminator<"YieldOp">,
    DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted"]>]> {
  let summary = "Maps a scalar function over its inputs, broadcast as ONNX does";
  let description = [{
    The region takes one scalar per input and yields the result's scalar, in arith and math ops, so one op stands
    for all of ONNX's unary, binary, cast and selection ops. ui8..ui64 tensors appear as signless scalars in the
    region; the ops in it carry the signedness. The region sees nothing else (constants are made inside).

    C1: one block argument per input, of its signless element type.
    C2: the yielded type is the result's signless element type.
    C3: shapes broadcast together.
    ```mlir
    %r = graph.elementwise(%x, %b) : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32> {
    ^bb0(%s: f32, %t: f32):
      %0 = arith.addf %s, %t : f32
      graph.yield %0 : f32
    }
    ```
  }];
  let arguments = (ins Variadic<Graph_Tensor>:$inputs);
  let results = (outs Graph_Tensor:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "`(` $inputs `)` attr-dict `:` functional-type(operands, results) $body";
  let builders = [OpBuilder<(ins "::mlir::ValueRange":$inputs, "::mlir::Type":$elementType,
      "::llvm::function_ref<::mlir::Value(::mlir::OpBuilder &, ::mlir::Location, ::mlir::ValueRange)>":$body)>];
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def Graph_YieldOp : Op<Graph_Dialect, "yield", [Pure, Terminator, ParentOneOf<["ElementwiseOp"]>]> {
  let summary = "Yields the scalar result of an element-wise region";
  let arguments = (ins Variadic<AnyType>:$results);
  let assemblyFormat = "attr-dict ($results^ `:` type($results))?";
  let builders = [OpBuilder<(ins), "build($_builder, $_state, ::mlir::ValueRange());">];
}
