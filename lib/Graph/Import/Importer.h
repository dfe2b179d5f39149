//===- Importer.h - The walk over a model's graph ---------------*- C++ -*-===//

#ifndef LAMBENT_LIB_GRAPH_IMPORT_IMPORTER_H
#define LAMBENT_LIB_GRAPH_IMPORT_IMPORTER_H

#include "Assumptions.h"
#include "Body.h"
#include "Offers.h"
#include "OpTable.h"
#include "Strings.h"
#include "Tensor.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Graph/IR/Sizes.h"
#include "lambent/Graph/Import/ModelFile.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/StringSet.h"

namespace lambent::graph {

/// The values of a graph by name. A null value stands for one whose node
/// failed: what reads it is skipped.
struct Scope {
  /// The graph around a subgraph; its names are visible inside. Null for the
  /// model's graph and for functions.
  Scope *parent = nullptr;
  /// The function that the subgraph becomes: what the graph around it names is
  /// captured. Null where the nodes are imported in place.
  Body *body = nullptr;
  llvm::StringMap<mlir::Value> values;
  /// Inputs of a function that the calling node leaves out.
  llvm::StringSet<> absent;
  llvm::StringMap<const onnx::TensorProto *> initializers;
  llvm::StringMap<const onnx::SparseTensorProto *> sparseInitializers;
  bool hasInitializer(llvm::StringRef name) const {
    return initializers.contains(name) || sparseInitializers.contains(name);
  }
  llvm::StringMap<const onnx::TypeProto *> declared;
  /// What attributes of a function's nodes may refer to: those of the node that
  /// calls it.
  bool inFunction = false;
  llvm::StringMap<const onnx::AttributeProto *> attributes;
  /// The opsets by domain.
  const llvm::StringMap<int64_t> *opsets = nullptr;

  // For Importer::chooseRest.

  llvm::SmallVector<std::string> outputs; ///< of the graph
  /// The node that is being imported, and those behind it.
  llvm::ArrayRef<const onnx::NodeProto *> rest;
  /// What became of them: the outputs that they produce.
  std::optional<llvm::StringMap<mlir::Value>> restResults;
};

class Importer {
public:
  Importer(mlir::MLIRContext *context, std::shared_ptr<ModelFile> file,
           const ImportOptions &options, Offers &offers, Strings &strings,
           const SizeAssumptions &assumed,
           std::vector<UnsupportedNode> &unsupported);

  /// Imports the whole model.
  mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> run();
  /// What of `assumed` made a difference.
  const SizeAssumptions &getNeeded() const { return needed; }

  // For Node.

  mlir::OpBuilder &getBuilder() { return builder; }
  void reportError(mlir::Location loc, const llvm::Twine &message);
  /// Counts an error that an op has reported itself.
  void noteError() { ++errors; }
  void reportUnsupported(const onnx::NodeProto &node, int64_t opset,
                         const llvm::Twine &reason,
                         const ReportSite &site = ReportSite::current());
  /// The same for what is no node: `kind` says what it is.
  void reportUnsupported(llvm::StringRef name, llvm::StringRef kind,
                         const llvm::Twine &reason,
                         const ReportSite &site = ReportSite::current());
  /// How to bind the dims that are still open, as the end of a message; "" when
  /// there are none.
  std::string askForDims() const;
  /// The same for those that a size follows from, where it follows from such
  /// only.
  std::string askForDims(const Size &size) const;
  /// What to do about values that must be known at compile time and are not.
  /// The model's inputs that they follow from are noted as wanted where they
  /// are offered; of the others a message's end says how to bind them.
  std::string askFor(llvm::ArrayRef<mlir::Value> values);
  /// The attribute of a node; inside a function it may stand for one of the
  /// calling node.
  const onnx::AttributeProto *findAttribute(Scope &scope,
                                            const onnx::NodeProto &node,
                                            llvm::StringRef name) const;
  std::variant<mlir::ElementsAttr, TensorError>
  importTensor(const onnx::TensorProto &tensor) {
    return graph::importTensor(context, *file, strings, tensor);
  }
  std::variant<mlir::ElementsAttr, TensorError>
  importTensor(const onnx::SparseTensorProto &tensor) {
    return graph::importSparseTensor(context, *file, tensor);
  }
  Strings &getStrings() { return strings; }
  bool isUsed(llvm::StringRef name) const {
    return !name.empty() && used.contains(name);
  }
  /// Makes the elements of a list, of a known number, symbols from here on.
  Sizes decide(mlir::Location loc, mlir::Value sizes);
  /// Whether `value` follows from what is offered for inputs: the next attempt
  /// to import the model knows it then.
  bool isOffered(mlir::Value value);
  /// Imports a subgraph in place, given its inputs; its outputs are appended to
  /// `results` (null where they failed).
  mlir::LogicalResult
  importSubgraph(Scope &parent, const onnx::GraphProto &graph,
                 mlir::Location loc,
                 llvm::SmallVectorImpl<mlir::Value> &results,
                 llvm::ArrayRef<mlir::Value> inputs = {}, Body *body = nullptr);
  /// Imports a subgraph as a private function, which takes its own arguments
  /// and then what it captures. Failure was reported.
  mlir::FailureOr<Body> importBody(Scope &parent, const BodySource &source,
                                   mlir::Location loc, Captures &captures);
  /// The number of bodies so far; erases those made since there were as many.
  unsigned countBodies() const { return numBodies; }
  void eraseBodies(unsigned from);
  /// The number of symbols of the function that is being imported, and one
  /// more of them.
  unsigned countSymbols() const { return symbols.size(); }
  Size addSymbol() { return getSymbol(""); }

