//===- ModelModule.cpp - LambentModel as LLVM IR --------------------------===//
//
// Mirrors include/lambent-c/model.h field by field.
//
//===----------------------------------------------------------------------===//

#include "lambent/Backends/Emit/ModelModule.h"
#include "LayerDescription.h"
#include "ModelStrings.h"
#include "RunTable.h"
#include "SizeDescription.h"
#include "lambent-c/model.h"
#include "lambent/Diagnostics/Unsupported.h"
#include "lambent/ElementTypes/MLIRType.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "lambent/Lowering/IR/LIR.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/IRBuilder.h"

using namespace lambent;
using namespace lambent::emit;
using llvm::Constant;

namespace {

/// What all models of a module say alike.
struct SharedParts {
  const ModelTarget &target;
  const EmitOptions &options;
  int64_t weightBytes;
  /// The models that calls and others may name, by their place in
  /// ModelSchedule::bodies.
  std::vector<Constant *> bodies;
  /// The strings of constants, or null.
  Constant *strings;
  uint32_t numStrings;
};

/// What LambentTensorInfo says of memory that an output takes.
struct DonatedMemory {
  uint32_t partner = 0, grown = 0;
  int32_t room = -1;
};

/// What LambentTensorInfo says of an output whose rank input sizes decide.
struct Ranks {
  uint16_t least = 0, most = 0;
};

/// Describes one function as a LambentModel.
class ModelBuilder {
public:
  ModelBuilder(Schedule &schedule, llvm::ArrayRef<KernelUse> kernels,
               const SharedParts &shared, llvm::Module &module)
      : schedule(schedule), kernels(kernels),
        sizes(schedule.symbolEpochs, schedule.function.getContext()),
        shared(shared), target(shared.target), options(shared.options),
        context(module.getContext()), module(module), builder(context),
        pointer(builder.getPtrTy()), i64(builder.getInt64Ty()),
        i32(builder.getInt32Ty()) {}

  /// `name` is the prefix of what it defines.
  mlir::FailureOr<llvm::GlobalVariable *> build(llvm::StringRef name,
                                                llvm::StringRef metadata,
                                                llvm::StringRef weightsFile) {
    llvm::Function *run =
        buildRun(schedule, kernels, sizes, (name + "_run").str(), module);
    mlir::FailureOr<Constant *> inputs = describeTensors(/*outputs=*/false),
                                outputs = describeTensors(true);
    if (failed(inputs) || failed(outputs))
      return mlir::failure();
    mlir::FailureOr<Constant *> calls = describeCalls();
    if (failed(calls))
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
    mlir::FailureOr<llvm::SmallVector<Constant *>> lists = describeLists();
    if (failed(lists))
      return mlir::failure();
    Constant *layers =
        describeLayers(schedule.layers, sizes, module,
                       [&](llvm::StringRef text) { return string(text); });
    mlir::FailureOr<SizeDescription> open =
        describeOpenSizes((name + "_evaluate").str());
    if (failed(open))
      return mlir::failure();
    bool hasStrings = schedule.function.isPublic(); // others get numbers
    Constant *fields[] = {
        number32(LAMBENT_MODEL_MAGIC),
        number32(LAMBENT_MODEL_ABI),
        number64(sizeof(LambentModel)),
        string(options.name),
        string("lambent " LAMBENT_VERSION),
        string(options.cpu),
        string(target.required),
        number32(numInputs),
        number32(schedule.function.getNumArguments() - numInputs),
        number32(schedule.layers.size()),
        number32(schedule.checks.size()),
        *inputs,
        *outputs,
        layers,
        number64(schedule.arenaBytes),
        number64(schedule.liveBytes),
        number64(schedule.scratchBytes),
        number64(shared.weightBytes),
        number64(options.weightHash),
        weights,
        number64(metadata.size()),
        string(metadata),
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
        open->evaluate,
        number32(numCalls),
        number32(schedule.numSlots),
        *calls,
        number32(lists->size()),
        number32(options.keepsDenormals),
        array(*lists, "lists"),
        schedule.fallback ? shared.bodies[*schedule.fallback] : null(),
        describeTuning(),
        number32(hasStrings ? shared.numStrings : 0),
        number32(0),
        hasStrings ? shared.strings : null()};
    Constant *value = llvm::ConstantStruct::getAnon(context, fields);
    auto *model = new llvm::GlobalVariable(
        module, value->getType(), /*isConstant=*/true,
        llvm::GlobalValue::ExternalLinkage, value, name + "_model");
    model->setAlignment(llvm::Align(8));
    return model;
  }

private:
  mlir::FailureOr<SizeDescription> describeOpenSizes(const std::string &name) {
    return describeSizes(schedule, sizes, name, module,
                         [&](llvm::StringRef text) { return string(text); });
  }

