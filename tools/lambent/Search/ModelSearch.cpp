//===- ModelSearch.cpp - The models that a search measures ----------------===//

#include "ModelSearch.h"
#include "../Report.h"
#include <algorithm>

namespace lambent::driver {

static constexpr char inFloat = '0', inIntegers = '1', inBF16 = '2';

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
  for (size_t i = 0; i < layers.size(); ++i)
    if (numbers[i] == inFloat &&
        (isBF16 ? layers[i].hasBF16 : layers[i].hasIntegers))
      numbers[i] = isBF16 ? inBF16 : inIntegers;
  return quantize(numbers, trial.path, nullptr);
}

bool ModelSearch::hasIntegers() const {
  return std::ranges::any_of(
      layers, [](const SearchLayer &layer) { return layer.hasIntegers; });
}

bool ModelSearch::hasBF16() const {
  return std::ranges::any_of(layers, [](const SearchLayer &layer) {
    return layer.hasBF16 && !layer.isQuantized;
  });
}

int ModelSearch::searchIntegers(double goal) {
  places.clear();
  std::vector<SearchLayer> chosen;
  for (size_t i = 0; i < layers.size(); ++i)
    if (layers[i].hasIntegers) {
      places.push_back(i);
      chosen.push_back(layers[i]);
    }
  digit = inIntegers;
  if (int status = run(chosen, goal))
    return status;
  for (size_t i = 0; i < chosen.size(); ++i)
    layers[places[i]] = chosen[i];
  return Done;
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
    } else if (layer.hasBF16 && layer.bf16Ms && layer.floatMs &&
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

/// "with layer 'conv' alone in int8", "with 3 of 4 layers in int8 and 1 in
/// bf16".
std::string ModelSearch::describe(const std::string &numbers) const {
  auto count = [&](char digit) { return std::ranges::count(numbers, digit); };
  size_t integers = size_t(count(inIntegers)), halves = size_t(count(inBF16));
  std::string name = how.numbers;
  if (integers + halves == 1) {
    size_t place = numbers.find_first_not_of(inFloat);
    return "with layer " + quoted(layers[place].node) + " alone in " +
           (halves ? "bf16" : name);
  }
  std::string text = "with ";
  if (integers)
    text += std::to_string(integers) + " of " + std::to_string(layers.size()) +
            " layers in " + name;
  if (halves)
    text +=
        (integers ? " and " : "") + std::to_string(halves) +
        (integers ? "" : " of " + std::to_string(layers.size()) + " layers") +
        " in bf16";
  return text;
}

std::string ModelSearch::describeBest() const {
  return best ? theScore.show(best->first) + ", " + describe(best->second) : "";
}

int ModelSearch::measure(const std::vector<bool> &quantized, double &score) {
  std::string numbers = listNumbers();
  for (size_t i = 0; i < quantized.size(); ++i)
    if (quantized[i])
      numbers[places[i]] = digit;
  if (std::optional<double> found = known.find(numbers)) {
    score = *found;
  } else {
    if (int status = quantize(numbers, trial.path, nullptr))
      return status;
    if (int status = theScore.score(trial.path, score))
      return status;
    if (int status = known.add(numbers, score))
      return status;
  }
  if (!best || score > best->first)
    best = {score, numbers};
  return Done;
}

} // namespace lambent::driver
