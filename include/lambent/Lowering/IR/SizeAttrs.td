//===- SizeAttrs.td - Sizes of domains and of buffers with open dims ------===//

#ifndef LAMBENT_LOWERING_IR_SIZEATTRS_TD
#define LAMBENT_LOWERING_IR_SIZEATTRS_TD

include "lambent/Lowering/IR/LIRBase.td"
include "mlir/IR/AttrTypeBase.td"

def LIR_SizesAttr : AttrDef<LIR_Dialect, "Sizes"> {
  let mnemonic = "sizes";
  let summary = "The sizes of a domain's dims: numbers, or expressions in the model's symbols";
  let parameters = (ins ArrayRefParameter<"::lambent::Size">:$sizes);
  let hasCustomAssemblyFormat = 1;
}

def LIR_LayoutAttr : AttrDef<LIR_Dialect, "Layout", [DeclareAttrInterfaceMethods<MemRefLayoutAttrInterface,
    ["isIdentity", "verifyLayout", "getStridesAndOffset"]>]> {
  let mnemonic = "layout";
  let summary = "The sizes of a buffer with open dims, and where it is a part the place of its elements";
  let description = [{
    The layout of a memref type whose dims are open: which size each `?` stands for. Symbol `s0` is the first entry of
    `lir.symbols` on the function. A part has strides and an offset, in elements, as a strided layout has.

    C1: one size per dim; numbers are the static dims. C2: strides, where there are any, one per dim.
    ```mlir
    memref<?x768xf32, #lir.layout<[s0 * s1, 768]>>
    memref<?x64xf32, #lir.layout<[s0, 64], strides: [s1 * 64, 1], offset: s1>>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::lambent::Size">:$sizes, ArrayRefParameter<"::lambent::Size">:$strides,
                        "::lambent::Size":$offset);
  let hasCustomAssemblyFormat = 1;
}

/// A list of sizes that an op prints as [4, s0].
def LIR_Sizes : Attr<CPred<"::llvm::isa<::lambent::lir::SizesAttr>($_self)">, "list of sizes"> {
  let storageType = "::lambent::lir::SizesAttr";
  let returnType = "::llvm::ArrayRef<::lambent::Size>";
  let convertFromStorage = "$_self.getSizes()";
  let constBuilderCall = "::lambent::lir::SizesAttr::get($_builder.getContext(), $0)";
}

#endif
