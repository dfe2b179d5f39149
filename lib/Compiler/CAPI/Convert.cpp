//===- Convert.cpp - Between the C API's structures and the compiler's ----===//

#include "Convert.h"
#include "../TuningFiles.h"
#include "lambent-c/prune.h"
#include "lambent/ElementTypes/BlockFormat.h"
#include "lambent/ElementTypes/ElementType.h"
#include "llvm/ADT/StringExtras.h"
#include <cstddef>

using namespace lambent;
using namespace lambent::runtime;

std::string capi::makePrintable(llvm::StringRef text) {
  std::string result(lambent_printable(text.data(), text.size(), nullptr, 0),
                     '\0');
  lambent_printable(text.data(), text.size(), result.data(), result.size() + 1);
  return result;
}

LambentStatus *capi::toStatus(llvm::Error error) {
  auto code = LAMBENT_STATUS_UNSUPPORTED;
  std::vector<std::string> lines;
  llvm::handleAllErrors(
      std::move(error),
      [&](const CompileError &compile) {
        if (compile.kind != CompileError::Kind::Unsupported)
          code = LAMBENT_STATUS_ERROR;
        // Names of the model are among these: an end of a line is theirs.
        for (const std::string &line : compile.getLines())
          lines.push_back(makePrintable(line));
      },
      [&](const CancelledError &cancelled) {
        code = LAMBENT_STATUS_CANCELLED;
        lines.push_back(cancelled.message());
      },
      [&](const llvm::ErrorInfoBase &other) {
        // May be what a tool printed, in several lines.
        code = LAMBENT_STATUS_ERROR;
        lines.push_back(llvm::StringRef(other.message()).rtrim('\n').str());
      });
  if (lines.empty())
    return nullptr;
  return makeLines(code, llvm::join(lines, "\n").c_str());
}

/// Asks the application. An exception ends here, in front of the compiler's
/// code, as if there were no such file.
static bool findExternalData(const LambentModelSource &source,
                             const std::string &location, const void *&data,
                             uint64_t &size, std::string &thrown) {
  if (!source.find_external_data)
    return false;
  try {
    return source.find_external_data(source.user, location.c_str(), &data,
                                     &size) == 0;
  } catch (const std::exception &exception) {
    thrown = std::string("an exception: ") + exception.what();
  } catch (...) {
    thrown = "an exception";
  }
  return false;
}

LambentStatus *capi::readSource(const LambentModelSource *given,
                                ModelSource &source) {
  LambentModelSource from;
  if (LambentStatus *status =
          readStructure(given, "LambentModelSource", from,
                        offsetof(LambentModelSource, follow_links)))
    return status;
  if (LambentStatus *status =
          requireFlag("LambentModelSource.follow_links", from.follow_links))
    return status;
  if (LambentStatus *status =
          requireZero("LambentModelSource.reserved", from.reserved))
    return status;
  source.followLinks = from.follow_links != 0;
  if (!from.path && !from.data)
    return makeError("a model source needs a path or data");
  source.path = from.path ? from.path : "model";
  if (!from.data)
    return nullptr;
  llvm::StringRef bytes(static_cast<const char *>(from.data), from.data_size);
  source.bytes = llvm::MemoryBuffer::getMemBuffer(
      bytes, source.path, /*RequiresNullTerminator=*/false);
  source.externalData = [from](llvm::StringRef location)
      -> llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> {
    const void *data = nullptr;
    uint64_t size = 0;
    std::string name = location.str(), thrown;
    if (!findExternalData(from, name, data, size, thrown))
      return llvm::createStringError(
          "the application has no external data '" + name + "'" +
          (thrown.empty() ? "" : ": its callback threw " + thrown));
    if (size && !data)
      return llvm::createStringError(
          "expected the bytes of external data '" + name +
          "' from the application, but got a null pointer");
    llvm::StringRef bytes(static_cast<const char *>(data), size);
    return llvm::MemoryBuffer::getMemBuffer(bytes, name,
                                            /*RequiresNullTerminator=*/false);
  };
  return nullptr;
}

static bool isIdentifier(llvm::StringRef name) {
  return !name.empty() && !llvm::isDigit(name.front()) &&
         llvm::all_of(name,
                      [](char c) { return llvm::isAlnum(c) || c == '_'; });
}

