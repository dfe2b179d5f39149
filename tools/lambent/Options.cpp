//===- Options.cpp - The options that say how to compile ------------------===//

#include "Options.h"
#include "Limits.h"
#include "Report.h"
#include <algorithm>

namespace lambent::driver {

static bool parseSize(std::string_view text, int64_t &size) {
  if (text.empty() || text.size() > 18)
    return false;
  size = 0;
  for (char c : text) {
    if (c < '0' || c > '9')
      return false;
    size = size * 10 + (c - '0');
  }
  return true;
}

/// Splits NAME=VALUE at its last `=`: names of tensors may hold one.
static bool splitNamed(const std::string &text, std::string &name,
                       std::string_view &value) {
  size_t equals = text.rfind('=');
  if (equals == std::string::npos || equals == 0)
    return false;
  name = text.substr(0, equals);
  value = std::string_view(text).substr(equals + 1);
  return true;
}

static bool parseShape(std::string_view text, std::vector<int64_t> &shape) {
  while (!text.empty()) {
    size_t end = text.find('x');
    int64_t size;
    if (!parseSize(text.substr(0, end), size))
      return false;
    shape.push_back(size);
    if (end == std::string_view::npos)
      return true;
    text.remove_prefix(end + 1);
    if (text.empty())
      return false;
  }
  return true;
}

/// Whether a name is not yet among bindings; prints what is wrong if it is.
template <typename Bindings>
static bool isNew(const Bindings &bindings, const std::string &name,
                  std::string_view option) {
  for (const auto &binding : bindings)
    if (binding.first == name) {
      reportError(std::string(option) + " is given twice for " + quoted(name));
      return false;
    }
  return true;
}

/// "1..512", or "8*n", any multiple of 8.
static bool parseRange(std::string_view text, LambentDimRange &range) {
  range = {nullptr, 0, INT64_MAX, 1};
  if (size_t dots = text.find(".."); dots != std::string_view::npos)
    return parseSize(text.substr(0, dots), range.least) &&
           parseSize(text.substr(dots + 2), range.most);
  return text.size() > 2 && text.substr(text.size() - 2) == "*n" &&
         parseSize(text.substr(0, text.size() - 2), range.factor);
}

static bool parseDims(const Arguments &arguments, ModelOptions &options) {
  for (const std::string &text : arguments.all("--dim")) {
    std::string name;
    std::string_view value;
    int64_t size;
    LambentDimRange range;
    bool isNamed = splitNamed(text, name, value),
         isSize = isNamed && parseSize(value, size);
    if (!isSize && !(isNamed && parseRange(value, range))) {
      reportError("expected NAME=SIZE for --dim, a size of 1 to 18 digits, or "
                  "a range as 1..512, or a divisor as 8*n, but got " +
                  quoted(text));
      return false;
    }
    if (!isNew(options.dims, name, "--dim") ||
        !isNew(options.ranges, name, "--dim"))
      return false;
    if (isSize)
      options.dims.emplace_back(name, size);
    else
      options.ranges.emplace_back(name, range);
  }
  for (const std::string &text : arguments.all("--shape")) {
    std::string name;
    std::string_view value;
    std::vector<int64_t> shape;
    if (!splitNamed(text, name, value) || !parseShape(value, shape)) {
      reportError("expected NAME=1x3x224x224 for --shape, but got " +
                  quoted(text));
      return false;
    }
    if (!isNew(options.shapes, name, "--shape"))
      return false;
    options.shapes.emplace_back(name, shape);
  }
  return true;
}

static bool readConstants(const Arguments &arguments, ModelOptions &options) {
  for (const std::string &text : arguments.all("--constant")) {
    std::string name;
    std::string_view path;
    if (!splitNamed(text, name, path) || path.empty()) {
      reportError("expected NAME=FILE for --constant, but got " + quoted(text));
      return false;
    }
    if (!isNew(options.constants, name, "--constant"))
      return false;
    LambentTensorSet *set = nullptr;
    options.constantPaths.emplace_back(path);
    if (reportStatus(lambent_tensor_read(std::string(path).c_str(), &set)))
      return false;
    options.constantFiles.emplace_back(set, lambent_tensor_set_destroy);
    options.constants.emplace_back(name, lambent_tensor_set_tensors(set));
  }
  return true;
}

static bool parseDonations(const Arguments &arguments, ModelOptions &options) {
  for (const std::string &text : arguments.all("--donate")) {
    std::string input;
    std::string_view output;
    if (!splitNamed(text, input, output) || output.empty()) {
      reportError("expected INPUT=OUTPUT for --donate, but got " +
                  quoted(text));
      return false;
    }
    options.donations.emplace_back(input, output);
  }
  return true;
}

/// A file of what was measured, if one is given. 'none' is no file.
static void readTuningFile(const Arguments &arguments, const char *option,
                           ModelOptions &options,
                           std::optional<std::string> &file) {
  if (!arguments.has(option))
    return;
  file = arguments.get(option);
  if (*file == "none")
    file = "";
  else
    options.constantPaths.push_back(*file);
}

static bool isIdentifier(std::string_view name) {
  auto isPlain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (c >= '0' && c <= '9');
  };
  return !name.empty() && (name[0] < '0' || name[0] > '9') &&
         std::all_of(name.begin(), name.end(), isPlain);
}

