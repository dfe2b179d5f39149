//===- CheckEvaluation.cpp - Constant folding without the work ------------===//
//
// Passes read values of small constants only, such as axes, sizes and scales;
// whatever is larger is for kernels to read. So small results are computed from
// small operands, and a large one is a mapping of untouched pages.
//
//===----------------------------------------------------------------------===//

#include "CheckEvaluation.h"
#include "Compilation.h"
#include "Evaluation.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include <sys/mman.h>

using namespace lambent;
using namespace mlir;

/// No pass reads the elements of larger constants, and no larger ones are
/// computed on the way to small ones.
static constexpr uint64_t mostElements = 4096;

static bool isSmall(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  uint64_t elements = 1;
  for (int64_t dim : type ? type.getShape() : ArrayRef<int64_t>())
    if (elements *= std::min<uint64_t>(dim, mostElements + 1);
        elements > mostElements)
      return false;
  return type != nullptr;
}

/// Whether a value follows from small constants alone.
static bool isSmallToCompute(Value value) {
  llvm::SetVector<Value> seen;
  seen.insert(value);
  for (size_t i = 0; i < seen.size(); ++i) {
    Operation *op = seen[i].getDefiningOp();
    if (!op || !isSmall(seen[i]))
      return false;
    seen.insert(op->operand_begin(), op->operand_end());
  }
  return true;
}

/// Zeros of a type, in a mapping of pages that nobody has written; null where
/// there is no address space for it.
static ElementsAttr makeZeros(RankedTensorType type) {
  uint64_t bytes = (type.getElementTypeBitWidth() + 7) / 8;
  for (int64_t dim : type.getShape())
    if (__builtin_mul_overflow(bytes, uint64_t(dim), &bytes))
      return {};
  if (bytes == 0)
    return DenseElementsAttr::get(type, ArrayRef<Attribute>());
  void *data = mmap(nullptr, bytes, PROT_READ,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED)
    return {};
  auto unmap = [](void *data, size_t size, size_t) { munmap(data, size); };
  AsmResourceBlob blob({static_cast<char *>(data), bytes}, 64, unmap,
                       /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, "unread", std::move(blob));
}

namespace {

class CheckEvaluator : public graph::Evaluator {
public:
  explicit CheckEvaluator(const CompileOptions &options)
      : options(options), compiling(createEvaluator(options)) {}

  FailureOr<SmallVector<ElementsAttr>>
  evaluate(func::FuncOp function) override {
    if (failed(checkConstants(function, options)))
      return failure();
    auto terminator =
        cast<func::ReturnOp>(function.getBody().front().getTerminator());
    SmallVector<bool> isComputed;
    for (Value value : terminator.getOperands())
      isComputed.push_back(isSmallToCompute(value));
    FailureOr<SmallVector<ElementsAttr>> computed =
        compute(function, isComputed);
    if (failed(computed))
      return failure();
    SmallVector<ElementsAttr> results;
    size_t next = 0;
    for (auto [value, isKnown] :
         llvm::zip_equal(terminator.getOperands(), isComputed)) {
      results.push_back(
          isKnown ? (*computed)[next++]
                  : makeZeros(cast<RankedTensorType>(value.getType())));
      if (!results.back())
        return emitError(value.getLoc(), "no memory for a constant of type ")
               << value.getType();
      if (!isKnown)
        standIns.insert(results.back());
    }
    return results;
  }

  bool isComputed(ElementsAttr value) const override {
    return !standIns.contains(value);
  }

private:
  /// The results that are wanted, by compiling and running what they need.
  FailureOr<SmallVector<ElementsAttr>> compute(func::FuncOp function,
                                               ArrayRef<bool> wanted) {
    if (!llvm::is_contained(wanted, true))
      return SmallVector<ElementsAttr>();
    OwningOpRef<func::FuncOp> part = cast<func::FuncOp>(function->clone());
    Block &body = part->getBody().front();
    Operation *terminator = body.getTerminator();
    SmallVector<Value> kept;
    for (auto [value, isWanted] :
         llvm::zip_equal(terminator->getOperands(), wanted))
      if (isWanted)
        kept.push_back(value);
    terminator->setOperands(kept);
    part->setType(FunctionType::get(function.getContext(), {},
                                    SmallVector<Type>(TypeRange(kept))));
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
      if (isOpTriviallyDead(&op))
        op.erase();
    return compiling->evaluate(*part);
  }

  CompileOptions options;
  std::unique_ptr<graph::Evaluator> compiling;
  llvm::DenseSet<Attribute> standIns; ///< the zeros that it gave
};

} // namespace

std::unique_ptr<graph::Evaluator>
lambent::createCheckEvaluator(const CompileOptions &options) {
  return std::make_unique<CheckEvaluator>(options);
}
