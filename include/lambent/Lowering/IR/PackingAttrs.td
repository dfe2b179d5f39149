//===- PackingAttrs.td - How constants lie for the kernels that read them -===//

#ifndef LAMBENT_LOWERING_IR_PACKINGATTRS_TD
#define LAMBENT_LOWERING_IR_PACKINGATTRS_TD

include "lambent/Lowering/IR/LIRBase.td"
include "mlir/IR/AttrTypeBase.td"

def LIR_PackingAttrInterface : AttrInterface<"PackingAttrInterface"> {
  let cppNamespace = "::lambent::lir";
  let description = [{
    How the elements of a lir.weight lie in the packed weights. lib/Lowering/Kernels attaches what carries it out.
  }];
  let methods = [
    InterfaceMethod<"What packs a constant of type `source` into a buffer of type `packed`; failure was reported.",
      "::llvm::FailureOr<std::unique_ptr<::lambent::lir::Packer>>", "createPacker",
      (ins "::mlir::MemRefType":$packed, "::mlir::ShapedType":$source,
           "::llvm::function_ref<::mlir::InFlightDiagnostic()>":$emitError)>,
  ];
}

def LIR_PackingAttr : AttrDef<LIR_Dialect, "Packing"> {
  let mnemonic = "packing";
  let summary = "Elements in another order";
  let description = [{
    packed[i] = source[map(i)], and 0 where that is outside the source.
    ```mlir
    %w = lir.weight dense<1.0> : tensor<8x40xf32> {packing = #lir.packing<(p, k, j) -> (k, p * 32 + j)>} : memref<2x8x32xf32>
    ```
  }];
  let parameters = (ins "::mlir::AffineMap":$map);
  let assemblyFormat = "`<` $map `>`";
  let builders = [AttrBuilderWithInferredContext<(ins "::mlir::AffineMap":$map), [{
    return $_get(map.getContext(), map);
  }]>];
}

def LIR_WinogradPackingAttr : AttrDef<LIR_Dialect, "WinogradPacking"> {
  let mnemonic = "winograd_packing";
  let summary = "A filter as its Winograd transform";
  let description = [{
    A filter [OC, IC, taps y, taps x] of f32 as U [panel][point][IC][column] of F(`tileHeight` x `tileWidth`, taps): see
    kernels::WinogradPacking.
    ```mlir
    %w = lir.weight dense<1.0> : tensor<64x64x3x3xf32> {packing = #lir.winograd_packing<tileHeight = 4, tileWidth = 4>} : memref<2x36x64x32xf32>
    ```
  }];
  let parameters = (ins "int64_t":$tileHeight, "int64_t":$tileWidth);
  let assemblyFormat = "`<` struct(params) `>`";
}

def LIR_SplitPackingAttr : AttrDef<LIR_Dialect, "SplitPacking"> {
  let mnemonic = "split_packing";
  let summary = "f32 panels as sums of bf16 numbers, the rows by pairs";
  let description = [{
    Panels [batch..., panel, K, column] of f32, read by `map` as those of PackingAttr, as bf16
    [batch..., part, panel, K / 2, column, 2]: part 0 is an element rounded, each next one what is left, rounded. Of a
    filter K is `taps` dims of taps before its channels. See kernels::SplitPacking.
    ```mlir
    %w = lir.weight dense<1.0> : tensor<64x40xf32> {packing = #lir.split_packing<(p, k, j) -> (k, p * 32 + j)>} : memref<2x2x32x32x2xbf16>
    ```
  }];
  let parameters = (ins "::mlir::AffineMap":$map, DefaultValuedParameter<"int64_t", "0">:$taps);
  let assemblyFormat = "`<` $map (`,` `taps` `=` $taps^)? `>`";
  let builders = [AttrBuilderWithInferredContext<(ins "::mlir::AffineMap":$map, "int64_t":$taps), [{
    return $_get(map.getContext(), map, taps);
  }]>];
}

def LIR_BitPackingAttr : AttrDef<LIR_Dialect, "BitPacking"> {
  let mnemonic = "bit_packing";
  let summary = "Bytes as their lowest bits, several in a byte";
  let description = [{
    As PackingAttr, of bytes of which the lowest `bits` count: 8 / bits neighbours of the packed array's last dim share a byte,
    the first in the lowest bits. The map takes the index before bytes are shared.
    ```mlir
    %w = lir.weight dense<1> : tensor<40x64xi8> {packing = #lir.bit_packing<(p, k, j, e) -> (p * 32 + j, k * 8 + e), bits = 4>} : memref<2x8x32x4xi8>
    ```
  }];
  let parameters = (ins "::mlir::AffineMap":$map, "int64_t":$bits);
  let assemblyFormat = "`<` $map `,` `bits` `=` $bits `>`";
  let builders = [AttrBuilderWithInferredContext<(ins "::mlir::AffineMap":$map, "int64_t":$bits), [{
    return $_get(map.getContext(), map, bits);
  }]>];
}

