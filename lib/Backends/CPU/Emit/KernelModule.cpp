//===- KernelModule.cpp - One kernel as a module of its own ---------------===//

#include "KernelModule.h"
#include "MathTarget.h"
#include "lambent/Backends/CPU/CPUBackend.h"
#include "lambent/Backends/CPU/KernelBuilder.h"
#include "lambent/Backends/CodeGeneration.h"
#include "lambent/Diagnostics/OutOfMemory.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/KernelSymbols.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Verifier.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"

using namespace mlir;
using namespace lambent;

/// For every operand the first operand whose elements overlap it: after
/// planning two buffers may share bytes of the arena.
static SmallVector<unsigned> findSharedBuffers(Operation *op) {
  struct Place {
    Value root;
    MemRefType type;
    /// Of the root in the arena, or the number of its block, if it is there.
    int64_t begin = 0, end = 0;
  };
  auto overlap = [](const Place &a, const Place &b) {
    if (a.root == b.root)
      return !lir::areDisjoint(a.type, b.type);
    return a.begin < b.end && b.begin < a.end;
  };
  SmallVector<Place> places;
  SmallVector<unsigned> shared;
  for (Value operand : op->getOperands()) {
    Place place{lir::getRootBuffer(operand),
                cast<MemRefType>(operand.getType())};
    auto alloc = place.root.getDefiningOp<lir::AllocOp>();
    if (alloc && alloc.getOffset()) {
      Size bytes = lir::getBufferBytes(cast<MemRefType>(place.root.getType()));
      place.begin = *alloc.getOffset();
      place.end = place.begin + bytes.getNumber();
    } else if (alloc && alloc.getBlock()) {
      // Buffers of one block share it, wherever a run places that.
      place.begin = *alloc.getBlock();
      place.end = place.begin + 1;
    }
    unsigned first = 0;
    while (first < places.size() && !overlap(places[first], place))
      ++first;
    shared.push_back(first);
    places.push_back(place);
  }
  return shared;
}

/// The operand's type without the place of a part, which its address holds.
static MemRefType getPlacelessType(Value operand) {
  auto type = cast<MemRefType>(operand.getType());
  if (lir::isDense(type))
    return type;
  return lir::makePartType(lir::getSizes(type), type.getElementType(),
                           lir::getStrides(type), 0);
}

/// The op on arguments of `block`. What was not chosen, and what runs beside
/// it, say nothing of the code.
static Operation *copyTo(Block &block, Operation *op) {
  IRMapping mapping;
  for (Value operand : op->getOperands())
    mapping.map(operand, mapping.contains(operand)
                             ? mapping.lookup(operand)
                             : Value(block.addArgument(
                                   getPlacelessType(operand), op->getLoc())));
  Operation *copy = op->clone(mapping);
  copy->setDiscardableAttrs(DictionaryAttr::get(op->getContext()));
  block.push_back(copy);
  return copy;
}

SmallVector<unsigned> cpu::getKernelSymbols(Operation *op) {
  Block block;
  return lir::listSymbols(copyTo(block, op));
}

std::string cpu::getKernelKey(Operation *op, const TargetInfo &target) {
  // Printed without names or locations.
  Block block;
  Operation *copy = copyTo(block, op);
  lir::renumberSymbols(copy, lir::listSymbols(copy));
  std::string key;
  llvm::raw_string_ostream os(key);
  copy->print(os, OpPrintingFlags()
                      .printGenericOpForm()
                      .useLocalScope()
                      .enableDebugInfo(false)
                      .assumeVerified());
  os << " shared";
  for (unsigned first : findSharedBuffers(op))
    os << ' ' << first;
  os << ' ' << target.triple << ' ' << target.tunedFor << ' ' << target.required
     << ' ' << target.description.name;
  return key;
}

