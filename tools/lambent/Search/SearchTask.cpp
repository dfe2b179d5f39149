//===- SearchTask.cpp - What a search measures, and what it found ---------===//

#include "SearchTask.h"
#include "../LayerReport/LayerReport.h"
#include "../LayerReport/Markup.h"
#include "../Report.h"
#include "../WholeFile.h"
#include "LayerTimes.h"
#include "SearchGoal.h"
#include "TrialFile.h"
#include <cmath>
#include <cstdio>

namespace lambent::driver {

std::string SearchOutcome::describeSaving() const {
  double percent = beforeMs > 0 ? 100 * (1 - ms / beforeMs) : 0;
  return decimals(std::abs(percent), 0) +
         (std::round(percent) < 0 ? " % more" : " % saved");
}

std::vector<Option> listSearchOptions(const char *maxError, const char *samples,
                                      const char *report) {
  return {
      {"--max-error", "DB", maxError},
      {"--score-command", "CMD",
       "Instead of signal to noise: a command that is run with a model's file "
       "as its last word and prints a number last, the more the better."},
      {"--min-score", "X", "The least score that the command may print."},
      {"--input-dir", "DIR", samples},
      {"--report", "FILE", report},
  };
}

int SearchTask::open(const Arguments &arguments, const std::string &output,
                     const std::vector<std::string> &read,
                     SearchOutcome &outcome) {
  const std::string &model = arguments.operand();
  std::optional<double> goal = parseGoal(arguments);
  if (!goal)
    return Error;
  if (!arguments.has("--input-dir"))
    return reportError("a search needs --input-dir: the samples to measure on");
  if (arguments.has("--json"))
    return reportError("--json is for a run without a search: what a search "
                       "found is written by --report=FILE.json");
  report = arguments.get("--report");
  if (!report.empty()) {
    if (int status = checkApart(report, output))
      return status;
    if (!mayWriteReport(report))
      return Error;
  }
  options.followLinks = arguments.has("--follow-links");
  if (int status = samples.open(model, arguments.get("--input-dir"), options))
    return status;
  ReadFiles files;
  samples.addFiles(files);
  for (const std::string &path : read)
    if (!path.empty())
      files.add(path);
  for (const std::string &path :
       {output, output + ".search", TrialFile::list(output).front(), report})
    if (!path.empty())
      if (int status = files.checkOutput(path))
        return status;
  LambentThreadPool *created = nullptr;
  if (int status = reportStatus(lambent_thread_pool_create(0, &created)))
    return status;
  pool.reset(created);
  bool hasCommand = arguments.has("--score-command");
  score = hasCommand ? makeCommandScore(arguments.get("--score-command"))
                     : makeSampleScore(samples, options, created);
  outcome.model = model;
  outcome.goal = *goal;
  outcome.goalOption = hasCommand ? "--min-score" : "--max-error";
  return score->begin(model);
}

int SearchTask::close(const std::string &output, const PrecisionSearch &search,
                      SearchOutcome &outcome) const {
  outcome.points = search.getPoints();
  outcome.score = search.getScore();
  std::vector<SearchLayer> none;
  return measureTimes(output, samples.getName(0), options, none,
                      &SearchLayer::quantizedMs, outcome.ms);
}

void printOutcome(const SearchOutcome &outcome, const char *before,
                  const ModelScore &score) {
  std::printf("score        %s, %s asked for\n"
              "time         %.3f ms, %.3f %s: %s, 1 thread\n",
              score.show(outcome.score).c_str(),
              score.show(outcome.goal).c_str(), outcome.ms, outcome.beforeMs,
              before, outcome.describeSaving().c_str());
}

std::string describeOutcome(const SearchOutcome &outcome, const char *before,
                            const ModelScore &score) {
  return escapeMarkup(score.show(outcome.score)) + ", " +
         escapeMarkup(score.show(outcome.goal)) + " asked for. A run takes " +
         msText(outcome.ms) + " ms, " + msText(outcome.beforeMs) + " " +
         before + ": " + outcome.describeSaving() + ", on one thread.";
}

void beginOutcome(JsonWriter &json, const SearchOutcome &outcome,
                  const char *beforeName) {
  json.beginObject()
      .member("model", std::string_view(outcome.model))
      .member("goal", outcome.goal)
      .member("goal_option", std::string_view(outcome.goalOption))
      .member("score", outcome.score)
      .member(beforeName, outcome.beforeMs)
      .member("ms", outcome.ms)
      .key("layers")
      .beginArray();
}

std::string endOutcome(JsonWriter &json, const SearchOutcome &outcome,
                       const char *countName, const char *detailsName) {
  json.endArray().key("points").beginArray();
  for (const SearchPoint &point : outcome.points)
    json.beginLine()
        .beginObject()
        .member(countName, static_cast<double>(point.count))
        .member("saved_ms", point.savedMs)
        .member("score", point.score)
        .endObject();
  json.endArray();
  return json.text() + ",\n\"" + detailsName + "\":" + outcome.details + "}\n";
}

} // namespace lambent::driver