static LambentStatus *readConstant(const LambentConstantBinding &binding,
                                   OfferedConstant &constant) {
  if (!binding.input || !binding.value)
    return makeError("a constant needs an input's name and a value");
  const LambentTensor &value = *binding.value;
  constant.input = binding.input;
  constant.typeCode = value.dtype.code;
  constant.typeBits = value.dtype.bits;
  if (value.ndim < 0 || (value.ndim > 0 && !value.shape) ||
      value.dtype.lanes != 1 || value.device.device_type != LAMBENT_DEVICE_CPU)
    return makeError("input '%s': expected a tensor in CPU memory with one "
                     "lane and a shape as its constant",
                     binding.input);
  constant.dims.assign(value.shape, value.shape + value.ndim);
  uint64_t count = 1;
  bool isDense = true;
  for (int32_t i = value.ndim - 1; i >= 0; --i) {
    uint64_t dim = static_cast<uint64_t>(value.shape[i]);
    // The elements' bits are counted in 64 bits.
    if (value.shape[i] < 0 || (dim && count > UINT64_MAX / 64 / dim))
      return makeError("input '%s': its constant has an impossible shape",
                       binding.input);
    isDense &= !value.strides || dim == 1 || value.strides[i] == int64_t(count);
    count *= dim;
  }
  uint64_t bytes = getPackedBytes(count, value.dtype.bits);
  if (bytes && !isDense)
    return makeError("input '%s': expected a dense row-major tensor as its "
                     "constant, but got strides",
                     binding.input);
  if (bytes && !value.data)
    return makeError("input '%s': expected data of its constant, but got a "
                     "null pointer",
                     binding.input);
  constant.bytes = llvm::StringRef(
      static_cast<const char *>(value.data) + value.byte_offset, bytes);
  return nullptr;
}

static LambentStatus *readBindings(const LambentCompileOptions &from,
                                   CompileOptions &options) {
  constexpr const char *structure = "LambentCompileOptions";
  if (from.num_dims && !from.dims)
    return requireArguments(structure, {{"dims", from.dims}});
  if (from.num_shapes && !from.shapes)
    return requireArguments(structure, {{"shapes", from.shapes}});
  if (from.num_extra_outputs && !from.extra_outputs)
    return requireArguments(structure, {{"extra_outputs", from.extra_outputs}});
  if (from.num_constants && !from.constants)
    return requireArguments(structure, {{"constants", from.constants}});
  if (from.num_donations && !from.donations)
    return requireArguments(structure, {{"donations", from.donations}});
  for (const LambentDonation &donation :
       llvm::ArrayRef(from.donations, from.num_donations)) {
    if (!donation.input || !donation.output)
      return makeError("a donation needs the names of an input and an output");
    options.donations.emplace_back(donation.input, donation.output);
  }
  for (const LambentDimBinding &dim :
       llvm::ArrayRef(from.dims, from.num_dims)) {
    if (!dim.name)
      return makeError("a bound dim needs a name");
    options.dims.emplace_back(dim.name, dim.value);
  }
  if (from.num_ranges && !from.ranges)
    return requireArguments(structure, {{"ranges", from.ranges}});
  for (const LambentDimRange &range :
       llvm::ArrayRef(from.ranges, from.num_ranges)) {
    if (!range.name)
      return makeError("a dim with a range needs a name");
    options.ranges.push_back(
        {range.name, range.least, range.most, range.factor});
  }
  for (const char *name :
       llvm::ArrayRef(from.extra_outputs, from.num_extra_outputs)) {
    if (!name)
      return makeError("an extra output needs a name");
    options.extraOutputs.push_back(name);
  }
  for (const LambentShapeBinding &shape :
       llvm::ArrayRef(from.shapes, from.num_shapes)) {
    if (!shape.input || (shape.rank && !shape.dims))
      return makeError("a bound shape needs an input's name and dims");
    if (LambentStatus *status =
            requireZero("LambentShapeBinding.reserved", shape.reserved))
      return status;
    options.shapes.emplace_back(
        shape.input, std::vector<int64_t>(shape.dims, shape.dims + shape.rank));
  }
  return nullptr;
}

/// Reads the files of what was measured.
static LambentStatus *readTuning(const LambentCompileOptions &from,
                                 CompileOptions &options) {
  llvm::Expected<std::string> description =
      readDescription(options.cpu, from.cpu_description);
  if (!description)
    return capi::toStatus(description.takeError());
  options.cpuDescription = std::move(*description);
  options.candidate = from.candidate;
  // A search compares with what estimates choose.
  if (options.candidate)
    return nullptr;
  llvm::Expected<std::string> choices =
      readChoices(options.cpu, options.cpuDescription, from.tuned_choices);
  if (!choices)
    return capi::toStatus(choices.takeError());
  options.tunedChoices = std::move(*choices);
  return nullptr;
}

/// Reads "FORMAT" or "FORMAT:up".
static LambentStatus *readBlockFormat(llvm::StringRef text,
                                      CompileOptions &options) {
  auto [format, scale] = text.split(':');
  options.blockFormat = format.str();
  options.blockScale = scale.empty() ? "down" : scale.str();
  bool isWhole = scale.empty() ? !text.contains(':') : scale == "up";
  if (isWhole && findBlockFormat(options.blockFormat.c_str()))
    return nullptr;
  std::string names;
  for (const BlockFormat &known : blockFormats)
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  return makeError("expected a format of blocks, which is one of %s, or one "
                   "with ':up', but got '%s'",
                   names.c_str(), text.str().c_str());
}

static LambentStatus *readProductType(llvm::StringRef text,
                                      CompileOptions &options) {
  if (!text.empty() && text != "bf16")
    return makeError("expected bf16 as the type of products' operands, but got "
                     "'%s'",
                     text.str().c_str());
  if (!text.empty() && !options.blockFormat.empty())
    return makeError("expected products' operands to be rounded to a type or "
                     "to a format of blocks, but got both, '%s' and '%s'",
                     text.str().c_str(), options.blockFormat.c_str());
  options.productType = text.str();
  return nullptr;
}

