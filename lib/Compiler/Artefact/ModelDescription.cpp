//===- ModelDescription.cpp - What an artefact says of its model ----------===//
//
// The structure lies in the object already, as data whose pointers are
// relocations. It is copied with all that it points to, and pointers become
// offsets.
//
//===----------------------------------------------------------------------===//

#include "ModelDescription.h"
#include "lambent-c/runtime.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/Object/ELFObjectFile.h"
#include <map>

using namespace lambent;
using llvm::StringRef;
namespace elf = llvm::object;

namespace {

/// A place in one of an object's sections.
struct Place {
  uint64_t section = 0, offset = 0;
  Place operator+(uint64_t bytes) const { return {section, offset + bytes}; }
  bool operator<(const Place &other) const {
    return std::tie(section, offset) < std::tie(other.section, other.offset);
  }
};

/// Data of a relocatable object, and what its pointers point to.
class ObjectData {
public:
  llvm::Error open(llvm::MemoryBufferRef bytes) {
    auto file = elf::ObjectFile::createELFObjectFile(bytes);
    if (!file)
      return file.takeError();
    object = std::move(*file);
    for (const elf::SectionRef &section : object->sections()) {
      if (!section.isText() && !section.isBSS() && !section.isVirtual()) {
        auto contents = section.getContents();
        if (!contents)
          return contents.takeError();
        data[section.getIndex()] = *contents;
      }
      if (llvm::Error error = readPointers(section))
        return error;
    }
    return llvm::Error::success();
  }

  std::optional<Place> find(StringRef name) const {
    for (const elf::SymbolRef &symbol : object->symbols()) {
      auto symbolName = symbol.getName();
      if (symbolName && *symbolName == name)
        return getPlace(symbol, 0);
      llvm::consumeError(symbolName.takeError());
    }
    return std::nullopt;
  }
  /// What the pointer at `place` points to; nothing for null.
  std::optional<Place> follow(Place place) const {
    auto found = pointers.find(place);
    if (found == pointers.end())
      return std::nullopt;
    return found->second;
  }
  /// All bytes from a place to the end of its section.
  StringRef get(Place place) const {
    return data.lookup(place.section).drop_front(place.offset);
  }

private:
  std::optional<Place> getPlace(const elf::SymbolRef &symbol,
                                int64_t addend) const {
    auto section = symbol.getSection();
    auto value = symbol.getValue();
    if (section && value && *section != object->section_end())
      return Place{(*section)->getIndex(), *value + addend};
    llvm::consumeError(section.takeError());
    llvm::consumeError(value.takeError());
    return std::nullopt;
  }

  llvm::Error readPointers(const elf::SectionRef &section) {
    auto relocated = section.getRelocatedSection();
    if (!relocated)
      return relocated.takeError();
    if (*relocated == object->section_end() || (*relocated)->isText())
      return llvm::Error::success();
    for (const elf::ELFRelocationRef relocation : section.relocations()) {
      bool isPointer = object->getArch() == llvm::Triple::aarch64
                           ? relocation.getType() == llvm::ELF::R_AARCH64_ABS64
                           : relocation.getType() == llvm::ELF::R_X86_64_64;
      auto addend = relocation.getAddend();
      if (!addend)
        return addend.takeError();
      if (!isPointer || relocation.getSymbol() == object->symbol_end())
        continue;
      if (auto target = getPlace(*relocation.getSymbol(), *addend))
        pointers[{(*relocated)->getIndex(), relocation.getOffset()}] = *target;
    }
    return llvm::Error::success();
  }

  std::unique_ptr<elf::ObjectFile> object;
  llvm::DenseMap<uint64_t, StringRef> data;
  std::map<Place, Place> pointers;
};

class DescriptionWriter {
public:
  explicit DescriptionWriter(const ObjectData &object) : object(object) {}

  /// False where the object ends before the structure does.
  bool write(Place at) {
    LambentModel model;
    bytes.resize(sizeof(model));
    if (!read(at, &model, sizeof(model)))
      return false;
    copyString(model.name, at + offsetof(LambentModel, name));
    copyString(model.producer, at + offsetof(LambentModel, producer));
    copyString(model.cpu, at + offsetof(LambentModel, cpu));
    copyString(model.cpu_features, at + offsetof(LambentModel, cpu_features));
    copyString(model.metadata, at + offsetof(LambentModel, metadata));
    copyString(model.tuning.description,
               at + offsetof(LambentModel, tuning) +
                   offsetof(LambentTuning, description));
    copyTensors(model.inputs, model.num_inputs,
                at + offsetof(LambentModel, inputs));
    copyTensors(model.outputs, model.num_outputs,
                at + offsetof(LambentModel, outputs));
    copyList(model.layers, model.num_layers,
             at + offsetof(LambentModel, layers),
             [&](LambentLayerInfo &layer, Place place) {
               copyLayerParts(layer, place);
             });
    copyList(model.checks, model.num_checks,
             at + offsetof(LambentModel, checks),
             [&](LambentCheckInfo &check, Place place) {
               copyString(check.expected,
                          place + offsetof(LambentCheckInfo, expected));
             });
    copySizes(model, at);
    model.run = nullptr;
    model.evaluate = nullptr;
    model.weights = nullptr;
    // What layers call is described by no more than their kernels' names.
    model.calls = nullptr;
    // What a layer does to lists is for whoever runs it.
    model.lists = nullptr;
    model.num_lists = 0;
    // Nor is what else there is for other sizes.
    model.fallback = nullptr;
    std::memcpy(bytes.data(), &model, sizeof(model));
    return isComplete;
  }
  std::string take() { return std::move(bytes); }

private:
  bool read(Place place, void *target, size_t size) {
    StringRef source = object.get(place);
    if (source.size() < size)
      return isComplete = false;
    if (size) // a scalar's list of dims is nowhere
      std::memcpy(target, source.data(), size);
    return true;
  }

