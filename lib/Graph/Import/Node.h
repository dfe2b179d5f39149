//===- Node.h - What a handler sees of an ONNX node -------------*- C++ -*-===//
//
// A handler reads operands and attributes and builds graph ops. Failures latch:
// each is reported once, with the operand or attribute that it is about, and
// from then on everything that depends on it is null. So a handler can build
// straight on, and only has to ask `hasFailed` before it looks at a type
// itself.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_NODE_H
#define LAMBENT_LIB_GRAPH_IMPORT_NODE_H

#include "Names.h"
#include "Narrow.h"
#include "Scalar.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Graph/IR/Graph.h"
#include "mlir/IR/Builders.h"
#include "onnx-ml.pb.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringSet.h"

namespace lambent::graph {

class Importer;
struct Scope;

/// Sets of element types, as ONNX's type constraints have them.
enum Kind : unsigned {
  FloatKind = 1,
  SignedKind = 2,
  UnsignedKind = 4,
  BoolKind = 8,
  NarrowKind = 16, ///< f8, f4, int4 and int2, which are converted only
  StringKind = 32,
  LaterStringKind = 64, ///< strings that ONNX takes, and Lambent does not yet
  IntegerKind = SignedKind | UnsignedKind,
  NumberKind = FloatKind | IntegerKind,
  /// All but strings.
  AnyKind = NumberKind | BoolKind | NarrowKind,
  /// Of one that only moves elements.
  MovedKind = AnyKind | StringKind,
};

class Node {
public:
  Node(Importer &importer, Scope &scope, const onnx::NodeProto &proto,
       int64_t opset, mlir::Location loc, llvm::ArrayRef<mlir::Value> inputs);

  llvm::StringRef getOp() const { return proto.op_type(); }
  mlir::Location getLoc() const { return loc; }
  int64_t getOpset() const { return opset; }
  mlir::MLIRContext *getContext() const { return loc.getContext(); }
  mlir::OpBuilder &getBuilder() { return builder; }

  /// Runs the handler. Where it runs out of memory, that is an error.
  mlir::LogicalResult
  run(llvm::function_ref<mlir::LogicalResult(Node &)> handler);

  // Failures. Each returns failure(), so that it can end a handler.

  /// The model is wrong.
  mlir::LogicalResult error(const llvm::Twine &message);
  /// The model is right, but Lambent can't do this yet.
  mlir::LogicalResult
  unsupported(const llvm::Twine &reason,
              const ReportSite &site = ReportSite::current());
  /// Something that must be known at compile time isn't. `operand`, if given,
  /// is where it comes from: an input of the model that it follows from may be
  /// offered. Where no offer would help, `advice` says what would, or else the
  /// open dims are to be bound.
  mlir::LogicalResult
  undetermined(const llvm::Twine &what, mlir::Value operand = {},
               llvm::StringRef advice = "",
               const ReportSite &site = ReportSite::current());
  /// The same for the number of entries of a list: the open dims that it
  /// follows from can be bound, or the list be known.
  mlir::LogicalResult
  undeterminedLength(const llvm::Twine &what, mlir::Value list,
                     const ReportSite &site = ReportSite::current());
  /// Something that it consists of has failed and was reported.
  mlir::LogicalResult abandon() {
    failed = true;
    return mlir::failure();
  }
  bool hasFailed() const { return failed; }

  // Operands.

  unsigned getNumInputs() const { return inputs.size(); }
  bool hasInput(unsigned index) {
    allowInputs(index + 1);
    return index < inputs.size() && inputs[index];
  }
  /// The op has as many inputs as the last one that the handler asks for, or as
  /// are said here. More in a model are an error.
  void allowInputs(unsigned count) { mostInputs = std::max(mostInputs, count); }
  mlir::Value input(unsigned index, llvm::StringRef name,
                    unsigned kinds = AnyKind);
  /// A tensor, a sequence or an optional.
  mlir::Value anyInput(unsigned index, llvm::StringRef name);
  mlir::Value sequenceInput(unsigned index, llvm::StringRef name);
  /// Null when it is absent.
  mlir::Value optionalInput(unsigned index, llvm::StringRef name,
                            unsigned kinds = AnyKind);
  /// All from `first` on.
  llvm::SmallVector<mlir::Value> variadicInputs(unsigned first,
                                                llvm::StringRef name,
                                                unsigned kinds = AnyKind);
  /// An integer input that must be known at compile time.
  llvm::SmallVector<int64_t> constantInts(unsigned index, llvm::StringRef name);
  /// An integer input as i64, that sizes of results follow from.
  mlir::Value indexInput(unsigned index, llvm::StringRef name);
  /// The same list of i64, every entry of which is a size: what is known of it
  /// stays, and what is not, a run decides. `what` is said where even the
  /// number of entries is not known, or where the list follows from inputs of
  /// which the caller has the values, which the next attempt then uses.
  mlir::Value decideSizes(mlir::Value list, const llvm::Twine &what);
  /// Its entries: also of a list that is longer than those that are looked
  /// into.
  mlir::FailureOr<Sizes> listSizes(mlir::Value list, const llvm::Twine &what);
  /// Says that sizes of results follow from the elements of an operand.
  void noteSizeOperand(mlir::Value operand) { sizeOperands.push_back(operand); }
  llvm::ArrayRef<mlir::Value> getSizeOperands() const { return sizeOperands; }

