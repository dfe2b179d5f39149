/* Turn weights of a model into zeros, where that costs least.
 *
 *   LambentPruneOptions options = {.size = sizeof(options), .zeros = 70};
 *   LambentStatus *status = lambent_prune_to_file(&source, &options,
 *                                                 "pruned.onnx", NULL);
 *
 * The result is an ONNX model of the same nodes and names, which other engines
 * run as well and a training framework may go on with. All of it since API
 * version 9. Links with liblambent.so.
 */
#ifndef LAMBENT_C_PRUNE_H
#define LAMBENT_C_PRUNE_H

#include "lambent-c/quantize.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How many of the weights of a node become 0. */
typedef struct LambentLayerZeros {
  const char *node;
  double percent; /* 0: it stays as it is */
} LambentLayerZeros;

typedef struct LambentPruneOptions {
  size_t size;
  /* How many of the weights of each Conv, Gemm and MatMul become 0, in percent
   * above 0 and below 100. N:M takes no other than its own; with `layers` or
   * `mask` there need be none. */
  double zeros;
  /* Which are 0 together: "unstructured" (null, too); "4x1", those of four
   * output channels at one input channel and tap; "4x2" and "4x4", those of two
   * or four input channels in a row, too, which products of bytes leave out
   * together; "1x32", those of 32 output channels; "N:M", as "2:4": of M input
   * channels in a row at one tap N may stay. Layers that have fewer channels
   * stay as they are. */
  const char *structure;
  /* "magnitude" (null, too): the smallest weights. "reconstruct": those that
   * change least of what products give on `samples`, layer after layer; the
   * others, biases and means of normalizations make up for them. */
  const char *method;
  const LambentSampleSet *samples; /* "reconstruct" needs them */
  const char *const *keep;         /* names of nodes that stay as they are */
  uint32_t num_keep;
  uint32_t keep_first,
      keep_last; /* how many of the first and last products stay */
  uint32_t num_layers;
  const LambentLayerZeros *layers; /* nodes that have a share of their own */
  /* A model whose zeros are taken, by the names of weights: after training that
   * has filled some. */
  const LambentModelSource *mask;
  uint32_t watch_signals; /* as in LambentCompileOptions */
} LambentPruneOptions;

/* What became of each product. */
typedef struct LambentPruneReport LambentPruneReport;

/* Writes the pruned model to the file `output`, when it is complete. Weights of
 * more than 2 GB lie beside it, in `output`.data. The model's files are never
 * replaced. On failure nothing is left behind. `report` may be null. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *
lambent_prune_to_file(const LambentModelSource *source,
                      const LambentPruneOptions *options, const char *output,
                      const LambentPruneReport **report);
/* One JSON object: "weights" and "zeros" of all products together, and "layers"
 * (each with node, op, the reason why it stayed as it is, weights, zeros, their
 * share, "weight_snr_db", what weights were to what was changed in dB,
 * "output_snr_db", the same of what it gives on samples, and "by_magnitude",
 * why samples did not say what became 0). Lives as long as the report; null for
 * null. */
LAMBENT_API const char *
lambent_prune_report_json(const LambentPruneReport *report);
/* A product, valid during a call. */
typedef struct LambentPrunedLayer {
  const char *node, *op;
  const char *reason; /* why it stayed as it is, or null */
  uint64_t weights, zeros;
} LambentPrunedLayer;
/* Hands out the products in the order of the graph. */
LAMBENT_API void lambent_prune_report_list(
    const LambentPruneReport *report,
    void (*see)(void *user, const LambentPrunedLayer *layer), void *user);
LAMBENT_API void lambent_prune_report_destroy(const LambentPruneReport *report);

#ifdef __cplusplus
}
#endif
#endif
