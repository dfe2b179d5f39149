//===- LayerDescription.cpp - What a model says of its layers -------------===//

#include "LayerDescription.h"
#include "lambent/Backends/Emit/NodeNames.h"
#include "lambent/Lowering/IR/BufferLayout.h"
#include "llvm/IR/IRBuilder.h"

using namespace mlir;
using namespace lambent;
using namespace lambent::emit;
using llvm::Constant;

//===-- From ops ----------------------------------------------------------===//

std::string emit::getLayerName(Operation *op) {
  constexpr unsigned kShown = 4; // a long stack would make tables unreadable
  llvm::SetVector<StringRef> names = getNodeNames(op->getLoc());
  std::string text = llvm::join(names.getArrayRef().take_front(kShown), "+");
  if (names.size() > kShown)
    text += "+" + std::to_string(names.size() - kShown) + " more";
  return text.empty() ? op->getName().stripDialect().str() : text;
}

static std::string listShapes(OperandRange buffers) {
  std::string text;
  llvm::raw_string_ostream os(text);
  llvm::interleaveComma(buffers, os, [&](Value buffer) {
    auto type = cast<MemRefType>(buffer.getType());
    for (const Size &size : lir::getSizes(type)) {
      bool isTerm = size.isNumber() || !size.getExpression() ||
                    isa<AffineSymbolExpr>(size.getExpression());
      os << (isTerm ? "" : "(") << size << (isTerm ? "x" : ")x");
    }
    os << type.getElementType();
  });
  return text;
}

std::string emit::getLayerShapes(lir::KernelOpInterface op) {
  return listShapes(lir::getReads(op)) + " -> " +
         listShapes(lir::getWrites(op));
}

/// The buffer that `value` is a part of; of a donated input, the input.
static Value getOrigin(Value value) {
  Value root = lir::getRootBuffer(value);
  auto donated = root.getDefiningOp<lir::DonateOp>();
  return donated ? donated.getInput() : root;
}

std::vector<unsigned> WrittenBuffers::findSources(lir::KernelOpInterface op) {
  constexpr size_t mostCompared = 200000; // takes some tenths of a second
  std::vector<unsigned> sources;
  for (Value read : lir::getReads(op)) {
    auto found = writes.find(getOrigin(read));
    if (found == writes.end())
      continue;
    numCompared += found->second.size();
    if (numCompared > mostCompared)
      return {};
    auto type = cast<MemRefType>(read.getType());
    for (const Write &write : found->second)
      if (!lir::areDisjoint(write.part, type))
        sources.push_back(write.layer);
  }
  llvm::sort(sources);
  sources.erase(llvm::unique(sources), sources.end());
  return sources;
}

void WrittenBuffers::add(lir::KernelOpInterface op, unsigned layer) {
  for (Value written : lir::getWrites(op)) {
    auto type = cast<MemRefType>(written.getType());
    SmallVector<Write, 1> &list = writes[getOrigin(written)];
    // Nothing is left of what was there where all is written anew.
    if (lir::isDense(type) && !op.isInOut())
      list.clear();
    list.push_back({type, layer});
  }
}

//===-- To constants ------------------------------------------------------===//

namespace {

class LayerTable {
public:
  LayerTable(SizeTable &sizes, llvm::Module &module,
             llvm::function_ref<Constant *(llvm::StringRef)> getText)
      : sizes(sizes), module(module), getText(getText),
        builder(module.getContext()),
        null(llvm::ConstantPointerNull::get(builder.getPtrTy())) {}

  Constant *describe(ArrayRef<Layer> layers) {
    SmallVector<Constant *> infos;
    for (const Layer &layer : layers)
      infos.push_back(describe(layer));
    return place(infos, "layers");
  }

private:
  Constant *describe(const Layer &layer) {
    SmallVector<Constant *> sources, variants;
    for (unsigned source : layer.sources)
      sources.push_back(builder.getInt32(source));
    for (const Considered &variant : layer.variants)
      variants.push_back(describe(variant));
    return makeStruct(
        {getText(layer.name), getText(layer.kernel), getNumber(layer.flops),
         getNumber(layer.bytes), getText(layer.op), getText(layer.shapes),
         builder.getInt64(layer.weightBytes), builder.getInt64(layer.cycles),
         place(sources, "sources"), place(variants, "variants"),
         builder.getInt32(sources.size()), builder.getInt32(variants.size()),
         builder.getInt32(!layer.hasKernel()),
         builder.getInt32(layer.mayWait ? layer.buffers.size() + 2 : 0),
         getText(layer.choiceKey), getPlace(layer.flops),
         getPlace(layer.bytes)});
  }

  Constant *getNumber(const Size &size) {
    return builder.getInt64(size.isNumber() ? size.getNumber() : 0);
  }
  /// 1 + the value that an open size is.
  Constant *getPlace(const Size &size) {
    return builder.getInt32(size.getExpression() ? 1 + sizes.add(size) : 0);
  }

  Constant *describe(const Considered &variant) {
    std::string algorithm;
    if (variant.algorithm)
      llvm::raw_string_ostream(algorithm) << variant.algorithm;
    llvm::StringRef shown = algorithm;
    if (shown.consume_front("#")) // the backend's dialect
      shown = shown.split('.').second;
    return makeStruct(
        {getText(variant.variant), getText(shown),
         getText(variant.algorithm ? variant.note : variant.rejection),
         builder.getInt64(variant.cycles), builder.getInt32(variant.isChosen),
         builder.getInt32(0)});
  }

  Constant *makeStruct(ArrayRef<Constant *> fields) {
    return llvm::ConstantStruct::getAnon(module.getContext(), fields);
  }

  /// Lists that are alike have one place.
  Constant *place(ArrayRef<Constant *> values, llvm::StringRef name) {
    if (values.empty())
      return null;
    Constant *list = llvm::ConstantArray::get(
        llvm::ArrayType::get(values[0]->getType(), values.size()), values);
    Constant *&known = places[list];
    if (!known)
      known = new llvm::GlobalVariable(module, list->getType(), true,
                                       llvm::GlobalValue::PrivateLinkage, list,
                                       name);
    return known;
  }

  SizeTable &sizes;
  llvm::Module &module;
  llvm::function_ref<Constant *(llvm::StringRef)> getText;
  llvm::IRBuilder<> builder;
  Constant *null;
  llvm::DenseMap<Constant *, Constant *> places;
};

} // namespace

Constant *
emit::describeLayers(ArrayRef<Layer> layers, SizeTable &sizes,
                     llvm::Module &module,
                     llvm::function_ref<Constant *(llvm::StringRef)> getText) {
  return LayerTable(sizes, module, getText).describe(layers);
}
