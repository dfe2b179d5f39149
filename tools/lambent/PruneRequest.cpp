//===- PruneRequest.cpp - The options that say how to prune ---------------===//

#include "PruneRequest.h"
#include "Report.h"
#include "Search/SearchModel.h"

namespace lambent::driver {

bool PruneRequest::parseLayers(const Arguments &arguments) {
  auto zeros = arguments.nodePercents("--zeros-of");
  if (!zeros)
    return false;
  for (const auto &[node, percent] : *zeros)
    nodes.push_back(node);
  for (size_t i = 0; i < nodes.size(); ++i)
    layers.push_back({nodes[i].c_str(), (*zeros)[i].second});
  return true;
}

std::unique_ptr<PruneRequest> PruneRequest::parse(const Arguments &arguments) {
  auto request = std::make_unique<PruneRequest>();
  constexpr uint32_t mostProducts = 1000000;
  std::optional<uint32_t> first = arguments.wholeNumber("--keep-first", 0,
                                                        mostProducts),
                          last = arguments.wholeNumber("--keep-last", 0,
                                                       mostProducts);
  if (!first || !last || !request->parseLayers(arguments))
    return nullptr;
  std::optional<double> percent = arguments.percent("--zeros");
  if (!percent)
    return nullptr;
  request->structure = arguments.get("--structure", "unstructured");
  request->method = arguments.get("--method", "magnitude");
  request->mask = arguments.get("--mask-from");
  bool isSaid = arguments.has("--zeros") || !request->layers.empty() ||
                !request->mask.empty() || asksForSearch(arguments) ||
                request->structure.find(':') != std::string::npos;
  if (!isSaid) {
    reportError("'prune' needs --zeros: how many percent of the weights become "
                "0; or --structure=N:M, --mask-from, --max-error or "
                "--score-command");
    return nullptr;
  }
  request->keep = arguments.all("--keep");
  for (const std::string &name : request->keep)
    request->keepNames.push_back(name.c_str());
  LambentPruneOptions &options = request->theOptions;
  options.size = sizeof options;
  options.zeros = *percent;
  options.structure = request->structure.c_str();
  options.method = request->method.c_str();
  options.keep = request->keepNames.data();
  options.num_keep = static_cast<uint32_t>(request->keepNames.size());
  options.keep_first = *first;
  options.keep_last = *last;
  options.layers = request->layers.data();
  options.num_layers = static_cast<uint32_t>(request->layers.size());
  if (!request->mask.empty()) {
    request->maskSource.size = sizeof request->maskSource;
    request->maskSource.path = request->mask.c_str();
    request->maskSource.follow_links = arguments.has("--follow-links");
    options.mask = &request->maskSource;
  }
  options.watch_signals = 1;
  return request;
}

std::vector<Option> withPruneOptions(std::vector<Option> options) {
  std::vector<Option> more = {
      {"--zeros", "PERCENT",
       "How many of the weights of each Conv, Gemm and MatMul become 0, above "
       "0 "
       "and below 100."},
      {"--zeros-of", "NODE=PERCENT",
       "The same for a node by its name; 0: it stays as it is. May be given "
       "several times.",
       true},
      {"--structure", "STRUCTURE",
       "Which weights are 0 together. unstructured (the default): each by "
       "itself. 4x1: those of four output channels at one input channel and "
       "tap. 4x2, 4x4: those of two or four input channels in a row, too, "
       "which products of bytes leave out together. 1x32: those of 32 output "
       "channels. N:M, as 2:4: of M input "
       "channels in a row at one tap N may stay, so that no --zeros is needed. "
       "Layers with fewer channels stay as they are."},
      {"--method", "METHOD",
       "Which weights become 0. magnitude (the default): the smallest. "
       "reconstruct: those that change least of what products give on the "
       "samples of --input-dir, layer after layer; the others, biases and "
       "means "
       "of normalizations make up for them."},
      {"--mask-from", "PRUNED.onnx",
       "Take the zeros of another model's weights, by their names, instead: "
       "after training that has filled some."},
      {"--keep", "NODE",
       "Leave a node as it is, by its name. May be given several times.", true},
      {"--keep-first", "N", "Leave the first N products as they are."},
      {"--keep-last", "N", "Leave the last N products as they are."},
  };
  options.insert(options.end(), more.begin(), more.end());
  return options;
}

} // namespace lambent::driver
