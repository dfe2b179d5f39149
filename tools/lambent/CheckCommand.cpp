//===- CheckCommand.cpp - lambent check -----------------------------------===//

#include "Commands.h"
#include "CompileRequest.h"
#include "Handles.h"
#include "Report.h"
#include "UnsupportedNodes.h"
#include <cstdio>

namespace lambent::driver {

int reportUnsupported(const LambentCheckReport &report) {
  for (uint64_t i = 0; i < report.num_nodes; ++i) {
    const LambentUnsupportedNode &node = report.nodes[i];
    std::printf("%s: %s%s%s (opset %lld): %s\n", node.name, node.domain,
                *node.domain ? "." : "", node.op,
                static_cast<long long>(node.opset), node.reason);
  }
  reportError(std::to_string(report.num_nodes) +
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
  if (int status = reportStatus(
          lambent_check(request.source(), request.options(), &report)))
    return status;
  CheckReport owned(report);
  if (report->num_nodes > 0)
    return reportUnsupported(*report);
  std::printf("every node is supported\n");
  return Done;
}

Command checkCommand() {
  return {
      "check",
      "MODEL.onnx",
      "",
      "list every node of a model that is not supported",
      "Reads a model and prints, for each node that cannot be compiled, its "
      "name, op, opset and the reason, all at once. Compiles nothing. With "
      "all dims bound it looks at the stages after import too.",
      withModelOptions({}),
      "lambent check model.onnx\n"
      "lambent check model.onnx --dim batch=1",
      run};
}

} // namespace lambent::driver
