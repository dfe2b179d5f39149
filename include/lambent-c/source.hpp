// source.hpp: where a model comes from. Part of lambent.hpp.
#ifndef LAMBENT_C_SOURCE_HPP
#define LAMBENT_C_SOURCE_HPP

#include "lambent-c/compiler.h"
#include "lambent-c/values.hpp"
#include <functional>

namespace lambent {
inline namespace v1 {

/// Where a model comes from.
class ModelSource {
public:
  /// Finds external data of a model in memory: its bytes, or null.
  using FindExternalData = std::function<const void *(const std::string &location, std::uint64_t &size)>;

  /// `followLinks`: weights beside it may be links (see LambentModelSource).
  static ModelSource fromFile(std::string path, bool followLinks = false) {
    ModelSource source;
    source.path = std::move(path);
    source.followLinks = followLinks;
    return source;
  }
  /// The bytes are not copied: they must stay until the model is compiled.
  static ModelSource fromMemory(const void *data, std::uint64_t size, std::string name = "model",
                                FindExternalData findExternalData = nullptr) {
    ModelSource source;
    source.path = std::move(name);
    source.data = data;
    source.dataSize = size;
    source.findExternalData = std::move(findExternalData);
    return source;
  }
  /// Valid while this source lives.
  LambentModelSource get() const {
    LambentModelSource source = {};
    source.size = sizeof(source);
    source.path = path.c_str();
    source.data = data;
    source.data_size = dataSize;
    source.follow_links = followLinks;
    source.user = const_cast<ModelSource *>(this);
    if (findExternalData)
      source.find_external_data = [](void *user, const char *location, const void **bytes, std::uint64_t *size) {
        *bytes = static_cast<ModelSource *>(user)->findExternalData(location, *size);
        return *bytes ? 0 : 1;
      };
    return source;
  }

private:
  ModelSource() = default;
  std::string path;
  const void *data = nullptr;
  std::uint64_t dataSize = 0;
  FindExternalData findExternalData;
  bool followLinks = false;
};

} // namespace v1
} // namespace lambent

#endif
