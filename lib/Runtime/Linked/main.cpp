//===- main.cpp - The program around an executable's model ----------------===//

#include "../InputSizes.h"
#include "../ListTensors.h"
#include "../TensorCheck.h"
#include "LinkedModel.h"
#include "lambent-c/tensor_file.h"
#include "lambent/Runtime/Status.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

using namespace lambent::runtime;

namespace {

struct Arguments {
  const char *inputFolder = nullptr;
  const char *outputFolder = nullptr;
  unsigned long threads = 0;
};

/// Names of tensors, as the functions on folders want them, and which may have
/// no file.
struct Names {
  const char **names;
  uint8_t *optional, *codes;
  Names(const LambentTensorInfo *infos, uint32_t count)
      : names(static_cast<const char **>(
            calloc(uint64_t(count) + 1, sizeof(char *)))),
        optional(static_cast<uint8_t *>(calloc(uint64_t(count) + 1, 1))),
        codes(static_cast<uint8_t *>(calloc(uint64_t(count) + 1, 1))) {
    for (uint32_t i = 0; names && optional && codes && i < count; ++i) {
      if (isList(infos[i]))
        codes[i] = getListCode(infos[i]);
      names[i] = infos[i].name;
      optional[i] = infos[i].default_offset != 0;
    }
  }
  ~Names() {
    free(names);
    free(optional);
    free(codes);
  }
  Names(const Names &) = delete;
};

} // namespace

static void printUsage(FILE *file, const char *program) {
  fprintf(file,
          "usage: %s --input-dir DIR --output-dir DIR [--threads N]\n\n"
          "Runs the model '%s' (%s, for %s) on DIR/NAME.npy, one file for each "
          "input,\n"
          "or on DIR/input_0.pb ..., and writes its outputs in the same form.\n"
          "  --threads N   threads to use; 0, the default, takes one for each "
          "CPU\n\n",
          program, lambent_linked_model.name, lambent_linked_model.producer,
          lambent_linked_model.cpu);
  auto print = [&](const char *role, const LambentTensorInfo *infos,
                   uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      if (isList(infos[i])) {
        fprintf(file, "%s %s: %s\n", role, infos[i].name,
                ListText(infos[i]).text);
        continue;
      }
      LambentDataType type = {infos[i].type_code, infos[i].type_bits, 1};
      fprintf(file, "%s %s: %s\n", role, infos[i].name,
              isOpen(infos[i]) || infos[i].most_rank
                  ? OpenTypeText(lambent_linked_model, infos[i]).text
                  : TypeText(type, infos[i].dims, infos[i].rank).text);
    }
  };
  print("input", lambent_linked_model.inputs, lambent_linked_model.num_inputs);
  print("output", lambent_linked_model.outputs,
        lambent_linked_model.num_outputs);
  for (uint32_t i = 0; i < lambent_linked_model.num_symbols; ++i)
    if (*lambent_linked_model.symbols[i].name)
      fprintf(file, "dim %s: %s\n", lambent_linked_model.symbols[i].name,
              RangeText(lambent_linked_model.symbols[i]).text);
}

/// Reads --flag VALUE and --flag=VALUE. Says on stderr what is wrong.
static bool parseArguments(int argc, char **argv, Arguments &arguments) {
  const char *threads = nullptr;
  struct {
    const char *name;
    const char **value;
  } flags[] = {{"--input-dir", &arguments.inputFolder},
               {"--output-dir", &arguments.outputFolder},
               {"--threads", &threads}};
  for (int i = 1; i < argc; ++i) {
    bool isKnown = false;
    for (auto &flag : flags) {
      size_t length = strlen(flag.name);
      if (strncmp(argv[i], flag.name, length) != 0 ||
          (argv[i][length] && argv[i][length] != '='))
        continue;
      isKnown = true;
      if (*flag.value) {
        fprintf(stderr, "error: %s is given twice\n", flag.name);
        return false;
      }
      *flag.value = argv[i][length] ? argv[i] + length + 1
                    : i + 1 < argc  ? argv[++i]
                                    : nullptr;
      if (!*flag.value || !**flag.value) {
        fprintf(stderr, "error: %s needs a value\n", flag.name);
        return false;
      }
      break;
    }
    if (!isKnown) {
      fprintf(stderr, "error: unknown argument '%s'; see --help\n", argv[i]);
      return false;
    }
  }
  if (threads) {
    char *rest;
    arguments.threads = strtoul(threads, &rest, 10);
    bool isDigit = *threads >= '0' && *threads <= '9';
    if (*rest || !isDigit || arguments.threads > 1024) {
      fprintf(
          stderr,
          "error: --threads: expected a number from 0 to 1024, but got '%s'\n",
          threads);
      return false;
    }
  }
  bool needsInputs = lambent_linked_model.num_inputs > 0;
  if ((needsInputs && !arguments.inputFolder) || !arguments.outputFolder) {
    fprintf(stderr, "error: %s--output-dir %s needed; see --help\n",
            needsInputs ? "--input-dir and " : "", needsInputs ? "are" : "is");
    return false;
  }
  return true;
}

