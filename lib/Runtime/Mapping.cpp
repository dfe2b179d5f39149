//===- Mapping.cpp - Memory and files from the kernel ---------------------===//

#include "Mapping.h"
#include "lambent/Runtime/Status.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lambent::runtime {

static constexpr uint64_t hugePage = 2u << 20;

Mapping &Mapping::operator=(Mapping &&other) {
  if (this != &other) {
    this->~Mapping();
    base = other.base;
    mapped = other.mapped;
    offset = other.offset;
    length = other.length;
    other.base = nullptr;
  }
  return *this;
}

Mapping::~Mapping() {
  if (base)
    munmap(base, mapped);
  base = nullptr;
}

LambentStatus *Mapping::allocate(uint64_t bytes, const char *what,
                                 Mapping &mapping) {
  uint64_t slack = bytes >= hugePage ? hugePage : 0;
  uint64_t size = ((bytes ? bytes : 1) + 4095) / 4096 * 4096;
  if (size < bytes || size + slack < size)
    return makeOutOfMemory(what, bytes);
  void *memory = mmap(nullptr, size + slack, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return makeOutOfMemory(what, bytes);
  Mapping result;
  result.base = static_cast<char *>(memory);
  result.mapped = size + slack;
  result.length = bytes;
  if (slack) {
    result.offset =
        (hugePage - reinterpret_cast<uintptr_t>(memory) % hugePage) % hugePage;
    // A wish: without huge pages all works, slower.
    madvise(result.data(), size, MADV_HUGEPAGE);
  }
  mapping = static_cast<Mapping &&>(result);
  return nullptr;
}

LambentStatus *Mapping::mapFile(int file, const char *path, uint64_t offset,
                                uint64_t bytes, Mapping &mapping) {
  uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  Mapping result;
  result.offset = offset % page;
  result.length = bytes;
  result.mapped = result.offset + (bytes ? bytes : 1);
  void *memory = mmap(nullptr, result.mapped, PROT_READ, MAP_PRIVATE, file,
                      static_cast<off_t>(offset - offset % page));
  if (memory == MAP_FAILED)
    return makeError("cannot map '%s': %s", path, strerror(errno));
  result.base = static_cast<char *>(memory);
  mapping = static_cast<Mapping &&>(result);
  return nullptr;
}

void Mapping::willNeed() const {
  if (base)
    madvise(base, mapped, MADV_WILLNEED);
}

File::~File() {
  if (fd >= 0)
    close(fd);
}

LambentStatus *File::open(const char *path) {
  name = path;
  // Without O_NONBLOCK a named pipe would make us wait.
  fd = ::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return makeError("cannot open '%s': %s", path, strerror(errno));
  struct stat info;
  if (fstat(fd, &info))
    return makeError("cannot read '%s': %s", path, strerror(errno));
  if (!S_ISREG(info.st_mode))
    return makeError("cannot read '%s': not a regular file", path);
  bytes = static_cast<uint64_t>(info.st_size);
  return nullptr;
}

LambentStatus *File::read(void *data, uint64_t offset, uint64_t count) const {
  char *target = static_cast<char *>(data);
  while (count) {
    ssize_t got = pread(fd, target, count, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return makeError("cannot read '%s': %s", name, strerror(errno));
    if (got == 0)
      return makeError(
          "cannot read '%s': it ends at byte %llu, but more was expected", name,
          static_cast<unsigned long long>(offset));
    target += got;
    offset += static_cast<uint64_t>(got);
    count -= static_cast<uint64_t>(got);
  }
  return nullptr;
}

} // namespace lambent::runtime