std::optional<ModelOptions> parseModelOptions(const Arguments &arguments) {
  ModelOptions options;
  options.hasShapeOption = true;
  options.cpu = arguments.get("--cpu", options.cpu);
  options.target = arguments.get("--target", options.target);
  options.name = arguments.get("--name", options.name);
  std::string accuracy = arguments.get("--accuracy", "default");
  if (accuracy != "default" && accuracy != "strict") {
    reportError("expected default or strict for --accuracy, but got " +
                quoted(accuracy));
    return std::nullopt;
  }
  options.strict = accuracy == "strict";
  if (!isIdentifier(options.name)) {
    reportError("expected a C identifier for --name, but got " +
                quoted(options.name));
    return std::nullopt;
  }
  for (const Option &option : withModelOptions({})) {
    if (!arguments.has(option.name))
      continue;
    std::string name(option.name);
    if (options.given.empty())
      options.given = name;
    if (options.givenFixed.empty() && name != "--dim" && name != "--shape")
      options.givenFixed = name;
  }
  options.followLinks = arguments.has("--follow-links");
  options.keepFloatWeights = arguments.has("--keep-float-weights");
  options.dumps = arguments.all("--dump");
  options.cacheFolder = arguments.get("--cache");
  readTuningFile(arguments, "--cpu-description", options,
                 options.cpuDescription);
  readTuningFile(arguments, "--tuned-choices", options, options.tunedChoices);
  std::optional<Limits> limits = parseLimits(arguments);
  std::optional<double> winogradZeros = arguments.percent("--winograd-zeros");
  auto winogradLayers = arguments.nodePercents("--winograd-zeros-of");
  if (!limits || !winogradZeros || !winogradLayers ||
      !parseDims(arguments, options) ||
      !parseQuantization(arguments, options) ||
      !readConstants(arguments, options) || !parseDonations(arguments, options))
    return std::nullopt;
  options.maxMemory = limits->memory;
  options.winogradZeros = *winogradZeros;
  options.winogradLayers = std::move(*winogradLayers);
  if (reportStatus(startClock(*limits, options.cancellation)))
    return std::nullopt;
  return options;
}

static int refuse(const std::string &option, const std::string &artefact) {
  if (option.empty())
    return Done;
  return reportError(quoted(artefact) + " is compiled already: " + option +
                     " is an option for 'lambent compile'");
}

int refuseModelOptions(const ModelOptions &options,
                       const std::string &artefact) {
  return refuse(options.given, artefact);
}

int refuseFixedOptions(const ModelOptions &options,
                       const std::string &artefact) {
  return refuse(options.givenFixed, artefact);
}

Option cacheOption() {
  return {
      "--cache", "DIR",
      "Keep compiled models in a folder, made where it is missing: the same "
      "model, options and version are compiled once. Any number of commands "
      "may use it at once; of more than 4 GiB the longest unused go."};
}

