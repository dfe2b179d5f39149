//===- Compiler.h - Compile ONNX models, in process or to files -----------===//
//
// The C++ entry points of the compiler. lib/Compiler/CAPI wraps them in the C
// API, which is all that tools and applications see. Two compilations in one
// process share nothing, unless they are given one kernel cache.
//
//===----------------------------------------------------------------------===//

#ifndef LAMBENT_COMPILER_COMPILER_H
#define LAMBENT_COMPILER_COMPILER_H

#include "lambent-c/runtime.h"
#include "lambent/Graph/Import/Model.h"
#include "lambent/Quantization/PruneReport.h"
#include "lambent/Quantization/SampleRunner.h"
#include <atomic>
#include <optional>

namespace lambent {

class KernelCache; // lambent/Backends/Emit/Emission.h

/// Makes a cache that compilations may share; kernels in it are not compiled
/// again.
std::shared_ptr<KernelCache> createKernelCache();

enum class Accuracy { Default, Strict };

/// What may end a compilation: asked now and then, by several threads. Once due
/// it stays so, whatever deadline its cancellation gets afterwards.
class Interruption {
public:
  explicit Interruption(const LambentCancellation *cancellation)
      : cancellation(cancellation) {}
  bool isDue() {
    if (!due && lambent_cancellation_is_due(cancellation))
      due = true;
    return due;
  }
  const LambentCancellation *getCancellation() const { return cancellation; }

private:
  const LambentCancellation *cancellation;
  std::atomic<bool> due{false};
};

/// The value that an input will have. It becomes a part of the compiled model
/// where something that must be known at compile time follows from it; the
/// input stays, but its value is then not read any more.
struct OfferedConstant {
  std::string input;
  uint8_t typeCode = 0, typeBits = 0; ///< as in LambentTensorInfo
  std::vector<int64_t> dims;
  llvm::StringRef bytes; ///< dense, row-major; must stay until it is compiled
};

/// What is said of an open dim that stays open.
struct DimRange {
  std::string name;
  int64_t least = 0, most = INT64_MAX; ///< both included
  int64_t factor = 1;                  ///< sizes are multiples of it
};

/// How to quantize a model. Names are those that lambent-c/quantize.h has.
struct QuantizeRequest {
  std::string numbers = "int8", calibration = "minmax";
  /// "": symmetric for int16, asymmetric for other numbers.
  std::string schema;
  /// The file of a profile, or "".
  std::string profile;
  /// Nodes that stay in float, and how many of the first and last products do.
  std::vector<std::string> keep;
  unsigned keepFirst = 0, keepLast = 0;
  std::vector<std::string> bf16; ///< nodes whose operands become bf16
  bool isPerTensor = false;
  /// Weights that share a scale, of weights alone; 32 by default.
  std::optional<uint64_t> group;
  /// How much of the range of activations goes over to weights: a number above
  /// 0 to 1, auto, or "" for nothing.
  std::string migration;
  /// How weights are rounded: nearest, gptq or adaround. The last two
  /// need samples.
  std::string rounding = "nearest";
  std::shared_ptr<quantization::SampleRunner> samples;
};

/// How to prune a model. Names are those that lambent-c/prune.h has.
struct PruneRequest {
  std::string structure = "unstructured", method = "magnitude";
  /// Of the weights of each layer that become 0; 0: not said.
  double percent = 0;
  /// Other percentages of single nodes, by name.
  std::vector<std::pair<std::string, double>> layers;
  /// Nodes whose weights stay, and how many of the first and last products do.
  std::vector<std::string> keep;
  unsigned keepFirst = 0, keepLast = 0;
  std::shared_ptr<quantization::SampleRunner> samples; ///< or null
  /// A model whose zeros are taken, or null.
  std::shared_ptr<const ModelSource> mask;
};

struct CompileOptions {
  /// Prefix of exported symbols.
  std::string name = "model";
  /// native, an x86-64 CPU or level (x86-64-v3), or aarch64[:CPU].
  std::string cpu = "native";
  /// The text of a description of the CPU, as tuning writes it; "": how its
  /// family computes best.
  std::string cpuDescription;
  /// The text of choices that were measured, or "".
  std::string tunedChoices;
  /// Not 0: every kernel takes the candidate of this number, for a search.
  unsigned candidate = 0;
  /// The microscaling format that operands of products are rounded to, or "";
  /// and how the powers of two that blocks share are rounded: down or up.
  std::string blockFormat, blockScale = "down";
  /// Weights stay f32 where they are multiples of a scale, too.
  bool keepFloatWeights = false;
  /// The element type that operands of products of f32 are rounded to, "bf16",
  /// or "".
  std::string productType;
  /// Percent of the vectors of each Winograd convolution's transformed filter
  /// that are left out though they are not zero, where that saves time: 0 to
  /// below 100. Not with Accuracy::Strict.
  double winogradZeros = 0;
  /// Other percentages of single Convs, by name.
  std::vector<std::pair<std::string, double>> winogradLayers;
  /// A registered backend.
  std::string target = "cpu";
  Accuracy accuracy = Accuracy::Default;
  /// Check indices and divisors at run time, as Accuracy::Strict does.
  bool checkValues = false;
  /// Open dims to bind, by name.
  std::vector<std::pair<std::string, int64_t>> dims;
  /// Dims that stay open, of which more is known.
  std::vector<DimRange> ranges;
  /// Inputs whose whole shape is given.
  std::vector<std::pair<std::string, std::vector<int64_t>>> shapes;
  /// Values that inputs will have.
  std::vector<OfferedConstant> constants;
  /// Inputs whose memory an output takes: both names, or two patterns with a
  /// `*` each that stands for one text.
  std::vector<std::pair<std::string, std::string>> donations;
  /// Threads of the compiler, 0: all cores.
  unsigned threads = 0;
  /// Null: one of its own.
  std::shared_ptr<KernelCache> kernelCache;
  /// Called as work proceeds, from the compiling thread.
  std::function<void(llvm::StringRef phase, unsigned done, unsigned total)>
      progress;
  /// compileToFile: whether SIGINT, SIGTERM and SIGHUP remove temporary files
  /// and end the linker before they end the process (see SignalWatch). For
  /// programs that have no other threads.
  bool watchSignals = false;
  /// Values inside the model that become outputs behind its own.
  std::vector<std::string> extraOutputs;
  /// More of them, but those only that are float tensors.
  std::vector<std::string> floatOutputs;
  /// Ends the compilation with a CancelledError; null: nothing does.
  std::shared_ptr<Interruption> interruption;
  /// The most bytes that constants, weights or an arena may take; 0: no limit.
  uint64_t maxMemory = 0;
  /// A folder that compiled models are kept in, or "".
  std::string cacheFolder;
  /// The most bytes of its entries.
  uint64_t cacheBytes = uint64_t(4) << 30;
  /// Quantize the model first.
  std::optional<QuantizeRequest> quantize;
};

/// A failed compilation: what is wrong with the model, and what in it is right
/// but not supported. Names in it are as the model has them.
class CompileError : public llvm::ErrorInfo<CompileError> {
public:
  static char ID;
  enum class Kind { Invalid, Unsupported };
  /// Unsupported if nothing is wrong.
  CompileError(std::vector<std::string> messages,
               std::vector<UnsupportedNode> nodes);
  /// One message for each of both, located: "FILE: node 'NAME' (OP): ...".
  std::vector<std::string> getLines() const;
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;
  Kind kind;
  std::vector<std::string> messages;
  std::vector<UnsupportedNode> nodes;
};

/// A compilation that its cancellation ended.
class CancelledError : public llvm::ErrorInfo<CancelledError> {
public:
  static char ID;
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;
};

/// A model compiled in process, ready to run. Immutable; any number of contexts
/// may use it at once.
class JITModel {
public:
  virtual ~JITModel() = default;
  virtual const LambentModel &getModel() const = 0;
  /// The packed weights, 64-byte aligned.
  virtual const char *getWeights() const = 0;
};

/// Compiles for this machine.
llvm::Expected<std::unique_ptr<JITModel>>
compileInProcess(ModelSource source, const CompileOptions &options);

/// Links an object artefact, whose bytes were checked, into this process.
/// `symbol` is its LambentModel.
llvm::Expected<std::unique_ptr<JITModel>>
linkObject(std::unique_ptr<llvm::MemoryBuffer> object, llvm::StringRef symbol);

/// What `compileToFile` writes. The last four are text, for reading a stage.
enum class OutputForm {
  Library,
  Object,
  Bundle,
  Executable,
  Graph,
  LIR,
  LLVM,
  Assembly
};

/// Compiles to `output` ("-": standard output, text forms only). A library or
/// object comes with OUTPUT's header beside it, a bundle with a header and a
/// weights file. Regular files alone are replaced (text is written to devices
/// and FIFOs, too); files that would harm another are refused, as OutputPlan
/// says. On failure nothing is left behind.
llvm::Error compileToFile(ModelSource source, const CompileOptions &options,
                          OutputForm form, llvm::StringRef output);

/// Writes a quantized model, which is an ONNX model too. Weights of more than 2
/// GB lie beside it, in OUTPUT.data. `report` gets what became of each product,
/// as JSON, unless it is null. On failure nothing is left behind.
llvm::Error quantizeToFile(ModelSource source, const QuantizeRequest &request,
                           llvm::StringRef output, bool watchSignals,
                           std::string *report);

/// A layer that a quantization may change, and why it has no form in the
/// integers asked for, or in bf16; "" where it has one.
struct LayerForms {
  std::string node, op;
  std::string whyNoIntegers, whyNoBF16;
};

/// The layers of a model that a request leaves to be chosen: those that it does
/// not keep in float or make bf16.
llvm::Expected<std::vector<LayerForms>>
listLayerForms(ModelSource source, const QuantizeRequest &request);

/// Writes the pruned model to a file. `report` gets what became of each layer.
/// The model's own files are never replaced.
llvm::Error pruneToFile(ModelSource source, const PruneRequest &request,
                        llvm::StringRef output, bool watchSignals,
                        quantization::PruneReport &report);

/// What stands between a model and its code.
struct CheckReport {
  std::vector<UnsupportedNode> nodes;
  /// What is wrong, as in a CompileError.
  std::vector<std::string> errors;
  /// What could not be looked at, and why.
  std::vector<std::string> unchecked;
};

/// Takes a model through all stages up to the loops of its kernels, and reports
/// everything that is wrong or not supported. No machine code is made, and no
/// constant is computed that nothing but kernels read. Fails where the question
/// makes no sense: an unknown CPU or target.
llvm::Expected<CheckReport> checkModel(ModelSource source,
                                       const CompileOptions &options);

/// What a model is, without compiling it.
llvm::Expected<ModelSummary> summarizeModel(ModelSource source);

/// What a compiled model's LambentModel.metadata says of where it came from.
llvm::Expected<ModelSummary> readModelOrigin(llvm::StringRef metadata);

} // namespace lambent

#endif