  // Attributes. Without a default the attribute is required.

  bool hasAttribute(llvm::StringRef name);
  int64_t getInt(llvm::StringRef name,
                 std::optional<int64_t> otherwise = std::nullopt);
  /// An int that must lie in [least, most].
  int64_t getIntIn(llvm::StringRef name, std::optional<int64_t> otherwise,
                   int64_t least, int64_t most);
  /// An int that must be 0 or 1.
  bool getBool(llvm::StringRef name, bool otherwise) {
    return getIntIn(name, otherwise, 0, 1) != 0;
  }
  /// A string that must be one of `choices`.
  std::string getChoice(llvm::StringRef name,
                        std::optional<llvm::StringRef> otherwise,
                        llvm::ArrayRef<llvm::StringRef> choices);
  float getFloat(llvm::StringRef name,
                 std::optional<float> otherwise = std::nullopt);
  std::string
  getString(llvm::StringRef name,
            std::optional<llvm::StringRef> otherwise = std::nullopt);
  llvm::SmallVector<int64_t>
  getInts(llvm::StringRef name,
          std::optional<llvm::ArrayRef<int64_t>> otherwise = std::nullopt);
  llvm::SmallVector<float>
  getFloats(llvm::StringRef name,
            std::optional<llvm::ArrayRef<float>> otherwise = std::nullopt);
  llvm::SmallVector<std::string> getStrings(
      llvm::StringRef name,
      std::optional<llvm::ArrayRef<std::string>> otherwise = std::nullopt);
  /// A tensor; one that is sparse is made dense.
  mlir::ElementsAttr getTensor(llvm::StringRef name, bool isSparse = false);
  /// The type that an attribute names, of a tensor, a sequence or an optional.
  mlir::Type getTypeAttribute(llvm::StringRef name);
  /// The element type that an attribute of data types names.
  mlir::Type
  getElementTypeAttribute(llvm::StringRef name,
                          std::optional<int64_t> otherwise = std::nullopt,
                          unsigned kinds = AnyKind);
  /// An axis counted from the front, an error when out of [-rank, rank).
  int64_t normalizeAxis(int64_t axis, int64_t rank);
  /// The same for a list: sorted, without duplicates.
  llvm::SmallVector<int64_t> normalizeAxes(llvm::ArrayRef<int64_t> axes,
                                           int64_t rank);
  /// Attributes that change nothing in inference. All others that no handler
  /// reads are errors.
  void ignoreAttributes(std::initializer_list<llvm::StringRef> names);
  /// The first attribute that nothing has read, or "".
  llvm::StringRef findUnreadAttribute() const;

  // Building. Null when something before has failed.

