//===- Schedule.cpp - The kernels of a planned model in order -------------===//

#include "lambent/Backends/Emit/Schedule.h"
#include "LayerDescription.h"
#include "lambent-c/model.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"
#include "lambent/Lowering/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace lambent;
using lambent::emit::BufferRef;

static FailureOr<BufferRef> getBufferRef(Operation *op, Value operand,
                                         unsigned numInputs) {
  Value root = lir::getRootBuffer(operand);
  if (auto donated = root.getDefiningOp<lir::DonateOp>())
    root = donated.getInput();
  auto type = cast<MemRefType>(operand.getType());
  Size offset =
      lir::getFirstElement(type) * lir::getElementBytes(type.getElementType());
  if (auto argument = dyn_cast<BlockArgument>(root)) {
    int64_t index = argument.getArgNumber();
    return index < numInputs
               ? BufferRef{BufferRef::Input, index, offset}
               : BufferRef{BufferRef::Output, index - numInputs, offset};
  }
  if (auto alloc = root.getDefiningOp<lir::AllocOp>();
      alloc && alloc.getOffset())
    return BufferRef{BufferRef::Arena, 0, offset + *alloc.getOffset()};
  if (auto alloc = root.getDefiningOp<lir::AllocOp>();
      alloc && alloc.getBlock())
    return BufferRef{BufferRef::Block, int64_t(*alloc.getBlock()), offset};
  if (auto weight = root.getDefiningOp<lir::WeightOp>();
      weight && weight.getOffset())
    return BufferRef{BufferRef::Weights, 0,
                     offset + *weight.getOffset()};
  if (auto fault = root.getDefiningOp<lir::FaultOp>())
    return BufferRef{BufferRef::Faults, 0, offset};
  if (auto slot = root.getDefiningOp<lir::SlotOp>(); slot && slot.getIndex())
    return BufferRef{BufferRef::Slot, int64_t(*slot.getIndex()), offset};
  return op->emitOpError("expected planned buffers, but an operand has no "
                         "offset; run lir-plan-memory first");
}

static int64_t readSize(Operation *op, StringRef name) {
  auto attr = op->getAttrOfType<IntegerAttr>(name);
  return attr ? attr.getInt() : 0;
}

/// The symbol of a kernel: code does not depend on the model around it.
static std::string getKernelSymbol(StringRef key) {
  return "lambent_kernel_" +
         llvm::utohexstr(llvm::xxh3_64bits(key), /*LowerCase=*/true, 16);
}

namespace {

/// Builds the schedules of a module's functions, a body when the first op that
/// calls it is met.
class ScheduleBuilder {
public:
  ScheduleBuilder(ModuleOp module, const emit::KernelTarget &target)
      : module(module), target(target) {
    model.weightBytes = readSize(module, "lir.weight_bytes");
    model.loc = module.getLoc();
  }

  FailureOr<emit::ModelSchedule> build() {
    auto main = module.lookupSymbol<func::FuncOp>("main");
    if (!main || !main.getBody().hasOneBlock())
      return module.emitError("expected a function @main of one block");
    FailureOr<emit::Schedule> schedule = buildFunction(main, module);
    if (failed(schedule))
      return failure();
    model.main = std::move(*schedule);
    return std::move(model);
  }

private:
  /// `sizes` is the op that says how large the arena is.
  FailureOr<emit::Schedule> buildFunction(func::FuncOp function,
                                          Operation *sizes);
  LogicalResult addLayer(lir::KernelOpInterface op, unsigned numInputs,
                         emit::WrittenBuffers &written,
                         emit::Schedule &schedule);
  LogicalResult addKernel(lir::KernelOpInterface op, emit::Layer &layer,
                          emit::Schedule &schedule);
  LogicalResult addCall(lir::CallerOpInterface op, emit::Layer &layer,
                        emit::Schedule &schedule);

  ModuleOp module;
  const emit::KernelTarget &target;
  emit::ModelSchedule model;
  llvm::StringMap<unsigned> kernels;
  llvm::DenseMap<Operation *, unsigned> bodies;
};

} // namespace

LogicalResult ScheduleBuilder::addKernel(lir::KernelOpInterface op,
                                         emit::Layer &layer,
                                         emit::Schedule &schedule) {
  FailureOr<emit::KernelFacts> facts = target.describe(op);
  if (failed(facts))
    return failure();
  layer.kernel = facts->name;
  layer.flops = op.getFlops();
  layer.variants = emit::getConsidered(op);
  if (auto key = op->getAttrOfType<StringAttr>(emit::kChoiceKey))
    layer.choiceKey = key.getValue().str();
  for (const emit::Considered &variant : layer.variants)
    if (variant.isChosen && !lir::hasOpenSizes(op))
      layer.cycles = variant.cycles;
  layer.chunks = facts->chunks;
  layer.stages = facts->stages;
  layer.symbols = facts->symbols;
  if (facts->scratch.isNumber())
    schedule.scratchBytes =
        std::max(schedule.scratchBytes, facts->scratch.getNumber());
  else if (!llvm::is_contained(schedule.openScratch, facts->scratch))
    schedule.openScratch.push_back(facts->scratch);
  if (auto check = dyn_cast<lir::CheckOp>(*op)) {
    // Faults are numbered as their checks.
    layer.buffers.back().offset +=
        int64_t(schedule.checks.size() * sizeof(LambentFault));
    schedule.checks.push_back({static_cast<unsigned>(schedule.layers.size()),
                               check.getExpected().str()});
  }
  auto [entry, isNew] = kernels.try_emplace(facts->key, model.kernels.size());
  if (isNew)
    model.kernels.push_back({facts->key, getKernelSymbol(facts->key), op});
  layer.kernelIndex = entry->second;
  return success();
}

