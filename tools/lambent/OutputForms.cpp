//===- OutputForms.cpp - What 'lambent compile' writes --------------------===//

#include "OutputForms.h"
#include "Report.h"

namespace lambent::driver {

static const std::pair<std::string_view, LambentOutputForm> forms[] = {
    {"library", LAMBENT_FORM_LIBRARY}, {"object", LAMBENT_FORM_OBJECT},
    {"bundle", LAMBENT_FORM_BUNDLE},   {"executable", LAMBENT_FORM_EXECUTABLE},
    {"graph", LAMBENT_FORM_GRAPH},     {"lir", LAMBENT_FORM_LIR},
    {"llvm", LAMBENT_FORM_LLVM},       {"asm", LAMBENT_FORM_ASSEMBLY},
};

/// Extensions that stand for a form.
static const std::pair<std::string_view, LambentOutputForm> extensions[] = {
    {".so", LAMBENT_FORM_LIBRARY},   {".o", LAMBENT_FORM_OBJECT},
    {".ll", LAMBENT_FORM_LLVM},      {".s", LAMBENT_FORM_ASSEMBLY},
    {".ptx", LAMBENT_FORM_ASSEMBLY},
};

/// Extensions that a library surely should not have.
static const std::string_view others[] = {".a",    ".h",  ".mlir",   ".npy",
                                          ".onnx", ".pb", ".weights"};

static std::optional<LambentOutputForm> findForm(const std::string &name) {
  std::string known;
  for (const auto &[form, value] : forms) {
    if (form == name)
      return value;
    known += (known.empty() ? "" : ", ") + std::string(form);
  }
  reportError("expected one of " + known + " for --emit, but got " +
              quoted(name));
  return std::nullopt;
}

std::optional<LambentOutputForm> chooseForm(const Arguments &arguments) {
  if (arguments.has("--emit"))
    return findForm(arguments.get("--emit"));
  std::string output = arguments.get("-o");
  if (output == "-") {
    reportError("expected --emit=graph, lir, llvm or asm with -o -: a library "
                "cannot be written to standard output");
    return std::nullopt;
  }
  size_t dot = output.find_last_of("./");
  std::string_view extension;
  if (dot != std::string::npos && output[dot] == '.')
    extension = std::string_view(output).substr(dot);
  for (const auto &[known, form] : extensions)
    if (known == extension)
      return form;
  for (std::string_view other : others)
    if (other == extension) {
      reportError("no form that 'compile' writes has the extension " +
                  quoted(extension) + " of " + quoted(output) +
                  ": say with --emit what to write, or end the name in .so for "
                  "a library or .o for an object");
      return std::nullopt;
    }
  return LAMBENT_FORM_LIBRARY;
}

} // namespace lambent::driver
