//===- SequenceOps.td - Sequences and optionals ---------------------------===//

include "lambent/Graph/IR/GraphBase.td"
include "lambent/Graph/IR/SequenceTypes.td"

/// A tensor<i64> with the encoding graph.handle, of a sequence, an optional, or either.
class Graph_Handle<string type, string summary>
    : Type<CPred<"::llvm::isa<" # type # ">(::lambent::graph::getMeaning($_self))">, summary>;
def Graph_Sequence : Graph_Handle<"::lambent::graph::SequenceType", "sequence">;
def Graph_Optional : Graph_Handle<"::lambent::graph::OptionalType", "optional">;
def Graph_List
    : Graph_Handle<"::lambent::graph::SequenceType, ::lambent::graph::OptionalType", "sequence or optional">;
/// A position in a sequence, counted from the end where negative.
def Graph_Position : 0DTensorOf<[I64]>;

class Graph_SequenceFamilyOp<string mnemonic> : Graph_Op<mnemonic> {
  let assemblyFormat = "`(` operands `)` attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Graph_SequenceOp : Graph_SequenceFamilyOp<"sequence"> {
  let summary = "A sequence of these tensors, in this order";
  let description = [{
    C1: each tensor is what the type says of its elements.
    ```mlir
    %s = graph.sequence(%a, %b) : (tensor<2xf32>, tensor<1xf32>) -> tensor<i64, #graph.handle<!graph.sequence<tensor<?xf32>>>>
    ```
  }];
  let arguments = (ins Variadic<Graph_Tensor>:$tensors);
  let results = (outs Graph_Sequence:$result);
}

def Graph_SequenceInsertOp : Graph_SequenceFamilyOp<"sequence_insert"> {
  let summary = "A sequence with one tensor more, before a position";
  let description = [{
    Without a position it is the last one. A position outside [-length, length] ends the run with an error.

    C1: the result's type says no more of its elements than the sequence's and the tensor's.
    ```mlir
    %r = graph.sequence_insert(%s, %x, %p) : (!s, tensor<2xf32>, tensor<i64>) -> !s
    ```
  }];
  let arguments = (ins Graph_Sequence:$sequence, Graph_Tensor:$tensor, Optional<Graph_Position>:$position);
  let results = (outs Graph_Sequence:$result);
}

def Graph_SequenceEraseOp : Graph_SequenceFamilyOp<"sequence_erase"> {
  let summary = "A sequence without one of its tensors";
  let description = [{
    Without a position it is the last one. A position outside [-length, length) ends the run with an error.

    C1: the result's type says no more of its elements than the sequence's.
    ```mlir
    %r = graph.sequence_erase(%s, %p) : (!s, tensor<i64>) -> !s
    ```
  }];
  let arguments = (ins Graph_Sequence:$sequence, Optional<Graph_Position>:$position);
  let results = (outs Graph_Sequence:$result);
}

def Graph_SequenceLengthOp : Graph_SequenceFamilyOp<"sequence_length"> {
  let summary = "How many tensors a sequence has; 0 or 1 of an optional";
  let description = [{
    ```mlir
    %n = graph.sequence_length(%s) : (!s) -> tensor<i64>
    ```
  }];
  let arguments = (ins Graph_List:$list);
  let results = (outs Graph_Position:$result);
  let hasVerifier = 0;
}

def Graph_SequenceShapeOp : Graph_SequenceFamilyOp<"sequence_shape"> {
  let summary = "The dims of a tensor of a sequence or optional";
  let description = [{
    Without a position it is the last one. A position outside [-length, length), or a tensor that is not what the list's
    type says, ends the run with an error.

    C1: the type says the rank of the tensors, which is the number of dims.
    ```mlir
    %d = graph.sequence_shape(%s, %p) : (!s, tensor<i64>) -> tensor<2xi64>
    ```
  }];
  let arguments = (ins Graph_List:$list, Optional<Graph_Position>:$position);
  let results = (outs Graph_IndexTensor:$result);
}