LogicalResult ScheduleBuilder::addCall(lir::CallerOpInterface op,
                                       emit::Layer &layer,
                                       emit::Schedule &schedule) {
  auto kernel = cast<lir::KernelOpInterface>(*op);
  layer.kernel = op->getName().stripDialect().str();
  layer.call = emit::Call{{}, op, schedule.numSlots};
  schedule.numSlots += lir::getWrites(kernel).size();
  for (FlatSymbolRefAttr name : op.getBodies()) {
    auto body = module.lookupSymbol<func::FuncOp>(name);
    if (!body || !body.getBody().hasOneBlock())
      return op->emitOpError()
             << "expected a function " << name << " of one block";
    auto known = bodies.find(body);
    if (known == bodies.end()) {
      FailureOr<emit::Schedule> built = buildFunction(body, body);
      if (failed(built))
        return failure();
      known = bodies.try_emplace(body, model.bodies.size()).first;
      model.bodies.push_back(std::move(*built));
    }
    layer.call->bodies.push_back(known->second);
  }
  return success();
}

/// Begins an epoch, in which these symbols are known.
static LogicalResult addSymbols(Operation *op, lir::DecidedSymbols decided,
                                emit::Schedule &schedule) {
  if (decided.count == 0)
    return success();
  if (decided.first + decided.count > int64_t(schedule.symbolEpochs.size()))
    return op->emitOpError("expected symbols of lir.symbols");
  for (int64_t i = 0; i < decided.count; ++i)
    schedule.symbolEpochs[decided.first + i] = schedule.numEpochs;
  ++schedule.numEpochs;
  return success();
}

LogicalResult ScheduleBuilder::addLayer(lir::KernelOpInterface op,
                                        unsigned numInputs,
                                        emit::WrittenBuffers &written,
                                        emit::Schedule &schedule) {
  emit::Layer layer;
  layer.name = emit::getLayerName(op);
  layer.op = op->getName().stripDialect().str();
  layer.shapes = emit::getLayerShapes(op);
  Size bytes = 0, weightBytes = 0;
  for (Value operand : op->getOperands()) {
    FailureOr<BufferRef> ref = getBufferRef(op, operand, numInputs);
    if (failed(ref))
      return failure();
    layer.buffers.push_back(*ref);
    Size size = lir::getBufferBytes(cast<MemRefType>(operand.getType()));
    bytes += size;
    if (ref->memory == BufferRef::Weights)
      weightBytes += size;
  }
  layer.bytes = bytes;
  if (weightBytes.isNumber())
    layer.weightBytes = weightBytes.getNumber();
  layer.sources = written.findSources(op);
  written.add(op, schedule.layers.size());
  layer.decided = op.getDecidedSymbols();
  LogicalResult added = success();
  if (isa<lir::DecideOp>(op)) {
    layer.kernel = "decide";
  } else if (auto list = dyn_cast<lir::SequenceOp>(*op)) {
    layer.kernel = ("sequence " + list.getAction()).str();
    layer.list = list;
  } else if (auto call = dyn_cast<lir::CallerOpInterface>(*op)) {
    added = addCall(call, layer, schedule);
  } else {
    added = addKernel(op, layer, schedule);
  }
  if (failed(added) || failed(addSymbols(op, layer.decided, schedule)))
    return failure();
  // A kernel of several stages runs them one after the other, and one that is
  // given values of symbols finds the next layer's there when that has its turn.
  if (op->hasAttr(kWithPrevious) && !schedule.layers.empty()) {
    emit::Layer &previous = schedule.layers.back();
    previous.mayWait = previous.hasKernel() && previous.stages.is(1) &&
                       previous.symbols.empty();
  }
  schedule.layers.push_back(std::move(layer));
  return success();
}

FailureOr<emit::Schedule> ScheduleBuilder::buildFunction(func::FuncOp function,
                                                         Operation *sizes) {
  emit::Schedule schedule;
  schedule.function = function;
  schedule.arenaBytes = readSize(sizes, "lir.arena_bytes");
  schedule.liveBytes = readSize(sizes, "lir.live_bytes");
  auto numInputs = function->getAttrOfType<IntegerAttr>("lir.num_inputs");
  if (!numInputs)
    return function.emitOpError("expected attribute lir.num_inputs");
  if (auto symbols = function->getAttrOfType<ArrayAttr>("lir.symbols")) {
    schedule.symbolEpochs.assign(symbols.size(), 0);
    schedule.numEpochs = 1;
  }
  emit::WrittenBuffers written;
  for (Operation &op : function.getBody().front().without_terminator()) {
    if (auto kernel = dyn_cast<lir::KernelOpInterface>(op)) {
      if (failed(addLayer(kernel, numInputs.getInt(), written, schedule)))
        return failure();
    } else if (!isa<lir::AllocOp, lir::WeightOp, lir::FaultOp, lir::SlotOp,
                    lir::DonateOp, lir::ViewOp>(op)) {
      return op.emitOpError("expected a lir kernel or buffer");
    }
  }
  auto fallback = function->getAttrOfType<FlatSymbolRefAttr>("lir.fallback");
  if (!fallback)
    return schedule;
  auto version = module.lookupSymbol<func::FuncOp>(fallback);
  if (!version || !version.getBody().hasOneBlock())
    return function.emitOpError()
           << "expected a function " << fallback << " of one block";
  FailureOr<emit::Schedule> built = buildFunction(version, sizes);
  if (failed(built))
    return failure();
  schedule.fallback = model.bodies.size();
  model.bodies.push_back(std::move(*built));
  return schedule;
}

FailureOr<emit::ModelSchedule> emit::buildSchedule(ModuleOp module,
                                                   const KernelTarget &target) {
  return ScheduleBuilder(module, target).build();
}