/// A misspelt file would otherwise be missed without a word.
static void warnOfStray(void *, const char *path) {
  // A status has its names escaped.
  LambentStatus *warning =
      makeError("'%s' is none of the model's inputs; --help lists them", path);
  fprintf(stderr, "warning: %s\n", lambent_status_message(warning));
  lambent_status_destroy(warning);
}

/// The kernel knows what it runs, under whatever name. Where a loader was
/// started with the program as its argument, that is the loader.
static LambentStatus *openModel(OwnFile &file, LambentModule **module) {
  LambentStatus *status = file.open("/proc/self/exe", findOwnPath());
  if (!status)
    status = openLinkedModel(file, module);
  if (!status)
    return nullptr;
  OwnFile named;
  LambentStatus *other = named.open(findOwnPath(), findOwnPath());
  if (other) {
    lambent_status_destroy(other);
    return status;
  }
  lambent_status_destroy(status);
  file = static_cast<OwnFile &&>(named);
  return openLinkedModel(file, module);
}

/// Lets outputs take the memory of inputs that are donated to them.
static LambentStatus *donate(const LambentModel &model, LambentSession *session,
                             LambentTensorSet *inputs,
                             LambentTensorSet *outputs) {
  bool isNeeded = false;
  for (uint32_t i = 0; i < model.num_inputs; ++i)
    isNeeded |= model.inputs[i].donated != 0;
  if (!isNeeded)
    return nullptr;
  if (LambentStatus *status = lambent_session_infer_shapes(
          session, lambent_tensor_set_tensors(inputs), model.num_inputs,
          lambent_tensor_set_tensors(outputs), model.num_outputs))
    return status;
  return lambent_tensor_set_donate(&model, inputs, outputs);
}

static LambentStatus *run(const Arguments &arguments) {
  OwnFile file; // the module's weights lie in it
  LambentModule *module = nullptr;
  LambentSession *session = nullptr;
  LambentTensorSet *inputs = nullptr, *outputs = nullptr;
  LambentStatus *status = openModel(file, &module);
  if (!status) {
    const LambentModel &model = *lambent_module_model(module);
    Names inputNames(model.inputs, model.num_inputs),
        outputNames(model.outputs, model.num_outputs);
    LambentSessionOptions options = {};
    options.size = sizeof(options);
    options.threads = static_cast<uint32_t>(arguments.threads);
    const char *folder = arguments.inputFolder ? arguments.inputFolder : "";
    status = lambent_tensor_folder_find_strays(
        folder, inputNames.names, model.num_inputs, outputNames.names,
        model.num_outputs, warnOfStray, nullptr);
    if (!status)
      status = lambent_tensor_set_read_values(
          folder, inputNames.names, inputNames.optional, inputNames.codes,
          model.num_inputs, &inputs);
    for (uint32_t i = 0; i < model.num_inputs && !status; ++i)
      status = lambent_tensor_set_type(
          inputs, i, {model.inputs[i].type_code, model.inputs[i].type_bits, 1});
    if (!status)
      status =
          lambent_tensor_set_create(model.outputs, model.num_outputs, &outputs);
    if (!status)
      status = lambent_session_create(module, &options, &session);
    if (!status)
      status = donate(model, session, inputs, outputs);
    LambentRunOptions memory = {};
    memory.size = sizeof(memory);
    memory.allocate = lambent_tensor_set_allocate;
    memory.user = outputs;
    if (!status)
      status = lambent_session_run(
          session, lambent_tensor_set_tensors(inputs), model.num_inputs,
          lambent_tensor_set_tensors(outputs), model.num_outputs, &memory);
    if (!status)
      status = lambent_tensor_set_write_outputs(outputs, arguments.outputFolder,
                                                outputNames.names, inputs,
                                                nullptr, 0);
  }
  lambent_session_destroy(session);
  lambent_tensor_set_destroy(inputs);
  lambent_tensor_set_destroy(outputs);
  lambent_module_destroy(module);
  return status;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--help") == 0) {
    printUsage(stdout, argv[0]);
    if (fclose(stdout) == 0)
      return 0;
    fprintf(stderr, "error: cannot write to standard output: %s\n",
            strerror(errno));
    return 1;
  }
  Arguments arguments;
  if (!parseArguments(argc, argv, arguments))
    return 1;
  LambentStatus *status = run(arguments);
  if (!status)
    return 0;
  fprintf(stderr, "error: %s\n", lambent_status_message(status));
  LambentStatusCode code = lambent_status_code(status);
  lambent_status_destroy(status);
  return code;
}
