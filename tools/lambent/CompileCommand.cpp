//===- CompileCommand.cpp - lambent compile -------------------------------===//

#include "Commands.h"
#include "CompileRequest.h"
#include "DependencyFile.h"
#include "Handles.h"
#include "LayerReport/LayerReport.h"
#include "Limits.h"
#include "OutputForms.h"
#include "ReadFiles.h"
#include "Report.h"
#include "WholeFile.h"

namespace lambent::driver {

/// Fails where the report cannot be written, or would replace what is read or
/// written. Prints what is wrong; returns an exit status.
static int checkReport(const Arguments &arguments, LambentOutputForm form,
                       const CompileRequest &request, ReadFiles files) {
  std::string report = arguments.get("--report"), output = arguments.get("-o");
  if (!mayWriteReport(report))
    return Error;
  if (form >= LAMBENT_FORM_GRAPH)
    return reportError("expected a library, object, bundle or executable with "
                       "--report: text has no layers");
  if (int status = checkApart(report, output))
    return status;
  files.addModel(arguments.operand(), request.source());
  return files.checkOutput(report);
}

/// Reads what was compiled, and writes what it should take.
static int writePrediction(const Arguments &arguments) {
  LambentArtefact *artefact = nullptr;
  if (int status = reportStatus(
          lambent_artefact_read(arguments.get("-o").c_str(), &artefact)))
    return status;
  Artefact owned(artefact);
  const LambentModel &model = *lambent_artefact_model(artefact);
  Speeds speeds = getDescribedSpeeds(model);
  return writeReport(arguments.get("--report"),
                     {arguments.operand(), &model, speeds,
                      makeLayerRows(model, speeds, {}, {}), std::nullopt});
}

static int run(const Arguments &arguments) {
  std::optional<ModelOptions> options = parseModelOptions(arguments);
  if (!options)
    return Error;
  if (!arguments.has("-o"))
    return reportError(
        "'compile' needs -o: the file to write, or - for standard output");
  std::optional<LambentOutputForm> form = chooseForm(arguments);
  if (!form)
    return Error;
  std::string output = arguments.get("-o");
  ReadFiles constants; // the compiler looks after the model's own files
  constants.add(options->constantPaths);
  if (int status = output == "-" ? Done : constants.checkOutput(output))
    return status;
  CompileRequest request(arguments.operand(), *options);
  if (arguments.has("--report"))
    if (int status = checkReport(arguments, *form, request, constants))
      return status;
  if (arguments.has("--depfile"))
    if (int status =
            writeDependencyFile(arguments.get("--depfile"), output,
                                arguments.operand(), request, constants))
      return status;
  if (int status = reportStatus(lambent_compile_to_file(
          request.source(), request.options(), *form, output.c_str())))
    return status;
  return arguments.has("--report") ? writePrediction(arguments) : Done;
}

Command compileCommand() {
  return {
      "compile",
      "MODEL.onnx",
      "-o OUT",
      "compile a model to native code, or to a stage on the way there",
      "Compiles an ONNX model ahead of time. The result needs neither this "
      "command nor LLVM to run. It takes inputs of any size that the model's "
      "open dims allow, unless --dim or --shape binds them. The same model, "
      "options and "
      "CPU give the same bytes on every x86-64 machine. On a terminal, long "
      "compilations show how far they "
      "are.",
      withLimits(withModelOptions({
          {"-o", "OUT",
           "The file to write; '-' is standard output, for the text forms. A "
           "regular file is replaced when the new one is complete, through "
           "links; anything else, as a device, is refused but for text. The "
           "header that comes with a library or object, and a bundle's "
           "weights, have the same name with the extension .h or .weights; "
           "they replace only what was written for the same OUT."},
          {"--emit", "FORM",
           "What to write; without it, the extension of OUT decides: .o is an "
           "object, .ll llvm, .s and .ptx asm, and any other name a library:\n"
           "library (the default): a shared library with a C interface, and a "
           "header\n"
           "object: a relocatable object to link into a program, and a header\n"
           "bundle: an object, a header, and a file with the weights\n"
           "executable: a program that runs the model on .npy files\n"
           "These end in checksums, and what 'strip' was run on is refused.\n"
           "graph: text, the model after import and the passes on tensors\n"
           "lir: text, the kernels on buffers and the memory plan\n"
           "llvm, asm: text, LLVM IR and assembly of all kernels"},
          {"--name", "NAME",
           "The prefix of the functions that the artefact exports; 'model' by "
           "default. Models with different names link into one program."},
          cacheOption(),
          {"--depfile", "FILE",
           "Also write which files OUT depends on, as a rule for make and "
           "ninja: the model, files with its weights, and --constant files."},
          reportOption(),
          {"--target", "TARGET",
           "cpu (the default), or cuda, whose asm is PTX; running that on a "
           "GPU is not supported yet."},
      })),
      "lambent compile model.onnx -o model.so --dim batch=1\n"
      "lambent compile model.onnx -o model.o --emit=object --name=digits\n"
      "lambent compile model.onnx -o model.so --report=layers.html\n"
      "lambent compile model.onnx -o - --emit=lir --shape x=1x3x224x224\n"
      "lambent compile model.onnx -o model.so --cpu=x86-64-v3\n"
      "lambent compile model.onnx -o model.so --quantize=int8 --profile p.json",
      run};
}

} // namespace lambent::driver
