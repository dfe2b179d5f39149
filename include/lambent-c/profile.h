/* What values a model's tensors take on samples of its inputs: look at them, or
 * collect them in a profile, from which quantization chooses ranges.
 *
 *   LambentModelSource source = {.size = sizeof(source), .path = "model.onnx"};
 *   LambentProfile *profile;
 *   LambentStatus *status = lambent_profile_create(&source, NULL, NULL,
 * &profile); status = lambent_profile_add_sample(profile, inputs, 1, "photo
 * 1");     // as often as there are samples status =
 * lambent_profile_write(profile, "profile.json");
 *
 * Tensors go by their names in the model, and sizes may differ from sample to
 * sample: the model is compiled for those that come, with its tensors as
 * outputs, so that what would be computed together is computed apart. What a
 * source points to, and constants of options, must stay until the handle is
 * destroyed; their cancellation ends runs, too.
 *
 * All of it since API version 9. One handle is for one thread at a time. Links
 * with liblambent.so.
 */
#ifndef LAMBENT_C_PROFILE_H
#define LAMBENT_C_PROFILE_H

#include "lambent-c/compiler.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A node of a model's own graph, as the file has it; what is inside branches
 * and loops is not listed. Lives during the callback. */
typedef struct LambentGraphNode {
  const char *name, *op, *domain; /* "" for the default domain */
  const char *const *inputs; /* names of tensors, "" for one that is left out */
  const char *const *outputs;
  uint64_t num_inputs, num_outputs;
} LambentGraphNode;

/* Calls `found` for each node, in the order of the file, which is that of
 * computation. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *
lambent_list_nodes(const LambentModelSource *source,
                   void (*found)(void *user, const LambentGraphNode *node),
                   void *user);

/* A float tensor of a run: f32, or made f32 of f16, bf16 or f64; dense,
 * row-major. Lives during the callback. */
typedef struct LambentObservedTensor {
  const char *name;
  const int64_t *dims;
  const float *elements;
  uint64_t rank, num_elements;
} LambentObservedTensor;

typedef struct LambentObserver LambentObserver;

/* Makes an observer of the tensors named; null with a count of 0: of all that
 * nodes or callers read and that follow from inputs. Names that are no float
 * tensors of the graph are left out. Runs compute on `pool`, which must outlive
 * the observer; null: on the calling thread. Options may be null; their
 * extra_outputs must be none. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *
lambent_observer_create(const LambentModelSource *source,
                        const LambentCompileOptions *options,
                        const char *const *names, uint32_t num_names,
                        LambentThreadPool *pool, LambentObserver **observer);
/* Runs the model on inputs in the order of LambentModelSummary.inputs, and
 * calls `see` for each tensor, in the order of names, or of computation. An
 * input with a default may have no data and a rank (ndim) of -1. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_observer_run(
    LambentObserver *observer, const LambentTensor *inputs, uint32_t num_inputs,
    void (*see)(void *user, const LambentObservedTensor *tensor), void *user);
LAMBENT_API void lambent_observer_destroy(LambentObserver *observer);

typedef struct LambentProfile LambentProfile;

/* Makes an empty profile of a model. As for an observer. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *
lambent_profile_create(const LambentModelSource *source,
                       const LambentCompileOptions *options,
                       LambentThreadPool *pool, LambentProfile **profile);
/* Runs the model on a sample, whose name is for messages, and takes in what its
 * tensors hold. Fails where one holds NaN or Inf, and names both. After a
 * failure the profile is as it was. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *
lambent_profile_add_sample(LambentProfile *profile, const LambentTensor *inputs,
                           uint32_t num_inputs, const char *name);
/* Adds what a file holds, a profile of the same model: nodes and weights count,
 * wherever they lie, and sizes and remarks do not. The order in which samples
 * and profiles come makes no difference but for the last places of sums. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *
lambent_profile_merge(LambentProfile *profile, const char *path);
/* Writes the profile as JSON to a file, which takes its place when it is
 * complete. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *
lambent_profile_write(const LambentProfile *profile, const char *path);
/* 0 for null. */
LAMBENT_API uint64_t lambent_profile_num_samples(const LambentProfile *profile);
LAMBENT_API uint64_t lambent_profile_num_tensors(const LambentProfile *profile);
LAMBENT_API void lambent_profile_destroy(LambentProfile *profile);

#ifdef __cplusplus
}
#endif
#endif
