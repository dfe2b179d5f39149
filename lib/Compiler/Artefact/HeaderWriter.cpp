//===- HeaderWriter.cpp - The C header that comes with an artefact --------===//
//
// The same functions for every form: an object's are inline and call the
// runtime library, a library exports them.
//
//===----------------------------------------------------------------------===//

#include "HeaderWriter.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"

using namespace lambent;
using llvm::StringRef;

HeaderModel HeaderModel::get(const LambentModel &model, OutputForm form) {
  HeaderModel header;
  header.name = model.name;
  header.producer = model.producer;
  header.form = form;
  auto add = [](std::vector<Tensor> &tensors, const LambentTensorInfo *infos,
                uint32_t count) {
    for (const LambentTensorInfo &info : llvm::ArrayRef(infos, count))
      tensors.push_back({info.name,
                         info.type_code,
                         info.type_bits,
                         {info.dims, info.dims + info.rank}});
  };
  add(header.inputs, model.inputs, model.num_inputs);
  add(header.outputs, model.outputs, model.num_outputs);
  return header;
}

namespace {

class Writer {
public:
  Writer(const HeaderModel &model, llvm::raw_ostream &os)
      : model(model), os(os), name(model.name) {}
  void write();

private:
  struct Parameter {
    const HeaderModel::Tensor *tensor;
    std::string name, type;
  };
  std::vector<Parameter>
  nameParameters(llvm::ArrayRef<HeaderModel::Tensor> tensors, StringRef prefix);
  void writeComment();
  void writeSizes(llvm::ArrayRef<Parameter> parameters);
  void writeLinkedFunctions();
  void writeLibraryFunctions();
  void writeInfer();

  const HeaderModel &model;
  llvm::raw_ostream &os;
  const std::string &name;
  std::vector<Parameter> inputs, outputs;
  llvm::StringSet<> usedNames;
};

} // namespace

/// The C type of an element. Types that C lacks are given as their bits.
static std::string getCType(const HeaderModel::Tensor &tensor) {
  if (tensor.typeCode == LAMBENT_BOOL)
    return "bool";
  if (tensor.typeCode == LAMBENT_FLOAT && tensor.typeBits == 32)
    return "float";
  if (tensor.typeCode == LAMBENT_FLOAT && tensor.typeBits == 64)
    return "double";
  std::string integer =
      "int" + std::to_string(std::max<int>(tensor.typeBits, 8)) + "_t";
  return tensor.typeCode == LAMBENT_INT ? integer : "u" + integer;
}

static std::string getIdentifier(StringRef name) {
  std::string identifier;
  for (char c : name)
    identifier += llvm::isAlnum(c) ? c : '_';
  return identifier;
}

/// Text for the inside of a comment, which it must not end.
static std::string getCommentText(StringRef name) {
  std::string text;
  for (char c : name)
    text += llvm::isPrint(c) && c != '*' && c != '\\' ? c : '?';
  return text;
}

/// Parameters are named in_NAME and out_NAME, so that no name is a word of C.
std::vector<Writer::Parameter>
Writer::nameParameters(llvm::ArrayRef<HeaderModel::Tensor> tensors,
                       StringRef prefix) {
  std::vector<Parameter> parameters;
  for (const auto &[index, tensor] : llvm::enumerate(tensors)) {
    std::string candidate = (prefix + getIdentifier(tensor.name)).str();
    while (!usedNames.insert(candidate).second)
      candidate += "_" + std::to_string(index);
    parameters.push_back({&tensor, candidate, getCType(tensor)});
  }
  return parameters;
}

void Writer::writeComment() {
  os << "/* The model \"" << name << "\", compiled by "
     << getCommentText(model.producer) << ".\n *\n";
  for (const auto *parameters : {&inputs, &outputs})
    for (const Parameter &parameter : *parameters) {
      os << " *   " << parameter.name << ": " << parameter.type << "[";
      llvm::interleave(parameter.tensor->dims, os, "x");
      os << "]";
      if (parameter.tensor->typeCode == LAMBENT_BFLOAT ||
          (parameter.tensor->typeCode == LAMBENT_FLOAT &&
           parameter.tensor->typeBits < 32))
        os << ", the bits of "
           << (parameter.tensor->typeCode == LAMBENT_BFLOAT
                   ? "bfloat16"
                   : "IEEE half floats");
      os << ", tensor \"" << getCommentText(parameter.tensor->name) << "\"\n";
    }
  os << " *\n *   char error[256];\n"
     << " *   " << name << "_session *session = " << name << "_create("
     << (model.form == OutputForm::Bundle ? "\"" + name + ".weights\", " : "")
     << "0, error, sizeof(error));\n"
     << " *   if (!session) { puts(error); return 1; }\n"
     << " *   " << name << "_infer(session";
  for (const auto *parameters : {&inputs, &outputs})
    for (const Parameter &parameter : *parameters)
      os << ", " << parameter.name;
  os << ");\n *   " << name << "_destroy(session);\n *\n";
  if (model.form == OutputForm::Library)
    os << " * Link with this library; it needs nothing but the C library.\n "
          "*/\n";
  else
    os << " * Link the object with liblambent-runtime.a, which needs nothing "
          "but the C library.\n */\n";
}

