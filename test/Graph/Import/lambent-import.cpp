//===- lambent-import.cpp - Prints what the importer makes of a model -----===//
//
//   lambent-import MODEL.onnx... [--dim NAME=SIZE]... [--shape NAME=AxBxC]...
//                  [--constant NAME=1,2,...]... [--bytes] [--summary] [--quiet]
//
// Exit status as `lambent`'s: 0, 1 for errors, 3 for nodes that are not
// supported.
//
//===----------------------------------------------------------------------===//

#include "lambent/Graph/Import/Import.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace lambent;
using namespace lambent::graph;

namespace {

struct Arguments {
  std::vector<std::string> paths;
  std::string path; ///< the current one
  ImportOptions options;
  std::vector<std::string> constants; ///< names and their elements
  std::vector<std::vector<int64_t>> elements;
  bool bytes = false, summary = false, quiet = false, locations = false,
       generic = false;
};

bool parse(int argc, char **argv, Arguments &arguments) {
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef argument = argv[i];
    auto [name, value] =
        llvm::StringRef(i + 1 < argc ? argv[i + 1] : "").rsplit('=');
    if (argument == "--bytes") {
      arguments.bytes = true;
    } else if (argument == "--summary") {
      arguments.summary = true;
    } else if (argument == "--quiet") {
      arguments.quiet = true;
    } else if (argument == "--generic") {
      arguments.generic = true;
    } else if (argument == "--locations") {
      arguments.locations = true;
    } else if (argument == "--constant") {
      // The elements of a vector of i64.
      std::vector<int64_t> &elements = arguments.elements.emplace_back();
      for (llvm::StringRef part : llvm::split(value, ','))
        if (part.getAsInteger(10, elements.emplace_back()))
          return false;
      arguments.constants.push_back(name.str());
      ++i;
    } else if (argument == "--dim" || argument == "--shape") {
      std::vector<int64_t> dims;
      for (llvm::StringRef part : llvm::split(value, 'x')) {
        int64_t dim;
        if (part.getAsInteger(10, dim))
          return false;
        dims.push_back(dim);
      }
      if (argument == "--dim")
        arguments.options.dims.emplace_back(name, dims[0]);
      else
        arguments.options.shapes.emplace_back(name, dims);
      ++i;
    } else {
      arguments.paths.push_back(argument.str());
    }
  }
  return !arguments.paths.empty();
}

ModelSource open(const Arguments &arguments) {
  ModelSource source;
  source.path = arguments.path;
  if (!arguments.bytes)
    return source;
  if (auto buffer = llvm::MemoryBuffer::getFile(
          arguments.path, /*IsText=*/false, /*RequiresNullTerminator=*/false))
    source.bytes = std::move(*buffer);
  source.externalData =
      [folder = llvm::sys::path::parent_path(arguments.path).str()](
          llvm::StringRef location)
      -> llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> {
    auto buffer = llvm::MemoryBuffer::getFile(folder + "/" + location);
    if (!buffer)
      return llvm::createStringError("the caller has no '" + location + "'");
    return std::move(*buffer);
  };
  return source;
}

void print(llvm::StringRef title, llvm::ArrayRef<ModelSummary::Value> values) {
  for (const ModelSummary::Value &value : values) {
    llvm::outs() << title << ' ' << value.name << ' ' << value.type;
    for (auto [size, name] : llvm::zip(value.dims, value.dimNames))
      llvm::outs() << ' '
                   << (size >= 0      ? llvm::itostr(size)
                       : name.empty() ? "?"
                                      : name);
    llvm::outs() << '\n';
  }
}

int summarize(const Arguments &arguments) {
  llvm::Expected<ModelSummary> summary = summarizeModel(open(arguments));
  if (!summary) {
    llvm::errs() << llvm::toString(summary.takeError()) << '\n';
    return 1;
  }
  llvm::outs() << "producer " << summary->producer << "\ngraph "
               << summary->graphName << "\nir " << summary->irVersion << '\n';
  for (const auto &[domain, version] : summary->opsets)
    llvm::outs() << "opset " << domain << ' ' << version << '\n';
  for (const auto &[key, value] : summary->metadata)
    llvm::outs() << "metadata " << key << '=' << value << '\n';
  print("input", summary->inputs);
  print("output", summary->outputs);
  for (const auto &[op, count] : summary->opCounts)
    llvm::outs() << "op " << op << ' ' << count << '\n';
  llvm::outs() << "weights " << summary->weightBytes << '\n';
  return 0;
}

} // namespace

static int run(Arguments &arguments) {
  if (arguments.summary)
    return summarize(arguments);

  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  mlir::ScopedDiagnosticHandler handler(
      &context, [](mlir::Diagnostic &diagnostic) {
        llvm::errs() << formatDiagnostic(diagnostic) << '\n';
        return mlir::success();
      });
  arguments.options.constants.clear();
  for (auto [name, elements] :
       llvm::zip(arguments.constants, arguments.elements))
    arguments.options.constants.push_back(
        {name,
         mlir::RankedTensorType::get(int64_t(elements.size()),
                                     mlir::IntegerType::get(&context, 64)),
         llvm::StringRef(reinterpret_cast<const char *>(elements.data()),
                         elements.size() * sizeof(int64_t))});
  std::vector<UnsupportedNode> unsupported;
  auto module =
      importModel(context, open(arguments), arguments.options, unsupported);
  for (const UnsupportedNode &node : unsupported)
    llvm::errs() << "unsupported '" << node.name << "' (" << node.op
                 << ") domain '" << node.domain << "' opset " << node.opset
                 << ": " << node.reason << '\n';
  if (failed(module))
    return unsupported.empty() ? 1 : 3;
  if (!arguments.quiet) {
    mlir::OpPrintingFlags flags;
    if (arguments.generic)
      flags.printGenericOpForm();
    else
      flags.elideLargeElementsAttrs(16).elideLargeResourceString(64);
    flags.enableDebugInfo(arguments.locations);
    (*module)->print(llvm::outs(), flags);
    return 0;
  }
  // In brief: which ops there are, and whether all sizes are known.
  llvm::StringMap<unsigned> ops;
  unsigned open = 0;
  auto main = (*module)->lookupSymbol<mlir::func::FuncOp>("main");
  for (mlir::Operation &op : main.getBody().front()) {
    ++ops[op.getName().getStringRef()];
    for (mlir::Type type : op.getResultTypes())
      open += !llvm::cast<mlir::ShapedType>(type).hasStaticShape();
  }
  llvm::outs() << open << " open;";
  for (auto &entry : ops)
    llvm::outs() << ' ' << entry.first() << ' ' << entry.second;
  llvm::outs() << '\n';
  return 0;
}

int main(int argc, char **argv) {
  Arguments arguments;
  if (!parse(argc, argv, arguments)) {
    llvm::errs() << "usage: lambent-import MODEL.onnx [--dim NAME=SIZE]... "
                    "[--shape NAME=AxBxC]...\n";
    return 1;
  }
  int status = 0;
  for (const std::string &path : arguments.paths) {
    arguments.path = path;
    status = std::max(status, run(arguments));
  }
  return status;
}
