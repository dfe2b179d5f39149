//===- TensorPaths.h - The files of tensors in a folder ---------*- C++ -*-===//

#ifndef LAMBENT_RUNTIME_TENSORPATHS_H
#define LAMBENT_RUNTIME_TENSORPATHS_H

#include "lambent-c/runtime.h"

namespace lambent::runtime {

/// FOLDER/NAME.npy for each tensor, or FOLDER/ROLE_0.pb and so on.
class TensorPaths {
public:
  TensorPaths() = default;
  TensorPaths(const TensorPaths &) = delete;
  ~TensorPaths();

  /// Fails where tensors of different names would share a file; where one may
  /// have none, as optional[i] says, only if there is that file. `role` is
  /// "input" or "output".
  LambentStatus *make(const char *folder, const char *role,
                      const char *const *names, uint32_t count, bool isProtobuf,
                      const uint8_t *optional = nullptr);
  const char *operator[](uint32_t index) const { return paths[index].text; }
  /// Whether a tensor is one that stood before: a model may list an output
  /// twice.
  bool isRepeated(uint32_t index) const { return paths[index].isRepeated; }
  bool contains(const char *path) const;

private:
  struct Entry {
    char *text;
    const char *name;
    uint32_t index;
    bool isRepeated, isOptional;
  };
  static int compare(const void *left, const void *right);
  LambentStatus *sort(const char *role);

  Entry *paths = nullptr;
  Entry *sorted = nullptr; ///< copies, by text and index
  uint32_t count = 0;
};

} // namespace lambent::runtime

#endif
