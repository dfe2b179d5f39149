//===- ModelSearch.cpp - The models that a search measures ----------------===//

#include "ModelSearch.h"
#include "../Report.h"
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

namespace lambent::driver {

static constexpr char inFloat = '0', inIntegers = '1', inBF16 = '2';

TrialFile::~TrialFile() {
  std::error_code error;
  std::filesystem::remove(path, error);
  std::filesystem::remove(path + ".data", error);
}

int ModelSearch::quantize(const std::string &numbers, const std::string &output,
                          const LambentQuantizeReport **report) const {
  std::vector<const char *> keep(how.keep, how.keep + how.num_keep),
      bf16(how.bf16, how.bf16 + how.num_bf16);
  for (size_t i = 0; i < layers.size(); ++i)
    if (numbers[i] != inIntegers)
      (numbers[i] == inFloat ? keep : bf16).push_back(layers[i].node.c_str());
  LambentQuantizeOptions options = how;
  options.keep = keep.data();
  options.num_keep = static_cast<uint32_t>(keep.size());
  options.bf16 = bf16.data();
  options.num_bf16 = static_cast<uint32_t>(bf16.size());
  return reportStatus(
      lambent_quantize_to_file(&model, &options, output.c_str(), report));
}

std::string ModelSearch::listNumbers() const {
  std::string numbers;
  for (const SearchLayer &layer : layers)
    numbers += layer.isQuantized ? inIntegers : layer.isBF16 ? inBF16 : inFloat;
  return numbers;
}

int ModelSearch::quantize(const std::string &output,
                          const LambentQuantizeReport **report) const {
  return quantize(listNumbers(), output, report);
}

int ModelSearch::writeTrial(bool isBF16) const {
  std::string numbers = listNumbers();
  std::ranges::replace(numbers, inFloat, isBF16 ? inBF16 : inIntegers);
  return quantize(numbers, trial.path, nullptr);
}

int ModelSearch::searchIntegers(double goal) {
  places.clear();
  for (size_t i = 0; i < layers.size(); ++i)
    places.push_back(i);
  digit = inIntegers;
  return run(layers, goal);
}

int ModelSearch::searchBF16(double goal) {
  places.clear();
  std::vector<SearchLayer> rest;
  SearchPoint before;
  for (size_t i = 0; i < layers.size(); ++i) {
    const SearchLayer &layer = layers[i];
    if (layer.isQuantized) {
      ++before.count;
      before.savedMs += layer.saves();
    } else if (layer.bf16Ms && layer.floatMs &&
               *layer.bf16Ms < *layer.floatMs) {
      places.push_back(i);
      rest.push_back(layer);
      rest.back().quantizedMs = layer.bf16Ms;
      rest.back().alone.reset();
    }
  }
  if (rest.empty())
    return Done;
  digit = inBF16;
  if (int status = run(rest, goal, before))
    return status;
  for (size_t i = 0; i < rest.size(); ++i) {
    layers[places[i]].isBF16 = rest[i].isQuantized;
    layers[places[i]].bf16Alone = rest[i].alone;
  }
  return Done;
}

int ModelSearch::measure(const std::vector<bool> &quantized, double &score) {
  std::string numbers = listNumbers();
  for (size_t i = 0; i < quantized.size(); ++i)
    if (quantized[i])
      numbers[places[i]] = digit;
  if (std::optional<double> found = known.find(numbers)) {
    score = *found;
    return Done;
  }
  if (int status = quantize(numbers, trial.path, nullptr))
    return status;
  if (int status = theScore.score(trial.path, score))
    return status;
  return known.add(numbers, score);
}

void ModelSearch::hideProgress() const {
  if (isatty(STDERR_FILENO))
    std::fputs("\r\033[K", stderr);
}

void ModelSearch::showProgress(size_t done, size_t total) {
  if (!isatty(STDERR_FILENO))
    return;
  hideProgress();
  constexpr size_t width = 30;
  size_t filled = total ? std::min(width, width * done / total) : width;
  std::fprintf(stderr, "[%s%s] %zu of about %zu models measured",
               std::string(filled, '#').c_str(),
               std::string(width - filled, ' ').c_str(), done, total);
  std::fflush(stderr);
}

} // namespace lambent::driver