  /// An op, its type inferred, verified and folded.
  template <typename OpTy, typename... Args>
  mlir::Value create(Args &&...args) {
    if (failed)
      return {};
    mlir::OperationState state(loc, OpTy::getOperationName());
    OpTy::build(builder, state, mlir::Type(), std::forward<Args>(args)...);
    return infer<OpTy>(state).front();
  }
  /// The same for an op with `count` results; all of them, so many nulls when
  /// something has failed.
  template <typename OpTy, typename... Args>
  llvm::SmallVector<mlir::Value> createAll(size_t count, Args &&...args) {
    if (failed)
      return llvm::SmallVector<mlir::Value>(count);
    mlir::OperationState state(loc, OpTy::getOperationName());
    llvm::SmallVector<mlir::Type> unknown(count);
    OpTy::build(builder, state, mlir::TypeRange(unknown),
                std::forward<Args>(args)...);
    return infer<OpTy>(state);
  }
  /// A scalar function mapped over broadcast inputs. f16 and bf16 scalars are
  /// computed in f32.
  mlir::Value
  map(llvm::ArrayRef<mlir::Value> inputs, mlir::Type elementType,
      llvm::function_ref<mlir::Value(Scalar &, llvm::ArrayRef<mlir::Value>)>
          body);
  /// A function from the elements of one value to elements of the same type.
  mlir::Value map(mlir::Value input,
                  llvm::function_ref<mlir::Value(Scalar &, mlir::Value)> body);
  mlir::Value cast(mlir::Value input, mlir::Type elementType,
                   const NarrowRounding &rounding = {});
  /// The same bits as another type of as many.
  mlir::Value bitcast(mlir::Value input, mlir::Type elementType);
  mlir::Value constant(mlir::ElementsAttr value);
  /// A tensor of strings.
  mlir::Value strings(llvm::ArrayRef<std::string> texts,
                      llvm::ArrayRef<int64_t> shape);
  /// What the node asks of integers that it is given: checked here where they
  /// are constants, else left to graph-check-values.
  mlir::LogicalResult require(const ValueRule &rule);
  /// A tensor of i64.
  mlir::Value indices(llvm::ArrayRef<int64_t> values,
                      llvm::ArrayRef<int64_t> shape);
  mlir::Value indices(llvm::ArrayRef<int64_t> values) {
    return indices(values, int64_t(values.size()));
  }
  /// A rank-0 tensor of a number.
  mlir::Value scalar(mlir::Type elementType, double value);
  /// A tensor of numbers, rounded to the element type.
  mlir::Value numbers(mlir::Type elementType, llvm::ArrayRef<double> values,
                      llvm::ArrayRef<int64_t> shape);
  /// Reshapes to the first `kept` dims of the input, open ones too, and then
  /// `dims`, of which one may be -1; 0 is a size like any other.
  mlir::Value reshape(mlir::Value input, llvm::ArrayRef<int64_t> dims,
                      int64_t kept = 0);
  /// To sizes that are all known, open ones too.
  mlir::Value reshapeTo(mlir::Value input, llvm::ArrayRef<Size> sizes);
  /// A list of such sizes; one as a scalar. Both are i64.
  mlir::Value sizeList(llvm::ArrayRef<Size> sizes);
  mlir::Value sizeScalar(const Size &size);
  mlir::Value transpose(mlir::Value input, llvm::ArrayRef<int64_t> perm);
  mlir::Value reduce(mlir::Value input, llvm::StringRef kind,
                     llvm::ArrayRef<int64_t> axes, bool keepDims = true);

  // Results.

  unsigned getNumOutputs() const { return proto.output_size(); }
  /// Whether anything reads the output.
  bool isOutputUsed(unsigned index);
  /// The same as `allowInputs` for outputs that the handler may not ask about.
  void allowOutputs(unsigned count) {
    mostOutputs = std::max(mostOutputs, count);
  }
  /// Reports inputs and outputs that the op does not have.
  void checkCounts();
  mlir::LogicalResult result(mlir::Value value) { return result(0, value); }
  mlir::LogicalResult result(unsigned index, mlir::Value value);
  llvm::ArrayRef<mlir::Value> getResults() const { return results; }

  Importer &getImporter() { return importer; }
  Scope &getScope() { return scope; }
  const onnx::AttributeProto *
  findAttribute(llvm::StringRef name, onnx::AttributeProto::AttributeType type,
                bool required);

private:
  /// Creates the op once `infer` has set its types, as many as there are. Its
  /// results, or as many nulls.
  llvm::SmallVector<mlir::Value>
  finish(mlir::OperationState &state,
         llvm::function_ref<mlir::LogicalResult()> infer);
  template <typename OpTy>
  llvm::SmallVector<mlir::Value> infer(mlir::OperationState &state) {
    return finish(state, [&] {
      return OpTy::inferReturnTypes(
          getContext(), loc, state.operands,
          state.attributes.getDictionary(getContext()),
          state.getRawProperties(), state.regions, state.types);
    });
  }
  bool checkKind(llvm::StringRef name, mlir::Value value, unsigned kinds);

  Importer &importer;
  Scope &scope;
  const onnx::NodeProto &proto;
  int64_t opset;
  mlir::Location loc;
  mlir::OpBuilder &builder;
  llvm::SmallVector<mlir::Value> inputs, results, sizeOperands;
  llvm::StringSet<> readAttributes;
  unsigned mostInputs = 0, mostOutputs = 0;
  bool failed = false;
};

/// The set that an element type belongs to.
Kind getKind(mlir::Type elementType);

/// first, first + 1, ..., last - 1
inline llvm::SmallVector<int64_t> listAxes(int64_t first, int64_t last) {
  return llvm::to_vector(llvm::seq<int64_t>(first, std::max(first, last)));
}

inline mlir::RankedTensorType getType(mlir::Value value) {
  return value ? llvm::cast<mlir::RankedTensorType>(value.getType())
               : mlir::RankedTensorType();
}

} // namespace lambent::graph

#endif