void Writer::writeSizes(llvm::ArrayRef<Parameter> parameters) {
  for (const Parameter &parameter : parameters) {
    uint64_t elements = 1;
    for (int64_t dim : parameter.tensor->dims)
      elements *= static_cast<uint64_t>(dim);
    os << "#define " << name << "_" << parameter.name << "_elements ((size_t)"
       << elements << "u)\n";
  }
}

void Writer::writeLinkedFunctions() {
  bool isBundle = model.form == OutputForm::Bundle;
  os << "/* For lambent-c/runtime.h, where more than the functions below is "
        "wanted. */\n"
     << "extern const struct LambentModel " << name << "_model;\n\n"
     << "struct LambentSession *lambent_aot_create(const struct LambentModel "
        "*model, const char *weights_path,\n"
     << "                                          unsigned threads, char "
        "*error, size_t error_size);\n"
     << "int lambent_aot_run(struct LambentSession *session, const void *const "
        "*inputs, void *const *outputs);\n"
     << "void lambent_aot_destroy(struct LambentSession *session);\n\n"
     << "/* `threads` work on each run, the caller's included; 0: one for each "
        "CPU. On failure returns null and writes a\n"
     << " * message to `error`, if that is not null. */\n"
     << "static inline " << name << "_session *" << name << "_create("
     << (isBundle ? "const char *weights_path, " : "")
     << "unsigned threads, char *error, size_t error_size) {\n"
     << "  return lambent_aot_create(&" << name << "_model, "
     << (isBundle ? "weights_path" : "NULL")
     << ", threads, error, error_size);\n}\n\n"
     << "/* Runs on the data of all inputs and outputs, in the order above. "
        "Returns 0 when done, else the session or a\n"
     << " * pointer is null, data is not aligned to its elements, or memory ran "
        "out. Any number of threads may call it at\n"
     << " * once. */\n"
     << "static inline int " << name << "_run(" << name
     << "_session *session, const void *const *inputs, void *const *outputs) "
        "{\n"
     << "  return lambent_aot_run(session, inputs, outputs);\n}\n\n"
     << "/* Null: nothing to do. */\n"
     << "static inline void " << name << "_destroy(" << name
     << "_session *session) { lambent_aot_destroy(session); }\n";
}

void Writer::writeLibraryFunctions() {
  os << "/* `threads` work on each run, the caller's included; 0: one for each "
        "CPU. On failure returns null and writes a\n"
     << " * message to `error`, if that is not null. The library stays loaded "
        "until the session is destroyed. */\n"
     << name << "_session *" << name
     << "_create(unsigned threads, char *error, size_t error_size);\n\n"
     << "/* Runs on the data of all inputs and outputs, in the order above. "
        "Returns 0 when done, else the session or a\n"
     << " * pointer is null, data is not aligned to its elements, or memory ran "
        "out. Any number of threads may call it at\n"
     << " * once. */\n"
     << "int " << name << "_run(" << name
     << "_session *session, const void *const *inputs, void *const "
        "*outputs);\n\n"
     << "/* Null: nothing to do. */\n"
     << "void " << name << "_destroy(" << name << "_session *session);\n";
}

void Writer::writeInfer() {
  os << "\n/* " << name << "_run with the types of inputs and outputs. */\n"
     << "static inline int " << name << "_infer(" << name
     << "_session *session";
  for (const Parameter &input : inputs)
    os << ", const " << input.type << " *" << input.name;
  for (const Parameter &output : outputs)
    os << ", " << output.type << " *" << output.name;
  os << ") {\n  const void *inputs[] = {";
  for (const Parameter &input : inputs)
    os << input.name << ", ";
  os << "NULL};\n  void *outputs[] = {";
  for (const Parameter &output : outputs)
    os << output.name << ", ";
  os << "NULL};\n  return " << name << "_run(session, inputs, outputs);\n}\n";
}

void Writer::write() {
  inputs = nameParameters(model.inputs, "in_");
  outputs = nameParameters(model.outputs, "out_");
  writeComment();
  std::string guard = "LAMBENT_MODEL_" + StringRef(name).upper() + "_H";
  os << "#ifndef " << guard << "\n#define " << guard << "\n\n"
     << "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
     << "typedef struct LambentSession " << name << "_session;\n\n";
  writeSizes(inputs);
  writeSizes(outputs);
  os << "\n";
  if (model.form == OutputForm::Library)
    writeLibraryFunctions();
  else
    writeLinkedFunctions();
  writeInfer();
  os << "\n#ifdef __cplusplus\n}\n#endif\n#endif\n";
}

std::string lambent::writeHeader(const HeaderModel &model) {
  std::string text;
  llvm::raw_string_ostream os(text);
  Writer(model, os).write();
  return text;
}
