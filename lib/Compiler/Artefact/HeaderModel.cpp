//===- HeaderModel.cpp - What an artefact's header says of its model ------===//

#include "HeaderWriter.h"
#include "lambent-c/runtime.h"
#include "llvm/ADT/StringSet.h"

using namespace lambent;

static std::vector<std::string> getDimNames(const LambentModel &model,
                                            const LambentTensorInfo &info) {
  std::vector<std::string> names(info.rank);
  for (uint32_t i = 0; i < info.rank; ++i) {
    const LambentSymbolInfo *symbol =
        info.dims[i] < 0 && info.sizes ? lambent_model_find_symbol(&model, info.sizes[i])
                         : nullptr;
    names[i] = symbol ? symbol->name : "";
  }
  return names;
}

bool HeaderModel::hasOpenDims() const {
  auto isOpen = [](const Tensor &tensor) { return tensor.isOpen(); };
  return llvm::any_of(inputs, isOpen) || llvm::any_of(outputs, isOpen);
}

HeaderModel HeaderModel::get(const LambentModel &model, OutputForm form) {
  HeaderModel header;
  header.name = model.name;
  header.producer = model.producer;
  header.form = form;
  auto add = [&](std::vector<Tensor> &tensors, const LambentTensorInfo *infos,
                 uint32_t count) {
    for (const LambentTensorInfo &info : llvm::ArrayRef(infos, count)) {
      header.hasLists |= info.list != 0;
      tensors.push_back({info.name,
                         info.type_code,
                         info.type_bits,
                         {info.dims, info.dims + info.rank},
                         info.default_offset != 0,
                         getDimNames(model, info)});
      if (info.most_rank) {
        tensors.back().leastRank = info.least_rank;
        tensors.back().dims.assign(info.most_rank, -1);
        tensors.back().dimNames.clear();
      }
    }
  };
  add(header.inputs, model.inputs, model.num_inputs);
  add(header.outputs, model.outputs, model.num_outputs);
  llvm::StringSet<> names;
  for (const LambentSymbolInfo &symbol :
       llvm::ArrayRef(model.symbols, model.num_symbols))
    if (*symbol.name && names.insert(symbol.name).second)
      header.openDims.push_back(
          {symbol.name, symbol.least, symbol.most, symbol.factor});
  return header;
}
