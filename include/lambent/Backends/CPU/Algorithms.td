//===- Algorithms.td - The ways in which the CPU backend computes an op ---===//

#ifndef LAMBENT_BACKENDS_CPU_ALGORITHMS_TD
#define LAMBENT_BACKENDS_CPU_ALGORITHMS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"

def CPU_Dialect : Dialect {
  let name = "cpu";
  let cppNamespace = "::lambent::cpu";
  let summary = "Algorithms of kernels on CPUs: attributes only";
  let useDefaultAttributePrinterParser = 1;
}

def CPU_AlgorithmAttrInterface : AttrInterface<"AlgorithmAttrInterface"> {
  let cppNamespace = "::lambent::cpu";
  let description = [{
    The `algorithm` of a lir op that can be computed in several ways: what cpu-select-algorithms chose. Nothing that it
    says is decided again.
  }];
  let methods = [
    InterfaceMethod<"As CPUKernelOpInterface's, of an op that has this algorithm.", "::llvm::LogicalResult", "emitKernel",
      (ins "::mlir::Operation *":$op, "::lambent::cpu::KernelBuilder &":$builder)>,
    InterfaceMethod<"The same.", "::lambent::Size", "getNumChunks",
      (ins "::mlir::Operation *":$op, "const ::lambent::cpu::TargetInfo &":$target)>,
    InterfaceMethod<"The same.", "::lambent::Size", "getNumStages",
      (ins "::mlir::Operation *":$op, "const ::lambent::cpu::TargetInfo &":$target), [{}], [{ return 1; }]>,
    InterfaceMethod<"The same.", "::lambent::Size", "getScratchBytes",
      (ins "::mlir::Operation *":$op, "const ::lambent::cpu::TargetInfo &":$target)>,
    InterfaceMethod<"The same.", "std::string", "describeKernel",
      (ins "::mlir::Operation *":$op, "const ::lambent::cpu::TargetInfo &":$target)>,
    InterfaceMethod<"Elements of the op's room for what all of its chunks share, which cpu-select-algorithms gives it; 0 for none.",
      "int64_t", "getWorkspaceElements", (ins "::mlir::Operation *":$op, "const ::lambent::cpu::TargetInfo &":$target),
      [{}], [{ (void)op; (void)target; return 0; }]>,
    InterfaceMethod<"The feature of CPUs that its instructions on tiles of matrices need, beside amx-tile; empty where it has none.",
      "::llvm::StringRef", "getTileFeature", (ins "::mlir::Operation *":$op), [{}], [{ (void)op; return ""; }]>,
    InterfaceMethod<"Lays the op's constants out as its kernel reads them.", "void", "packConstants",
      (ins "::mlir::Operation *":$op, "const ::lambent::cpu::TargetInfo &":$target,
           "::lambent::cpu::WeightPacker &":$packer), [{}], [{ (void)packer; }]>,
  ];
}

class CPU_Algorithm<string name, string keyword, list<string> methods = []> : AttrDef<CPU_Dialect, name,
    [DeclareAttrInterfaceMethods<CPU_AlgorithmAttrInterface, methods>]> {
  let mnemonic = keyword;
  // What follows from the plan (Kernels/AlgorithmPlans.h).
  let extraClassDefinition = [{
    ::lambent::Size $cppClass::getNumChunks(::mlir::Operation *op, const ::lambent::cpu::TargetInfo &target) const {
      return planKernel(*this, op, target).getNumChunks();
    }
    ::lambent::Size $cppClass::getScratchBytes(::mlir::Operation *op, const ::lambent::cpu::TargetInfo &target) const {
      return planKernel(*this, op, target).getScratchBytes();
    }
    std::string $cppClass::describeKernel(::mlir::Operation *op, const ::lambent::cpu::TargetInfo &target) const {
      return planKernel(*this, op, target).describe();
    }
  }];
}

/// One that computes register tiles of `rows` x `columns`.
class CPU_TileAlgorithm<string name, string keyword, list<string> methods = []>
    : CPU_Algorithm<name, keyword, methods> {
  let parameters = (ins "int64_t":$rows, "int64_t":$columns);
  let assemblyFormat = "`<` struct(params) `>`";
}

def CPU_PanelsAttr : CPU_TileAlgorithm<"Panels", "panels", ["packConstants"]> {
  let summary = "A product whose constant rhs was packed as panels [batch or 1 ..., N / columns, K, columns]";
}

