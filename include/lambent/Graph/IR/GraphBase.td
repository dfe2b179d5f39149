//===- GraphBase.td - The graph dialect, its op class and shared types ----===//

#ifndef LAMBENT_GRAPH_IR_GRAPHBASE_TD
#define LAMBENT_GRAPH_IR_GRAPHBASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "lambent/Graph/IR/GraphInterfaces.td"

def Graph_Dialect : Dialect {
  let name = "graph";
  let cppNamespace = "::lambent::graph";
  let summary = "ONNX models as few, general ops on ranked tensors";
  let description = [{
    A model is a `func.func` on ranked tensors whose dims may be open (`?`): the encoding `#graph.sizes` says which
    sizes they are, as expressions of symbols that `graph.symbols = ["batch", ""]` on the function names. An argument
    carries its ONNX name and the names of its open dims as `graph.name = "x"` and `graph.dim_names = ["batch", ""]`; a
    result carries `graph.name`. Element types are builtin: f32, f64, f16, bf16, i1 (bool), i8..i64 (signed) and ui8..ui64; and si64, the number of a
    string, of which `graph.strings = ["", "yes"]` on the module lists those of constants.
    Every op's location is the name of the ONNX node that it came from.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect", "::mlir::func::FuncDialect"];
  let hasConstantMaterializer = 1;
  let useDefaultAttributePrinterParser = 1;
  let useDefaultTypePrinterParser = 1;
  let extraClassDeclaration = "void registerAttributes(); void registerTypes();";
}

/// A tensor of known rank.
def Graph_Tensor : RankedTensorOf<[AnyFloat, AnyInteger], [], "ranked tensor of numbers">;
/// A list of sizes, positions or axes.
def Graph_IndexTensor : 1DTensorOf<[I64]>;
def Graph_FloatTensor : RankedTensorOf<[AnyFloat], [], "ranked tensor of floats">;

/// Every op but check and decide is pure and infers its result types; `refine` re-infers them when operands have become more static.
class Graph_Op<string mnemonic, list<Trait> traits = []>
    : Op<Graph_Dialect, mnemonic, !listconcat([Pure], traits)>;

/// An op whose result types follow from operands and attributes. A family's .cpp defines `inferType`, which both checks
/// the op and infers; the verifier and type inference call it. Inferred and present types need only be compatible, so
/// that a pass can refine them step by step.
class Graph_InferOp<string mnemonic, list<Trait> traits = []>
    : Graph_Op<mnemonic, !listconcat([DeclareOpInterfaceMethods<InferTypeOpInterface>], traits)> {
  let hasVerifier = 1;
  code compatibility = [{
    static bool isCompatibleReturnTypes(::mlir::TypeRange inferred, ::mlir::TypeRange present) {
      return ::lambent::graph::areCompatible(inferred, present);
    }
  }];
  code inferDeclaration = [{
    /// Checks operands and attributes, and returns the most static result type that they imply. All operands are
    /// ranked tensors; nothing else has been verified.
    static ::mlir::FailureOr<::mlir::RankedTensorType> inferType(Adaptor op, ::lambent::graph::EmitError emitError);
  }] # compatibility;
  let extraClassDeclaration = inferDeclaration;
  code inferDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(
        ::mlir::MLIRContext *context, ::std::optional<::mlir::Location> location, ::mlir::ValueRange operands,
        ::mlir::DictionaryAttr attributes, ::mlir::OpaqueProperties properties, ::mlir::RegionRange regions,
        ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::lambent::graph::inferReturnTypesOf<$cppClass>(
          context, location, Adaptor(operands, attributes, properties, regions), types);
    }
    ::llvm::LogicalResult $cppClass::verify() {
      ::llvm::SmallVector<::mlir::Type> types;
      if (::mlir::failed(::lambent::graph::inferTypesOf<$cppClass>(Adaptor(*this), [&] { return emitOpError(); }, types)))
        return ::mlir::failure();
      return ::lambent::graph::checkPresentTypes(*this, types);
    }
  }];
  let extraClassDefinition = inferDefinition;
}

/// The same for an op with several results: the family defines `inferTypes`.
class Graph_InferResultsOp<string mnemonic, list<Trait> traits = []> : Graph_InferOp<mnemonic, traits> {
  let inferDeclaration = [{
    /// Checks operands and attributes, and adds the most static type that they imply for each result. All operands
    /// are ranked tensors; nothing else has been verified.
    static ::llvm::LogicalResult inferTypes(Adaptor op, ::lambent::graph::EmitError emitError,
                                            ::llvm::SmallVectorImpl<::mlir::RankedTensorType> &types);
  }] # compatibility;
}

#endif
