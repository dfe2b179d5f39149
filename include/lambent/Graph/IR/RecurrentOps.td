//===- RecurrentOps.td - Recurrent layers ---------------------------------===//

include "lambent/Graph/IR/GraphBase.td"

def Graph_RecurrentOp : Graph_InferResultsOp<"recurrent", [AttrSizedOperandSegments]> {
  let summary = "A layer of RNN, GRU or LSTM cells over a sequence, its input products given";
  let description = [{
    `gates` [seq, batch, dirs * G * hidden] is, for each direction and gate, the product of the inputs with the gate's
    weights and all biases: it depends on no step before, so that it is one product over the whole sequence. G and the
    gates' order are ONNX's: rnn 1, gru 3 (z, r, h), lstm 4 (i, o, f, c). `weights` [dirs, G * hidden, hidden] multiply
    the hidden state; with `scales` [dirs, G * hidden] they are i8, and each row's numbers are its integers times its
    scale. `lengths` [batch] cut each sequence: what follows is 0 in `sequence` and leaves the states as
    they are; the reverse direction begins at a sequence's own end. Initial states [dirs, batch, hidden] are 0 where
    absent. `peepholes` [dirs, 3 * hidden] (i, o, f) are for lstm.

    activations, alphas and betas hold one entry for each of a cell's functions (rnn 1, gru 2, lstm 3) and direction;
    they are named as in ONNX. With `clip` their arguments are cut to [-clip, clip]. With `linear_before_reset` a gru
    resets the product of its candidate, with `candidate_bias` [dirs, hidden] added to it, and not the hidden state.
    `input_forget` couples an lstm's forget gate to its input gate.

    Results: the hidden states of all steps [seq, dirs, batch, hidden], the last ones [dirs, batch, hidden] and, for
    lstm, the last cell states.

    C1: cell, direction and activations are known ones, and as many as they must be. C2: only the operands that the
    cell has. C3: sizes agree; hidden and dirs are known. C4: all floats are of one type, and weights are too unless
    they have scales.
    ```mlir
    %y, %h = graph.recurrent(%g, %r) {cell = "gru", direction = "forward", activations = ["Sigmoid", "Tanh"], alphas = array<f32: 0.0, 0.0>,
      betas = array<f32: 0.0, 0.0>} : (tensor<5x2x12xf32>, tensor<1x12x4xf32>) -> (tensor<5x1x2x4xf32>, tensor<1x2x4xf32>)
    ```
  }];
  let arguments = (ins Graph_FloatTensor:$gates, Graph_Tensor:$weights, Optional<Graph_FloatTensor>:$scales,
    Optional<Graph_FloatTensor>:$candidate_bias,
    Optional<Graph_Tensor>:$lengths, Optional<Graph_FloatTensor>:$initial_hidden, Optional<Graph_FloatTensor>:$initial_cell,
    Optional<Graph_FloatTensor>:$peepholes, StrAttr:$cell, StrAttr:$direction, StrArrayAttr:$activations,
    DenseF32ArrayAttr:$alphas, DenseF32ArrayAttr:$betas, OptionalAttr<F32Attr>:$clip,
    DefaultValuedAttr<BoolAttr, "false">:$linear_before_reset, DefaultValuedAttr<BoolAttr, "false">:$input_forget);
  let results = (outs Graph_FloatTensor:$sequence, Graph_FloatTensor:$last_hidden, Optional<Graph_FloatTensor>:$last_cell);
  let hasFolder = 1;
  let assemblyFormat = [{
    `(` $gates `,` $weights (`scales` $scales^)? (`candidate_bias` $candidate_bias^)? (`lengths` $lengths^)? (`hidden` $initial_hidden^)?
    (`cell` $initial_cell^)? (`peepholes` $peepholes^)? `)` attr-dict `:` functional-type(operands, results)
  }];
}
