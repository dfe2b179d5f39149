//===- ModelCache.cpp - Compiled models in a folder -----------------------===//
//
//   | EntryHeader | sizes of the objects | header's text | objects | 0 ... |
//   weights, from a page on |
//
//===----------------------------------------------------------------------===//

#include "ModelCache.h"
#include "lambent/Graph/Import/ModelBytes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/BLAKE3.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace lambent;
using llvm::StringRef;
namespace fs = llvm::sys::fs;

static constexpr StringRef extension = ".lambent-entry";
static constexpr uint64_t pageSize = 4096;

namespace {
struct EntryHeader {
  static constexpr uint64_t currentMagic = 0x31454843414C4DULL;
  uint64_t magic = currentMagic;
  uint64_t hash = 0; ///< of all that follows this field
  uint64_t fileBytes = 0, headerBytes = 0, numObjects = 0;
  uint64_t weightOffset = 0, weightBytes = 0;
};
constexpr uint64_t hashedFrom = offsetof(EntryHeader, hash) + sizeof(uint64_t);

/// Takes in what an entry depends on, piece by piece.
class KeyHash {
public:
  /// Each piece with its length, so that no two lists of pieces are alike.
  KeyHash &add(StringRef bytes) {
    add(uint64_t(bytes.size()));
    hash.update(bytes);
    return *this;
  }
  KeyHash &add(uint64_t number) {
    hash.update(StringRef(reinterpret_cast<char *>(&number), sizeof number));
    return *this;
  }
  std::string finish() { return llvm::toHex(hash.final<20>(), true); }

private:
  llvm::BLAKE3 hash;
};
} // namespace

/// Which build of the compiler this is: the file that holds this code.
static void addCompiler(KeyHash &key) {
  key.add(lambent_version());
  Dl_info info;
  struct stat status;
  if (dladdr(reinterpret_cast<void *>(&addCompiler), &info) && info.dli_fname &&
      ::stat(info.dli_fname, &status) == 0)
    key.add(uint64_t(status.st_size))
        .add(uint64_t(status.st_mtim.tv_sec))
        .add(uint64_t(status.st_mtim.tv_nsec));
}

static void addOptions(KeyHash &key, const CompileOptions &options) {
  key.add(options.name).add(options.cpu).add(options.target);
  key.add(options.tunedChoices).add(uint64_t(options.candidate));
  key.add(options.blockFormat).add(options.blockScale);
  key.add(uint64_t(options.keepFloatWeights));
  key.add(options.productType);
  key.add(llvm::bit_cast<uint64_t>(options.winogradZeros));
  key.add(options.winogradLayers.size());
  for (const auto &[name, percent] : options.winogradLayers)
    key.add(name).add(llvm::bit_cast<uint64_t>(percent));
  key.add(uint64_t(options.accuracy)).add(uint64_t(options.checkValues));
  key.add(options.dims.size());
  for (const auto &[name, size] : options.dims)
    key.add(name).add(uint64_t(size));
  auto addDims = [&](const std::vector<int64_t> &dims) {
    key.add(dims.size());
    for (int64_t dim : dims)
      key.add(uint64_t(dim));
  };
  key.add(options.ranges.size());
  for (const DimRange &range : options.ranges)
    key.add(range.name)
        .add(uint64_t(range.least))
        .add(uint64_t(range.most))
        .add(uint64_t(range.factor));
  key.add(options.shapes.size());
  for (const auto &[name, dims] : options.shapes) {
    key.add(name);
    addDims(dims);
  }
  key.add(options.constants.size());
  for (const OfferedConstant &constant : options.constants) {
    key.add(constant.input).add(constant.typeCode).add(constant.typeBits);
    addDims(constant.dims);
    key.add(constant.bytes);
  }
  key.add(options.donations.size());
  for (const auto &[input, output] : options.donations)
    key.add(input).add(output);
  for (const auto *names : {&options.extraOutputs, &options.floatOutputs}) {
    key.add(names->size());
    for (const std::string &name : *names)
      key.add(name);
  }
}

std::string ModelCache::makeKey(const ModelSource &source) const {
  KeyHash hash;
  hash.add(use);
  addCompiler(hash);
  addOptions(hash, options);
  hash.add(target);
  if (llvm::Error error = graph::readModelBytes(
          source, [&](StringRef bytes) { hash.add(bytes); })) {
    llvm::consumeError(std::move(error));
    return "";
  }
  return hash.finish();
}

llvm::Expected<ModelCache> ModelCache::open(const ModelSource &source,
                                            const CompileOptions &options,
                                            const TargetFacts &target,
                                            StringRef use) {
  ModelCache cache(options, target, use);
  if (options.cacheFolder.empty())
    return cache;
  std::error_code error = fs::create_directories(options.cacheFolder);
  if (!error && !fs::is_directory(options.cacheFolder))
    error = std::make_error_code(std::errc::not_a_directory);
  if (error)
    return llvm::createStringError("cannot keep compiled models in '" +
                                   options.cacheFolder +
                                   "': " + error.message());
  cache.key = cache.makeKey(source);
  return cache;
}

static std::string getPath(StringRef folder, StringRef key) {
  llvm::SmallString<256> path(folder);
  llvm::sys::path::append(path, key + extension);
  return path.str().str();
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

/// Maps a whole file; null where that cannot be done.
static std::shared_ptr<fs::mapped_file_region>
mapFile(const std::string &path) {
  int file = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0)
    return nullptr;
  struct stat status;
  std::error_code error;
  std::shared_ptr<fs::mapped_file_region> region;
  if (::fstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
      uint64_t(status.st_size) > sizeof(EntryHeader)) {
    // The youngest are those that were used last.
    ::futimens(file, nullptr);
    region = std::make_shared<fs::mapped_file_region>(
        file, fs::mapped_file_region::readonly, status.st_size, 0, error);
  }
  ::close(file);
  return error ? nullptr : region;
}