FailureOr<OwningOpRef<ModuleOp>>
cpu::buildKernelModule(Operation *op, StringRef symbol,
                       const TargetInfo &target) {
  auto kernel = dyn_cast<CPUKernelOpInterface>(op);
  if (!kernel) {
    op->emitOpError("has no CPU kernel");
    return failure();
  }
  if (lir::hasOpenSizes(op) && !kernel.takesOpenSizes()) {
    emitUnsupported(op) << "the kernel " << op->getName()
                        << " is not supported with open dims: bind them";
    return failure();
  }
  if (!kernel.getNumChunks(target).isKnown()) {
    emitUnsupported(op) << "the sizes of the open dims are expressions too "
                           "long to compute with: bind them";
    return failure();
  }
  MLIRContext *context = op->getContext();
  Location loc = op->getLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  auto builder = OpBuilder::atBlockEnd(module->getBody());
  auto pointer = LLVM::LLVMPointerType::get(context);
  Type i64 = builder.getI64Type(), none = LLVM::LLVMVoidType::get(context);

  // The body takes the buffers as arguments so that they can be marked noalias;
  // without that, loops lose a fifth of their speed. Buffers that share memory
  // by plan are not marked.
  unsigned count = op->getNumOperands();
  SmallVector<unsigned> shared = findSharedBuffers(op);
  SmallVector<Type> types(count, pointer);
  types.append({i64, i64, pointer});
  // A kernel of several stages finds the stage's number behind its buffers.
  bool isStaged = !kernel.getNumStages(target).is(1);
  if (isStaged)
    types.push_back(i64);
  // Behind that are the symbols of open sizes.
  bool isOpen = lir::hasOpenSizes(op);
  if (isOpen)
    types.push_back(pointer);
  auto body = LLVM::LLVMFuncOp::create(builder, loc, (symbol + "_body").str(),
                                       LLVM::LLVMFunctionType::get(none, types),
                                       LLVM::Linkage::Internal);
  for (unsigned i = 0; i < count; ++i)
    if (llvm::count(shared, shared[i]) == 1)
      body.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                      builder.getUnitAttr());
  body.setArgAttr(count + 2, LLVM::LLVMDialect::getNoAliasAttrName(),
                  builder.getUnitAttr());

  Block *entry = body.addEntryBlock(builder);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(entry);
    auto ret = LLVM::ReturnOp::create(builder, loc, ValueRange());
    builder.setInsertionPoint(ret);
    KernelBuilder kernelBuilder(
        loc, builder, target, entry->getArguments().take_front(count),
        entry->getArgument(count), entry->getArgument(count + 1),
        entry->getArgument(count + 2),
        isStaged ? entry->getArgument(count + 3) : Value());
    if (isOpen)
      kernelBuilder.setSymbols(entry->getArguments().back(),
                               getKernelSymbols(op));
    if (failed(reportOutOfMemory(
            loc, [&] { return kernel.emitKernel(kernelBuilder); })))
      return failure();
  }

  auto wrapper = LLVM::LLVMFuncOp::create(
      builder, loc, symbol,
      LLVM::LLVMFunctionType::get(none, {pointer, i64, i64, pointer}));
  wrapper.setVisibility_(LLVM::Visibility::Hidden);
  builder.setInsertionPointToStart(wrapper.addEntryBlock(builder));
  SmallVector<Value> arguments;
  auto loadSlot = [&](unsigned i) -> Value {
    Value slot = LLVM::GEPOp::create(builder, loc, pointer, pointer,
                                     wrapper.getArgument(0),
                                     ArrayRef<LLVM::GEPArg>{int32_t(i)});
    return LLVM::LoadOp::create(builder, loc, pointer, slot);
  };
  for (unsigned i = 0; i < count; ++i)
    arguments.push_back(loadSlot(i));
  arguments.append(
      {wrapper.getArgument(1), wrapper.getArgument(2), wrapper.getArgument(3)});
  if (isStaged)
    arguments.push_back(
        LLVM::LoadOp::create(builder, loc, i64, loadSlot(count)));
  if (isOpen)
    arguments.push_back(loadSlot(count + 1));
  LLVM::CallOp::create(builder, loc, body, arguments);
  LLVM::ReturnOp::create(builder, loc, ValueRange());
  assert(succeeded(mlir::verify(*module)));
  return module;
}

/// Sets the target on every function and runs LLVM's scalar optimisations;
/// loops are already as they should be.
static void optimizeFor(const cpu::TargetInfo &target, llvm::Module &module,
                        llvm::TargetMachine &machine) {
  for (llvm::Function &function : module) {
    function.addFnAttr("target-cpu", target.baseCPU);
    function.addFnAttr("tune-cpu", target.tunedFor);
    if (!target.required.empty())
      function.addFnAttr("target-features", target.getFeatureString());
    function.addFnAttr("prefer-vector-width",
                       std::to_string(target.vectorBits));
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
  llvm::PipelineTuningOptions tuning;
  tuning.LoopUnrolling = tuning.LoopVectorization = tuning.SLPVectorization =
      tuning.LoopInterleaving = false;
  optimize(module, machine, llvm::OptimizationLevel::O1, tuning);
}

namespace {

/// Expands elementary functions, after which bf16 is bits; a pass only so that
/// kernels expand in parallel.
struct ExpandMath : PassWrapper<ExpandMath, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ExpandMath)
  explicit ExpandMath(const cpu::TargetInfo &target) : target(&target) {}
  void runOnOperation() override {
    if (failed(expandMath(getOperation(), getMathTarget(*target))))
      return signalPassFailure();
    storeBF16AsBits(getOperation());
  }
  const cpu::TargetInfo *target;
};

} // namespace

LogicalResult cpu::lowerKernelModules(ModuleOp container,
                                      const TargetInfo &target) {
  PassManager manager(container.getContext());
#ifdef NDEBUG
  // What kernels are made of doesn't come from a model. A checked build looks.
  manager.enableVerifier(false);
#endif
  OpPassManager &passes = manager.nest<ModuleOp>();
  passes.addPass(std::make_unique<ExpandMath>(target));
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  passes.addPass(arith::createArithExpandOpsPass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertVectorToLLVMPass());
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  return manager.run(container);
}

std::unique_ptr<llvm::Module>
cpu::translateKernelModule(ModuleOp module, const TargetInfo &target,
                           llvm::LLVMContext &context) {
  std::unique_ptr<llvm::Module> result =
      translateModuleToLLVMIR(module, context, "kernel");
  std::unique_ptr<llvm::TargetMachine> machine = target.createTargetMachine();
  if (!result || !machine)
    return nullptr;
  assert(!llvm::verifyModule(*result, &llvm::errs()));
  optimizeFor(target, *result, *machine);
  return result;
}
