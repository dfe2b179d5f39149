//===- Evaluation.cpp - Runs constant parts of a model by compiling them --===//

#include "Evaluation.h"
#include "Compilation.h"
#include "JIT.h"
#include "LargestValue.h"
#include "lambent-c/runtime.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Verifier.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace lambent;
using namespace mlir;

namespace {

/// A result's memory, owned until the attribute takes it.
struct ResultBuffer {
  RankedTensorType type;
  std::unique_ptr<char[], void (*)(char *)> data{
      nullptr, [](char *p) { ::operator delete[](p, std::align_val_t(64)); }};
  size_t bytes = 0;
};

} // namespace

/// It runs here, whatever the model is for, and gives the same bits on every
/// x86-64 machine: no wider or fused arithmetic than all of them have.
static std::string getFoldingCpu() {
  return llvm::Triple(llvm::sys::getProcessTriple()).isX86() ? "x86-64"
                                                             : "native";
}

/// The options for what runs here, whatever the model is for.
static CompileOptions makeOptions(const CompileOptions &from) {
  CompileOptions options;
  options.cpu = getFoldingCpu();
  options.name = "constants";
  options.accuracy = from.accuracy;
  options.keepFloatWeights = true; // it runs once
  options.checkValues = true; // a wrong index or divisor is an error
  options.threads = from.threads;
  options.kernelCache = from.kernelCache;
  options.interruption = from.interruption;
  options.maxMemory = from.maxMemory;
  return options;
}

/// Reports, with a node, what has not been reported where it happened.
static LogicalResult failWith(func::FuncOp function, llvm::Error error) {
  llvm::handleAllErrors(
      std::move(error),
      [&](const CompileError &failed) {
        for (const std::string &line : failed.getLines())
          emitError(findLargestValue(function)) << line;
      },
      [&](const llvm::ErrorInfoBase &other) {
        emitError(findLargestValue(function))
            << "its value is constant, but could not be computed: "
            << other.message();
      });
  return failure();
}

/// Takes a function of constants to planned kernels.
static FailureOr<std::unique_ptr<Compilation>>
lowerConstants(func::FuncOp function, const CompileOptions &options) {
  auto compilation =
      Compilation::create(makeOptions(options), function.getContext());
  if (!compilation)
    return failWith(function, compilation.takeError());
  OwningOpRef<ModuleOp> part = ModuleOp::create(function.getLoc());
  auto copy = cast<func::FuncOp>(function->clone());
  copy.setName("main");
  copy.setVisibility(SymbolTable::Visibility::Public);
  part->push_back(copy);
  (*compilation)->adopt(std::move(part));
  if (auto error = (*compilation)->optimizeGraph(/*evaluator=*/nullptr))
    return failWith(function, std::move(error));
  if (auto error = (*compilation)->lower())
    return failWith(function, std::move(error));
  return std::move(*compilation);
}

LogicalResult lambent::checkConstants(func::FuncOp function,
                                      const CompileOptions &options) {
  FailureOr<std::unique_ptr<Compilation>> compilation =
      lowerConstants(function, options);
  if (failed(compilation))
    return failure();
  if (auto error = (*compilation)->checkKernels())
    return failWith(function, std::move(error));
  return success();
}

namespace {

class CompilingEvaluator : public graph::Evaluator {
public:
  explicit CompilingEvaluator(const CompileOptions &options)
      : options(options) {}