std::vector<Option> withModelOptions(std::vector<Option> more) {
  std::vector<Option> options = {
      {"--cpu", "CPU",
       "The processor to compile for: native (the default), an x86-64 "
       "processor or level as in znver4 or x86-64-v3, with one to tune for "
       "where "
       "that is another (x86-64-v4:znver4), or aarch64[:CPU]. What "
       "runs at once is refused where this machine's processor lacks what the "
       "code needs; so is an artefact, and 'lambent inspect' prints that."},
      {"--cpu-description", "FILE",
       "A description of the processor that code is tuned for, which 'lambent "
       "tune --cpu' wrote. Without it, native takes the one that is kept for "
       "this machine, if there is one; 'none' takes none."},
      {"--tuned-choices", "FILE",
       "The algorithms that 'lambent tune' measured to be the fastest. Without "
       "it, native takes those that are kept for this machine, if there are "
       "any; 'none' takes none. Those that fit no kernel are ignored."},
      {"--dim", "NAME=SIZE|A..B|F*n",
       "Bind the open dim NAME of the model's inputs, as in --dim batch=1. Or "
       "leave it open and say more of it: --dim seq=1..512 is a range, --dim "
       "seq=8*n any multiple of 8; runs check that. May be given once for each "
       "dim.",
       true},
      {"--shape", "INPUT=DIMS",
       "Give the whole shape of an input, as in --shape x=1x3x224x224. Binds "
       "dims without a name, and overrides a wrongly declared shape. May be "
       "given once for each input.",
       true},
      {"--constant", "INPUT=FILE",
       "Say which value an input will have, as in --constant axes=axes.npy "
       "(or a .pb file). It is compiled in where axes, sizes or a condition "
       "follow from it, and is not read at run time any more; elsewhere the "
       "input stays as it is. May be given once for each input.",
       true},
      {"--donate", "INPUT=OUTPUT",
       "Let an output take the memory of an input, as a cache that grows by "
       "what a run adds does: nothing that is there already is copied. A * in "
       "both names stands for the same text: --donate 'past_*=present_*'. May "
       "be given several times.",
       true},
      {"--follow-links", "",
       "Read weights beside the model also where their files are links or have "
       "several names, as in the cache of a model hub. Such files are refused "
       "otherwise: a model from elsewhere must not read other folders."},
      {"--quantize", "NUMBERS",
       "Compute products on other numbers. bf16: operands of every product are "
       "rounded to it, with sums of f32. int8, int16, int8-weights and "
       "int4-weights: the model is quantized first, as 'lambent quantize' "
       "does it, with the options for that. A microscaling format rounds the "
       "operands of every product, in blocks along what is summed over: OCP's "
       "mxfp8, mxfp8-e5m2, mxfp6, mxfp6-e3m2, mxfp4 and mxint8, or mx9, mx6 "
       "and mx4 with a bit more for each pair; what blocks share is rounded "
       "down, or up with ':up' behind the name."},
      {"--winograd-zeros", "PERCENT",
       "Prune convolutions that run by Winograd: of each one's transformed "
       "filter leave so much out, that of the least importance, where that "
       "should take less time. Zeros there are none of the model's weights, "
       "so that 'lambent prune' cannot write them. Results change: 'lambent "
       "compare' tells how much, and --report which layers took it."},
      {"--winograd-zeros-of", "NODE=PERCENT",
       "The same for a Conv by its name; 0: nothing is left out. May be given "
       "several times.",
       true},
      {"--keep-float-weights", "",
       "Store weights as floats even where they are integers of at most 8 bits "
       "times a scale, as training for few bits leaves them. By default such "
       "weights are found and stored as these integers, from which the same "
       "floats come again; not so with --accuracy=strict."},
      {"--accuracy", "default|strict",
       "How closely results follow the model's arithmetic. default: within "
       "1e-3 of each value plus 1e-4 of the output's largest. strict: the ONNX "
       "suite's tolerance, without reassociation beyond fused multiply-adds; "
       "denormal numbers stay, which by default are 0 while a model computes; "
       "and a run ends with an error where an index "
       "leads out of its dim or an integer is divided by 0. By default such "
       "an index is clamped, and such a quotient or remainder is 0. Wrong "
       "constants are refused either way."},
  };
  options.insert(options.begin(), more.begin(), more.end());
  return withQuantizeOptions(std::move(options));
}

} // namespace lambent::driver
