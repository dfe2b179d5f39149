//===- TensorPaths.cpp - The files of tensors in a folder -----------------===//

#include "TensorPaths.h"
#include "lambent/Runtime/Status.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace lambent::runtime {

/// The name's odd bytes are replaced one by one, whatever they stand for.
static char *makeNpyPath(const char *folder, const char *name) {
  char *path;
  if (asprintf(&path, "%s/%s.npy", folder, name) < 0)
    return nullptr;
  char *at = path + strlen(folder) + 1;
  for (char *end = at + strlen(name); at != end; ++at) {
    bool isPlain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                   (*at >= '0' && *at <= '9');
    if (!isPlain && !strchr("._-", *at))
      *at = '_';
  }
  return path;
}

static char *makeProtobufPath(const char *folder, const char *role,
                              uint32_t index) {
  char *path;
  return asprintf(&path, "%s/%s_%u.pb", folder, role, index) < 0 ? nullptr
                                                                 : path;
}

TensorPaths::~TensorPaths() {
  for (uint32_t i = 0; i < count; ++i)
    free(paths[i].text);
  free(paths);
  free(sorted);
}

int TensorPaths::compare(const void *left, const void *right) {
  const Entry &a = *static_cast<const Entry *>(left),
              &b = *static_cast<const Entry *>(right);
  int order = strcmp(a.text, b.text);
  return order ? order : a.index < b.index ? -1 : a.index > b.index;
}

LambentStatus *TensorPaths::make(const char *folder, const char *role,
                                 const char *const *names, uint32_t wanted,
                                 bool isProtobuf, const uint8_t *optional) {
  paths = static_cast<Entry *>(calloc(uint64_t(wanted) + 1, sizeof(Entry)));
  sorted = static_cast<Entry *>(calloc(uint64_t(wanted) + 1, sizeof(Entry)));
  if (!paths || !sorted)
    return makeOutOfMemory("paths", wanted * sizeof(Entry));
  for (; count < wanted; ++count) {
    char *text = isProtobuf ? makeProtobufPath(folder, role, count)
                            : makeNpyPath(folder, names[count]);
    if (!text)
      return makeOutOfMemory("a path", strlen(folder));
    paths[count] = {text, names ? names[count] : "", count, false,
                    optional && optional[count]};
  }
  return sort(role);
}

LambentStatus *TensorPaths::sort(const char *role) {
  memcpy(sorted, paths, count * sizeof(Entry));
  qsort(sorted, count, sizeof(Entry), compare);
  for (uint32_t i = 1; i < count; ++i) {
    const Entry &first = sorted[i - 1], &second = sorted[i];
    if (strcmp(first.text, second.text) != 0)
      continue;
    bool isMissing = (first.isOptional || second.isOptional) &&
                     access(second.text, F_OK) != 0;
    if (strcmp(first.name, second.name) != 0 && !isMissing)
      return makeError("%ss '%s' and '%s' share the file name '%s'", role,
                       first.name, second.name, second.text);
    paths[second.index].isRepeated = true;
  }
  return nullptr;
}

bool TensorPaths::contains(const char *path) const {
  Entry key = {const_cast<char *>(path), nullptr, 0, false, false};
  auto compareText = [](const void *left, const void *right) {
    return strcmp(static_cast<const Entry *>(left)->text,
                  static_cast<const Entry *>(right)->text);
  };
  return bsearch(&key, sorted, count, sizeof(Entry), compareText);
}

} // namespace lambent::runtime
