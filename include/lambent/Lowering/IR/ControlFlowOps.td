//===- ControlFlowOps.td - Functions that a run decides to call -----------===//

include "lambent/Lowering/IR/LIRBase.td"
include "mlir/IR/SymbolInterfaces.td"

def LIR_SlotOp : LIR_Op<"slot"> {
  let summary = "What a call results in, wherever the runtime keeps it";
  let description = [{
    Its memory is no part of the arena, and there from the call that writes it on. `index` is its number among those of
    the function, set by lir-plan-memory.
    ```mlir
    %s = lir.slot {index = 0 : i64} : memref<4xf32>
    ```
  }];
  let arguments = (ins OptionalAttr<I64Attr>:$index);
  let results = (outs Res<LIR_Buffer, "", [MemAlloc]>:$result);
  let assemblyFormat = "attr-dict `:` type($result)";
  let builders = [OpBuilder<(ins "::mlir::MemRefType":$type), "build($_builder, $_state, type, ::mlir::IntegerAttr());">];
}

/// An op that the runtime carries out: it calls private functions of the module, the op's bodies, and writes slots. It has
/// no kernel. The symbols of the function around it are the first symbols of each body.
class LIR_CallOp<string mnemonic> : LIR_KernelOp<mnemonic, [AttrSizedOperandSegments, DeclareOpInterfaceMethods<CallerOpInterface>,
    DeclareOpInterfaceMethods<SymbolUserOpInterface>], ["getDecidedSymbols"]>;

def LIR_IfOp : LIR_CallOp<"if"> {
  let summary = "slots = then(captures) or else(captures)";
  let description = [{
    It decides the symbols `first_symbol` and so on, `num_symbols` of them: whole sizes of dims of the slots.

    C1: the condition is one bool. C2: operands are dense. C3: outputs are slots. C4: the branches are functions.
    ```mlir
    lir.if @then0, @else0 ins(%c, %x : memref<i1>, memref<4xf32>) outs(%s : memref<4xf32>)
    ```
  }];
  let arguments = (ins Arg<LIR_Buffer, "", [MemRead]>:$condition, Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$captures,
    Arg<Variadic<LIR_Buffer>, "", [MemWrite]>:$outputs, FlatSymbolRefAttr:$then_branch, FlatSymbolRefAttr:$else_branch,
    DefaultValuedAttr<I64Attr, "0">:$first_symbol, DefaultValuedAttr<I64Attr, "0">:$num_symbols);
  let assemblyFormat = [{
    $then_branch `,` $else_branch `ins` `(` $condition (`,` $captures^)? `:` type($condition) (`,` type($captures)^)? `)`
    (`outs` `(` $outputs^ `:` type($outputs) `)`)? attr-dict
  }];
}

def LIR_LoopOp : LIR_CallOp<"loop"> {
  let summary = "slots = body(body(...)): what is carried at the end, then stacks of slices";
  let description = [{
    The body takes the number of the iteration, the condition, what is carried and the captures; it gives the condition,
    what is carried, and slices, which the runtime stacks. As in graph.loop.

    C1: trip is an i64, the condition a bool. C2: operands are dense. C3: outputs are slots. C4: the body is a function.
    ```mlir
    lir.loop @loop0 trip(%n : memref<i64>) carried(%zero : memref<4xf32>) captures(%x : memref<4xf32>)
      outs(%s : memref<4xf32>)
    ```
  }];
  let arguments = (ins Arg<Optional<LIR_Buffer>, "", [MemRead]>:$trip, Arg<Optional<LIR_Buffer>, "", [MemRead]>:$condition,
    Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$carried, Arg<Variadic<LIR_Buffer>, "", [MemRead]>:$captures,
    Arg<Variadic<LIR_Buffer>, "", [MemWrite]>:$outputs, FlatSymbolRefAttr:$body,
    DefaultValuedAttr<I64Attr, "0">:$first_symbol, DefaultValuedAttr<I64Attr, "0">:$num_symbols);
  let assemblyFormat = [{
    $body (`trip` `(` $trip^ `:` type($trip) `)`)? (`while` `(` $condition^ `:` type($condition) `)`)?
    (`carried` `(` $carried^ `:` type($carried) `)`)? (`captures` `(` $captures^ `:` type($captures) `)`)?
    (`outs` `(` $outputs^ `:` type($outputs) `)`)? attr-dict
  }];
}