static LambentStatus *checkWinogradZeros(double percent,
                                         const CompileOptions &options) {
  if (!(percent >= 0 && percent < 100))
    return makeError("expected the zeros of Winograd filters to be at least 0 "
                     "%% and below 100 %%, but got %g %%",
                     percent);
  if (percent > 0 && options.accuracy == Accuracy::Strict)
    return makeError("expected no zeros of Winograd filters with strict "
                     "accuracy, which takes no Winograd convolutions, but got "
                     "%g %%",
                     percent);
  return nullptr;
}

static LambentStatus *readWinogradZeros(const LambentCompileOptions &from,
                                        CompileOptions &options) {
  if (LambentStatus *status = checkWinogradZeros(from.winograd_zeros, options))
    return status;
  options.winogradZeros = from.winograd_zeros;
  if (from.num_winograd_layers && !from.winograd_layers)
    return requireArguments("LambentCompileOptions",
                            {{"winograd_layers", from.winograd_layers}});
  for (const LambentLayerZeros &layer :
       llvm::ArrayRef(from.winograd_layers, from.num_winograd_layers)) {
    if (!layer.node)
      return makeError("a node that has a share of zeros needs a name");
    if (LambentStatus *status = checkWinogradZeros(layer.percent, options))
      return status;
    options.winogradLayers.emplace_back(layer.node, layer.percent);
  }
  return nullptr;
}

LambentStatus *capi::readOptions(const LambentCompileOptions *given,
                                 CompileOptions &options) {
  LambentCompileOptions from;
  if (LambentStatus *status =
          readStructure(given, "LambentCompileOptions", from,
                        offsetof(LambentCompileOptions, constants)))
    return status;
  if (from.name)
    options.name = from.name;
  if (!isIdentifier(options.name))
    return makeError(
        "expected a C identifier as the model's name, but got '%s'",
        options.name.c_str());
  if (llvm::StringRef(options.name).starts_with("lambent"))
    return makeError("expected a model's name that does not begin with "
                     "'lambent', as the runtime's own names do, but got '%s'",
                     options.name.c_str());
  if (from.cpu)
    options.cpu = from.cpu;
  if (from.target)
    options.target = from.target;
  if (from.accuracy > LAMBENT_ACCURACY_STRICT)
    return makeError("expected an accuracy of LambentAccuracy, but got %u",
                     from.accuracy);
  options.accuracy = from.accuracy == LAMBENT_ACCURACY_STRICT
                         ? Accuracy::Strict
                         : Accuracy::Default;
  if (LambentStatus *status = requireFlag("LambentCompileOptions.watch_signals",
                                          from.watch_signals))
    return status;
  options.watchSignals = from.watch_signals != 0;
  constexpr uint32_t maxThreads = 1024; // as of a pool that runs models
  if (from.threads > maxThreads)
    return makeError("LambentCompileOptions.threads: expected at most %u, but "
                     "got %u",
                     maxThreads, from.threads);
  if (LambentStatus *status =
          requireZero("LambentCompileOptions.reserved", from.reserved))
    return status;
  if (LambentStatus *status =
          requireZero("LambentCompileOptions.reserved2", from.reserved2))
    return status;
  if (LambentStatus *status =
          requireZero("LambentCompileOptions.reserved3", from.reserved3))
    return status;
  options.threads = from.threads;
  if (from.cancellation)
    options.interruption = std::make_shared<Interruption>(from.cancellation);
  options.maxMemory = from.max_memory;
  options.cacheFolder = from.cache_folder ? from.cache_folder : "";
  if (from.cache_bytes)
    options.cacheBytes = from.cache_bytes;
  options.keepFloatWeights = from.keep_float_weights != 0;
  if (from.block_format && *from.block_format)
    if (LambentStatus *status = readBlockFormat(from.block_format, options))
      return status;
  if (from.product_type)
    if (LambentStatus *status = readProductType(from.product_type, options))
      return status;
  if (LambentStatus *status =
          requireZero("LambentCompileOptions.reserved4", from.reserved4))
    return status;
  if (LambentStatus *status = readWinogradZeros(from, options))
    return status;
  if (LambentStatus *status = readBindings(from, options))
    return status;
  if (LambentStatus *status = readTuning(from, options))
    return status;
  if (from.quantize)
    if (LambentStatus *status =
            readQuantizeOptions(from.quantize, options.quantize.emplace()))
      return status;
  for (uint32_t i = 0; i < from.num_constants; ++i)
    if (LambentStatus *status =
            readConstant(from.constants[i], options.constants.emplace_back()))
      return status;
  // An exception must not pass through the compiler: noexcept ends the process.
  if (from.progress)
    options.progress = [from](llvm::StringRef phase, unsigned done,
                              unsigned total) noexcept {
      from.progress(from.user, phase.str().c_str(), done, total);
    };
  return nullptr;
}
