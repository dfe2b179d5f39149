//===- Backend.h - What a target offers the compiler ------------*- C++ -*-===//
//
// A backend takes a model on lir: it adds the passes that choose layouts,
// algorithms and packings, and emits code for the planned module. CPU and CUDA
// have the same inner shape: Kernels/, Transforms/, Emit/.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_BACKENDS_BACKEND_H
#define LAMBENT_BACKENDS_BACKEND_H

#include "lambent/Backends/Emit/Emission.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <memory>
#include <string>

namespace lambent {

/// What a model is compiled for, as the user says it.
struct TargetOptions {
  std::string cpu = "native";
  bool strict = false; ///< no algorithm that reassociates beyond FMA
  bool checkValues = false; ///< indices and divisors, when the model runs
  /// The text of a description of the CPU, or "".
  std::string cpuDescription = "";
  /// The text of choices that were measured, or "".
  std::string tunedChoices = "";
  /// Not 0: every kernel takes the candidate of this number, for a search.
  unsigned candidate = 0;
  /// Of lambent/ElementTypes/BlockFormat.h: what operands of products are
  /// rounded to, and how shared exponents are; "" for none.
  std::string blockFormat = "", blockScale = "down";
  /// Weights stay f32 where they are multiples of a scale, too.
  bool keepFloatWeights = false;
  /// The element type that operands of products of f32 are rounded to, "bf16",
  /// or "" for none.
  std::string productType = "";
  /// Percent of the vectors of a Winograd filter that may be left out though
  /// they are not zero.
  double winogradZeros = 0;
  /// Other percentages of single ops, by the name of their node.
  std::vector<std::pair<std::string, double>> winogradLayers = {};
};

/// What other stages may know of a target.
struct TargetFacts {
  std::string triple;
  std::string required; ///< features that are checked before code runs
  std::string key;      ///< all that code depends on, for who keeps it
};

class Backend {
public:
  virtual ~Backend() = default;
  virtual llvm::StringRef getName() const = 0;
  /// Dialects and external models that its passes and emission need.
  virtual void registerDialects(mlir::DialectRegistry &registry) const = 0;
  /// Whether sizes may be left to runs.
  virtual bool takesOpenDims() const { return false; }
  /// The layout it wants images in; graph-assign-layout arranges the model for
  /// it.
  virtual bool prefersChannelsLast() const = 0;
  /// Whether it has kernels for an op of lir, by name ("lir.attention"). Passes
  /// that make an op of many ask first: the parts may be what it has.
  virtual bool supports(llvm::StringRef op) const = 0;
  /// Whether products of unsigned and signed bytes, with sums of i32, are worth
  /// more than those of wider numbers.
  virtual bool multipliesBytes() const { return false; }
  /// Whether products of bf16, with sums of f32, are worth more than those of
  /// f32.
  virtual bool multipliesBF16() const { return false; }
  /// Adds the passes that run between graph-to-lir's cleanups and
  /// lir-plan-memory: algorithms and packed weights.
  virtual void addLoweringPasses(mlir::OpPassManager &passes) const = 0;

  virtual TargetFacts getTargetFacts() const = 0;
  /// Why nothing but text can be had, if so; else empty.
  virtual std::string explainMissingObjects() const { return ""; }

  // Of a planned module. Failure was reported on the op.

  /// Builds the loops of every distinct kernel and drops them. Every kernel for
  /// which there are none is reported.
  virtual mlir::LogicalResult checkKernels(mlir::ModuleOp module) const = 0;
  /// Compiles the kernels in parallel.
  virtual mlir::FailureOr<EmittedModel>
  emitObjects(mlir::ModuleOp module, const EmitOptions &options) const = 0;
  /// A single relocatable object in which all but NAME_model is local. Its
  /// weights come from `weightsFile` (copied in by the assembler) when that is
  /// not empty.
  virtual mlir::FailureOr<KernelCache::Code>
  emitSingleObject(mlir::ModuleOp module, const EmitOptions &options,
                   llvm::StringRef weightsFile) const = 0;
  virtual mlir::LogicalResult emitText(mlir::ModuleOp module,
                                       const EmitOptions &options,
                                       TextForm form,
                                       llvm::raw_ostream &os) const = 0;
};

/// Backends by name. Registration is an explicit call; there is no static one.
class BackendRegistry {
public:
  using Factory = std::function<llvm::Expected<std::unique_ptr<Backend>>(
      const TargetOptions &)>;
  void add(llvm::StringRef name, Factory factory) {
    factories[name] = std::move(factory);
  }
  /// Creates the backend `name`, or says which ones there are.
  llvm::Expected<std::unique_ptr<Backend>>
  create(llvm::StringRef name, const TargetOptions &options) const;

private:
  llvm::StringMap<Factory> factories;
};

} // namespace lambent

#endif