  uint32_t getNumInputs() {
    return schedule.function->getAttrOfType<mlir::IntegerAttr>("lir.num_inputs")
        .getInt();
  }

  Constant *null() { return llvm::ConstantPointerNull::get(pointer); }

  Constant *privateGlobal(Constant *value, llvm::StringRef name) {
    return new llvm::GlobalVariable(module, value->getType(), true,
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

  DonatedMemory findDonation(unsigned argument) {
    for (auto op : schedule.function.getOps<lir::DonateOp>()) {
      unsigned from =
          mlir::cast<mlir::BlockArgument>(op.getInput()).getArgNumber();
      unsigned to =
          mlir::cast<mlir::BlockArgument>(op.getOutput()).getArgNumber();
      if (argument != from && argument != to)
        continue;
      uint32_t partner = argument == from ? to - getNumInputs() : from;
      if (!op.getGrown())
        return {partner + 1, 0, -1};
      int64_t dim = *op.getGrown();
      return {partner + 1, uint32_t(dim) + 1,
              sizes.add(lir::getSizes(op.getResult())[dim])};
    }
    return {};
  }

  /// A LambentTensorInfo of dims that are numbers or values. `place` is null,
  /// or where the dims lie with a value behind them.
  Constant *describeTensor(llvm::StringRef name, const ElementType &type,
                           llvm::ArrayRef<Size> dims, Constant *place = nullptr,
                           uint32_t defaultOffset = 0, uint32_t list = 0,
                           const DonatedMemory &donated = {},
                           Ranks ranks = {}) {
    llvm::SmallVector<Constant *> numbers;
    for (const Size &dim : dims)
      numbers.push_back(llvm::ConstantInt::getSigned(
          i64, dim.isNumber() ? dim.getNumber() : -1));
    unsigned epoch = 0;
    for (const Size &dim : dims)
      epoch = std::max(epoch, sizes.getEpoch(dim));
    return llvm::ConstantStruct::getAnon(
        context,
        {string(name), builder.getInt8(type.code), builder.getInt8(type.bits),
         builder.getInt16(dims.size()), builder.getInt32(defaultOffset),
         place ? place : array(numbers, "dims"),
         list ? null() : describeDims(dims, sizes, module),
         builder.getInt32(epoch), builder.getInt32(list),
         builder.getInt32(donated.partner), builder.getInt32(donated.grown),
         builder.getInt32(donated.room), builder.getInt16(ranks.least),
         builder.getInt16(ranks.most)});
  }

  /// The type of an argument as the model has it: a buffer does not tell signed
  /// from unsigned, and one of packed elements is a list of bytes.
  static mlir::ShapedType getArgumentType(mlir::func::FuncOp function,
                                          unsigned index) {
    auto original =
        function.getArgAttrOfType<mlir::TypeAttr>(index, "lir.type");
    return mlir::cast<mlir::ShapedType>(
        original ? original.getValue() : function.getArgument(index).getType());
  }

  /// The ranks of an output in the versions of the function.
  Ranks findRanks(unsigned argument) {
    mlir::func::FuncOp version = schedule.function;
    mlir::ShapedType type = getArgumentType(version, argument);
    if (!type.hasRank())
      return {};
    int64_t least = type.getRank(), most = least;
    while (auto next = version->getAttrOfType<mlir::FlatSymbolRefAttr>(
               "lir.fallback")) {
      version = version->getParentOfType<mlir::ModuleOp>()
                    .lookupSymbol<mlir::func::FuncOp>(next);
      int64_t rank = getArgumentType(version, argument).getRank();
      least = std::min(least, rank);
      most = std::max(most, rank);
    }
    return least == most ? Ranks() : Ranks{uint16_t(least), uint16_t(most)};
  }

  mlir::FailureOr<const ElementType *> getElementType(mlir::ShapedType type) {
    const ElementType *known = findElementType(type.getElementType());
    if (!known)
      return emitUnsupported(schedule.function)
             << "inputs and outputs of type " << type.getElementType()
             << " are not supported";
    return known;
  }

  /// Inputs or outputs as LambentTensorInfo.
  mlir::FailureOr<Constant *> describeTensors(bool outputs) {
    llvm::SmallVector<Constant *> infos;
    mlir::func::FuncOp function = schedule.function;
    unsigned first = outputs ? getNumInputs() : 0;
    unsigned last = outputs ? function.getNumArguments() : getNumInputs();
    for (unsigned i = first; i < last; ++i) {
      auto name = function.getArgAttrOfType<mlir::StringAttr>(i, "lir.name");
      mlir::ShapedType tensor = getArgumentType(function, i);
      uint32_t list = getListBits(i, tensor);
      mlir::FailureOr<const ElementType *> known = getElementType(tensor);
      if (failed(known))
        return mlir::failure();
      Sizes dims;
      if (list)
        dims = tensor.hasRank() ? toSizes(tensor.getShape()) : Sizes();
      else
        dims = tensor.hasStaticShape()
                   ? toSizes(tensor.getShape())
                   : lir::getSizes(function.getArgument(i));
      uint32_t defaultOffset = 0;
      Constant *place = nullptr;
      if (auto value = function.getArgAttrOfType<mlir::DenseI8ArrayAttr>(
              i, "lir.default")) {
        // The value follows the dims, of which there is at least one: 0 stands
        // for no value.
        llvm::SmallVector<Constant *> numbers;
        for (int64_t dim : tensor.getShape())
          numbers.push_back(llvm::ConstantInt::getSigned(i64, dim));
        if (numbers.empty())
          numbers.push_back(llvm::ConstantInt::get(i64, 1));
        defaultOffset = numbers.size() * sizeof(int64_t);
        place = placeWithDefault(numbers, value.asArrayRef());
      }
      infos.push_back(describeTensor(
          name ? name.getValue() : "", **known, dims, place, defaultOffset,
          list, findDonation(i), outputs ? findRanks(i) : Ranks()));
    }
    return array(infos, outputs ? "outputs" : "inputs");
  }

  /// What LambentTensorInfo.list says of an argument of the function.
  uint32_t getListBits(unsigned argument, mlir::ShapedType type) {
    mlir::func::FuncOp function = schedule.function;
    auto kinds = function.getArgAttrOfType<mlir::ArrayAttr>(argument,
                                                                 "lir.list");
    if (!kinds)
      return 0;
    uint32_t bits = type.hasRank() ? 0 : LAMBENT_LIST_ANY_RANK;
    for (auto kind : kinds.getAsRange<mlir::StringAttr>())
      bits |= llvm::StringSwitch<uint32_t>(kind.getValue())
                  .Case("handle", LAMBENT_LIST_HANDLE)
                  .Case("sequence", LAMBENT_LIST_SEQUENCE)
                  .Default(LAMBENT_LIST_OPTIONAL);
    return bits;
  }

  /// An operand of a list's layer as LambentTensorInfo.
  mlir::FailureOr<Constant *> describeOperand(mlir::Operation *op,
                                              mlir::Type element,
                                              llvm::ArrayRef<Size> shape) {
    const ElementType *known = findElementType(element);
    if (!known)
      return emitUnsupported(op)
             << "sequences of type " << element << " are not supported";
    llvm::SmallVector<Constant *> dims;
    for (const Size &size : shape)
      dims.push_back(llvm::ConstantInt::getSigned(
          i64, size.isNumber() ? size.getNumber() : -1));
    return llvm::ConstantStruct::getAnon(
        context,
        {string(""), builder.getInt8(known->code), builder.getInt8(known->bits),
         builder.getInt16(shape.size()), builder.getInt32(0),
         array(dims, "dims"), describeDims(shape, sizes, module),
         builder.getInt32(0), builder.getInt32(0), builder.getInt32(0),
         builder.getInt32(0), builder.getInt32(-1), builder.getInt16(0),
         builder.getInt16(0)});
  }

  /// What the runtime does with lists, as LambentListInfo.
  mlir::FailureOr<llvm::SmallVector<Constant *>> describeLists() {
    llvm::SmallVector<Constant *> infos;
    for (auto [index, layer] : llvm::enumerate(schedule.layers)) {
      lir::SequenceOp op = layer.list;
      if (!op)
        continue;
      llvm::SmallVector<Constant *> operands;
      for (auto [type, shape] : llvm::zip_equal(op.getTypes(), op.getSizes())) {
        mlir::FailureOr<Constant *> operand = describeOperand(
            op, mlir::cast<mlir::TypeAttr>(type).getValue(),
            mlir::cast<lir::SizesAttr>(shape).getSizes());
        if (failed(operand))
          return mlir::failure();
        operands.push_back(*operand);
      }
      infos.push_back(llvm::ConstantStruct::getAnon(
          context, {builder.getInt32(index),
                    builder.getInt32(*lir::findListAction(op.getAction())),
                    builder.getInt64(op.getAxis()),
                    builder.getInt32(op.getFlag()),
                    builder.getInt32(operands.size()),
                    array(operands, "operands")}));
    }
    return infos;
  }

  /// A LambentTuning.
  Constant *describeTuning() {
    llvm::SmallVector<Constant *> fields{string(target.tunedFor)};
    for (int64_t number : target.tuning)
      fields.push_back(llvm::ConstantInt::get(i64, number));
    return llvm::ConstantStruct::getAnon(context, fields);
  }

  Constant *describeChecks() {
    llvm::SmallVector<Constant *> infos;
    for (const Check &check : schedule.checks)
      infos.push_back(llvm::ConstantStruct::getAnon(
          context, {llvm::ConstantInt::get(i32, check.layer),
                    builder.getInt32(0), string(check.expected)}));
    return array(infos, "checks");
  }

  /// What a call reads or writes, as LambentTensorInfo.
  mlir::FailureOr<Constant *> describeBuffers(mlir::ValueRange buffers,
                                              llvm::StringRef name) {
    llvm::SmallVector<Constant *> infos;
    for (mlir::Value buffer : buffers) {
      auto type = mlir::cast<mlir::ShapedType>(buffer.getType());
      mlir::FailureOr<const ElementType *> known = getElementType(type);
      if (failed(known))
        return mlir::failure();
      infos.push_back(describeTensor("", **known, lir::getSizes(buffer)));
    }
    return array(infos, name);
  }

  static LambentCallKind getKind(lir::CallKind kind) {
    switch (kind) {
    case lir::CallKind::If:
      return LAMBENT_CALL_IF;
    case lir::CallKind::Loop:
      return LAMBENT_CALL_LOOP;
    }
    llvm_unreachable("all kinds are listed");
  }

  /// The layers that are calls, as LambentCallInfo.
  mlir::FailureOr<Constant *> describeCalls() {
    llvm::SmallVector<Constant *> infos;
    for (auto [index, layer] : llvm::enumerate(schedule.layers)) {
      if (!layer.call)
        continue;
      const Call &call = *layer.call;
      auto op = mlir::cast<lir::KernelOpInterface>(call.op);
      auto interface = mlir::cast<lir::CallerOpInterface>(call.op);
      lir::DecidedSymbols decided = op.getDecidedSymbols();
      lir::CallForm form = interface.getCallForm();
      mlir::FailureOr<Constant *> operands = describeBuffers(lir::getReads(op),
                                                             "operands"),
                                  results = describeBuffers(lir::getWrites(op),
                                                            "results");
      if (failed(operands) || failed(results))
        return mlir::failure();
      llvm::SmallVector<Constant *> bodies(2, null());
      for (auto [i, body] : llvm::enumerate(call.bodies))
        bodies[i] = shared.bodies[body];
      infos.push_back(llvm::ConstantStruct::getAnon(
          context,
          {builder.getInt32(index), builder.getInt32(getKind(form.kind)),
           bodies[0], bodies[1], builder.getInt32(op.getNumReads()),
           builder.getInt32(lir::getWrites(op).size()), *operands, *results,
           builder.getInt32(call.firstSlot), builder.getInt32(decided.count),
           builder.getInt64(decided.first), builder.getInt32(form.numCarried),
           builder.getInt8(form.hasTrip), builder.getInt8(form.hasCondition),
           builder.getInt16(0)}));
    }
    numCalls = infos.size();
    return array(infos, "calls");
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
    module.setModuleInlineAsm(std::string("\t.section ") +
                              (target.machine.getTargetTriple().isX86()
                                   ? ".lrodata,\"al\""
                                   : ".rodata,\"a\"") +
                              ",@progbits\n\t.balign 4096\n" + symbol +
                              ":\n\t.incbin \"" + path + "\"\n");
    return new llvm::GlobalVariable(module, builder.getInt8Ty(), true,
                                    llvm::GlobalValue::ExternalLinkage, nullptr,
                                    "\01" + symbol);
  }

  Schedule &schedule;
  llvm::ArrayRef<KernelUse> kernels;
  SizeTable sizes;
  const SharedParts &shared;
  const ModelTarget &target;
  const EmitOptions &options;
  llvm::LLVMContext &context;
  llvm::Module &module;
  llvm::IRBuilder<> builder;
  llvm::PointerType *pointer;
  llvm::Type *i64, *i32;
  uint32_t numCalls = 0;
  std::map<std::string, Constant *, std::less<>> strings;
};

} // namespace

mlir::FailureOr<std::unique_ptr<llvm::Module>>
emit::buildModelModule(ModelSchedule &schedule, const ModelTarget &target,
                       const EmitOptions &options, llvm::StringRef weightsFile,
                       llvm::LLVMContext &context) {
  auto module = std::make_unique<llvm::Module>("model", context);
  module->setTargetTriple(target.machine.getTargetTriple());
  module->setDataLayout(target.machine.createDataLayout());
  module->setPICLevel(llvm::PICLevel::BigPIC);
  auto strings = schedule.main.function->getParentOfType<mlir::ModuleOp>()
                     ->getAttrOfType<mlir::ArrayAttr>("lir.strings");
  SharedParts shared{target,
                     options,
                     schedule.weightBytes,
                     {},
                     describeStrings(strings, *module),
                     strings ? uint32_t(strings.size()) : 0};
  auto build = [&](Schedule &each, const std::string &name,
                   llvm::StringRef metadata, llvm::StringRef file) {
    return ModelBuilder(each, schedule.kernels, shared, *module)
        .build(name, metadata, file);
  };
  for (auto [index, body] : llvm::enumerate(schedule.bodies)) {
    auto model = build(body, options.name + "_body" + std::to_string(index),
                       /*metadata=*/"", /*file=*/"");
    if (failed(model))
      return mlir::failure();
    (*model)->setLinkage(llvm::GlobalValue::PrivateLinkage);
    shared.bodies.push_back(*model);
  }
  if (failed(build(schedule.main, options.name, options.metadata, weightsFile)))
    return mlir::failure();
  return std::move(module);
}