  // What is taken for granted of the sizes of the model's inputs.

  const SizeAssumptions &getAssumed() const { return assumed; }
  MetSizes &getMetSizes() { return metSizes; }
  /// Whether a size is known when a run begins.
  bool isInputSize(const Size &size) const;
  /// Whether a size is an input's dim, and could be 1.
  bool mayBeOne(const Size &size) const;
  /// Notes that sizes that meet are taken to be equal, where one of them could
  /// be 1 for all that is known.
  void noteEqualDims(mlir::Location loc, llvm::ArrayRef<Size> sizes);
  /// What a condition on input sizes, on which a rank depends, is in this
  /// version of the model; a run checks it, with `ifTrue` or `ifFalse` as what
  /// it expects. Nothing where too many conditions decide already.
  std::optional<bool> assumeCondition(mlir::Location loc, const Size &condition,
                                      llvm::StringRef ifTrue,
                                      llvm::StringRef ifFalse);
  /// What a condition, on which a rank depends, is where data decide it, asked
  /// by a node as its `question`th. Nothing the first time: then the rest of
  /// the graph from this node on is imported twice, into functions of which a
  /// run calls one, and the node is abandoned. `what` begins the message where
  /// that cannot be, and `advice` says what to do where the condition follows
  /// from no input. Where what follows allows one answer, it is that, and a run
  /// of another one ends; with `usual` so it is where outputs would have other
  /// ranks, or choices are too many.
  std::optional<bool> chooseRest(Node &node, mlir::Value condition,
                                 unsigned question, llvm::StringRef what,
                                 llvm::StringRef advice,
                                 std::optional<bool> usual = {});

private:
  using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

  mlir::LogicalResult readVersions();
  void readFunctions();
  /// Whether the opset of the default domain is one that the table is written
  /// for. `name` and `kind` say whose it is.
  bool checkOpset(const llvm::StringMap<int64_t> &versions,
                  llvm::StringRef name, llvm::StringRef kind,
                  mlir::Location loc);
  /// Whether its attributes have names, each once, and types.
  bool checkAttributes(const onnx::NodeProto &node);
  void checkFunction(const onnx::FunctionProto &function);
  /// Whether a value has the element type that the graph declares for it. As in
  /// ONNX Runtime a declared shape is no more than a remark, because many
  /// models have old ones; that of an output is checked below.
  bool checkDeclaredType(const Scope &scope, llvm::StringRef name,
                         mlir::Value value, mlir::Location loc);
  /// Whether a model's input, output or value of this type can be given, where
  /// it is no tensor.
  bool checkListed(llvm::StringRef name, llvm::StringRef kind, mlir::Type type);
  void checkDeclaredShape(const onnx::ValueInfoProto &output,
                          mlir::RankedTensorType actual);
  void reportNoInput(llvm::StringRef name,
                     llvm::ArrayRef<std::string> existing);
  mlir::LogicalResult bindInputs(const onnx::GraphProto &graph);
  mlir::Type getInputType(const onnx::ValueInfoProto &input,
                          llvm::SmallVectorImpl<mlir::Attribute> &dimNames);
  /// The type of an input that is no tensor.
  mlir::Type getListType(const onnx::ValueInfoProto &input);
  /// The symbol of an open dim: the same wherever the name appears, a new one
  /// for a dim without a name.
  Size getSymbol(llvm::StringRef name);
  /// The same of dim `index` of an input.
  Size getInputSymbol(llvm::StringRef name, llvm::StringRef input,
                      size_t index);
  std::string askForSymbols(llvm::ArrayRef<unsigned> positions) const;
  mlir::ArrayAttr describeSymbols();
  /// Demands of a size that it is 0, before a run begins.
  void demandZero(mlir::Location loc, const Size &size,
                  llvm::StringRef expected);
  /// Which initializers stay inputs with a default; the others are constants.
  void findDefaults(const onnx::GraphProto &graph);
  /// Whether the name is that of an initializer and of no input.
  bool isConstant(llvm::StringRef input) const {
    return top.hasInitializer(input) && !defaults.contains(input);
  }
  mlir::LogicalResult checkOptions(const onnx::GraphProto &graph);
  /// Whether what is offered for an input of this type has it too.
  mlir::LogicalResult checkOffer(llvm::StringRef input, mlir::Type type);
  void collectUses(const Nodes &nodes);
  void declareNames(Scope &scope, const onnx::GraphProto &graph);
  /// The order in which to import nodes, empty when they form a cycle or a name
  /// is wrong (reported).
  std::vector<const onnx::NodeProto *> sortNodes(Scope &scope,
                                                 const Nodes &nodes);
  void importNodes(Scope &scope, const Nodes &nodes);
  void importNode(Scope &scope, const onnx::NodeProto &node);
  void inlineFunction(Scope &scope, const onnx::NodeProto &node,
                      const onnx::FunctionProto &function,
                      llvm::ArrayRef<mlir::Value> inputs);
  void bindResults(Scope &scope, const onnx::NodeProto &node,
                   llvm::ArrayRef<mlir::Value> results);
  void checkSizes(Node &view, const onnx::NodeProto &node, int64_t opset,
                  llvm::ArrayRef<mlir::Value> inputs);
  mlir::Value makePlaceholder(Scope &scope, llvm::StringRef name,
                              mlir::Location loc);
  /// Whether the name exists; `value` is null when what should have produced it
  /// failed.
  bool lookUp(Scope &scope, llvm::StringRef name, mlir::Value &value);
  /// The same beyond a subgraph that is a function: captures the value.
  bool lookUpOutside(Scope &scope, llvm::StringRef name, mlir::Value &value);
  /// Whether the name stands for an optional input that is left out.
  static bool isAbsent(const Scope &scope, llvm::StringRef name);
  mlir::LogicalResult finish(const onnx::GraphProto &graph);
  /// Appends the values of `extraOutputs` and `floatOutputs`. One of the former
  /// that the graph does not have is an error that names similar ones.
  void addExtraOutputs(const onnx::GraphProto &graph,
                       llvm::SmallVectorImpl<mlir::Value> &results,
                       llvm::SmallVectorImpl<mlir::Attribute> &attributes);
  void attachMetadata();
  mlir::Location getLocation(const onnx::NodeProto &node) const;

