//===- ModelFile.cpp - A model whose weights stay where they are ----------===//

#include "lambent/Graph/Import/ModelFile.h"
#include "WireFormat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/SHA1.h"
#include <climits>
#include <google/protobuf/io/coded_stream.h>

using namespace llvm;

namespace lambent::graph {

Expected<std::shared_ptr<ModelFile>> ModelFile::open(ModelSource source) {
  auto file = std::make_shared<ModelFile>();
  file->path = source.path.empty() ? "<memory>" : source.path;
  file->inMemory = source.bytes != nullptr;
  file->externalData = std::move(source.externalData);
  file->followLinks = source.followLinks;
  if (source.bytes) {
    file->bytes = std::move(source.bytes);
  } else {
    Expected<SharedBytes> mapped = mapModelFile(source.path);
    if (!mapped)
      return mapped.takeError();
    file->bytes = *mapped;
  }
  if (file->bytes->getBufferSize() == 0)
    return createStringError("it is empty");

  Expected<StrippedModel> stripped = stripRawData(file->bytes->getBuffer());
  if (!stripped)
    return stripped.takeError();
  if (stripped->message.size() > INT_MAX)
    return createStringError("it holds more than 2 GiB besides its raw data");
  file->mapped = std::move(stripped->rawData);

  google::protobuf::io::CodedInputStream stream(
      reinterpret_cast<const uint8_t *>(stripped->message.data()),
      int(stripped->message.size()));
  stream.SetTotalBytesLimit(INT_MAX);
  stream.SetRecursionLimit(400);
  if (!file->model->ParsePartialFromCodedStream(&stream) ||
      !stream.ConsumedEntireMessage())
    return createStringError("it is not an ONNX model, or damaged");
  if (!file->model->has_graph() || (file->model->graph().node_size() == 0 &&
                                    file->model->graph().output_size() == 0))
    return createStringError("it is not an ONNX model: it has no graph");
  return file;
}

std::vector<SharedBytes> ModelFile::getFiles() const {
  std::vector<SharedBytes> files{bytes};
  for (const auto &external : externals)
    if (external.second.bytes)
      files.push_back(external.second.bytes);
  return files;
}

bool ModelFile::hasRawData(const onnx::TensorProto &tensor) {
  return tensor.has_raw_data() ||
         tensor.data_location() == onnx::TensorProto::EXTERNAL ||
         tensor.external_data_size() != 0;
}

unsigned ModelFile::countSources(const onnx::TensorProto &tensor) {
  auto isMapped = [&](StringRef key) {
    return any_of(tensor.external_data(),
                  [&](const auto &entry) { return entry.key() == key; });
  };
  bool sources[] = {
      tensor.data_location() == onnx::TensorProto::EXTERNAL,
      !tensor.raw_data().empty() || isMapped(mappedDataKey),
      tensor.float_data_size() != 0 || isMapped(mappedFloatsKey),
      tensor.double_data_size() != 0 || isMapped(mappedDoublesKey),
      tensor.int32_data_size() != 0,
      tensor.int64_data_size() != 0,
      tensor.uint64_data_size() != 0,
      tensor.string_data_size() != 0,
  };
  return llvm::count(sources, true);
}

Expected<OwnedBytes> ModelFile::getRawData(const onnx::TensorProto &tensor) {
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL)
    return getExternalData(tensor);
  StringRef listKey;
  if (tensor.data_type() == onnx::TensorProto::FLOAT)
    listKey = mappedFloatsKey;
  else if (tensor.data_type() == onnx::TensorProto::DOUBLE)
    listKey = mappedDoublesKey;
  SmallVector<StringRef> pieces;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
    unsigned index;
    if (StringRef(entry.value()).getAsInteger(10, index) ||
        index >= mapped.size())
      continue;
    if (entry.key() == mappedDataKey)
      return OwnedBytes{mapped[index], bytes};
    if (entry.key() == listKey)
      pieces.push_back(mapped[index]);
  }
  // A list may come in pieces, though no writer does that.
  if (pieces.size() == 1)
    return OwnedBytes{pieces[0], bytes};
  if (!pieces.empty()) {
    auto whole = std::make_shared<std::string>(join(pieces, ""));
    return OwnedBytes{*whole, whole};
  }
  return OwnedBytes{tensor.raw_data(), model};
}

Expected<SharedBytes> ModelFile::getExternalFile(StringRef location) {
  if (!inMemory)
    return mapExternalFile(path, location, followLinks);
  if (Error error = checkExternalLocation(location))
    return error;
  if (!externalData)
    return createStringError(
        "'" + location +
        "' is another file, and none was supplied with the model's bytes");
  Expected<std::unique_ptr<MemoryBuffer>> buffer = externalData(location);
  if (!buffer)
    return buffer.takeError();
  if (!*buffer)
    return createStringError("'" + location + "' was not supplied");
  return SharedBytes(std::move(*buffer));
}

Expected<OwnedBytes>
ModelFile::getExternalData(const onnx::TensorProto &tensor) {
  StringRef location, checksum;
  uint64_t offset = 0, length = 0;
  bool hasLength = false;
  llvm::StringSet<> seen;
  for (const onnx::StringStringEntryProto &entry : tensor.external_data()) {
    StringRef key = entry.key(), value = entry.value();
    if (!seen.insert(key).second)
      return createStringError("its external data has two entries '" + key +
                               "'");
    if (key == "location")
      location = value;
    else if (key == "checksum")
      checksum = value;
    else if (key == "offset" && value.getAsInteger(10, offset))
      return createStringError("its offset '" + value + "' is no number");
    else if (key == "length" && (hasLength = true) &&
             value.getAsInteger(10, length))
      return createStringError("its length '" + value + "' is no number");
  }

  External &external = externals[location];
  if (!external.bytes) {
    Expected<SharedBytes> opened = getExternalFile(location);
    if (!opened)
      return opened.takeError();
    external.bytes = *opened;
  }
  StringRef all = external.bytes->getBuffer();
  if (offset > all.size() || (hasLength && length > all.size() - offset))
    return createStringError("'" + location + "' has " + Twine(all.size()) +
                             " bytes, but bytes " + Twine(offset) + "+" +
                             Twine(length) + " are needed");
  if (!checksum.empty()) {
    if (external.sha1.empty())
      external.sha1 =
          toHex(SHA1::hash(arrayRefFromStringRef(all)), /*LowerCase=*/true);
    if (!checksum.equals_insensitive(external.sha1))
      return createStringError("the checksum of '" + location + "' is " +
                               external.sha1 + ", but the model says " +
                               checksum);
  }
  return OwnedBytes{all.substr(offset, hasLength ? length : StringRef::npos),
                    external.bytes};
}

} // namespace lambent::graph
