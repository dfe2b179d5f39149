//===- Schedule.cpp - The kernels of a planned model in order -------------===//

#include "Schedule.h"
#include "KernelModule.h"
#include "LayerDescription.h"
#include "lambent-c/model.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"

using namespace mlir;
using namespace lambent;
using lambent::cpu::BufferRef;
using lambent::cpu::TargetInfo;

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

namespace {

/// Builds the schedules of a module's functions, a body when the first op that
/// calls it is met.
class ScheduleBuilder {
public:
  ScheduleBuilder(ModuleOp module, const TargetInfo &target)
      : module(module), target(target) {
    model.weightBytes = readSize(module, "lir.weight_bytes");
    model.loc = module.getLoc();
  }

  FailureOr<cpu::ModelSchedule> build() {
    auto main = module.lookupSymbol<func::FuncOp>("main");
    if (!main || !main.getBody().hasOneBlock())
      return module.emitError("expected a function @main of one block");
    FailureOr<cpu::Schedule> schedule = buildFunction(main, module);
    if (failed(schedule))
      return failure();
    model.main = std::move(*schedule);
    return std::move(model);
  }

private:
  /// `sizes` is the op that says how large the arena is.
  FailureOr<cpu::Schedule> buildFunction(func::FuncOp function,
                                         Operation *sizes);
  LogicalResult addLayer(lir::KernelOpInterface op, unsigned numInputs,
                         cpu::WrittenBuffers &written, cpu::Schedule &schedule);
  LogicalResult addKernel(lir::KernelOpInterface op, cpu::Layer &layer,
                          cpu::Schedule &schedule);
  LogicalResult addCall(lir::CallerOpInterface op, cpu::Layer &layer,
                        cpu::Schedule &schedule);

  ModuleOp module;
  const TargetInfo &target;
  cpu::ModelSchedule model;
  llvm::StringMap<unsigned> kernels;
  llvm::DenseMap<Operation *, unsigned> bodies;
};

} // namespace

LogicalResult ScheduleBuilder::addKernel(lir::KernelOpInterface op,
                                         cpu::Layer &layer,
                                         cpu::Schedule &schedule) {
  auto code = dyn_cast<cpu::CPUKernelOpInterface>(*op);
  if (!code)
    return op->emitOpError("has no CPU kernel");
  if (lir::hasOpenSizes(op) && !code.takesOpenSizes())
    return emitUnsupported(op) << "the kernel " << op->getName()
                               << " is not supported with open dims: bind them";
  layer.kernel = code.describeKernel(target);
  layer.flops = op.getFlops();
  layer.variants = cpu::getConsidered(op);
  if (auto key = op->getAttrOfType<StringAttr>(cpu::kChoiceKey))
    layer.choiceKey = key.getValue().str();
  for (const cpu::Considered &variant : layer.variants)
    if (variant.isChosen && !lir::hasOpenSizes(op))
      layer.cycles = variant.cycles;
  layer.chunks = code.getNumChunks(target);
  layer.stages = code.getNumStages(target);
  Size scratch = code.getScratchBytes(target);
  if (scratch.isNumber())
    schedule.scratchBytes =
        std::max(schedule.scratchBytes, scratch.getNumber());
  else if (!llvm::is_contained(schedule.openScratch, scratch))
    schedule.openScratch.push_back(scratch);
  if (auto check = dyn_cast<lir::CheckOp>(*op)) {
    // Faults are numbered as their checks.
    layer.buffers.back().offset +=
        int64_t(schedule.checks.size() * sizeof(LambentFault));
    schedule.checks.push_back({static_cast<unsigned>(schedule.layers.size()),
                               check.getExpected().str()});
  }
  std::string key = getKernelKey(op, target);
  auto [entry, isNew] = kernels.try_emplace(key, model.kernels.size());
  if (isNew)
    model.kernels.push_back({key, cpu::getKernelSymbol(key), op});
  layer.kernelIndex = entry->second;
  return success();
}

LogicalResult ScheduleBuilder::addCall(lir::CallerOpInterface op,
                                       cpu::Layer &layer,
                                       cpu::Schedule &schedule) {
  auto kernel = cast<lir::KernelOpInterface>(*op);
  layer.kernel = op->getName().stripDialect().str();
  layer.call = cpu::Call{{}, op, schedule.numSlots};
  schedule.numSlots += lir::getWrites(kernel).size();
  for (FlatSymbolRefAttr name : op.getBodies()) {
    auto body = module.lookupSymbol<func::FuncOp>(name);
    if (!body || !body.getBody().hasOneBlock())
      return op->emitOpError()
             << "expected a function " << name << " of one block";
    auto known = bodies.find(body);
    if (known == bodies.end()) {
      FailureOr<cpu::Schedule> built = buildFunction(body, body);
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
                                cpu::Schedule &schedule) {
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
                                        cpu::WrittenBuffers &written,
                                        cpu::Schedule &schedule) {
  cpu::Layer layer;
  layer.name = cpu::getLayerName(op);
  layer.op = op->getName().stripDialect().str();
  layer.shapes = cpu::getLayerShapes(op);
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
  if (bytes.isNumber()) {
    layer.bytes = bytes.getNumber();
    layer.weightBytes = weightBytes.getNumber();
  }
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
  schedule.layers.push_back(std::move(layer));
  return success();
}

FailureOr<cpu::Schedule> ScheduleBuilder::buildFunction(func::FuncOp function,
                                                        Operation *sizes) {
  cpu::Schedule schedule;
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
  cpu::WrittenBuffers written;
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
  FailureOr<cpu::Schedule> built = buildFunction(version, sizes);
  if (failed(built))
    return failure();
  schedule.fallback = model.bodies.size();
  model.bodies.push_back(std::move(*built));
  return schedule;
}

FailureOr<cpu::ModelSchedule> cpu::buildSchedule(ModuleOp module,
                                                 const TargetInfo &target) {
  return ScheduleBuilder(module, target).build();
}
