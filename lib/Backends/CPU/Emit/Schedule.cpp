//===- Schedule.cpp - The kernels of a planned model in order -------------===//

#include "Schedule.h"
#include "KernelModule.h"
#include "lambent-c/model.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace lambent;
using lambent::cpu::BufferRef;

/// Collects the node names that a location is made of, in order.
static void collectNames(Location loc, llvm::SetVector<StringRef> &names) {
  if (auto name = dyn_cast<NameLoc>(loc))
    names.insert(name.getName().getValue());
  else if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      collectNames(part, names);
  else if (auto call = dyn_cast<CallSiteLoc>(loc))
    collectNames(call.getCallee(), names);
}

static std::string getLayerName(Operation *op) {
  constexpr unsigned kShown = 4; // a long stack would make tables unreadable
  llvm::SetVector<StringRef> names;
  collectNames(op->getLoc(), names);
  std::string text = llvm::join(names.getArrayRef().take_front(kShown), "+");
  if (names.size() > kShown)
    text += "+" + std::to_string(names.size() - kShown) + " more";
  return text.empty() ? op->getName().stripDialect().str() : text;
}

static FailureOr<BufferRef> getBufferRef(Operation *op, Value operand,
                                         unsigned numInputs) {
  Value root = lir::getRootBuffer(operand);
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
  return op->emitOpError("expected planned buffers, but an operand has no "
                         "offset; run lir-plan-memory first");
}

/// A layer without kernel, at which an epoch begins.
static LogicalResult addDecision(lir::DecideOp op, unsigned numInputs,
                                 cpu::Schedule &schedule) {
  lir::DecidedSymbols decided = op.getDecidedSymbols();
  if (decided.first + decided.count > int64_t(schedule.symbolEpochs.size()))
    return op.emitOpError("expected symbols of lir.symbols");
  cpu::Layer layer;
  layer.name = getLayerName(op);
  layer.kernel = "decide";
  layer.decided = decided;
  FailureOr<BufferRef> ref = getBufferRef(op, op.getSizes(), numInputs);
  if (failed(ref))
    return failure();
  layer.buffers.push_back(*ref);
  layer.bytes = decided.count * sizeof(int64_t);
  for (int64_t i = 0; i < decided.count; ++i)
    schedule.symbolEpochs[decided.first + i] = schedule.numEpochs;
  ++schedule.numEpochs;
  schedule.layers.push_back(std::move(layer));
  return success();
}

FailureOr<cpu::Schedule> cpu::buildSchedule(ModuleOp module,
                                            const TargetInfo &target) {
  Schedule schedule;
  schedule.main = module.lookupSymbol<func::FuncOp>("main");
  schedule.loc = module.getLoc();
  auto readSize = [&](StringRef name) {
    auto attr = module->getAttrOfType<IntegerAttr>(name);
    return attr ? attr.getInt() : 0;
  };
  schedule.arenaBytes = readSize("lir.arena_bytes");
  schedule.liveBytes = readSize("lir.live_bytes");
  schedule.weightBytes = readSize("lir.weight_bytes");
  if (!schedule.main || !schedule.main.getBody().hasOneBlock())
    return module.emitError("expected a function @main of one block");
  auto numInputs = schedule.main->getAttrOfType<IntegerAttr>("lir.num_inputs");
  if (!numInputs)
    return schedule.main.emitOpError("expected attribute lir.num_inputs");

  if (auto symbols = schedule.main->getAttrOfType<ArrayAttr>("lir.symbols")) {
    schedule.symbolEpochs.assign(symbols.size(), 0);
    schedule.numEpochs = 1;
  }
  llvm::StringMap<unsigned> kernels;
  for (Operation &op : schedule.main.getBody().front().without_terminator()) {
    auto kernel = dyn_cast<lir::KernelOpInterface>(op);
    if (!kernel) {
      if (isa<lir::AllocOp, lir::WeightOp, lir::FaultOp, lir::ViewOp>(op))
        continue;
      return op.emitOpError("expected a lir kernel or buffer");
    }
    if (auto decide = dyn_cast<lir::DecideOp>(op)) {
      if (failed(addDecision(decide, numInputs.getInt(), schedule)))
        return failure();
      continue;
    }
    auto code = dyn_cast<CPUKernelOpInterface>(op);
    if (!code)
      return op.emitOpError("has no CPU kernel");
    if (lir::hasOpenSizes(&op) && !code.takesOpenSizes())
      return emitUnsupported(&op)
             << "the kernel " << op.getName()
             << " is not supported with open dims: bind them";
    Layer layer;
    layer.name = getLayerName(&op);
    layer.kernel = code.describeKernel(target);
    layer.flops = kernel.getFlops();
    layer.chunks = code.getNumChunks(target);
    layer.stages = code.getNumStages(target);
    Size scratch = code.getScratchBytes(target), bytes = 0;
    if (scratch.isNumber())
      schedule.scratchBytes =
          std::max(schedule.scratchBytes, scratch.getNumber());
    else if (!llvm::is_contained(schedule.openScratch, scratch))
      schedule.openScratch.push_back(scratch);
    for (Value operand : op.getOperands()) {
      FailureOr<BufferRef> ref = getBufferRef(&op, operand, numInputs.getInt());
      if (failed(ref))
        return failure();
      layer.buffers.push_back(*ref);
      bytes += lir::getBufferBytes(cast<MemRefType>(operand.getType()));
    }
    layer.bytes = bytes.isNumber() ? bytes.getNumber() : 0;
    if (auto check = dyn_cast<lir::CheckOp>(op)) {
      // Faults are numbered as their checks.
      layer.buffers.back().offset +=
          int64_t(schedule.checks.size() * sizeof(LambentFault));
      schedule.checks.push_back({static_cast<unsigned>(schedule.layers.size()),
                                 check.getExpected().str()});
    }
    std::string key = getKernelKey(&op, target);
    auto [entry, isNew] = kernels.try_emplace(key, schedule.kernels.size());
    if (isNew)
      schedule.kernels.push_back({key, getKernelSymbol(key), &op});
    layer.kernelIndex = entry->second;
    schedule.layers.push_back(std::move(layer));
  }
  return schedule;
}
