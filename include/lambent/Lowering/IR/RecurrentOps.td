//===- RecurrentOps.td - Recurrent layers ---------------------------------===//

include "lambent/Lowering/IR/LIRBase.td"

def LIR_RecurrentOp : LIR_KernelOp<"recurrent", [AttrSizedOperandSegments]> {
  let summary = "The steps of a layer of RNN, GRU or LSTM cells";
  let description = [{
    What is computed is graph.recurrent's. `weights` are [dirs, G * hidden, hidden], or packed as the backend has them,
    of rank 5; of i8, where they have scales, of rank 6. Each activation is a region from scalar to scalar: one for each of the cell's functions, or for each
    function and direction.

    Outputs that nobody reads are absent. `hidden` holds the states of the last two steps [2, dirs, batch, hidden] and
    `state`, while the layer runs, an lstm's cell state [dirs, batch, hidden], which is the last one in the end. A gru
    that resets its hidden state keeps the reset one and the update gate there [2, dirs, batch, hidden].

    C1: cell and direction are known ones. C2: sizes agree. C3: as many activations as the cell has.
    C4: an activation takes and yields a scalar of the states' type.
    ```mlir
    lir.recurrent ins(%g, %r : memref<5x2x4xf32>, memref<1x4x4xf32>) sequence(%y : memref<5x1x2x4xf32>)
      hidden(%h : memref<2x1x2x4xf32>) {cell = "rnn", direction = "forward"} activations {
    ^bb0(%x: f32):
      %t = math.tanh %x : f32
      lir.yield %t : f32
    }
    ```
  }];
  let arguments = (ins Arg<LIR_FloatBuffer, "", [MemRead]>:$gates, Arg<LIR_Buffer, "", [MemRead]>:$weights,
    Arg<Optional<LIR_FloatBuffer>, "", [MemRead]>:$scales,
    Arg<Optional<LIR_FloatBuffer>, "", [MemRead]>:$candidate_bias, Arg<Optional<LIR_Buffer>, "", [MemRead]>:$lengths,
    Arg<Optional<LIR_FloatBuffer>, "", [MemRead]>:$initial_hidden, Arg<Optional<LIR_FloatBuffer>, "", [MemRead]>:$initial_cell,
    Arg<Optional<LIR_FloatBuffer>, "", [MemRead]>:$peepholes, Arg<Optional<LIR_FloatBuffer>, "", [MemWrite]>:$sequence,
    Arg<Optional<LIR_FloatBuffer>, "", [MemWrite]>:$last_hidden, Arg<LIR_FloatBuffer, "", [MemRead, MemWrite]>:$hidden,
    Arg<Optional<LIR_FloatBuffer>, "", [MemRead, MemWrite]>:$state, StrAttr:$cell, StrAttr:$direction,
    OptionalAttr<F32Attr>:$clip, DefaultValuedAttr<BoolAttr, "false">:$linear_before_reset,
    DefaultValuedAttr<BoolAttr, "false">:$input_forget, OptionalAttr<AnyAttr>:$algorithm);
  let regions = (region VariadicRegion<SizedRegion<1>>:$activations);
  let assemblyFormat = [{
    `ins` `(` $gates `,` $weights `:` type($gates) `,` type($weights) `)`
    (`scales` `(` $scales^ `:` type($scales) `)`)? (`candidate_bias` `(` $candidate_bias^ `:` type($candidate_bias) `)`)? (`lengths` `(` $lengths^ `:` type($lengths) `)`)?
    (`initial_hidden` `(` $initial_hidden^ `:` type($initial_hidden) `)`)?
    (`initial_cell` `(` $initial_cell^ `:` type($initial_cell) `)`)? (`peepholes` `(` $peepholes^ `:` type($peepholes) `)`)?
    (`sequence` `(` $sequence^ `:` type($sequence) `)`)? (`last_hidden` `(` $last_hidden^ `:` type($last_hidden) `)`)?
    `hidden` `(` $hidden `:` type($hidden) `)` (`state` `(` $state^ `:` type($state) `)`)? attr-dict `activations` $activations
  }];
  let extraClassDeclaration = [{
    /// Gates of a cell, and its functions.
    int64_t getNumGates();
    int64_t getNumFunctions();
    int64_t getNumDirections();
    /// Whether a gru's candidate is a product with the reset hidden state, and so waits for the reset gate.
    bool resetsHidden();
    /// Activation `index` of a direction.
    ::mlir::Region &getActivation(int64_t index, int64_t direction);
  }];
}
