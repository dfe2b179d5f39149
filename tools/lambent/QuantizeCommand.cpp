//===- QuantizeCommand.cpp - lambent quantize -----------------------------===//

#include "Commands.h"
#include "Handles.h"
#include "Limits.h"
#include "QuantizeRequest.h"
#include "ReadFiles.h"
#include "Report.h"
#include "Search/SearchModel.h"
#include "ShownSamples.h"
#include <cstdio>

namespace lambent::driver {

static int run(const Arguments &arguments) {
  if (!arguments.has("-o"))
    return reportError("'quantize' needs -o: the file to write");
  std::unique_ptr<QuantizeRequest> request = QuantizeRequest::parse(arguments);
  if (!request)
    return Error;
  std::string output = arguments.get("-o");
  ReadFiles files; // the library looks after the model's own files
  if (!request->getProfile().empty())
    files.add(request->getProfile());
  ShownSamples samples;
  bool hasSamples = ShownSamples::isAskedFor(arguments);
  if (hasSamples) {
    if (int status = samples.open(arguments))
      return status;
    samples.addFiles(files);
  }
  if (int status = files.checkOutput(output))
    return status;
  request->setRounding(arguments.get("--rounding", "nearest"),
                       hasSamples ? samples.get() : nullptr);
  if (asksForSearch(arguments))
    return searchModel(arguments, *request, output);
  if (int status = refuseSearchOptions(arguments))
    return status;
  LambentModelSource source = {};
  source.size = sizeof source;
  source.path = arguments.operand().c_str();
  source.follow_links = arguments.has("--follow-links");
  const LambentQuantizeReport *report = nullptr;
  LambentStatus *status = lambent_quantize_to_file(&source, request->options(),
                                                   output.c_str(), &report);
  if (samples.getStatus()) { // which says what is wrong with a sample
    lambent_status_destroy(status);
    return samples.getStatus();
  }
  if (int failed = reportStatus(status))
    return failed;
  QuantizeReport owned(report);
  if (arguments.has("--json"))
    std::printf("%s\n", lambent_quantize_report_json(report));
  return Done;
}

Command quantizeCommand() {
  return {
      "quantize",
      "MODEL.onnx",
      "-o Q.onnx",
      "turn a float model into a quantized one",
      "Writes a model whose products read integers: QuantizeLinear and "
      "DequantizeLinear stand in front of them, which other engines run, "
      "too. Names of tensors stay. Batch normalizations are folded into "
      "weights, and biases corrected by what rounding weights adds on "
      "average. 'lambent compile MODEL.onnx --quantize' does the same and "
      "compiles what comes of it. A file is replaced when the new one is "
      "complete. Weights of more than 2 GB lie beside it, in Q.onnx.data. "
      "With --quantize=bf16 operands of products by a constant are rounded to "
      "bf16 by Cast, and back.",
      withLimits(withSearchOptions(withQuantizeOptions(
          {{"-o", "Q.onnx", "The file to write."},
           quantizeOption(),
           {"--rounding", "METHOD",
            "How weights are rounded. nearest (the default). gptq: "
            "one after the other, so that what products give on the samples "
            "of --input-dir changes least. adaround: from there on all of a "
            "product at once, which finds less change and takes longer."},
           {"--json", "",
            "Print what became of each product, as one JSON object: types "
            "(for each op, how many are quantized, and the worst of them), "
            "layers (each with the ranges of its inputs, the share of "
            "values outside, whether there was nothing but 0, and the signal "
            "to "
            "noise of its weight in dB), "
            "and bytes of weights."},
           {"--follow-links", "",
            "Read weights beside the model also where their files are "
            "links or have several names."}}))),
      "lambent quantize model.onnx --profile p.json -o quantized.onnx\n"
      "lambent quantize model.onnx --profile p.json -o q.onnx "
      "--calibration=mse --keep /head/MatMul\n"
      "lambent quantize model.onnx --quantize=int4-weights -o q.onnx\n"
      "lambent quantize model.onnx --quantize=bf16 -o q.onnx\n"
      "lambent quantize model.onnx --quantize=int4-weights --rounding=gptq "
      "--input-dir samples -o q.onnx\n"
      "lambent quantize model.onnx --profile p.json -o q.onnx --max-error=30 "
      "--input-dir samples --report=q.html",
      run,
      /*instead=*/{},
      /*second=*/{},
      /*watchesClock=*/false,
      listTrialFiles};
}

} // namespace lambent::driver
