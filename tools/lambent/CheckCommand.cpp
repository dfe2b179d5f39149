//===- CheckCommand.cpp - lambent check -----------------------------------===//

#include "Commands.h"
#include "CompileRequest.h"
#include "Handles.h"
#include "Report.h"
#include "UnsupportedNodes.h"
#include <cstdio>

namespace lambent::driver {

int reportUnsupported(const std::string &model,
                      const LambentCheckReport &report) {
  for (uint64_t i = 0; i < report.num_nodes; ++i) {
    const LambentUnsupportedNode &node = report.nodes[i];
    std::string op = *node.domain ? std::string(node.domain) + "." : "";
    op += node.op;
    if (*node.name || !op.empty())
      std::printf("%s: %s", shown(node.name).c_str(), shown(op).c_str());
    if (node.opset)
      std::printf(" (opset %lld)", static_cast<long long>(node.opset));
    // What belongs to no node says itself what it is about.
    if (*node.name || !op.empty() || node.opset)
      std::printf(": ");
    std::printf("%s\n", shown(node.reason).c_str());
  }
  reportError(shown(model.c_str()) + ": " + std::to_string(report.num_nodes) +
              (report.num_nodes == 1 ? " node is" : " nodes are") +
              " not supported");
  return Unsupported;
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
      "Reads a model and prints, for each node that cannot be compiled, its "
      "name, op, opset and the reason, and all errors, at once. With all dims "
      "bound it goes through all stages up to the loops of the kernels, makes "
      "no machine code and computes no large constant: what it approves, "
      "'compile' takes. With open dims it looks at the nodes alone, and says "
      "which dims they are. Exit status 1 if something is wrong, 3 if all is "
      "right but something not supported.",
      withModelOptions({
          {"--cpu", "CPU", "The processor, as for 'compile'."},
          {"--target", "TARGET",
           "The target, as for 'compile': some have kernels for fewer ops."},
      }),
      "lambent check model.onnx\n"
      "lambent check model.onnx --dim batch=1",
      run};
}

} // namespace lambent::driver
