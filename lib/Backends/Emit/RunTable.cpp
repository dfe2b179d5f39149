//===- RunTable.cpp - A model's layers as tables, and their walk ----------===//
//
// The code of a run does not depend on the number of layers; as C it would be
//
//   struct BufferRow { int32_t memory, index; int64_t offset; };
//   struct LayerRow {
//     LambentKernel kernel; // null: the first buffer decides symbols, if there
//                           // are any, else the runtime changes a list
//     int64_t chunks, stages, numBuffers;
//     const BufferRow *buffers;
//     int64_t symbol, numSymbols;
//     const int64_t *read; // the symbols whose values the kernel is given
//     int64_t numRead;
//   };
//
//   void run(LambentCall *call) {
//     void *const *memories[] = {call->inputs, call->outputs, (void **)call,
//                                call->blocks, call->slots};
//     void *slots[mostBuffers + 2];
//     int64_t given[mostRead];
//     for (int64_t layer = 0; layer < numLayers; ++layer) {
//       const LayerRow *row = &layers[layer];
//       for (int64_t i = 0; i < row->numBuffers; ++i) {
//         const BufferRow *buffer = &row->buffers[i];
//         slots[i] = (char *)memories[buffer->memory][buffer->index] +
//                    buffer->offset;
//       }
//       if (!row->kernel) {
//         if (row->numSymbols ? call->define(call, layer, row->symbol,
//                                            slots[0], row->numSymbols)
//                             : call->invoke(call, layer, slots))
//           return;
//         continue;
//       }
//       int64_t stage;
//       slots[row->numBuffers] = &stage;
//       for (int64_t i = 0; i < row->numRead; ++i)
//         given[i] = call->values[row->read[i]];
//       slots[row->numBuffers + 1] = given;
//       for (stage = 0; stage < row->stages; ++stage)
//         call->parallel_for(call, layer, row->kernel, slots, row->chunks);
//     }
//   }
//
// Where sizes are open, chunks, stages and offsets are numbers of values. A row
// without a kernel is a layer that the runtime carries out. The arena, the
// weights and the faults are pointers in the call, so that they are found like
// inputs: memory 2 is the call itself.
//
//===----------------------------------------------------------------------===//

#include "RunTable.h"
#include "lambent-c/model.h"
#include "llvm/IR/IRBuilder.h"

using namespace lambent;
using namespace lambent::emit;
using llvm::Constant;
using llvm::Value;

namespace {

class RunBuilder {
public:
  RunBuilder(const Schedule &schedule, llvm::ArrayRef<KernelUse> kernels,
             SizeTable &sizes, llvm::Module &module)
      : schedule(schedule), kernels(kernels), sizes(sizes), module(module),
        builder(module.getContext()), pointer(builder.getPtrTy()),
        i64(builder.getInt64Ty()),
        layerRow(llvm::StructType::get(pointer, i64, i64, i64, pointer, i64,
                                       i64, pointer, i64)),
        bufferRow(llvm::StructType::get(builder.getInt32Ty(),
                                        builder.getInt32Ty(), i64)) {}

  llvm::Function *build(llvm::StringRef name) {
    auto *run = llvm::Function::Create(
        llvm::FunctionType::get(builder.getVoidTy(), {pointer}, false),
        llvm::GlobalValue::InternalLinkage, name, module);
    builder.SetInsertPoint(
        llvm::BasicBlock::Create(module.getContext(), "entry", run));
    if (!schedule.layers.empty())
      walkLayers(run->getArg(0));
    builder.CreateRetVoid();
    return run;
  }

private:
  /// A table in the object, its addresses relocated wherever it is loaded.
  Constant *makeTable(llvm::StructType *row, llvm::ArrayRef<Constant *> rows,
                      llvm::StringRef name) {
    auto *type = llvm::ArrayType::get(row, rows.size());
    return new llvm::GlobalVariable(module, type, /*isConstant=*/true,
                                    llvm::GlobalValue::PrivateLinkage,
                                    llvm::ConstantArray::get(type, rows), name);
  }

  /// A number, or the number of the value that is the size.
  Constant *makeNumber(const Size &size) {
    return builder.getInt64(schedule.isOpen() ? sizes.add(size)
                                              : size.getNumber());
  }