  FailureOr<SmallVector<ElementsAttr>>
  evaluate(func::FuncOp function) override {
    FailureOr<std::unique_ptr<Compilation>> compilation =
        lowerConstants(function, options);
    if (failed(compilation))
      return failure();
    if (auto error = (*compilation)->requireArena())
      return failWith(function, std::move(error));
    auto weights = (*compilation)->packWeights();
    if (!weights)
      return failWith(function, weights.takeError());
    auto objects = (*compilation)->emitObjects(0);
    if (!objects)
      return failWith(function, objects.takeError());
    auto model =
        linkInProcess(std::move(*objects), std::move(*weights), "constants");
    if (!model)
      return failWith(function, model.takeError());
    return run(function, **model);
  }

private:
  FailureOr<SmallVector<ElementsAttr>> run(func::FuncOp function,
                                           const JITModel &model) {
    SmallVector<ResultBuffer> results(function.getNumResults());
    SmallVector<LambentTensor> outputs(results.size());
    const LambentModel &description = model.getModel();
    for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
      ResultBuffer &result = results[i];
      result.type = cast<RankedTensorType>(type);
      const LambentTensorInfo &info = description.outputs[i];
      result.bytes = lambent_tensor_info_bytes(&info);
      result.data.reset(static_cast<char *>(
          ::operator new[](std::max<size_t>(1, result.bytes),
                           std::align_val_t(64), std::nothrow)));
      if (!result.data)
        return emitError(findLargestValue(function))
               << "its value is constant, but there is no memory for its "
               << result.bytes << " bytes";
      outputs[i].data = result.data.get();
      outputs[i].device = {LAMBENT_DEVICE_CPU, 0};
      outputs[i].ndim = info.rank;
      outputs[i].dtype = {info.type_code, info.type_bits, 1};
      outputs[i].shape = const_cast<int64_t *>(info.dims);
    }
    LambentLoadOptions load{sizeof(load), /*skip_weight_hash=*/1, 0, nullptr};
    LambentModule *module = nullptr;
    LambentContext *context = nullptr;
    LambentStatus *status =
        lambent_module_create(&description, model.getWeights(), &load, &module);
    if (!status)
      status = lambent_context_create(module, nullptr, &context);
    LambentRunOptions how{sizeof(how), nullptr, nullptr,
                          options.interruption
                              ? options.interruption->getCancellation()
                              : nullptr};
    if (!status)
      status = lambent_context_run(context, nullptr, 0, outputs.data(),
                                   outputs.size(), &how);
    lambent_context_destroy(context);
    lambent_module_destroy(module);
    if (status) {
      InFlightDiagnostic error =
          emitError(findLargestValue(function))
          << "its value is constant, but could not be computed: "
          << lambent_status_message(status);
      lambent_status_destroy(status);
      return error;
    }
    SmallVector<ElementsAttr> attributes;
    for (ResultBuffer &result : results)
      attributes.push_back(makeAttribute(result));
    return attributes;
  }

  /// Gives packed elements a byte each, as attributes have them.
  static void unpack(ResultBuffer &result) {
    ResultBuffer packed = std::move(result);
    result.type = packed.type;
    result.bytes = packed.type.getNumElements();
    result.data.reset(static_cast<char *>(::operator new[](
        std::max<size_t>(1, result.bytes), std::align_val_t(64))));
    unpackElements(packed.data.get(), result.data.get(), result.bytes,
                   packed.type.getElementTypeBitWidth());
  }

  static ElementsAttr makeAttribute(ResultBuffer &result) {
    constexpr size_t kInline = 1024; // bytes; larger values are blobs
    if (result.type.getElementType().isInteger(1)) {
      SmallVector<bool> bits;
      for (char byte : ArrayRef(result.data.get(), result.bytes))
        bits.push_back(byte);
      return DenseElementsAttr::get(result.type, bits);
    }
    if (isNarrow(result.type.getElementType()) &&
        result.type.getElementTypeBitWidth() < 8)
      unpack(result);
    ArrayRef<char> bytes(result.data.get(), result.bytes);
    if (result.bytes <= kInline)
      return DenseElementsAttr::getFromRawBuffer(result.type, bytes);
    auto deleter = [](void *data, size_t, size_t) {
      ::operator delete[](data, std::align_val_t(64));
    };
    AsmResourceBlob blob({result.data.release(), result.bytes}, 64, deleter,
                         /*dataIsMutable=*/false);
    return DenseResourceElementsAttr::get(result.type, "folded",
                                          std::move(blob));
  }

  CompileOptions options;
};

} // namespace

std::unique_ptr<graph::Evaluator>
lambent::createEvaluator(const CompileOptions &options) {
  return std::make_unique<CompilingEvaluator>(options);
}
