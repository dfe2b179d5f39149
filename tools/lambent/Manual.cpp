//===- Manual.cpp - The driver's help -------------------------------------===//
//
// Lays out what the commands' tables say: synopsis, description, options,
// files, exit status, examples.
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"

namespace lambent::driver {

static constexpr size_t width = 80;

/// Breaks text into lines, each indented; newlines of its own are kept.
static std::string wrapped(std::string_view text, size_t indent) {
  std::string result, line(indent, ' ');
  bool empty = true;
  auto flush = [&] {
    result += empty ? "\n" : line + "\n";
    line.assign(indent, ' ');
    empty = true;
  };
  while (!text.empty()) {
    size_t end = text.find_first_of(" \n");
    std::string_view word = text.substr(0, end);
    if (!word.empty()) {
      if (!empty && line.size() + 1 + word.size() > width)
        flush();
      line += (empty ? "" : " ") + std::string(word);
      empty = false;
    }
    if (end == std::string_view::npos)
      break;
    if (text[end] == '\n')
      flush();
    text.remove_prefix(end + 1);
  }
  flush();
  return result;
}

static std::string indented(std::string_view lines) {
  std::string result;
  while (!lines.empty()) {
    size_t end = lines.find('\n');
    result += "    " + std::string(lines.substr(0, end)) + "\n";
    lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
  }
  return result;
}

static std::string spelled(const Option &option) {
  std::string text(option.name);
  if (option.value.empty())
    return text;
  bool isLong = option.name.substr(0, 2) == "--";
  return text + (isLong ? "=" : " ") + std::string(option.value);
}

static const char exitStatus[] =
    "    0    done\n"
    "    1    an error: a wrong model, input, artefact or command line\n"
    "    3    the model needs something that is not supported; each such node "
    "is named\n";

std::string manual(const Command &command) {
  std::string name(command.name);
  std::string result =
      "NAME\n" +
      wrapped("lambent " + name + " - " + std::string(command.summary), 4) +
      "\nSYNOPSIS\n" +
      wrapped("lambent " + name + " " + std::string(command.operand) +
                  (command.instead.empty() ? "" : "|") +
                  std::string(command.instead) +
                  (command.second.empty()
                       ? ""
                       : " [" + std::string(command.second) + "]") +
                  (command.needs.empty() ? "" : " ") +
                  std::string(command.needs) + " [OPTION...]",
              4) +
      "\nDESCRIPTION\n" + wrapped(command.description, 4) + "\nOPTIONS\n";
  for (const Option &option : command.options)
    result += "    " + spelled(option) + "\n" + wrapped(option.help, 8);
  result += std::string("\nEXIT STATUS\n") + exitStatus + "\nEXAMPLES\n" +
            indented(command.examples);
  return result;
}

std::string manual(const std::vector<Command> &commands) {
  std::string result =
      "NAME\n    lambent - compile ONNX models to native code and run them\n"
      "\nSYNOPSIS\n    lambent COMMAND FILE [OPTION...]\n"
      "    lambent COMMAND --help\n    lambent --version\n"
      "    lambent --operators    lists the ops that models may use, each with "
      "the\n                           opsets that changed it\n\nCOMMANDS\n";
  for (const Command &command : commands)
    result += "    " + std::string(command.name) + " " +
              std::string(command.operand) + "\n" + wrapped(command.summary, 8);
  result +=
      "\nFILES\n" +
      wrapped(
          "Tensors are read and written as NAME.npy, NAME being the "
          "tensor's name with every byte but ASCII letters, digits, '.', "
          "'_' and '-' turned into '_': a letter of two bytes gives two. A "
          "folder of inputs may instead hold input_0.pb, input_1.pb and so on "
          "(serialized TensorProto, in the order of the graph's inputs); "
          "outputs are then written as output_0.pb, output_1.pb and so on. "
          "For a model without inputs the folder decides: .npy where it does "
          "not exist or holds a .npy file, .pb where it holds none, as in "
          "ONNX's own tests.\n\n"
          "No output replaces a file that the command reads. A name that "
          "begins with '-' may follow any option; where the model's does, "
          "write './-' or put '--' before it.",
          4) +
      "\nEXIT STATUS\n" + exitStatus +
      "\nEXAMPLES\n"
      "    lambent check model.onnx\n"
      "    lambent compile model.onnx -o model.so --dim batch=1\n"
      "    lambent run model.so --input-dir in --output-dir out\n"
      "    lambent bench model.so --threads=2 --layers\n";
  return result;
}

} // namespace lambent::driver