  Constant *makeBufferRow(const BufferRef &buffer) {
    int32_t memory = 2, index = 0;
    switch (buffer.memory) {
    case BufferRef::Input:
    case BufferRef::Output:
      memory = buffer.memory == BufferRef::Input ? 0 : 1;
      index = buffer.index;
      break;
    case BufferRef::Arena:
      index = offsetof(LambentCall, arena) / sizeof(void *);
      break;
    case BufferRef::Weights:
      index = offsetof(LambentCall, weights) / sizeof(void *);
      break;
    case BufferRef::Faults:
      index = offsetof(LambentCall, faults) / sizeof(void *);
      break;
    case BufferRef::Block:
    case BufferRef::Slot:
      memory = buffer.memory == BufferRef::Block ? 3 : 4;
      index = buffer.index;
      break;
    }
    return llvm::ConstantStruct::get(bufferRow, {builder.getInt32(memory),
                                                 builder.getInt32(index),
                                                 makeNumber(buffer.offset)});
  }

  Constant *makeBufferTable() {
    std::vector<Constant *> rows;
    for (const Layer &layer : schedule.layers)
      for (const BufferRef &buffer : layer.buffers)
        rows.push_back(makeBufferRow(buffer));
    return makeTable(bufferRow, rows, "buffer_rows");
  }

  /// A kernel, which may be declared already for another model.
  Constant *declareKernel(const KernelUse &kernel) {
    if (llvm::Function *known = module.getFunction(kernel.symbol))
      return known;
    auto *type = llvm::FunctionType::get(builder.getVoidTy(),
                                         {pointer, i64, i64, pointer}, false);
    auto *function = llvm::Function::Create(
        type, llvm::GlobalValue::ExternalLinkage, kernel.symbol, module);
    function->setVisibility(llvm::GlobalValue::HiddenVisibility);
    return function;
  }

  Constant *makeSymbolTable() {
    std::vector<uint64_t> symbols;
    for (const Layer &layer : schedule.layers)
      symbols.insert(symbols.end(), layer.symbols.begin(), layer.symbols.end());
    Constant *list = llvm::ConstantDataArray::get(module.getContext(), symbols);
    return new llvm::GlobalVariable(module, list->getType(),
                                    /*isConstant=*/true,
                                    llvm::GlobalValue::PrivateLinkage, list,
                                    "read_symbols");
  }

  Constant *makeLayerTable() {
    std::vector<Constant *> rows;
    Constant *buffers = makeBufferTable(), *symbols = makeSymbolTable();
    uint64_t first = 0, firstSymbol = 0;
    for (const Layer &layer : schedule.layers) {
      Constant *kernel = layer.hasKernel()
                             ? declareKernel(kernels[layer.kernelIndex])
                             : llvm::ConstantPointerNull::get(pointer);
      // A call tells the runtime itself what it decides.
      lir::DecidedSymbols decided =
          layer.call ? lir::DecidedSymbols() : layer.decided;
      rows.push_back(llvm::ConstantStruct::get(
          layerRow,
          {kernel, makeNumber(layer.chunks), makeNumber(layer.stages),
           builder.getInt64(layer.buffers.size()),
           llvm::ConstantExpr::getGetElementPtr(bufferRow, buffers,
                                                builder.getInt64(first)),
           builder.getInt64(decided.first), builder.getInt64(decided.count),
           llvm::ConstantExpr::getGetElementPtr(i64, symbols,
                                                builder.getInt64(firstSymbol)),
           builder.getInt64(layer.symbols.size())}));
      first += layer.buffers.size();
      firstSymbol += layer.symbols.size();
    }
    return makeTable(layerRow, rows, "layer_rows");
  }

  Value *loadField(llvm::StructType *row, Value *address, unsigned field) {
    return builder.CreateLoad(row->getElementType(field),
                              builder.CreateStructGEP(row, address, field));
  }

  Value *loadFromCall(Value *call, uint64_t offset) {
    return builder.CreateLoad(
        pointer, builder.CreateConstGEP1_64(builder.getInt8Ty(), call, offset));
  }

