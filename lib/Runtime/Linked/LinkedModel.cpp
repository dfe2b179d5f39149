//===- LinkedModel.cpp - A model in the same file as the runtime ----------===//

#include "LinkedModel.h"
#include "lambent/Runtime/Status.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace lambent::runtime {

/// The file that is mapped at `address`. The kernel knows its absolute path;
/// the loader may only know a relative one from before a change of folder.
static LambentStatus *findMappedFile(const void *address, char **path) {
  FILE *maps = fopen("/proc/self/maps", "re");
  if (!maps)
    return makeError("cannot read '/proc/self/maps': %s", strerror(errno));
  char *line = nullptr;
  size_t size = 0;
  *path = nullptr;
  while (!*path && getline(&line, &size, maps) > 0) {
    unsigned long long begin, end;
    int fields = 0;
    // begin-end permissions offset device inode path
    if (sscanf(line, "%llx-%llx %*s %*s %*s %*s %n", &begin, &end, &fields) <
            2 ||
        !fields)
      continue;
    uintptr_t wanted = reinterpret_cast<uintptr_t>(address);
    if (wanted < begin || wanted >= end || line[fields] != '/')
      continue;
    line[strcspn(line, "\n")] = 0;
    *path = strdup(line + fields);
  }
  free(line);
  fclose(maps);
  return *path ? nullptr
               : makeError("cannot find the file that holds model '%s'",
                           lambent_linked_model.name);
}

LambentStatus *openLinkedModel(LambentModule **module) {
  if (lambent_linked_model.weights || !lambent_linked_model.weight_bytes)
    return lambent_module_create(&lambent_linked_model, nullptr, nullptr,
                                 module);
  char *path;
  if (LambentStatus *status = findMappedFile(&lambent_linked_model, &path))
    return status;
  LambentStatus *status = lambent_module_create_with_file(
      &lambent_linked_model, path, nullptr, module);
  free(path);
  return status;
}

} // namespace lambent::runtime
