//===- PruneCommand.cpp - lambent prune -----------------------------------===//

#include "Commands.h"
#include "Handles.h"
#include "Limits.h"
#include "PruneRequest.h"
#include "ReadFiles.h"
#include "Report.h"
#include "Search/PruneModel.h"
#include "Search/SearchModel.h"
#include "ShownSamples.h"
#include "WholeFile.h"
#include <cstdio>

namespace lambent::driver {

/// Fails where a report of a pruning, which is JSON, has another name.
static int checkReport(const std::string &path, const std::string &output,
                       const ReadFiles &files) {
  if (path.empty())
    return Done;
  if (int status = checkApart(path, output))
    return status;
  if (!path.ends_with(".json"))
    return reportError("expected a name that ends in .json for --report, but "
                       "got " +
                       driver::quoted(path));
  if (int status = checkPlace(path))
    return status;
  return files.checkOutput(path);
}

static int run(const Arguments &arguments) {
  if (!arguments.has("-o"))
    return reportError("'prune' needs -o: the file to write");
  std::unique_ptr<PruneRequest> request = PruneRequest::parse(arguments);
  if (!request)
    return Error;
  std::string output = arguments.get("-o"), report = arguments.get("--report");
  ReadFiles files; // the library looks after the model's own files
  if (!request->getMask().empty())
    files.add(request->getMask());
  ShownSamples samples;
  if (ShownSamples::isAskedFor(arguments)) {
    if (int status = samples.open(arguments))
      return status;
    samples.addFiles(files);
    request->setSamples(samples.get());
  }
  if (int status = files.checkOutput(output))
    return status;
  if (asksForSearch(arguments))
    return pruneByGoal(arguments, *request, output);
  if (arguments.has("--min-score"))
    return reportError("--min-score is for a search, and needs "
                       "--score-command");
  if (arguments.has("--input-dir") && !ShownSamples::isAskedFor(arguments))
    return reportError("--input-dir is for --method=reconstruct and for a "
                       "search, and needs one of them");
  LambentModelSource source = {};
  source.size = sizeof source;
  source.path = arguments.operand().c_str();
  source.follow_links = arguments.has("--follow-links");
  files.addModel(arguments.operand(), &source);
  if (int status = checkReport(report, output, files))
    return status;
  const LambentPruneReport *made = nullptr;
  LambentStatus *status =
      lambent_prune_to_file(&source, request->options(), output.c_str(), &made);
  if (samples.getStatus()) { // which says what is wrong with a sample
    lambent_status_destroy(status);
    return samples.getStatus();
  }
  if (int failed = reportStatus(status))
    return failed;
  PruneReport owned(made);
  if (arguments.has("--json"))
    std::printf("%s\n", lambent_prune_report_json(made));
  return report.empty()
             ? int(Done)
             : writeWholeFile(report, lambent_prune_report_json(made));
}

Command pruneCommand() {
  return {
      "prune",
      "MODEL.onnx",
      "-o PRUNED.onnx",
      "turn weights of a model into zeros",
      "Writes a model of the same nodes and names, with zeros among the "
      "weights "
      "of Conv, Gemm and MatMul, which 'lambent compile' makes faster code of "
      "where it pays. Depthwise convolutions, weights that others read, too, "
      "and "
      "layers of fewer than 1024 weights stay as they are; the report says "
      "why. "
      "Constants that are nodes or sparse tensors become initializers. A file "
      "is replaced when the new one is complete. Weights of more than 2 GB lie "
      "beside it, in PRUNED.onnx.data.",
      withLimits(withPruneOptions(withPruneSearchOptions(
          {{"-o", "PRUNED.onnx", "The file to write."},
           {"--json", "",
            "Print what became of each product, as one JSON object: layers "
            "(each with its weights, zeros and their share, the reason why it "
            "stayed as it is, and signal to noise in dB of its weight and of "
            "what it gives on samples), and the sums of weights and zeros."},
           {"--follow-links", "",
            "Read weights beside the model also where their files are "
            "links or have several names."}}))),
      "lambent prune model.onnx -o pruned.onnx --zeros=70\n"
      "lambent prune model.onnx -o pruned.onnx --zeros=70 --structure=4x1 "
      "--method=reconstruct --input-dir samples --report=r.json\n"
      "lambent prune model.onnx -o pruned.onnx --structure=2:4 --keep-first=1\n"
      "lambent prune trained.onnx -o again.onnx --mask-from=pruned.onnx\n"
      "lambent prune model.onnx -o pruned.onnx --max-error=20 "
      "--method=reconstruct --input-dir samples --report=r.html",
      run,
      /*instead=*/{},
      /*second=*/{},
      /*watchesClock=*/false,
      listTrialFiles};
}

} // namespace lambent::driver