def Graph_SequenceAtOp : Graph_SequenceFamilyOp<"sequence_at"> {
  let summary = "A tensor of a sequence or optional, of a shape that graph.sequence_shape gave";
  let description = [{
    Without a position it is the last one.

    C1: the result is what the list's type says of its tensors, or more.
    ```mlir
    %x = graph.sequence_at(%s, %p) : (!s, tensor<i64>) -> tensor<?x3xf32, #graph.sizes<[s1, 3]>>
    ```
  }];
  let arguments = (ins Graph_List:$list, Optional<Graph_Position>:$position);
  let results = (outs Graph_Tensor:$result);
}

def Graph_SequenceConcatShapeOp : Graph_SequenceFamilyOp<"sequence_concat_shape"> {
  let summary = "The dims of a sequence's tensors, one behind the other along an axis";
  let description = [{
    With `new_axis`, they are stacked along one that they do not have. A sequence without tensors, or of some that do
    not fit each other, ends the run with an error.

    C1: the sequence's type says the rank; axis is one of the result's dims, of which there are so many.
    ```mlir
    %d = graph.sequence_concat_shape(%s) {axis = 0 : i64, new_axis = false} : (!s) -> tensor<2xi64>
    ```
  }];
  let arguments = (ins Graph_Sequence:$sequence, I64Attr:$axis, BoolAttr:$new_axis);
  let results = (outs Graph_IndexTensor:$result);
}

def Graph_SequenceConcatOp : Graph_SequenceFamilyOp<"sequence_concat"> {
  let summary = "A sequence's tensors, one behind the other, of a shape that graph.sequence_concat_shape gave";
  let description = [{
    C1: as there.
    ```mlir
    %x = graph.sequence_concat(%s) {axis = 0 : i64, new_axis = false} : (!s) -> tensor<?x3xf32, #graph.sizes<[s1, 3]>>
    ```
  }];
  let arguments = (ins Graph_Sequence:$sequence, I64Attr:$axis, BoolAttr:$new_axis);
  let results = (outs Graph_Tensor:$result);
}

def Graph_SequenceSplitOp : Graph_SequenceFamilyOp<"sequence_split"> {
  let summary = "A sequence of a tensor's parts along an axis, of one size but for the last, or of several";
  let description = [{
    A list of sizes is one for each part. Without `keep_dim` the axis is dropped. A size below 1, or without `keep_dim`
    another than 1, ends the run with an error; so do sizes in a list that are below 0 or do not make up the dim.

    C1: axis is one of the tensor's.
    ```mlir
    %s = graph.sequence_split(%x, %n) {axis = 0 : i64, keep_dim = true} : (tensor<?x3xf32>, tensor<i64>) -> !s
    ```
  }];
  let arguments = (ins Graph_Tensor:$input, AnyTypeOf<[Graph_Position, Graph_IndexTensor]>:$size, I64Attr:$axis, BoolAttr:$keep_dim);
  let results = (outs Graph_Sequence:$result);
}

def Graph_OptionalOp : Graph_SequenceFamilyOp<"optional"> {
  let summary = "An optional with this value, or without one";
  let description = [{
    C1: the value is of the type that the result's type names, or of one that says more.
    ```mlir
    %o = graph.optional(%x) : (tensor<4xf32>) -> tensor<i64, #graph.handle<!graph.optional<tensor<4xf32>>>>
    ```
  }];
  let arguments = (ins Optional<Graph_Tensor>:$value);
  let results = (outs Graph_Optional:$result);
}

def Graph_OptionalSequenceOp : Graph_SequenceFamilyOp<"optional_sequence"> {
  let summary = "The sequence of an optional";
  let description = [{
    Where it has none the run ends with an error. (A tensor of an optional is read by graph.sequence_at.)

    C1: the result's type says no more than the optional's.
    ```mlir
    %s = graph.optional_sequence(%o) : (!o) -> !s
    ```
  }];
  let arguments = (ins Graph_Optional:$optional);
  let results = (outs Graph_Sequence:$result);
}
