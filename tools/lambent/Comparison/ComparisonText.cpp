//===- ComparisonText.cpp - A comparison as text and as JSON --------------===//

#include "../Json.h"
#include "../LayerReport/Markup.h"
#include "../Report.h"
#include "Comparison.h"
#include <cstdio>

namespace lambent::driver {

static std::string format(const char *how, double number) {
  char text[64];
  std::snprintf(text, sizeof text, how, number);
  return text;
}

/// What is wrong in one word where numbers do not say it.
static std::string getSqnrText(const TensorDifference &difference) {
  if (!difference.shapes.empty())
    return "shapes";
  if (difference.isUnlike)
    return "NaN, Inf";
  std::optional<double> sqnr = difference.sqnr();
  return sqnr ? decimals(sqnr, 1) : "exact";
}

static std::string describe(const ComparedTensor &tensor) {
  std::string text = "tensor " + quoted(tensor.name) + " of node " +
                     quoted(tensor.node) + " (" + shown(tensor.op) + "): ";
  const TensorDifference &difference = tensor.difference;
  if (!difference.shapes.empty())
    return text + "shapes " + difference.shapes;
  if (difference.isUnlike)
    return text + "NaN or Inf in one of both";
  return text + decimals(difference.sqnr(), 1) + " dB";
}

std::string writeText(const Comparison &comparison) {
  std::string text = "expected     " + shown(comparison.first) +
                     "\ncompared     " + shown(comparison.second) +
                     "\nsamples      " + std::to_string(comparison.samples) +
                     "\n\n   SQNR dB  largest difference  of largest      "
                     "cosine  tensor: node (op)\n";
  char line[128];
  for (const ComparedTensor &tensor : comparison.tensors) {
    const TensorDifference &difference = tensor.difference;
    std::optional<double> cosine = difference.cosine();
    std::snprintf(line, sizeof line, "%10s %19.4g %11.4g %11s  ",
                  getSqnrText(difference).c_str(), difference.largest,
                  difference.largestValue, decimals(cosine, 7).c_str());
    text += line + shown(tensor.name) + ": " + shown(tensor.node) + " (" +
            shown(tensor.op) + ")\n";
  }
  const ComparedTensor *first = comparison.findFirst(),
                       *worst = comparison.findWorst();
  text += "\nfarthest     " +
          (worst ? describe(*worst) : "none: all tensors are alike") +
          "\nfirst below  " +
          (first ? describe(*first)
                 : "none: no tensor is below " +
                       format("%g", comparison.threshold) + " dB") +
          "\n";
  return text;
}

static void addTensor(JsonWriter &json, const ComparedTensor &tensor) {
  const TensorDifference &difference = tensor.difference;
  json.beginObject()
      .member("tensor", std::string_view(tensor.name))
      .member("node", std::string_view(tensor.node))
      .member("op", std::string_view(tensor.op))
      .member("shape", std::string_view(difference.shape))
      .member("elements", static_cast<double>(difference.elements))
      .member("largest_difference", difference.largest)
      .member("largest_value", difference.largestValue)
      .member("sqnr_db", difference.sqnr())
      .member("cosine", difference.cosine());
  json.key("exact").truth(difference.isExact());
  json.key("not_finite").truth(difference.isUnlike);
  json.member("other_shapes", std::string_view(difference.shapes));
  json.endObject();
}

std::string writeJson(const Comparison &comparison) {
  JsonWriter json;
  json.beginObject()
      .member("expected", std::string_view(comparison.first))
      .member("compared", std::string_view(comparison.second))
      .member("samples", static_cast<double>(comparison.samples))
      .member("threshold_db", comparison.threshold);
  const ComparedTensor *first = comparison.findFirst(),
                       *worst = comparison.findWorst();
  // "" is no name of a tensor.
  json.member("first_below", std::string_view(first ? first->name : ""));
  json.member("farthest", std::string_view(worst ? worst->name : ""));
  json.key("tensors").beginArray();
  for (const ComparedTensor &tensor : comparison.tensors) {
    json.beginLine();
    addTensor(json, tensor);
  }
  return json.endArray().endObject().text() + "\n";
}

} // namespace lambent::driver
