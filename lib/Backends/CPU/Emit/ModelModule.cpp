//===- ModelModule.cpp - LambentModel as LLVM IR --------------------------===//
//
// Mirrors include/lambent-c/model.h field by field.
//
//===----------------------------------------------------------------------===//

#include "ModelModule.h"
#include "RunTable.h"
#include "SizeDescription.h"
#include "lambent-c/model.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/IR/IRBuilder.h"

using namespace lambent;
using namespace lambent::cpu;
using llvm::Constant;

namespace {

class ModelModuleBuilder {
public:
  ModelModuleBuilder(Schedule &schedule, const TargetInfo &target,
                     const EmitOptions &options, llvm::LLVMContext &context)
      : schedule(schedule),
        sizes(schedule.symbolEpochs, schedule.main.getContext()),
        target(target), options(options), context(context),
        module(std::make_unique<llvm::Module>("model", context)),
        builder(context), pointer(builder.getPtrTy()),
        i64(builder.getInt64Ty()), i32(builder.getInt32Ty()) {
    std::unique_ptr<llvm::TargetMachine> machine = target.createTargetMachine();
    module->setTargetTriple(machine->getTargetTriple());
    module->setDataLayout(machine->createDataLayout());
    module->setPICLevel(llvm::PICLevel::BigPIC);
  }

  mlir::FailureOr<std::unique_ptr<llvm::Module>>
  build(llvm::StringRef weightsFile) {
    llvm::Function *run =
        buildRun(schedule, sizes, options.name + "_run", *module);
    mlir::FailureOr<Constant *> inputs = describeTensors(/*outputs=*/false),
                                outputs = describeTensors(true);
    if (failed(inputs) || failed(outputs))
      return mlir::failure();
    Constant *weights =
        weightsFile.empty() ? null() : includeWeights(weightsFile);
    auto number64 = [&](uint64_t value) {
      return llvm::ConstantInt::get(i64, value);
    };
    auto number32 = [&](uint32_t value) {
      return llvm::ConstantInt::get(i32, value);
    };
    uint32_t numInputs = getNumInputs();
    mlir::FailureOr<SizeDescription> open = describeOpenSizes();
    if (failed(open))
      return mlir::failure();
    Constant *fields[] = {number32(LAMBENT_MODEL_MAGIC),
                          number32(LAMBENT_MODEL_ABI),
                          number64(sizeof(LambentModel)),
                          string(options.name),
                          string("lambent " LAMBENT_VERSION),
                          string(options.cpu),
                          string(target.required),
                          number32(numInputs),
                          number32(schedule.main.getNumArguments() - numInputs),
                          number32(schedule.layers.size()),
                          number32(schedule.checks.size()),
                          *inputs,
                          *outputs,
                          describeLayers(),
                          number64(schedule.arenaBytes),
                          number64(schedule.liveBytes),
                          number64(schedule.scratchBytes),
                          number64(schedule.weightBytes),
                          number64(options.weightHash),
                          weights,
                          number64(options.metadata.size()),
                          string(options.metadata),
                          run,
                          describeChecks(),
                          number32(open->numSymbols),
                          number32(open->numValues),
                          number32(open->numBlocks),
                          number32(open->numChecks),
                          number32(schedule.numEpochs),
                          number32(open->scratchValue),
                          open->symbols,
                          open->checks,
                          open->blocks,
                          open->evaluate};
    Constant *value = llvm::ConstantStruct::getAnon(context, fields);
    auto *model = new llvm::GlobalVariable(
        *module, value->getType(), /*isConstant=*/true,
        llvm::GlobalValue::ExternalLinkage, value, options.name + "_model");
    model->setAlignment(llvm::Align(8));
    return std::move(module);
  }

private:
  mlir::FailureOr<SizeDescription> describeOpenSizes() {
    return describeSizes(schedule, sizes, options.name + "_evaluate", *module,
                         [&](llvm::StringRef text) { return string(text); });
  }

  uint32_t getNumInputs() {
    return schedule.main->getAttrOfType<mlir::IntegerAttr>("lir.num_inputs")
        .getInt();
  }

  Constant *null() { return llvm::ConstantPointerNull::get(pointer); }

  Constant *privateGlobal(Constant *value, llvm::StringRef name) {
    return new llvm::GlobalVariable(*module, value->getType(), true,
                                    llvm::GlobalValue::PrivateLinkage, value,
                                    name);
  }

  Constant *string(llvm::StringRef text) {
    Constant *&entry = strings[text.str()];
    if (!entry)
      entry = privateGlobal(llvm::ConstantDataArray::getString(context, text),
                            "str");
    return entry;
  }

  Constant *array(llvm::ArrayRef<Constant *> values, llvm::StringRef name) {
    if (values.empty())
      return null();
    return privateGlobal(
        llvm::ConstantArray::get(
            llvm::ArrayType::get(values[0]->getType(), values.size()), values),
        name);
  }

  /// Dims, and behind them the value of an input that is not given.
  Constant *placeWithDefault(llvm::ArrayRef<Constant *> dims,
                             llvm::ArrayRef<int8_t> value) {
    auto bytes = llvm::StringRef(reinterpret_cast<const char *>(value.data()),
                                 value.size());
    Constant *both = llvm::ConstantStruct::getAnon(
        context,
        {llvm::ConstantArray::get(llvm::ArrayType::get(i64, dims.size()), dims),
         llvm::ConstantDataArray::getString(context, bytes,
                                            /*AddNull=*/false)});
    auto *global =
        llvm::cast<llvm::GlobalVariable>(privateGlobal(both, "default"));
    global->setAlignment(llvm::Align(8));
    return global;
  }