/// One of bytes whose products are added up in 16 bits: `chain` steps behind one another, and `extraSteps` steps at most of
/// what is split off of a panel's weights for that (kernels::ShortPacking).
class CPU_ShortAlgorithm<string name, string keyword> : CPU_TileAlgorithm<name, keyword, ["packConstants"]> {
  let parameters = (ins "int64_t":$rows, "int64_t":$columns, "int64_t":$chain, "int64_t":$extraSteps);
}

def CPU_ShortPanelsAttr : CPU_ShortAlgorithm<"ShortPanels", "short_panels"> {
  let summary = "A product of bytes with sums of 16 bits, whose constant rhs was packed by lir.short_packing";
}

def CPU_ShortConvAttr : CPU_ShortAlgorithm<"ShortConv", "short_conv"> {
  let summary = "A direct convolution of bytes with sums of 16 bits, whose constant filter was packed by lir.short_packing";
}

/// One whose constant was packed by lir.sparse_packing: `keptSteps` of a panel at most.
class CPU_SparseAlgorithm<string name, string keyword> : CPU_TileAlgorithm<name, keyword, ["packConstants"]> {
  let parameters = (ins "int64_t":$rows, "int64_t":$columns, "int64_t":$keptSteps);
}

def CPU_SparsePanelsAttr : CPU_SparseAlgorithm<"SparsePanels", "sparse_panels"> {
  let summary = "A product by panels of the rhs without the steps of k whose columns are all zero";
}

def CPU_SparseGemmAttr : CPU_SparseAlgorithm<"SparseGemm", "sparse_gemm"> {
  let summary = "A direct convolution by panels without the input channels and taps whose output channels are all zero";
}

def CPU_CodedPanelsAttr : CPU_TileAlgorithm<"CodedPanels", "coded_panels", ["packConstants"]> {
  let summary = "A product whose rhs holds integers of few bits, packed as panels [N / columns, K, columns], several k in 32 bits";
}

def CPU_CodedDigitsAttr : CPU_TileAlgorithm<"CodedDigits", "coded_digits", ["packConstants"]> {
  let summary = "The same for few rows, which are written as three digits of 8 bits and multiplied by dot steps";
}

def CPU_BlockPanelsAttr : CPU_TileAlgorithm<"BlockPanels", "block_panels", ["packConstants"]> {
  let summary = "A product of blocks of integers, rhs packed as panels [N / columns, K / 4, columns, 4], or of two codes a byte";
}

def CPU_RegisterTilesAttr : CPU_TileAlgorithm<"RegisterTiles", "register_tiles"> {
  let summary = "A product whose operands are read where they are, or packed as it runs";
}

/// One whose operands are sums of `parts` numbers of bf16, multiplied by a tile unit.
class CPU_SplitAlgorithm<string name, string keyword, list<string> methods = []>
    : CPU_Algorithm<name, keyword, methods # ["getTileFeature"]> {
  let assemblyFormat = "`<` struct(params) `>`";
}

def CPU_SplitTilesAttr : CPU_SplitAlgorithm<"SplitTiles", "split_tiles", ["packConstants"]> {
  let summary = "A product of f32 by a tile unit for bf16, each operand the sum of `parts` numbers of that type";
  let description = [{
    The rhs is constant, packed by lir.split_packing; lhs is split as it runs. A chunk in which the largest magnitude of
    a row of lhs is not in [2^leastExponent, 2^mostExponent), nor 0, is multiplied in f32.
  }];
  let parameters = (ins "int64_t":$parts, "int64_t":$leastExponent, "int64_t":$mostExponent);
}

def CPU_NarrowTilesAttr : CPU_Algorithm<"NarrowTiles", "narrow_tiles", ["packConstants", "getTileFeature"]> {
  let summary = "A product by a tile unit for its elements: unsigned and signed bytes with sums of i32, or bf16 with sums of f32";
  let description = [{
    The rhs is constant, packed as [batch or 1 ..., 1, N / 32, K / 4, 32, 4], of bf16 [..., K / 2, 32, 2], and filled up
    with zeros to whole tiles; rows of lhs are copied into tiles as it runs.
  }];
}

def CPU_SplitConvAttr : CPU_SplitAlgorithm<"SplitConv", "split_conv", ["packConstants"]> {
  let summary = "A convolution of f32 by a tile unit for bf16, each operand the sum of `parts` numbers of that type";
  let description = [{
    The filter is constant, packed by lir.split_packing; the input is split as it runs. A chunk in which the largest
    magnitude of a pixel's channels is not in [2^leastExponent, 2^mostExponent), nor 0, is multiplied in f32.
  }];
  let parameters = (ins "int64_t":$parts, "int64_t":$leastExponent, "int64_t":$mostExponent);
}

