//===- LIRInterfaces.td - What planning and backends ask of a kernel op ---===//

#ifndef LAMBENT_LOWERING_IR_LIRINTERFACES_TD
#define LAMBENT_LOWERING_IR_LIRINTERFACES_TD

include "mlir/IR/OpBase.td"

def KernelOpInterface : OpInterface<"KernelOpInterface"> {
  let cppNamespace = "::lambent::lir";
  let description = [{
    An op that computes on buffers. Each operand is read (an input, or an operand of its epilogue) or written (an
    output); an output that must keep what it held is `inout` and says so. Every operand holds elements: there is
    nothing to do for an empty result, and what combines no elements is a fill.
  }];
  let verify = [{ return ::lambent::lir::verifyKernel($_op); }];
  let methods = [
    InterfaceMethod<"Number of operands that are only read; they come first, then the outputs.", "unsigned",
      "getNumReads", (ins)>,
    InterfaceMethod<"Whether the outputs' old contents survive where the op does not write (concat, pad).", "bool",
      "isInOut", (ins), [{}], [{ return false; }]>,
    InterfaceMethod<[{
      Whether read operand `index` and the first output may be the same buffer: each element is read by the chunk that
      writes the same element, before it.
    }], "bool", "mayShareBuffer", (ins "unsigned":$index), [{}], [{ return false; }]>,
    InterfaceMethod<[{
      The operands whose first dim is a batch: for each index of it the op computes by itself what lies there in its
      outputs. Empty where there is no such dim.
    }], "::llvm::SmallVector<unsigned>", "getBatchedOperands", (ins), [{}], [{ return {}; }]>,
    InterfaceMethod<"Fits attributes to a batch of `size`, which the batched operands are about to have.", "void",
      "resizeBatch", (ins "int64_t":$size), [{}], [{ (void)size; }]>,
    InterfaceMethod<"The symbols that a run knows once the op is done: the first, and how many.",
      "::lambent::lir::DecidedSymbols", "getDecidedSymbols", (ins), [{}], [{ return {}; }]>,
    InterfaceMethod<"Arithmetic operations, a multiply-add counting two.", "::lambent::Size", "getFlops", (ins), [{}],
      [{ return 0; }]>,
  ];
}

def CallerOpInterface : OpInterface<"CallerOpInterface"> {
  let cppNamespace = "::lambent::lir";
  let description = [{
    An op that the runtime carries out by calling functions of the module. Bodies may call others, but never themselves.
  }];
  let methods = [
    InterfaceMethod<"The functions that it may call.", "::llvm::SmallVector<::mlir::FlatSymbolRefAttr>", "getBodies">,
    InterfaceMethod<"How it calls them.", "::lambent::lir::CallForm", "getCallForm">,
  ];
}

def EpilogueOpInterface : OpInterface<"EpilogueOpInterface"> {
  let cppNamespace = "::lambent::lir";
  let description = [{
    A kernel that applies a scalar region to each result before it is stored: block argument 0 is the result, the
    others are the elements of `epilogue_inputs` at `epilogue_maps` of the output's index. The yielded value is
    stored. An op without epilogue has a region that yields its argument.
  }];
  let methods = [
    InterfaceMethod<"The scalar region.", "::mlir::Region &", "getEpilogueRegion", (ins), [{}],
      [{ return $_op.getEpilogue(); }]>,
    InterfaceMethod<"Extra inputs of the region.", "::mlir::MutableOperandRange", "getEpilogueInputsMutableRange", (ins),
      [{}], [{ return $_op.getEpilogueInputsMutable(); }]>,
    InterfaceMethod<"One map per extra input, from the output's index to the input's.", "::mlir::ArrayAttr",
      "getEpilogueMapList", (ins), [{}], [{ return $_op.getEpilogueMaps(); }]>,
    InterfaceMethod<"Replaces the maps.", "void", "replaceEpilogueMaps", (ins "::mlir::ArrayAttr":$maps), [{}],
      [{ $_op.setEpilogueMapsAttr(maps); }]>,
  ];
}

def ProductOpInterface : OpInterface<"ProductOpInterface"> {
  let cppNamespace = "::lambent::lir";
  let description = [{
    A matrix product with an epilogue: the domain is [batch..., M, N, K], and each of the three maps takes (batch..., m, n, k)
    to the index of lhs, rhs or output. The map of a packed rhs is empty ().
  }];
  let methods = [
    InterfaceMethod<"[batch..., M, N, K].", "::llvm::ArrayRef<::lambent::Size>", "getDomain">,
    InterfaceMethod<"Of lhs, rhs and output.", "::mlir::ArrayAttr", "getMaps">,
    InterfaceMethod<"Replaces the maps.", "void", "setMapsAttr", (ins "::mlir::ArrayAttr":$maps)>,
    InterfaceMethod<"The left operand.", "::mlir::OpOperand &", "getLhsMutable">,
    InterfaceMethod<"The right one, weights where they are constant.", "::mlir::OpOperand &", "getRhsMutable">,
    InterfaceMethod<"The result's buffer.", "::mlir::OpOperand &", "getOutputMutable">,
    InterfaceMethod<"The type of sums.", "::mlir::Type", "getAccumulatorType">,
    InterfaceMethod<"Whether the output may lie as `map` says.", "bool", "mayWriteBy", (ins "::mlir::AffineMap":$map), [{}],
      [{ return true; }]>,
  ];
}

#endif