  /// Places follow each other, each at a multiple of 8.
  template <typename T> void append(T *&field, StringRef data) {
    bytes.resize(llvm::alignTo(bytes.size(), 8));
    field = reinterpret_cast<T *>(static_cast<uintptr_t>(bytes.size()));
    bytes += data;
  }

  void copyString(const char *&field, Place at) {
    auto target = object.follow(at);
    StringRef text = target ? object.get(*target) : StringRef();
    size_t length = text.find('\0');
    if (length == StringRef::npos) {
      isComplete = false;
      return;
    }
    const char *&known = strings[text.take_front(length).str()];
    if (!known)
      append(known, text.take_front(length + 1));
    field = known;
  }

  template <typename T, typename CopyParts>
  void copyList(const T *&field, uint64_t count, Place at,
                CopyParts copyParts) {
    auto target = object.follow(at);
    std::vector<T> items(target ? count : 0);
    field = nullptr;
    if (items.size() != count) {
      isComplete = false;
      return;
    }
    for (auto [i, item] : llvm::enumerate(items)) {
      Place place = *target + i * sizeof(T);
      if (!read(place, &item, sizeof(T)))
        return;
      copyParts(item, place);
    }
    if (count)
      append(field, StringRef(reinterpret_cast<const char *>(items.data()),
                              count * sizeof(T)));
  }

  void copyLayerParts(LambentLayerInfo &layer, Place place) {
    copyString(layer.name, place + offsetof(LambentLayerInfo, name));
    copyString(layer.kernel, place + offsetof(LambentLayerInfo, kernel));
    copyString(layer.op, place + offsetof(LambentLayerInfo, op));
    copyString(layer.shapes, place + offsetof(LambentLayerInfo, shapes));
    copyList(layer.sources, layer.num_sources,
             place + offsetof(LambentLayerInfo, sources),
             [](uint32_t &, Place) {});
    copyList(layer.variants, layer.num_variants,
             place + offsetof(LambentLayerInfo, variants),
             [&](LambentVariantInfo &variant, Place at) {
               copyString(variant.name,
                          at + offsetof(LambentVariantInfo, name));
               copyString(variant.algorithm,
                          at + offsetof(LambentVariantInfo, algorithm));
               copyString(variant.rejection,
                          at + offsetof(LambentVariantInfo, rejection));
             });
  }

  void copySizes(LambentModel &model, Place at) {
    copyList(
        model.symbols, model.num_symbols, at + offsetof(LambentModel, symbols),
        [&](LambentSymbolInfo &symbol, Place place) {
          copyString(symbol.name, place + offsetof(LambentSymbolInfo, name));
        });
    copyList(model.size_checks, model.num_size_checks,
             at + offsetof(LambentModel, size_checks),
             [&](LambentSizeCheck &check, Place place) {
               copyString(check.layer,
                          place + offsetof(LambentSizeCheck, layer));
               copyString(check.expected,
                          place + offsetof(LambentSizeCheck, expected));
               copyList(check.symbols, check.num_symbols,
                        place + offsetof(LambentSizeCheck, symbols),
                        [](int32_t &, Place) {});
             });
    copyList(model.blocks, model.num_blocks,
             at + offsetof(LambentModel, blocks),
             [](LambentBlockInfo &, Place) {});
  }

  /// Which values a tensor's open dims are; nowhere where all are bound.
  void copyOpenDims(LambentTensorInfo &tensor, Place place) {
    auto target = object.follow(place + offsetof(LambentTensorInfo, sizes));
    tensor.sizes = nullptr;
    std::string sizes(tensor.rank * sizeof(int32_t), 0);
    if (target && read(*target, sizes.data(), sizes.size()))
      append(tensor.sizes, sizes);
  }

  void copyTensors(const LambentTensorInfo *&field, uint64_t count, Place at) {
    copyList(field, count, at, [&](LambentTensorInfo &tensor, Place place) {
      copyString(tensor.name, place + offsetof(LambentTensorInfo, name));
      copyOpenDims(tensor, place);
      auto target = object.follow(place + offsetof(LambentTensorInfo, dims));
      std::vector<int64_t> dims(tensor.rank);
      tensor.dims = nullptr;
      isComplete &= target || dims.empty();
      if (!target || !read(*target, dims.data(), dims.size() * sizeof(int64_t)))
        return;
      LambentTensorInfo located = tensor;
      located.dims = dims.data();
      uint64_t size =
          tensor.default_offset
              ? tensor.default_offset + lambent_tensor_info_bytes(&located)
              : dims.size() * sizeof(int64_t);
      std::string data(size, 0);
      if (read(*target, data.data(), size))
        append(tensor.dims, data);
    });
  }

  const ObjectData &object;
  std::string bytes;
  std::map<std::string, const char *> strings;
  bool isComplete = true;
};

} // namespace

llvm::Expected<std::string> lambent::describeModel(llvm::MemoryBufferRef object,
                                                   StringRef symbol) {
  ObjectData data;
  if (llvm::Error error = data.open(object))
    return error;
  std::optional<Place> model = data.find(symbol);
  DescriptionWriter writer(data);
  if (!model || !writer.write(*model))
    return llvm::createStringError("the object has no complete description '" +
                                   symbol + "' of its model");
  return writer.take();
}
