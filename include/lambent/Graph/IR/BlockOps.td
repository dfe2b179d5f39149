//===- BlockOps.td - Numbers in blocks that share an exponent -------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_RoundBlocksOp : Graph_InferOp<"round_blocks", [DeclareOpInterfaceMethods<LayoutOpInterface, ["buildPermuted"]>]> {
  let summary = "What a microscaling format holds of the numbers along a dim";
  let description = [{
    Blocks of neighbours along `axis` (the last one may be shorter) share a power of two that their largest magnitude
    decides, rounded so (`scale`): down, to the one whose largest element has the magnitude's exponent, or up, to the
    smallest one with which no element is out of range. Elements are rounded to the nearest, ties to even, and
    saturate. A block with an infinity or a NaN is all NaN. lambent/ElementTypes/BlockFormat.h is the table of formats.
    The dim may consist of `groups` equal parts: no block reaches from one into the next.

    C1: format is known; C2: axis is in range; C3: scale is down or up; C4: groups divides the dim's size.
    ```mlir
    %r = graph.round_blocks(%x) {format = "mxfp8", axis = 1 : i64} : (tensor<4x64xf32>) -> tensor<4x64xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input, StrAttr:$format, I64Attr:$axis,
    DefaultValuedStrAttr<StrAttr, "down">:$scale, DefaultValuedAttr<I64Attr, "1">:$groups);
  let results = (outs RankedTensorOf<[F32]>:$result);
  let assemblyFormat = "`(` $input `)` attr-dict `:` functional-type(operands, results)";
}
