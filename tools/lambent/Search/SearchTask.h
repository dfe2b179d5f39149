//===- SearchTask.h - What a search measures, and what it found -*- C++ -*-===//

#ifndef LAMBENT_TOOLS_SEARCH_SEARCHTASK_H
#define LAMBENT_TOOLS_SEARCH_SEARCHTASK_H

#include "../CompileRequest.h"
#include "../Json.h"
#include "../SampleInputs.h"
#include "ModelScore.h"
#include "PrecisionSearch.h"

namespace lambent::driver {

/// What every search finds.
struct SearchOutcome {
  std::string model;
  double goal = 0;
  std::string goalOption;          ///< that gave it
  std::vector<SearchPoint> points; ///< what was measured on the way
  double score = 0;
  double beforeMs = 0, ms = 0; ///< a run on one thread, before and after
  std::string details;         ///< of the last model that was written, JSON

  /// "12 % saved", or "3 % more" where a run takes longer than before.
  std::string describeSaving() const;
};

/// A model, its samples, the goal on them, and what scores a model by them.
struct SearchTask {
  /// Takes all that from the arguments, scores the model as it is, and begins
  /// `outcome`. The search will write `output`, and reads the files `read`
  /// besides the model and its samples. Prints what is wrong; returns an exit
  /// status.
  int open(const Arguments &arguments, const std::string &output,
           const std::vector<std::string> &read, SearchOutcome &outcome);
  /// Ends `outcome` by what `search` found and the model `output` takes. Prints
  /// what is wrong; returns an exit status.
  int close(const std::string &output, const PrecisionSearch &search,
            SearchOutcome &outcome) const;

  ModelOptions options;
  SampleInputs samples;
  ThreadPool pool;
  std::unique_ptr<ModelScore> score;
  std::string report; ///< the file to write, "": none
};

/// The options of any search. Each has a text of its own for what it searches,
/// for what the samples are and for what its report says.
std::vector<Option> listSearchOptions(const char *maxError, const char *samples,
                                      const char *report);

/// Prints the score and the time. `before` says how the model was: "dense".
void printOutcome(const SearchOutcome &outcome, const char *before,
                  const ModelScore &score);

/// The same as part of a page.
std::string describeOutcome(const SearchOutcome &outcome, const char *before,
                            const ModelScore &score);

/// An object of all but the layers: begun up to the array of these, and ended
/// from there on, with the points' count and the details by the names given.
void beginOutcome(JsonWriter &json, const SearchOutcome &outcome,
                  const char *beforeName);
std::string endOutcome(JsonWriter &json, const SearchOutcome &outcome,
                       const char *countName, const char *detailsName);

} // namespace lambent::driver

#endif
