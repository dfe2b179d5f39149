//===- GraphLowering.h - What the lowerings of all op families share ------===//

#ifndef LAMBENT_LIB_LOWERING_GRAPHTOLIR_GRAPHLOWERING_H
#define LAMBENT_LIB_LOWERING_GRAPHTOLIR_GRAPHLOWERING_H

#include "lambent/Graph/IR/Graph.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/IndexMaps.h"
#include "lambent/Lowering/IR/LIR.h"
#include "llvm/ADT/StringMap.h"
#include <functional>

namespace lambent {

/// A buffer, and where an element-wise op accesses it.
struct BufferAccess {
  mlir::Value buffer;
  llvm::SmallVector<lir::IndexTerm> terms;
};

/// The scalar work of an element-wise op: one value from one scalar per input.
using ScalarFunction = llvm::function_ref<mlir::Value(
    mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;

/// The lowering of one function: which buffer holds which tensor, and how
/// buffers come to be.
class GraphLowering {
public:
  GraphLowering(mlir::OpBuilder builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  mlir::OpBuilder builder;
  mlir::Location loc; ///< of the op being lowered

  /// The buffer that holds `tensor`, or null for the absent value.
  mlir::Value getBuffer(mlir::Value tensor) const {
    return tensor ? buffers.lookup(tensor) : mlir::Value();
  }
  bool hasBuffer(mlir::Value tensor) const { return buffers.contains(tensor); }
  /// Says that `buffer` holds `tensor`.
  void bind(mlir::Value tensor, mlir::Value buffer) {
    buffers[tensor] = buffer;
  }
  /// Makes the kernel that computes `tensor` write to `output`, an argument of
  /// the function.
  void setOutput(mlir::Value tensor, mlir::Value output) {
    outputs[tensor] = output;
  }
  /// The buffer for a kernel to write `tensor` to.
  mlir::Value createResult(mlir::Value tensor);
  /// The same for one of several results: null where nothing reads it.
  mlir::Value createUsedResult(mlir::Value tensor) {
    return tensor.use_empty() ? mlir::Value() : createResult(tensor);
  }

  mlir::Value createBuffer(llvm::ArrayRef<Size> sizes, mlir::Type elementType);
  mlir::Value createWeight(mlir::ElementsAttr value);
  mlir::Value createIndexTable(llvm::ArrayRef<int64_t> shape,
                               llvm::ArrayRef<int64_t> values);
  mlir::Value createFloatTable(llvm::ArrayRef<int64_t> shape,
                               llvm::ArrayRef<float> values);
  /// `buffer` under another shape of as many elements.
  mlir::Value createView(mlir::Value buffer, llvm::ArrayRef<Size> sizes);

  /// A fresh buffer for what `result`, whose channels are dim 1, is with its
  /// channels last.
  mlir::Value createChannelsLast(mlir::Value result);
  /// The reverse, of one whose channels are its last dim.
  mlir::Value createChannelsFirst(mlir::Value result);

  void createElementwise(llvm::ArrayRef<Size> domain,
                         llvm::ArrayRef<BufferAccess> inputs,
                         const BufferAccess &output, ScalarFunction body);
  void createCopy(llvm::ArrayRef<Size> domain, const BufferAccess &input,
                  const BufferAccess &output);
  /// A fresh buffer whose dim d is dim perm[d] of `buffer`; the transpose into
  /// `output` when it is given.
  mlir::Value createTransposed(mlir::Value buffer, llvm::ArrayRef<int64_t> perm,
                               mlir::Value output = {});

  /// Demands that a size is at least 0 in every run, where its form does not
  /// show it: `expected` says what that means, as "equal sizes of dim 1".
  void requireNotNegative(const Size &size, const llvm::Twine &expected);
  /// Demands that two sizes are equal.
  void requireEqual(const Size &a, const Size &b, const llvm::Twine &expected);
  /// Terms that read a buffer of `shape` broadcast, aligned at the last dim, to
  /// `domain`. Demands that sizes other than 1 are the domain's.
  llvm::SmallVector<lir::IndexTerm> getBroadcastTerms(
      llvm::ArrayRef<Size> shape, llvm::ArrayRef<Size> domain,
      const llvm::Twine &expected = "operands whose sizes agree");
  /// What runs have to check, for the function's attribute lir.size_checks.
  llvm::ArrayRef<mlir::Attribute> getSizeChecks() const { return sizeChecks; }

  /// Demands of sizes to be equal what `other`, a copy of this, has come to
  /// demand as well.
  void takeEqualities(const GraphLowering &other);

private:
  void require(const Size &size, bool isZero, const llvm::Twine &expected);

  llvm::SmallVector<mlir::Attribute> sizeChecks;
  llvm::DenseMap<mlir::Value, mlir::Value> buffers, outputs;
};

/// Reports an op with open dims whose lowering needs them bound.
mlir::LogicalResult requireBoundDims(mlir::Operation *op);

/// Lowerings by op. Each family adds its own.
class LoweringTable {
public:
  using Lowering =
      std::function<mlir::LogicalResult(mlir::Operation *, GraphLowering &)>;

  /// A lowering that takes tensors with open dims, or (addBound) does not.
  template <typename Op>
  void add(mlir::LogicalResult (*lower)(Op, GraphLowering &)) {
    rows[Op::getOperationName()] = [lower](mlir::Operation *op,
                                           GraphLowering &lowering) {
      return lower(mlir::cast<Op>(op), lowering);
    };
  }
  template <typename Op>
  void addBound(mlir::LogicalResult (*lower)(Op, GraphLowering &)) {
    rows[Op::getOperationName()] = [lower](mlir::Operation *op,
                                           GraphLowering &lowering) {
      return mlir::success(succeeded(requireBoundDims(op)) &&
                           succeeded(lower(mlir::cast<Op>(op), lowering)));
    };
  }
  const Lowering *find(llvm::StringRef name) const {
    auto row = rows.find(name);
    return row == rows.end() ? nullptr : &row->second;
  }

private:
  llvm::StringMap<Lowering> rows;
};

void addAttentionLowerings(LoweringTable &table);
void addBlockLowerings(LoweringTable &table);
void addCheckLowerings(LoweringTable &table);
void addControlFlowLowerings(LoweringTable &table);
void addConvLowerings(LoweringTable &table);
void addElementwiseLowerings(LoweringTable &table);
void addMatmulLowerings(LoweringTable &table);
void addNormLowerings(LoweringTable &table);
void addPadLowerings(LoweringTable &table);
void addPoolLowerings(LoweringTable &table);
void addRecurrentLowerings(LoweringTable &table);
void addReduceLowerings(LoweringTable &table);
void addResizeLowerings(LoweringTable &table);
void addSelectionLowerings(LoweringTable &table);
void addSequenceLowerings(LoweringTable &table);
void addShapeLowerings(LoweringTable &table);

/// The memref that holds a tensor: dense, row-major, signless.
mlir::MemRefType getBufferType(mlir::Type tensorType);
/// The memref of a model's input or output: a list of bytes where several
/// elements share one.
mlir::MemRefType getArgumentType(mlir::Type tensorType);
bool isPacked(mlir::Type tensorType);
/// A buffer with the elements of such an input.
mlir::Value unpackArgument(mlir::Value argument, mlir::Type tensorType,
                           GraphLowering &lowering);
/// Writes such an output.
void packResult(mlir::Value buffer, mlir::Value argument, mlir::Type tensorType,
                GraphLowering &lowering);

/// The shape of a tensor or buffer; a size of an open dim has no number.
llvm::ArrayRef<int64_t> getShape(mlir::Value shaped);
/// The sizes of a tensor or buffer.
Sizes getSizes(mlir::Value shaped);
Sizes getSizes(mlir::Type tensorType);
/// Those of an image between its batch and, channels last, its channels.
Sizes getSpatialSizes(mlir::Value image);
mlir::Type getElementType(mlir::Value shaped);

/// Terms for the dims of a `domain`-sized index in order.
llvm::SmallVector<lir::IndexTerm> getIdentityTerms(unsigned rank);

/// `value` as a scalar of `type`: floats are widened or narrowed; equal types
/// pass.
mlir::Value convertFloat(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value value, mlir::Type type);
/// A float or integer constant.
mlir::Value createScalar(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Type type, double value);

/// A size as a scalar of `type`, in the region of a kernel.
mlir::Value createSize(mlir::OpBuilder &builder, mlir::Location loc,
                       mlir::Type type, const Size &size);

/// Fills an epilogue: `body` takes the accumulator and the inputs' elements;
/// what it returns is converted to the output's element type.
void buildEpilogue(GraphLowering &lowering, mlir::Region &region,
                   mlir::Type accumulator, mlir::ValueRange inputs,
                   mlir::Type outputElement, ScalarFunction body);

/// Permutations between [N, C, spatial...] and [N, spatial..., C].
llvm::SmallVector<int64_t> getToChannelsLast(unsigned rank);
llvm::SmallVector<int64_t> getToChannelsFirst(unsigned rank);

/// The pads that auto_pad stands for: all begins, then all ends; `pads`
/// themselves for NOTSET. Of open sizes they are sizes. An end is below 0 where
/// no window reaches the image's end.
Sizes resolvePads(llvm::StringRef autoPad, llvm::ArrayRef<int64_t> pads,
            llvm::ArrayRef<Size> input, llvm::ArrayRef<Size> output,
            llvm::ArrayRef<int64_t> kernel, llvm::ArrayRef<int64_t> strides,
            llvm::ArrayRef<int64_t> dilations);

/// The same data under another shape, without a copy where the attribute allows
/// it; null when it can't.
mlir::ElementsAttr reshapeElements(mlir::ElementsAttr value,
                                   llvm::ArrayRef<int64_t> shape);

} // namespace lambent

#endif