def LIR_ShortPackingAttr : AttrDef<LIR_Dialect, "ShortPacking"> {
  let mnemonic = "short_packing";
  let summary = "Panels of bytes whose sums of products fit 16 bits, and extra steps of what does not";
  let description = [{
    Panels of bytes, read by `map` as [outer..., tap..., step..., column, 4] as those of PackingAttr, where `panel` has the
    sizes from tap on. Weights that an unsigned byte's products with `chain` steps of would overflow 16 bits are lowered, and
    what they are more goes to `extra_steps` steps behind the panel: see kernels::ShortPacking.
    ```mlir
    %w = lir.weight dense<1> : tensor<64x32xi8> {packing = #lir.short_packing<(p, k, j, i) -> (k * 4 + i, p * 16 + j), panel = [16, 16, 4], taps = 0, chain = 2, extra_steps = 1>} : memref<2x1152xi8>
    ```
  }];
  let parameters = (ins "::mlir::AffineMap":$map, "::mlir::DenseI64ArrayAttr":$panel, "int64_t":$taps, "int64_t":$chain,
                    "int64_t":$extraSteps);
  let assemblyFormat = "`<` $map `,` `panel` `=` $panel `,` `taps` `=` $taps `,` `chain` `=` $chain `,` `extra_steps` `=` $extraSteps `>`";
  let builders = [AttrBuilderWithInferredContext<(ins "::mlir::AffineMap":$map, "::llvm::ArrayRef<int64_t>":$panel,
                                                      "int64_t":$taps, "int64_t":$chain, "int64_t":$extraSteps), [{
    ::mlir::MLIRContext *context = map.getContext();
    return $_get(context, map, ::mlir::DenseI64ArrayAttr::get(context, panel), taps, chain, extraSteps);
  }]>];
}

def LIR_SparsePackingAttr : AttrDef<LIR_Dialect, "SparsePacking"> {
  let mnemonic = "sparse_packing";
  let summary = "Panels of f32 without the steps whose columns are all zero";
  let description = [{
    Panels [outer..., tap..., k, column], read by `map` as those of PackingAttr, where `panel` has the sizes from tap on. Of
    each the packed buffer has what is not zero of its steps, at most `kept_steps` of all taps, and lists: where each tap's
    begin, and where lhs has what a step multiplies, its indices times `strides`. See kernels::SparsePanel.
    ```mlir
    %w = lir.weight dense<0.0> : tensor<64x32xf32> {packing = #lir.sparse_packing<(p, k, j) -> (k, p * 16 + j), panel = [64, 16], strides = [1], kept_steps = 8>} : memref<2x144xf32>
    ```
  }];
  let parameters = (ins "::mlir::AffineMap":$map, "::mlir::DenseI64ArrayAttr":$panel, "::mlir::DenseI64ArrayAttr":$strides,
                    "int64_t":$keptSteps);
  let assemblyFormat = "`<` $map `,` `panel` `=` $panel `,` `strides` `=` $strides `,` `kept_steps` `=` $keptSteps `>`";
  let builders = [AttrBuilderWithInferredContext<(ins "::mlir::AffineMap":$map, "::llvm::ArrayRef<int64_t>":$panel,
                                                      "::llvm::ArrayRef<int64_t>":$strides, "int64_t":$keptSteps), [{
    ::mlir::MLIRContext *context = map.getContext();
    return $_get(context, map, ::mlir::DenseI64ArrayAttr::get(context, panel),
                 ::mlir::DenseI64ArrayAttr::get(context, strides), keptSteps);
  }]>];
}

def LIR_SparseWinogradPackingAttr : AttrDef<LIR_Dialect, "SparseWinogradPacking"> {
  let mnemonic = "sparse_winograd_packing";
  let summary = "A filter as its Winograd transform, without vectors of no more importance than a threshold";
  let description = [{
    As WinogradPackingAttr in panels of `columns`, of which each keeps `keptSteps` vectors (of a point and an input channel) at
    most, with lists as those of SparsePackingAttr. A threshold of 0 leaves out zeros only. See kernels::SparseWinogradPacking.
    ```mlir
    %w = lir.weight dense<0.0> : tensor<64x64x3x3xf32> {packing = #lir.sparse_winograd_packing<tileHeight = 4, tileWidth = 4, columns = 32, threshold = 0.0 : f64, keptSteps = 8>} : memref<2x304xf32>
    ```
  }];
  let parameters = (ins "int64_t":$tileHeight, "int64_t":$tileWidth, "int64_t":$columns, "::mlir::FloatAttr":$threshold,
                    "int64_t":$keptSteps);
  let assemblyFormat = "`<` struct(params) `>`";
}

def LIR_SparseRowPackingAttr : AttrDef<LIR_Dialect, "SparseRowPacking"> {
  let mnemonic = "sparse_row_packing";
  let summary = "The weights that are not zero, row by row";
  let description = [{
    A constant that `map` reads as [output, channel, tap...], of `depths` channels and taps, as rows of `block` outputs that share
    a pattern, in bytes: lists, then for each weight, or `block` of them, an offset and the weights. Of i8 a weight is a word of 32
    bits, [output, word, tap..., channel]: two channels, widened, or four, the last of `depths`. Offsets follow from
    `channel_bytes`, between channels or words of them, and from those of each tap; `sum_bytes` lie between the sums of two outputs.
    Outputs are cut into `groups`, channels or words into sections of `section`. See kernels::SparseRowPacking.
    ```mlir
    %w = lir.weight dense<1.0> : tensor<64x32xf32> {packing = #lir.sparse_row_packing<(n, k) -> (k, n), outputs = 32, depths = [64], channel_bytes = 256, tap_bytes = [0], section = 64, block = 1, groups = 1, sum_bytes = 256>} : memref<16704xi8>
    ```
  }];
  let parameters = (ins "::mlir::AffineMap":$map, "int64_t":$outputs, "::mlir::DenseI64ArrayAttr":$depths, "int64_t":$channelBytes,
                    "::mlir::DenseI64ArrayAttr":$tapBytes, "int64_t":$section, "int64_t":$block, "int64_t":$groups,
                    "int64_t":$sumBytes);
  let assemblyFormat = [{
    `<` $map `,` `outputs` `=` $outputs `,` `depths` `=` $depths `,` `channel_bytes` `=` $channelBytes `,` `tap_bytes` `=` $tapBytes `,`
    `section` `=` $section `,` `block` `=` $block `,` `groups` `=` $groups `,` `sum_bytes` `=` $sumBytes `>`
  }];
}

#endif
