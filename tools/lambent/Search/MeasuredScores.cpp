//===- MeasuredScores.cpp - What a search has measured --------------------===//

#include "MeasuredScores.h"
#include "../Report.h"
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace lambent::driver {

/// FNV-1a, hexadecimal: it only has to tell one search from another.
static std::string hash(const std::string &text) {
  uint64_t value = 0xcbf29ce484222325;
  for (unsigned char c : text)
    value = (value ^ c) * 0x100000001b3;
  char digits[20];
  std::snprintf(digits, sizeof digits, "%016llx",
                static_cast<unsigned long long>(value));
  return digits;
}

MeasuredScores::MeasuredScores(std::string path, const std::string &about)
    : path(std::move(path)), header("lambent search 1 " + hash(about)) {
  std::ifstream file(this->path);
  std::string line;
  if (!std::getline(file, line) || line != header)
    return;
  std::string key;
  double score;
  // A line that was not written to its end has no score.
  while (file >> key >> score)
    scores[key] = score;
}

std::optional<double> MeasuredScores::find(const std::string &layers) const {
  auto found = scores.find(layers);
  return found == scores.end() ? std::nullopt : std::optional(found->second);
}

int MeasuredScores::add(const std::string &layers, double score) {
  bool isFirst = scores.empty();
  scores[layers] = score;
  std::FILE *file = std::fopen(path.c_str(), isFirst ? "w" : "a");
  bool isWritten = file;
  if (file && isFirst)
    isWritten = std::fprintf(file, "%s\n", header.c_str()) > 0;
  if (file)
    isWritten &= std::fprintf(file, "%s %.17g\n", layers.c_str(), score) > 0;
  if (file)
    isWritten &= std::fclose(file) == 0;
  return isWritten ? int(Done)
                   : reportError("cannot write " + driver::quoted(path) + ": " +
                                 std::strerror(errno));
}

void MeasuredScores::remove() {
  std::error_code error;
  std::filesystem::remove(path, error);
}

} // namespace lambent::driver
