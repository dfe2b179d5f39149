//===- Schedule.h - The kernels of a planned model in order -----*- C++ -*-===//

#ifndef LAMBENT_BACKENDS_EMIT_SCHEDULE_H
#define LAMBENT_BACKENDS_EMIT_SCHEDULE_H

#include "lambent/Backends/Emit/Considered.h"
#include "lambent/Lowering/IR/LIR.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace lambent::emit {

/// A kernel's operand: a place in one of the call's memories.
struct BufferRef {
  enum Memory { Input, Output, Arena, Weights, Faults, Block, Slot } memory;
  int64_t index = 0; ///< of the input, output, block or slot
  Size offset = 0;   ///< bytes from the start of that memory
};

/// A layer that calls bodies: the runtime carries it out, there is no kernel.
struct Call {
  llvm::SmallVector<unsigned, 2> bodies; ///< in Schedule::bodies of the model
  mlir::Operation *op;
  int64_t firstSlot = 0;
};

struct Layer {
  std::string name, kernel;
  Size flops = 0, bytes = 0;
  unsigned kernelIndex = 0; ///< in Schedule::kernels, where it has one
  /// What a layer without kernel decides: its first buffer says it, or what
  /// it calls.
  lir::DecidedSymbols decided;
  lir::SequenceOp list; ///< what the runtime does in it, if it does
  bool hasKernel() const { return !decided.count && !list && !call; }
  Size chunks = 1, stages = 1;
  llvm::SmallVector<BufferRef> buffers;
  llvm::SmallVector<unsigned> symbols; ///< whose values its kernel is given
  std::optional<Call> call;
  /// Whether a run may compute it together with the layers after it.
  bool mayWait = false;

  // What reports say of it.
  std::string op, shapes;
  uint64_t weightBytes = 0;      ///< of `bytes`
  uint64_t cycles = 0;           ///< predicted; 0: not, or sizes are open
  std::vector<unsigned> sources; ///< layers that wrote what it reads
  std::vector<Considered> variants;
  std::string choiceKey; ///< "" where there is one way only
};

/// A layer that may end the run with an error.
struct Check {
  unsigned layer;
  std::string expected; ///< for messages: "an index from -5 to 4"
};

/// What a backend says of a kernel of its own.
struct KernelFacts {
  std::string name; ///< for people: "tile 14x32"
  /// What distinguishes its code: kernels with equal keys are the same.
  std::string key;
  Size chunks = 1, stages = 1;
  Size scratch = 0;                    ///< bytes that a worker needs
  llvm::SmallVector<unsigned> symbols; ///< whose values its code is given
};

/// The kernels of a target.
class KernelTarget {
public:
  virtual ~KernelTarget() = default;
  /// Fails where there is none for the op, which was reported on it.
  virtual mlir::FailureOr<KernelFacts>
  describe(lir::KernelOpInterface op) const = 0;
};

/// A distinct kernel and the first op that it computes.
struct KernelUse {
  std::string key, symbol;
  mlir::Operation *op;
};

/// The schedule of one function.
struct Schedule {
  std::vector<Layer> layers;
  std::vector<Check> checks; ///< in the order of their faults
  int64_t scratchBytes = 0, arenaBytes = 0, liveBytes = 0;
  /// The epoch in which each symbol of the function is known (model.h).
  std::vector<unsigned> symbolEpochs;
  unsigned numEpochs = 0;
  /// Scratch memory of kernels with open sizes; a worker needs the largest.
  Sizes openScratch;
  int64_t numSlots = 0;
  /// What runs where sizes are not those that it is made for, in
  /// ModelSchedule::bodies.
  std::optional<unsigned> fallback;
  mlir::func::FuncOp function;

  /// Whether sizes are left to runs.
  bool isOpen() const {
    return mlir::func::FuncOp(function)->hasAttr("lir.symbols");
  }
};

/// What a module computes: its functions, which share kernels and weights.
struct ModelSchedule {
  std::vector<KernelUse> kernels;
  std::vector<Schedule> bodies; ///< what is called comes before what calls it
  Schedule main;
  int64_t weightBytes = 0;
  mlir::LocationAttr loc; ///< of the module
};

/// Reads a planned module. Failure was reported on the op.
mlir::FailureOr<ModelSchedule> buildSchedule(mlir::ModuleOp module,
                                             const KernelTarget &target);

} // namespace lambent::emit

#endif