def CPU_SplitAttentionAttr : CPU_SplitAlgorithm<"SplitAttention", "split_attention"> {
  let summary = "Attention of f32 by a tile unit for bf16, each operand the sum of `parts` numbers of that type";
  let description = [{
    All operands are split as it runs. A chunk in which the largest magnitude of a row of query or key, or of a column of
    value, is not in [2^-40, 2^40), nor 0, is computed in f32.
  }];
  let parameters = (ins "int64_t":$parts);
}

def CPU_NarrowConvAttr : CPU_Algorithm<"NarrowConv", "narrow_conv", ["packConstants", "getTileFeature"]> {
  let summary = "A convolution by a tile unit for its elements: unsigned by signed bytes with sums of i32, or bf16 with sums of f32";
  let description = [{
    The filter is constant, packed as [1, outputs / 32, taps..., channels / 4, 32, 4], of bf16 [..., channels / 2, 32, 2],
    and filled up with zeros to whole tiles.
  }];
}

/// One of weights of f32 or i8 of which many are zero, packed by lir.sparse_row_packing: vectors run along pixels (rows of a product),
/// tiles are `block` outputs that share a pattern times `vectors` vectors. What is added up is cut into sections of `section`
/// words of channels (SparseWord), outputs into `groups`, and there is room for `entries` blocks.
class CPU_SparseRowsAlgorithm<string name, string keyword> : CPU_Algorithm<name, keyword, ["packConstants"]> {
  let parameters = (ins "int64_t":$block, "int64_t":$vectors, "int64_t":$section, "int64_t":$groups, "int64_t":$entries);
  let assemblyFormat = "`<` struct(params) `>`";
}

def CPU_SparseRowsAttr : CPU_SparseRowsAlgorithm<"SparseRows", "sparse_rows"> {
  let summary = "A product that multiplies by the weights that are not zero, one after the other";
}

def CPU_SparseConvAttr : CPU_SparseRowsAlgorithm<"SparseConv", "sparse_conv"> {
  let summary = "A direct convolution that multiplies by the weights that are not zero, one after the other";
}

def CPU_ScalarAttr : CPU_Algorithm<"Scalar", "scalar"> {
  let summary = "A product one result at a time: the output's last dim is neither m nor n";
}

def CPU_ImplicitGemmAttr : CPU_TileAlgorithm<"ImplicitGemm", "implicit_gemm", ["packConstants"]> {
  let summary = "A direct convolution: pixels of a row times a panel of output channels";
  let parameters = (ins "int64_t":$rows, "int64_t":$columns, DefaultValuedParameter<"bool", "false">:$packed);
}

def CPU_DepthwiseAttr : CPU_TileAlgorithm<"Depthwise", "depthwise", ["packConstants"]> {
  let summary = "A convolution of each channel by itself, vectors along channels";
  let parameters = (ins "int64_t":$rows, "int64_t":$columns, DefaultValuedParameter<"bool", "false">:$packed);
}

class CPU_WinogradAlgorithm<string name, string keyword>
    : CPU_TileAlgorithm<name, keyword, ["getNumStages", "getWorkspaceElements", "packConstants"]>;

def CPU_WinogradAttr : CPU_WinogradAlgorithm<"Winograd", "winograd"> {
  let summary = "A convolution by Winograd's F(tileHeight x tileWidth, taps): products of `rows` tiles and `columns` channels";
  let parameters = (ins "int64_t":$rows, "int64_t":$columns, "int64_t":$tileHeight, "int64_t":$tileWidth);
}

def CPU_SparseWinogradAttr : CPU_WinogradAlgorithm<"SparseWinograd", "sparse_winograd"> {
  let summary = "The same by panels without the input channels that a point needs not, packed by lir.sparse_winograd_packing";
  let description = [{
    Vectors of the transformed filter, of one point, input channel and panel, are left out where their importance
    (kernels::SparseWinogradPacking) is `threshold` or less.
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$columns, "int64_t":$tileHeight, "int64_t":$tileWidth,
                    "int64_t":$keptSteps, "::mlir::FloatAttr":$threshold);
}

def CPU_RecurrentPanelsAttr : CPU_Algorithm<"RecurrentPanels", "recurrent_panels", ["getNumStages", "packConstants"]> {
  let summary = "Steps of a recurrent layer on weights packed as panels, the gates of a unit side by side";
  let description = [{
    With `digits` states are written as three digits of 8 bits, which dot steps multiply by weights of bytes.
  }];
  let parameters = (ins "int64_t":$columns, DefaultValuedParameter<"bool", "false">:$digits);
  let assemblyFormat = "`<` struct(params) `>`";
}

#endif
