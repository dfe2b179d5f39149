//===- TensorFiles.cpp - Folders of tensors
//--------------------------------===//

#include "TensorFiles.h"
#include "Npy.h"
#include "Report.h"
#include "TensorProto.h"
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace fs = std::filesystem;

namespace lambent::driver {

std::vector<std::string> fileStems(const std::vector<std::string> &names) {
  std::vector<std::string> stems;
  for (const std::string &name : names) {
    std::string stem;
    for (char c : name) {
      bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
      stem += kept ? c : '_';
    }
    while (std::find(stems.begin(), stems.end(), stem) != stems.end())
      stem += '_' + std::to_string(stems.size());
    stems.push_back(stem);
  }
  return stems;
}

static bool exists(const fs::path &path) {
  std::error_code error;
  return fs::exists(path, error);
}

static std::optional<std::string> readFile(const std::string &path) {
  std::error_code error;
  // A pipe or a device would never end.
  if (!fs::is_regular_file(path, error)) {
    reportError(quoted(path) + " is not a regular file");
    return std::nullopt;
  }
  std::ifstream file(path, std::ios::binary);
  std::string bytes;
  uint64_t size = fs::file_size(path, error);
  if (file && !error) {
    bytes.resize(size);
    file.read(bytes.data(), static_cast<std::streamsize>(size));
  }
  if (!file || error) {
    reportError("cannot read " + quoted(path) + ": " + std::strerror(errno));
    return std::nullopt;
  }
  return bytes;
}

static std::optional<Tensor> readTensor(const std::string &path,
                                        TensorFormat format) {
  std::optional<std::string> bytes = readFile(path);
  if (!bytes)
    return std::nullopt;
  std::string error;
  std::optional<Tensor> tensor = format == TensorFormat::Npy
                                     ? parseNpy(*bytes, error)
                                     : parseTensorProto(*bytes, error);
  if (!tensor)
    reportError(quoted(path) + " " + error);
  return tensor;
}

/// The files of all inputs; empty, after a message that names every missing
/// one, if any is missing.
static std::vector<std::string>
inputFiles(const fs::path &folder, const std::vector<std::string> &names,
           TensorFormat &format) {
  std::vector<std::string> files, stems = fileStems(names);
  std::string missing;
  format =
      exists(folder / "input_0.pb") ? TensorFormat::Proto : TensorFormat::Npy;
  for (size_t i = 0; i < names.size(); ++i) {
    fs::path file = folder / (stems[i] + ".npy");
    if (format == TensorFormat::Proto)
      file = folder / ("input_" + std::to_string(i) + ".pb");
    if (!exists(file))
      missing += "input " + quoted(names[i]) + " has no file " +
                 quoted(file.string()) + "\n";
    files.push_back(file.string());
  }
  if (missing.empty())
    return files;
  reportError(missing);
  return {};
}

std::optional<std::vector<Tensor>>
readInputs(const std::string &folder, const std::vector<std::string> &names,
           TensorFormat &format) {
  std::vector<Tensor> tensors;
  format = TensorFormat::Proto; // what a model without inputs answers with
  if (names.empty())
    return tensors;
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    reportError(quoted(folder) + " is not a folder");
    return std::nullopt;
  }
  std::vector<std::string> files = inputFiles(folder, names, format);
  if (files.empty())
    return std::nullopt;
  for (const std::string &file : files) {
    std::optional<Tensor> tensor = readTensor(file, format);
    if (!tensor)
      return std::nullopt;
    tensors.push_back(std::move(*tensor));
  }
  return tensors;
}

int writeOutputs(const std::string &folder,
                 const std::vector<std::string> &names,
                 const std::vector<Tensor> &tensors, TensorFormat format) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return reportError("cannot make the folder " + quoted(folder) + ": " +
                       error.message());
  std::vector<std::string> stems = fileStems(names);
  for (size_t i = 0; i < tensors.size(); ++i) {
    const Tensor &tensor = tensors[i];
    bool npy = format == TensorFormat::Npy;
    std::string name =
        npy ? stems[i] + ".npy" : "output_" + std::to_string(i) + ".pb";
    std::string header =
        npy ? npyHeader(tensor) : tensorProtoHeader(tensor, names[i]);
    std::string path = (fs::path(folder) / name).string();
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(header.data(), static_cast<std::streamsize>(header.size()));
    file.write(tensor.data(), static_cast<std::streamsize>(tensor.size()));
    file.close();
    if (!file)
      return reportError("cannot write " + quoted(path) + ": " +
                         std::strerror(errno));
  }
  return Done;
}

} // namespace lambent::driver