  /// Inputs or outputs as LambentTensorInfo.
  mlir::FailureOr<Constant *> describeTensors(bool outputs) {
    llvm::SmallVector<Constant *> infos;
    unsigned first = outputs ? getNumInputs() : 0;
    unsigned last = outputs ? schedule.main.getNumArguments() : getNumInputs();
    for (unsigned i = first; i < last; ++i) {
      auto type =
          llvm::cast<mlir::MemRefType>(schedule.main.getArgument(i).getType());
      auto name =
          schedule.main.getArgAttrOfType<mlir::StringAttr>(i, "lir.name");
      // The type as the model has it: a buffer does not tell signed from
      // unsigned, and one of packed elements is a list of bytes.
      auto original =
          schedule.main.getArgAttrOfType<mlir::TypeAttr>(i, "lir.type");
      auto tensor = original ? mlir::cast<mlir::ShapedType>(original.getValue())
                             : mlir::cast<mlir::ShapedType>(type);
      mlir::Type element = tensor.getElementType();
      const ElementType *known = findElementType(element);
      if (!known)
        return emitUnsupported(schedule.main)
               << "inputs and outputs of type " << element
               << " are not supported";
      llvm::SmallVector<Constant *> dims;
      for (int64_t dim : tensor.getShape())
        dims.push_back(llvm::ConstantInt::getSigned(
            i64, mlir::ShapedType::isDynamic(dim) ? -1 : dim));
      Constant *open = tensor.hasStaticShape()
                           ? null()
                           : describeDims(lir::getSizes(type), sizes, *module);
      uint32_t defaultOffset = 0;
      Constant *place = nullptr;
      if (auto value = schedule.main.getArgAttrOfType<mlir::DenseI8ArrayAttr>(
              i, "lir.default")) {
        // The value follows the dims, of which there is at least one: 0 stands
        // for no value.
        if (dims.empty())
          dims.push_back(llvm::ConstantInt::get(i64, 1));
        defaultOffset = dims.size() * sizeof(int64_t);
        place = placeWithDefault(dims, value.asArrayRef());
      }
      unsigned epoch = 0;
      for (const Size &size : lir::getSizes(type))
        epoch = std::max(epoch, sizes.getEpoch(size));
      infos.push_back(llvm::ConstantStruct::getAnon(
          context,
          {string(name ? name.getValue() : ""), builder.getInt8(known->code),
           builder.getInt8(known->bits), builder.getInt16(tensor.getRank()),
           builder.getInt32(defaultOffset), place ? place : array(dims, "dims"),
           open, builder.getInt32(epoch), builder.getInt32(0)}));
    }
    return array(infos, outputs ? "outputs" : "inputs");
  }

  Constant *describeLayers() {
    llvm::SmallVector<Constant *> infos;
    for (const Layer &layer : schedule.layers)
      infos.push_back(llvm::ConstantStruct::getAnon(
          context, {string(layer.name), string(layer.kernel),
                    llvm::ConstantInt::get(i64, layer.flops),
                    llvm::ConstantInt::get(i64, layer.bytes)}));
    return array(infos, "layers");
  }

  Constant *describeChecks() {
    llvm::SmallVector<Constant *> infos;
    for (const Check &check : schedule.checks)
      infos.push_back(llvm::ConstantStruct::getAnon(
          context, {llvm::ConstantInt::get(i32, check.layer),
                    builder.getInt32(0), string(check.expected)}));
    return array(infos, "checks");
  }

  /// The assembler copies the weights into a section of their own that may lie
  /// beyond 2 GB; only 64-bit addresses refer to it.
  Constant *includeWeights(llvm::StringRef file) {
    std::string path;
    for (char c : file)
      path += c == '"' || c == '\\' ? std::string("\\") + c
              : c == '\n'           ? std::string("\\n")
                                    : std::string(1, c);
    std::string symbol = ".L" + options.name + "_weights";
    module->setModuleInlineAsm(
        std::string("\t.section ") +
        (target.isX86 ? ".lrodata,\"al\"" : ".rodata,\"a\"") +
        ",@progbits\n\t.balign 4096\n" + symbol + ":\n\t.incbin \"" + path +
        "\"\n");
    return new llvm::GlobalVariable(*module, builder.getInt8Ty(), true,
                                    llvm::GlobalValue::ExternalLinkage, nullptr,
                                    "\01" + symbol);
  }

  Schedule &schedule;
  SizeTable sizes;
  const TargetInfo &target;
  const EmitOptions &options;
  llvm::LLVMContext &context;
  std::unique_ptr<llvm::Module> module;
  llvm::IRBuilder<> builder;
  llvm::PointerType *pointer;
  llvm::Type *i64, *i32;
  std::map<std::string, Constant *, std::less<>> strings;
};

} // namespace

mlir::FailureOr<std::unique_ptr<llvm::Module>>
cpu::buildModelModule(Schedule &schedule, const TargetInfo &target,
                      const EmitOptions &options, llvm::StringRef weightsFile,
                      llvm::LLVMContext &context) {
  return ModelModuleBuilder(schedule, target, options, context)
      .build(weightsFile);
}
