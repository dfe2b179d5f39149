//===- ArtefactDescription.cpp - Read what an artefact says of its model --===//
//
// Nothing is loaded: the offsets of the description become pointers.
//
//===----------------------------------------------------------------------===//

#include "ArtefactFile.h"
#include "LayersCheck.h"
#include "SizesCheck.h"
#include "lambent/Runtime/Arguments.h"
#include "lambent/Runtime/Artefact.h"
#include <stdlib.h>

using namespace lambent;
using namespace lambent::runtime;

struct LambentArtefact {
  LambentModel *model; ///< and, behind it, all that it points to
};

namespace {

/// Turns offsets into pointers, within `size` bytes that end in a zero.
class Resolver {
public:
  Resolver(char *base, uint64_t size) : base(base), size(size) {}

  bool resolve(LambentModel &model) const {
    return resolveText(model.name) && resolveText(model.producer) &&
           resolveText(model.cpu) && resolveText(model.cpu_features) &&
           resolveText(model.metadata) &&
           resolveText(model.tuning.description) &&
           resolveTensors(model.inputs, model.num_inputs) &&
           resolveTensors(model.outputs, model.num_outputs) &&
           resolveList(
               model.layers, model.num_layers,
               [&](LambentLayerInfo &layer) { return resolveLayer(layer); }) &&
           areLayersSound(model) &&
           resolveList(model.checks, model.num_checks,
                       [&](LambentCheckInfo &check) {
                         return check.layer < model.num_layers &&
                                resolveText(check.expected);
                       }) &&
           resolveList(model.symbols, model.num_symbols,
                       [&](LambentSymbolInfo &symbol) {
                         return resolveText(symbol.name);
                       }) &&
           resolveList(model.size_checks, model.num_size_checks,
                       [&](LambentSizeCheck &check) {
                         return resolveText(check.layer) &&
                                resolveText(check.expected) &&
                                resolveList(check.symbols, check.num_symbols,
                                            [](int32_t &) { return true; });
                       }) &&
           resolveList(model.blocks, model.num_blocks,
                       [](LambentBlockInfo &) { return true; }) &&
           areSizesSound(model);
  }

private:
  template <typename T> bool resolvePlace(T *&field, uint64_t bytes) const {
    uint64_t offset = reinterpret_cast<uintptr_t>(field);
    if (offset % 8 || offset > size || bytes > size - offset)
      return false;
    field = reinterpret_cast<T *>(base + offset);
    return true;
  }
  bool resolveText(const char *&text) const { return resolvePlace(text, 1); }

  template <typename T, typename ResolveParts>
  bool resolveList(const T *&list, uint64_t count,
                   ResolveParts resolveParts) const {
    if (!count) {
      list = nullptr;
      return true;
    }
    if (!resolvePlace(list, count * sizeof(T)))
      return false;
    for (uint64_t i = 0; i < count; ++i)
      if (!resolveParts(const_cast<T &>(list[i])))
        return false;
    return true;
  }

  bool resolveLayer(LambentLayerInfo &layer) const {
    return resolveText(layer.name) && resolveText(layer.kernel) &&
           resolveText(layer.op) && resolveText(layer.shapes) &&
           resolveText(layer.choice_key) &&
           resolveList(layer.sources, layer.num_sources,
                       [](uint32_t &) { return true; }) &&
           resolveList(layer.variants, layer.num_variants,
                       [&](LambentVariantInfo &variant) {
                         return resolveText(variant.name) &&
                                resolveText(variant.algorithm) &&
                                resolveText(variant.rejection);
                       });
  }

  bool resolveTensors(const LambentTensorInfo *&list, uint64_t count) const {
    return resolveList(list, count, [&](LambentTensorInfo &tensor) {
      return resolveText(tensor.name) &&
             resolvePlace(tensor.dims, tensor.rank * sizeof(int64_t)) &&
             (!tensor.sizes ||
              resolvePlace(tensor.sizes, tensor.rank * sizeof(int32_t))) &&
             tensor.default_offset <=
                 size - static_cast<uint64_t>(
                            reinterpret_cast<const char *>(tensor.dims) - base);
    });
  }

  char *base;
  uint64_t size;
};

} // namespace

const LambentModel *lambent::resolveDescription(char *bytes, uint64_t size) {
  auto *model = reinterpret_cast<LambentModel *>(bytes);
  return size > sizeof(LambentModel) && Resolver(bytes, size).resolve(*model)
             ? model
             : nullptr;
}

static LambentStatus *checkVersion(const char *path,
                                   const LambentModel &model) {
  if (model.magic != LAMBENT_MODEL_MAGIC)
    return makeError("'%s' is damaged: its description is none", path);
  if (model.abi != LAMBENT_MODEL_ABI)
    return makeUnsupported("'%s' has model version %u, but this runtime reads "
                           "version %u: compile it again",
                           path, model.abi, LAMBENT_MODEL_ABI);
  return nullptr;
}

LambentStatus *lambent_artefact_read(const char *path,
                                     LambentArtefact **artefact) {
  if (LambentStatus *status =
          requireArguments(__func__, {{"path", path}, {"artefact", artefact}}))
    return status;
  *artefact = nullptr;
  ArtefactFile file;
  if (LambentStatus *status = file.open(path))
    return status;
  if (file.getTrailer().kind == ArtefactKind::Weights)
    return makeError("'%s' holds the weights of a bundle: what they are for "
                     "says the bundle's object",
                     path);
  Mapping bytes;
  if (LambentStatus *status = file.mapDescription(bytes))
    return status;
  if (bytes.size() < sizeof(LambentModel))
    return makeError("'%s' is damaged: its description is none", path);
  auto *memory = static_cast<char *>(malloc(bytes.size() + 1));
  auto *result =
      static_cast<LambentArtefact *>(malloc(sizeof(LambentArtefact)));
  LambentStatus *status = nullptr;
  if (!memory || !result) {
    status = makeOutOfMemory("a description", bytes.size());
  } else {
    memcpy(memory, bytes.data(), bytes.size());
    memory[bytes.size()] = 0; // ends the last text
    result->model = reinterpret_cast<LambentModel *>(memory);
    status = checkVersion(path, *result->model);
    if (!status && !resolveDescription(memory, bytes.size() + 1))
      status = makeError("'%s' is damaged: its description is none", path);
  }
  if (status) {
    free(memory);
    free(result);
    return status;
  }
  *artefact = result;
  return nullptr;
}

const LambentModel *lambent_artefact_model(const LambentArtefact *artefact) {
  return artefact ? artefact->model : nullptr;
}

void lambent_artefact_destroy(LambentArtefact *artefact) {
  if (artefact)
    free(artefact->model);
  free(artefact);
}