  /// for (i = 0; i != count; ++i): `body` is given i.
  void repeat(Value *count, llvm::function_ref<void(Value *)> body) {
    llvm::BasicBlock *before = builder.GetInsertBlock();
    llvm::Function *function = before->getParent();
    llvm::LLVMContext &context = module.getContext();
    auto *head = llvm::BasicBlock::Create(context, "head", function),
         *loop = llvm::BasicBlock::Create(context, "loop", function);
    builder.CreateBr(head);
    builder.SetInsertPoint(head);
    llvm::PHINode *i = builder.CreatePHI(i64, 2);
    i->addIncoming(builder.getInt64(0), before);
    Value *isDone = builder.CreateICmpEQ(i, count);
    builder.SetInsertPoint(loop);
    body(i);
    i->addIncoming(builder.CreateAdd(i, builder.getInt64(1)),
                   builder.GetInsertBlock());
    builder.CreateBr(head);
    auto *after = llvm::BasicBlock::Create(context, "after", function);
    builder.SetInsertPoint(head);
    builder.CreateCondBr(isDone, after, loop);
    builder.SetInsertPoint(after);
  }

  /// What the walk keeps at hand.
  struct Walk {
    Value *call, *memories, *slots, *stageSlot, *values, *given, *parallelFor;
  };

  /// A number of a row, or the value that it tells.
  Value *getSize(const Walk &walk, Value *number) {
    return schedule.isOpen()
               ? builder.CreateLoad(i64,
                                    builder.CreateGEP(i64, walk.values, number))
               : number;
  }

  void storeSlot(const Walk &walk, Value *address, Value *index) {
    builder.CreateStore(address, builder.CreateGEP(pointer, walk.slots, index));
  }

  void fillSlots(const Walk &walk, Value *buffers, Value *numBuffers) {
    repeat(numBuffers, [&](Value *i) {
      Value *buffer = builder.CreateGEP(bufferRow, buffers, i);
      Value *memory = builder.CreateLoad(
          pointer, builder.CreateGEP(pointer, walk.memories,
                                     loadField(bufferRow, buffer, 0)));
      Value *start = builder.CreateLoad(
          pointer,
          builder.CreateGEP(pointer, memory, loadField(bufferRow, buffer, 1)));
      Value *offset = getSize(walk, loadField(bufferRow, buffer, 2));
      storeSlot(walk, builder.CreateGEP(builder.getInt8Ty(), start, offset), i);
    });
  }

  /// Lists the values of the symbols that the row's kernel reads.
  void giveSymbols(const Walk &walk, Value *row) {
    Value *read = loadField(layerRow, row, 7);
    repeat(loadField(layerRow, row, 8), [&](Value *i) {
      Value *symbol = builder.CreateLoad(i64, builder.CreateGEP(i64, read, i));
      Value *value =
          builder.CreateLoad(i64, builder.CreateGEP(i64, walk.values, symbol));
      builder.CreateStore(value, builder.CreateGEP(i64, walk.given, i));
    });
  }

  void callKernel(const Walk &walk, Value *layer, Value *row, Value *kernel,
                  Value *numBuffers) {
    auto *type = llvm::FunctionType::get(
        builder.getVoidTy(), {pointer, i64, pointer, pointer, i64}, false);
    Value *chunks = getSize(walk, loadField(layerRow, row, 1)),
          *stages = getSize(walk, loadField(layerRow, row, 2));
    storeSlot(walk, walk.stageSlot, numBuffers);
    if (schedule.isOpen())
      giveSymbols(walk, row);
    storeSlot(walk, walk.given,
              builder.CreateAdd(numBuffers, builder.getInt64(1)));
    repeat(stages, [&](Value *stage) {
      builder.CreateStore(stage, walk.stageSlot);
      builder.CreateCall(type, walk.parallelFor,
                         {walk.call, layer, kernel, walk.slots, chunks});
    });
  }

  /// Hands the first buffer to the runtime, which decides sizes by it.
  Value *callDefine(const Walk &walk, Value *layer, Value *row) {
    auto *type = llvm::FunctionType::get(
        builder.getInt32Ty(), {pointer, i64, i64, pointer, i64}, false);
    return builder.CreateCall(
        type, loadFromCall(walk.call, offsetof(LambentCall, define)),
        {walk.call, layer, loadField(layerRow, row, 5),
         builder.CreateLoad(pointer, walk.slots), loadField(layerRow, row, 6)});
  }

  /// Lets the runtime do the layer.
  Value *callInvoke(const Walk &walk, Value *layer) {
    auto *type = llvm::FunctionType::get(builder.getInt32Ty(),
                                         {pointer, i64, pointer}, false);
    return builder.CreateCall(
        type, loadFromCall(walk.call, offsetof(LambentCall, invoke)),
        {walk.call, layer, walk.slots});
  }

