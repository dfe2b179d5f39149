//===- Inference.cpp - Checks and shapes that families share --------------===//

#include "Shapes.h"

#include "llvm/ADT/StringExtras.h"

#include <set>

using namespace mlir;

namespace lambent::graph {

LogicalResult checkOperands(ValueRange operands, EmitError emitError) {
  for (auto [index, operand] : llvm::enumerate(operands))
    if (!isa<RankedTensorType>(operand.getType()))
      return emitError() << "expected operand #" << index
                         << " to be a ranked tensor, but got "
                         << operand.getType();
  return success();
}

LogicalResult checkResult(RankedTensorType type, EmitError emitError) {
  Wide count = 1;
  for (int64_t dim : type.getShape()) {
    if (isOpen(dim))
      continue;
    if (dim < 0 || dim > maxElements)
      return emitError() << "expected result dims between 0 and 2^40, but got "
                         << describeShape(type.getShape());
    count *= dim;
    if (count > maxElements)
      return emitError()
             << "expected a result of at most 2^40 elements, but got "
             << describeShape(type.getShape());
  }
  return success();
}

bool areCompatible(TypeRange inferred, TypeRange present) {
  if (inferred.size() != present.size())
    return false;
  for (auto [left, right] : llvm::zip(inferred, present)) {
    auto a = dyn_cast<RankedTensorType>(left),
         b = dyn_cast<RankedTensorType>(right);
    if (!a || !b ||
        getScalarType(a.getElementType()) !=
            getScalarType(b.getElementType()) ||
        failed(verifyCompatibleShape(a, b)))
      return false;
  }
  return true;
}

LogicalResult checkPresentTypes(Operation *op, TypeRange inferred) {
  TypeRange present = op->getResultTypes();
  if (inferred.size() != present.size())
    return op->emitOpError("expected ")
           << inferred.size() << " results, but got " << present.size();
  for (auto [index, types] : llvm::enumerate(llvm::zip(inferred, present))) {
    auto [left, right] = types;
    if (areCompatible(left, right))
      continue;
    InFlightDiagnostic error = op->emitOpError("expected ");
    if (inferred.size() == 1)
      error << "a result";
    else
      error << "result #" << index;
    return error << " of " << left << ", but got " << right;
  }
  return success();
}

int64_t productOf(ArrayRef<int64_t> dims) {
  if (llvm::is_contained(dims, 0))
    return 0;
  Wide product = 1;
  for (int64_t dim : dims) {
    if (isOpen(dim))
      return openDim;
    product = boundDim(product * dim);
  }
  return static_cast<int64_t>(product);
}

std::string describeShape(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleave(
      shape, os,
      [&](int64_t dim) {
        if (isOpen(dim))
          os << '?';
        else
          os << dim;
      },
      "x");
  return shape.empty() ? "a scalar" : text;
}

std::string describeShape(ArrayRef<Size> sizes) {
  return describeShape(llvm::map_to_vector(
      sizes, [](const Size &size) { return size.getNumber(); }));
}

LogicalResult checkAxis(int64_t axis, int64_t rank, EmitError emitError) {
  if (axis < 0 || axis >= rank)
    return emitError() << "expected an axis in [0, " << rank << "), but got "
                       << axis;
  return success();
}

LogicalResult checkAxes(ArrayRef<int64_t> axes, int64_t rank, bool sorted,
                        EmitError emitError) {
  std::set<int64_t> seen;
  for (auto [index, axis] : llvm::enumerate(axes)) {
    if (failed(checkAxis(axis, rank, emitError)))
      return failure();
    if (!seen.insert(axis).second)
      return emitError() << "expected unique axes, but got " << axis
                         << " twice";
    if (sorted && index > 0 && axes[index - 1] > axis)
      return emitError() << "expected sorted axes, but got " << axis
                         << " after " << axes[index - 1];
  }
  return success();
}

LogicalResult checkShapeOperand(RankedTensorType type, EmitError emitError) {
  if (type.getRank() != 1 || type.isDynamicDim(0) || type.getDimSize(0) > 64)
    return emitError() << "expected a shape of 0 to 64 dims, but got " << type;
  return success();
}

LogicalResult checkChoice(StringRef name, StringRef value,
                          ArrayRef<StringRef> choices, EmitError emitError) {
  if (llvm::is_contained(choices, value))
    return success();
  return emitError() << "expected " << name << " to be one of "
                     << llvm::join(choices, ", ") << ", but got " << value;
}

LogicalResult checkEntries(StringRef name, ArrayRef<int64_t> values,
                           int64_t count, int64_t least, EmitError emitError) {
  if (static_cast<int64_t>(values.size()) != count)
    return emitError() << "expected " << count << " entries of " << name
                       << ", but got " << values.size();
  for (int64_t value : values)
    if (value < least || value > maxElements)
      return emitError() << "expected " << name << " between " << least
                         << " and 2^40, but got " << value;
  return success();
}

FailureOr<Sizes> broadcastSizes(ArrayRef<Sizes> operands) {
  size_t rank = 0;
  for (const Sizes &sizes : operands)
    rank = std::max(rank, sizes.size());
  Sizes result(rank, 1);
  for (const Sizes &sizes : operands) {
    MutableArrayRef<Size> tail =
        MutableArrayRef<Size>(result).take_back(sizes.size());
    for (auto [out, size] : llvm::zip(tail, sizes)) {
      if (size == Size(1) || size == out)
        continue;
      // An open dim beside a size other than 1 can only be that size, or 1.
      if (isOpen(size))
        out = out == Size(1) ? size : mergeDims(out, size);
      else if (out == Size(1) || isOpen(out))
        out = size;
      else
        return failure();
    }
  }
  return result;
}

FailureOr<SmallVector<int64_t>>
broadcastShapes(ArrayRef<ArrayRef<int64_t>> shapes) {
  auto sizes =
      broadcastSizes(llvm::map_to_vector(shapes, [](ArrayRef<int64_t> shape) {
        return Sizes(shape.begin(), shape.end());
      }));
  if (failed(sizes))
    return failure();
  return llvm::map_to_vector(*sizes,
                             [](const Size &size) { return size.getNumber(); });
}

RankedTensorType mergeTypes(RankedTensorType inferred,
                            RankedTensorType present) {
  Sizes sizes;
  for (auto [a, b] : llvm::zip(getSizes(inferred), getSizes(present)))
    sizes.push_back(mergeDims(a, b));
  return makeTensorType(sizes, present.getElementType());
}

FailureOr<bool> refineResultTypes(Operation *op) {
  auto infer = dyn_cast<InferTypeOpInterface>(op);
  if (!infer)
    return false;
  SmallVector<Type> types;
  if (failed(infer.inferReturnTypes(
          op->getContext(), op->getLoc(), op->getOperands(),
          op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
          op->getRegions(), types)))
    return failure();
  if (failed(checkPresentTypes(op, types)))
    return failure();
  bool changed = false;
  for (auto [result, type] : llvm::zip_equal(op->getResults(), types)) {
    RankedTensorType merged = mergeTypes(
        cast<RankedTensorType>(type), cast<RankedTensorType>(result.getType()));
    changed |= merged != result.getType();
    result.setType(merged);
  }
  return changed;
}

} // namespace lambent::graph
