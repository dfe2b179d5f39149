//===- InputFolder.cpp - A model's inputs in files ------------------------===//

#include "InputFolder.h"
#include "Report.h"
#include <algorithm>
#include <filesystem>

namespace lambent::driver {

static std::string listInputs(const Names &inputs) {
  constexpr size_t most = 8;
  if (inputs.empty())
    return "the model has no inputs";
  std::string text;
  for (size_t i = 0; i < inputs.size() && i < most; ++i)
    text += (i ? ", " : "") + driver::quoted(inputs[i]);
  if (inputs.size() > most)
    text += " and " + std::to_string(inputs.size() - most) + " more";
  return (inputs.size() == 1 ? "the model's input is "
                             : "the model's inputs are ") +
         text;
}

void WantedInputs::add(const char *name, bool mayBeMissing, uint8_t code) {
  names.push_back(name);
  codes.push_back(code);
  hasDefault.push_back(mayBeMissing);
}

bool WantedInputs::needsFolder() const {
  return std::find(hasDefault.begin(), hasDefault.end(), 0) != hasDefault.end();
}

LambentStatus *warnOfStrays(const std::string &folder, const Names &inputs,
                            const Names &outputs) {
  if (folder.empty())
    return nullptr;
  std::vector<std::string> strays;
  auto add = [](void *user, const char *file) {
    static_cast<std::vector<std::string> *>(user)->push_back(file);
  };
  LambentStatus *status = lambent_tensor_folder_find_strays(
      folder.c_str(), inputs.data(), static_cast<uint32_t>(inputs.size()),
      outputs.data(), static_cast<uint32_t>(outputs.size()), add, &strays);
  constexpr size_t most = 5;
  for (size_t i = 0; i < strays.size() && i < most; ++i)
    reportWarning(driver::quoted(strays[i]) +
                  " is not read: " + listInputs(inputs));
  if (strays.size() > most)
    reportWarning(std::to_string(strays.size() - most) + " more files of " +
                  driver::quoted(folder) + " are not read");
  return status;
}

LambentStatus *readInputFolder(const std::string &folder,
                               const WantedInputs &wanted, TensorSet &result) {
  LambentTensorSet *set = nullptr;
  LambentStatus *status = lambent_tensor_set_read_values(
      folder.c_str(), wanted.names.data(), wanted.hasDefault.data(),
      wanted.codes.data(),
      static_cast<uint32_t>(wanted.names.size()), &set);
  result.reset(set);
  return status;
}

std::string getFileName(std::string input) {
  std::replace_if(
      input.begin(), input.end(),
      [](char c) {
        return !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
               !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-';
      },
      '_');
  return input;
}

std::string findInputFile(const std::string &folder, const std::string &input,
                          uint64_t index) {
  std::error_code error;
  std::filesystem::path path(folder);
  path /= std::filesystem::exists(path / "input_0.pb", error)
              ? "input_" + std::to_string(index) + ".pb"
              : getFileName(input) + ".npy";
  return path.string();
}

} // namespace lambent::driver