  /// Ends the run where the runtime says so.
  void endIf(Value *status) {
    llvm::Function *function = builder.GetInsertBlock()->getParent();
    auto *end = llvm::BasicBlock::Create(module.getContext(), "end", function),
         *next =
             llvm::BasicBlock::Create(module.getContext(), "next", function);
    builder.CreateCondBr(builder.CreateIsNotNull(status), end, next);
    builder.SetInsertPoint(end);
    builder.CreateRetVoid();
    builder.SetInsertPoint(next);
  }

  /// A layer without kernel.
  void callRuntime(const Walk &walk, Value *layer, Value *row) {
    branch(
        builder.CreateIsNotNull(loadField(layerRow, row, 6)),
        [&] { endIf(callDefine(walk, layer, row)); },
        [&] { endIf(callInvoke(walk, layer)); });
  }

  /// if (condition) then(); else otherwise();
  void branch(Value *condition, llvm::function_ref<void()> then,
              llvm::function_ref<void()> otherwise) {
    llvm::LLVMContext &context = module.getContext();
    llvm::Function *function = builder.GetInsertBlock()->getParent();
    auto *yes = llvm::BasicBlock::Create(context, "then", function),
         *no = llvm::BasicBlock::Create(context, "else", function),
         *after = llvm::BasicBlock::Create(context, "after", function);
    builder.CreateCondBr(condition, yes, no);
    for (auto [block, body] :
         {std::pair(yes, then), std::pair(no, otherwise)}) {
      builder.SetInsertPoint(block);
      body();
      builder.CreateBr(after);
    }
    builder.SetInsertPoint(after);
  }

  void walkLayers(Value *call) {
    size_t mostBuffers = 0, mostRead = 0;
    for (const Layer &layer : schedule.layers) {
      mostBuffers = std::max(mostBuffers, layer.buffers.size());
      mostRead = std::max(mostRead, layer.symbols.size());
    }
    Constant *layers = makeLayerTable();
    Walk walk;
    walk.call = call;
    walk.memories = builder.CreateAlloca(llvm::ArrayType::get(pointer, 5));
    walk.slots =
        builder.CreateAlloca(llvm::ArrayType::get(pointer, mostBuffers + 2));
    walk.stageSlot = builder.CreateAlloca(i64);
    walk.given = builder.CreateAlloca(llvm::ArrayType::get(i64, mostRead));
    Value *contents[] = {loadFromCall(call, offsetof(LambentCall, inputs)),
                         loadFromCall(call, offsetof(LambentCall, outputs)),
                         call,
                         loadFromCall(call, offsetof(LambentCall, blocks)),
                         loadFromCall(call, offsetof(LambentCall, slots))};
    walk.values = loadFromCall(call, offsetof(LambentCall, values));
    for (auto [i, memory] : llvm::enumerate(contents))
      builder.CreateStore(
          memory, builder.CreateConstGEP1_64(pointer, walk.memories, i));
    walk.parallelFor = loadFromCall(call, offsetof(LambentCall, parallel_for));
    repeat(builder.getInt64(schedule.layers.size()), [&](Value *layer) {
      Value *row = builder.CreateGEP(layerRow, layers, layer);
      Value *kernel = loadField(layerRow, row, 0),
            *numBuffers = loadField(layerRow, row, 3),
            *buffers = loadField(layerRow, row, 4);
      fillSlots(walk, buffers, numBuffers);
      auto compute = [&] { callKernel(walk, layer, row, kernel, numBuffers); };
      if (llvm::all_of(schedule.layers, std::mem_fn(&Layer::hasKernel)))
        return compute();
      branch(builder.CreateIsNotNull(kernel), compute,
             [&] { callRuntime(walk, layer, row); });
    });
  }

  const Schedule &schedule;
  llvm::ArrayRef<KernelUse> kernels;
  SizeTable &sizes;
  llvm::Module &module;
  llvm::IRBuilder<> builder;
  llvm::PointerType *pointer;
  llvm::Type *i64;
  llvm::StructType *layerRow, *bufferRow;
};

} // namespace

llvm::Function *emit::buildRun(const Schedule &schedule,
                               llvm::ArrayRef<KernelUse> kernels,
                               SizeTable &sizes, llvm::StringRef name,
                               llvm::Module &module) {
  return RunBuilder(schedule, kernels, sizes, module).build(name);
}