/// The entry in a file's bytes, or nothing where they are damaged.
static std::optional<CacheEntry> readEntry(StringRef bytes,
                                           const std::shared_ptr<void> &owner) {
  EntryHeader header;
  memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != EntryHeader::currentMagic ||
      header.fileBytes != bytes.size() ||
      header.hash !=
          lambent_hash64(bytes.data() + hashedFrom, bytes.size() - hashedFrom))
    return std::nullopt;
  CacheEntry entry;
  StringRef rest = bytes.drop_front(sizeof header);
  std::vector<uint64_t> sizes(header.numObjects);
  memcpy(sizes.data(), rest.data(), sizes.size() * sizeof(uint64_t));
  rest = rest.drop_front(sizes.size() * sizeof(uint64_t));
  entry.header = rest.take_front(header.headerBytes).str();
  rest = rest.drop_front(header.headerBytes);
  for (uint64_t size : sizes) {
    // Linkers expect aligned objects.
    entry.objects.push_back(
        llvm::MemoryBuffer::getMemBufferCopy(rest.take_front(size), "cached"));
    rest = rest.drop_front(size);
  }
  entry.weights = {bytes.data() + header.weightOffset, header.weightBytes};
  entry.owner = owner;
  return entry;
}

std::optional<CacheEntry> ModelCache::find() const {
  if (key.empty())
    return std::nullopt;
  auto region = mapFile(getPath(options.cacheFolder, key));
  if (!region)
    return std::nullopt;
  return readEntry({region->const_data(), region->size()}, region);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

ModelSource ModelCache::keepSource(const ModelSource &source) const {
  return key.empty() ? ModelSource() : graph::shareSource(source);
}

/// All of an entry but its weights, up to the page that they begin on.
static std::string writeFront(const CacheEntry &entry) {
  EntryHeader header;
  header.headerBytes = entry.header.size();
  header.numObjects = entry.objects.size();
  std::string front(sizeof header, '\0');
  for (const KernelCache::Code &object : entry.objects) {
    uint64_t size = object->getBufferSize();
    front.append(reinterpret_cast<const char *>(&size), sizeof size);
  }
  front += entry.header;
  for (const KernelCache::Code &object : entry.objects)
    front += object->getBuffer();
  front.resize(llvm::alignTo(front.size(), pageSize), '\0');
  header.weightOffset = front.size();
  header.weightBytes = entry.weights.size();
  header.fileBytes = front.size() + entry.weights.size();
  memcpy(front.data(), &header, sizeof header);
  return front;
}

/// Writes an entry to a file that is there; its hash comes last, of the bytes
/// as the file has them.
static bool writeEntry(int file, const std::string &path,
                       const CacheEntry &entry) {
  std::string front = writeFront(entry);
  {
    llvm::raw_fd_ostream os(file, /*shouldClose=*/true);
    os << front << StringRef(entry.weights.data(), entry.weights.size());
    os.flush();
    bool failed = os.has_error();
    os.clear_error();
    if (failed)
      return false;
  }
  auto region = mapFile(path);
  if (!region)
    return false;
  uint64_t hash = lambent_hash64(region->const_data() + hashedFrom,
                                 region->size() - hashedFrom);
  int again = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  bool isWritten = again >= 0 && ::pwrite(again, &hash, sizeof hash,
                                          offsetof(EntryHeader, hash)) ==
                                     ssize_t(sizeof hash);
  if (again >= 0)
    ::close(again);
  return isWritten;
}

void ModelCache::insert(const ModelSource &source,
                        const CacheEntry &entry) const {
  // A model that was replaced meanwhile would be found under the wrong key.
  if (key.empty() || makeKey(source) != key)
    return;
  std::string temporary =
      options.cacheFolder + "/" + key + "-XXXXXX" + ".lambent-new";
  int file =
      ::mkstemps(temporary.data(), int(StringRef(".lambent-new").size()));
  if (file < 0)
    return;
  if (!writeEntry(file, temporary, entry) ||
      fs::rename(temporary, getPath(options.cacheFolder, key)))
    fs::remove(temporary);
  removeOldest();
}

void ModelCache::removeOldest() const {
  struct File {
    std::string path;
    llvm::sys::TimePoint<> time;
    uint64_t bytes;
  };
  std::vector<File> files;
  std::error_code error;
  auto now = std::chrono::system_clock::now();
  for (fs::directory_iterator it(options.cacheFolder, error), end;
       !error && it != end; it.increment(error)) {
    StringRef path = it->path();
    llvm::ErrorOr<fs::basic_file_status> status = it->status();
    if (!status)
      continue;
    auto time = status->getLastModificationTime();
    if (path.ends_with(extension))
      files.push_back({path.str(), time, status->getSize()});
    else if (path.ends_with(".lambent-new") &&
             now - time > std::chrono::hours(1))
      fs::remove(path); // of a process that ended while it wrote
  }
  llvm::sort(files,
             [](const File &a, const File &b) { return a.time > b.time; });
  uint64_t bytes = 0;
  for (const File &file : files)
    if ((bytes += file.bytes) > options.cacheBytes)
      fs::remove(file.path);
}
