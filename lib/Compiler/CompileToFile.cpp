//===- CompileToFile.cpp - Ahead-of-time compilation ----------------------===//

#include "Artefact/ArtefactLinker.h"
#include "Artefact/HeaderWriter.h"
#include "Compilation.h"
#include "Evaluation.h"
#include "lambent-c/runtime.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace lambent;
using llvm::Error;
using llvm::StringRef;

/// Large constants and weights as `...`, or a ResNet would print 100 MB.
static mlir::OpPrintingFlags getPrintingFlags() {
  return mlir::OpPrintingFlags()
      .elideLargeElementsAttrs(16)
      .elideLargeResourceString(64);
}

static Error writeText(StringRef output,
                       llvm::function_ref<Error(llvm::raw_ostream &)> write) {
  std::error_code code;
  llvm::ToolOutputFile file(output, code, llvm::sys::fs::OF_Text);
  if (code)
    return llvm::createStringError("cannot write '" + output.str() +
                                   "': " + code.message());
  if (Error error = write(file.os()))
    return error;
  file.os().flush();
  if (file.os().has_error()) {
    code = file.os().error();
    file.os().clear_error();
    return llvm::createStringError("cannot write '" + output.str() +
                                   "': " + code.message());
  }
  file.keep();
  return Error::success();
}

/// The inputs and outputs of a lowered model, for its header.
static HeaderModel describeModel(mlir::ModuleOp module,
                                 const CompileOptions &options,
                                 OutputForm form) {
  HeaderModel header;
  header.name = options.name;
  header.producer = std::string("lambent ") + lambent_version();
  header.form = form;
  auto main = module.lookupSymbol<mlir::func::FuncOp>("main");
  int64_t numInputs =
      main->getAttrOfType<mlir::IntegerAttr>("lir.num_inputs").getInt();
  for (unsigned i = 0; i < main.getNumArguments(); ++i) {
    auto type = llvm::cast<mlir::MemRefType>(main.getArgument(i).getType());
    auto original = main.getArgAttrOfType<mlir::TypeAttr>(i, "lir.type");
    auto name = main.getArgAttrOfType<mlir::StringAttr>(i, "lir.name");
    mlir::Type element = original
                             ? mlir::getElementTypeOrSelf(original.getValue())
                             : type.getElementType();
    uint8_t code = element.isInteger(1)          ? LAMBENT_BOOL
                   : element.isUnsignedInteger() ? LAMBENT_UINT
                   : element.isInteger()         ? LAMBENT_INT
                   : element.isBF16()            ? LAMBENT_BFLOAT
                                                 : LAMBENT_FLOAT;
    uint8_t bits = element.isInteger(1) ? 8 : element.getIntOrFloatBitWidth();
    (int64_t(i) < numInputs ? header.inputs : header.outputs)
        .push_back({name ? name.str() : "", code, bits, type.getShape().vec()});
  }
  return header;
}

static Error writeArtefact(Compilation &compilation,
                           const CompileOptions &options, OutputForm form,
                           StringRef output) {
  auto weights = compilation.packWeights();
  if (!weights)
    return weights.takeError();
  llvm::ArrayRef<char> bytes = (*weights)->bytes();
  uint64_t hash = lambent_hash64(bytes.data(), bytes.size());

  // The assembler reads the weights of an object from a file.
  std::string weightsFile;
  std::optional<llvm::FileRemover> remover;
  if (!hasWeightsOutside(form) && !bytes.empty()) {
    llvm::SmallString<256> path;
    int descriptor;
    if (std::error_code code = llvm::sys::fs::createUniqueFile(
            output + ".%%%%%%%%.tmp", descriptor, path))
      return llvm::createStringError("cannot write '" + path.str().str() +
                                     "': " + code.message());
    remover.emplace(path);
    llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
    os.write(bytes.data(), bytes.size());
    os.close();
    if (os.has_error()) {
      std::error_code code = os.error();
      os.clear_error();
      return llvm::createStringError("cannot write '" + path.str().str() +
                                     "': " + code.message());
    }
    weightsFile = path.str().str();
  }
  HeaderModel header = describeModel(compilation.getModule(), options, form);
  auto object = compilation.emitSingleObject(hash, weightsFile);
  if (!object)
    return object.takeError();
  return writeArtefactFiles(form, options.name, (*object)->getMemBufferRef(),
                            bytes, hash, writeHeader(header), output);
}

Error lambent::compileToFile(ModelSource source, const CompileOptions &options,
                             OutputForm form, StringRef output) {
  auto compilation = Compilation::create(options);
  if (!compilation)
    return compilation.takeError();
  bool isText = form == OutputForm::Graph || form == OutputForm::LIR ||
                form == OutputForm::Assembly;
  if (!isText)
    if (auto error = (*compilation)->requireRunnable())
      return error;
  if (auto error = (*compilation)->import(std::move(source)))
    return error;
  if (auto error =
          (*compilation)->optimizeGraph(createEvaluator(options).get()))
    return error;
  if (form == OutputForm::Graph)
    return writeText(output, [&](llvm::raw_ostream &os) {
      (*compilation)->getModule().print(os, getPrintingFlags());
      return Error::success();
    });
  if (auto error = (*compilation)->lower())
    return error;
  switch (form) {
  case OutputForm::LIR:
    return writeText(output, [&](llvm::raw_ostream &os) {
      (*compilation)->getModule().print(os, getPrintingFlags());
      return Error::success();
    });
  case OutputForm::LLVM:
    return writeText(output, [&](llvm::raw_ostream &os) {
      return (*compilation)->emitText(cpu::TextForm::LLVM, os);
    });
  case OutputForm::Assembly:
    return writeText(output, [&](llvm::raw_ostream &os) {
      return (*compilation)->emitText(cpu::TextForm::Assembly, os);
    });
  default:
    return writeArtefact(**compilation, options, form, output);
  }
}
