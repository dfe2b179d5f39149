//===- CheckCommand.cpp - lambent check -----------------------------------===//

#include "Commands.h"
#include "CompileRequest.h"
#include "Handles.h"
#include "Limits.h"
#include "Report.h"
#include "UnsupportedNodes.h"
#include <algorithm>
#include <cstdio>
#include <cstring>

namespace lambent::driver {

/// A name that leaves room for others on the line.
static std::string shortName(const char *name) {
  constexpr size_t limit = 60;
  std::string text = shown(name);
  return text.size() <= limit ? text
                              : shown(std::string_view(name, limit)) + "...";
}

/// What the report says of one kind of nodes: the nodes it is about, the first
/// of them by name.
static std::string describeKind(const LambentCheckReport &report,
                                uint64_t kind) {
  constexpr uint64_t mostNames = 3;
  std::string names;
  uint64_t count = 0;
  const LambentUnsupportedNode *first = nullptr;
  bool isAlike = true;
  for (uint64_t i = 0; i < report.num_nodes; ++i) {
    if (report.kinds[i] != kind)
      continue;
    const LambentUnsupportedNode &node = report.nodes[i];
    if (!first)
      first = &node;
    isAlike &= std::strcmp(first->reason, node.reason) == 0;
    if (++count <= mostNames)
      names += (count > 1 ? ", " : "") + shortName(node.name);
  }
  if (count > mostNames)
    names += " and " + std::to_string(count - mostNames) + " more";
  std::string op = *first->domain ? std::string(first->domain) + "." : "";
  op += first->op;
  std::string text;
  if (*first->name || !op.empty())
    text = names + ": " + shown(op);
  if (first->opset)
    text += " (opset " + std::to_string(first->opset) + ")";
  // What belongs to no node says itself what it is about.
  if (!text.empty())
    text += ": ";
  text += shown(first->reason);
  if (!isAlike)
    text += *first->name ? " (the first; the others likewise)"
                         : " (and " + std::to_string(count - 1) + " more)";
  return text;
}

int reportUnsupported(const std::string &model,
                      const LambentCheckReport &report) {
  uint64_t kinds = 0;
  for (uint64_t i = 0; i < report.num_kinds; ++i)
    kinds = std::max(kinds, report.kinds[i] + 1);
  for (uint64_t kind = 0; kind < kinds; ++kind)
    std::printf("%s\n", describeKind(report, kind).c_str());
  reportError(shown(model.c_str()) + ": " + std::to_string(report.num_nodes) +
              (report.num_nodes == 1 ? " node is" : " nodes are") +
              " not supported");
  return Unsupported;
}

/// The whole report as JSON on standard output; what is wrong goes to standard
/// error as well.
static int printJson(const LambentCheckReport *report, LambentStatus *status) {
  if (report)
    std::printf("%s\n", lambent_check_report_json(report));
  if (status)
    return reportStatus(status);
  return report->num_nodes ? Unsupported : Done;
}

static int run(const Arguments &arguments) {
  std::optional<ModelOptions> options = parseModelOptions(arguments);
  if (!options)
    return Error;
  CompileRequest request(arguments.operand(), *options);
  const LambentCheckReport *report = nullptr;
  LambentStatus *status =
      lambent_check(request.source(), request.options(), &report);
  CheckReport owned(report);
  if (arguments.has("--json"))
    return printJson(report, status);
  int result = Done;
  if (report && report->num_nodes > 0)
    result = reportUnsupported(arguments.operand(), *report);
  // What is wrong weighs more than what is not supported.
  if (status)
    return reportStatus(status);
  if (result != Done)
    return result;
  if (report->num_unchecked == 0) {
    std::printf("every node is supported\n");
    return Done;
  }
  std::printf("every node is known, but not its sizes and kernels:\n");
  for (uint64_t i = 0; i < report->num_unchecked; ++i)
    std::printf("%s\n", shown(report->unchecked[i]).c_str());
  return Done;
}

Command checkCommand() {
  return {
      "check",
      "MODEL.onnx",
      "",
      "list all that is wrong with a model or not supported",
      "Reads a model and prints what in it cannot be compiled, and all errors, "
      "at once: nodes by their names, op, opset and the reason, a line for all "
      "that are refused alike. It goes through all stages up to the loops of "
      "the kernels, makes no machine code and computes no large constant: what "
      "it approves, 'compile' takes. Where the target needs bound dims and the "
      "model has open ones, it looks at the nodes alone, and says which dims "
      "they are. Exit status 1 if something is wrong, 3 if all is "
      "right but something not supported.",
      withLimits(withModelOptions({
          {"--json", "",
           "Print one JSON object: errors, nodes (each with name, op, domain, "
           "opset, reason, kind), kinds (each with op, domain, opset, count "
           "and "
           "the first reason), unchecked."},
          {"--target", "TARGET",
           "The target, as for 'compile': some have kernels for fewer ops."},
      })),
      "lambent check model.onnx\n"
      "lambent check model.onnx --dim batch=1",
      run};
}

} // namespace lambent::driver