  mlir::MLIRContext *context;
  std::shared_ptr<ModelFile> file;
  const ImportOptions &options;
  Offers &offers;
  Strings &strings;
  SizeAssumptions assumed, needed;
  /// The conditions of `needed.usualBranches`, and what they are taken to be.
  llvm::SmallVector<std::pair<Size, bool>> conditions;
  /// What nodes are told that ask about conditions, and the graphs that begin
  /// with these nodes.
  llvm::DenseMap<const onnx::NodeProto *, llvm::SmallVector<bool>> answers;
  std::vector<std::unique_ptr<onnx::GraphProto>> rests;
  unsigned numChoices = 0; ///< within each other
  std::vector<UnsupportedNode> &unsupported;
  OpTable table;
  mlir::OpBuilder builder;
  mlir::Location fileLoc;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp main;
  unsigned numBodies = 0;
  /// What arguments of bodies stand for.
  llvm::DenseMap<mlir::Value, mlir::Value> captured;
  Scope top;
  llvm::StringMap<int64_t> opsets;
  std::vector<std::unique_ptr<llvm::StringMap<int64_t>>> functionOpsets;
  llvm::StringMap<const onnx::FunctionProto *> functions;
  llvm::StringSet<> used;
  llvm::SmallVector<mlir::Attribute> argumentAttributes;
  /// What messages call the open dims, in the order of their symbols.
  llvm::SmallVector<std::string> openDims;
  /// The names of s0, s1, ... of the function that is being imported:
  /// `graph.symbols`.
  llvm::SmallVector<std::string> symbols;
  /// So many of them are sizes of the model's inputs.
  unsigned numInputSymbols = 0;
  MetSizes metSizes;
  /// What the options say of open dims, by name.
  llvm::StringMap<const DimRange *> ranges;
  llvm::StringMap<int64_t> bound;
  /// Whether every input has the shape that the model declares, and none became
  /// a constant: what it declares of the outputs is binding then.
  bool sizesAreDeclared = true;
  /// The values of inputs that may be left out.
  llvm::StringMap<mlir::ElementsAttr> defaults;
  /// How deep in subgraphs and functions the walk is, and the nodes seen there.
  unsigned depth = 0, inlined = 0, errors = 0;
  /// The functions around the walk.
  llvm::SmallPtrSet<const onnx::FunctionProto *, 8> active;
};

/// A node's name, or that of its first output when it has none.
llvm::StringRef getNodeName(const onnx::NodeProto &node);

/// A domain's name: the default domain, "", has two.
llvm::StringRef normalizeDomain(llvm::StringRef domain);

/// The graphs in a node's attributes.
llvm::SmallVector<const onnx::GraphProto *>
getGraphs(const onnx::NodeProto &node);

} // namespace lambent::graph

#endif
