/* Turn a float model into a quantized one, which is an ONNX model, too.
 *
 *   LambentQuantizeOptions options = {.size = sizeof(options), .profile =
 * "profile.json"}; LambentStatus *status = lambent_quantize_to_file(&source,
 * &options, "quantized.onnx", NULL);
 *
 * The result has QuantizeLinear and DequantizeLinear around its products, or
 * Casts to BFLOAT16 and back, which other engines run as well; names of tensors
 * stay. Compiling it, or compiling the float model with
 * LambentCompileOptions.quantize, computes products on integers. All of it
 * since API version 9. Links with liblambent.so.
 */
#ifndef LAMBENT_C_QUANTIZE_H
#define LAMBENT_C_QUANTIZE_H

#include "lambent-c/compiler.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The inputs of one sample, in the order of LambentModelSummary.inputs. */
typedef struct LambentSample {
  const char *name; /* for messages */
  const LambentTensor *inputs;
  uint32_t num_inputs;
} LambentSample;

/* Samples that a quantization reads, maybe several times. */
typedef struct LambentSampleSet {
  size_t size;
  uint64_t count;
  /* Gives sample `index`, which stays until the next call. Returns 0, or
   * another number to end the quantization. */
  int (*read)(void *user, uint64_t index, LambentSample *sample);
  void *user;
  LambentThreadPool *pool; /* to compute on; null: the calling thread */
} LambentSampleSet;

typedef struct LambentQuantizeOptions {
  size_t size;
  /* What becomes integers. "int8" (null, too): weights, and what Conv,
   * ConvTranspose, Gemm and MatMul read, 8 bits each. "int16": what they read
   * has 16 bits, weights 8. "int8-weights", "int4-weights": weights of Gemm and
   * MatMul alone, in blocks. "bf16": no integers, but bf16 of both operands of
   * Conv, Gemm and MatMul by a constant, by Cast to it and back. */
  const char *numbers;
  /* The file of a profile of this model, which "int8" and "int16" need: what
   * its tensors were seen to hold. */
  const char *profile;
  /* How ranges follow from the profile: "minmax" (null, too), "percentile",
   * "entropy" or "mse". With "mse", scales of weights leave the least squared
   * error, too. */
  const char *calibration;
  /* What integers stand for: "asymmetric" has any zero point, "symmetric" the
   * zero point 0, "symmetric-uint8" the same, unsigned where no value is
   * negative, "power-of-two" is symmetric with such scales. Null: symmetric for
   * int16, which is never unsigned, asymmetric for others. */
  const char *schema;
  const char *const *keep; /* names of nodes that stay in float */
  uint32_t num_keep;
  uint32_t keep_first,
      keep_last; /* how many of the first and last products stay in float */
  uint32_t per_tensor; /* 1: one scale for a weight; 0: one for each of its
                          channels */
  uint32_t group; /* weights of a column that share a scale, of weights alone;
                     0: 32, and nothing else with other numbers */
  uint32_t watch_signals; /* as in LambentCompileOptions */
  /* How weights are rounded: "nearest" (null, too), "gptq", one after the
   * other so that what products give on `samples` changes least, or "adaround",
   * from there on all of a product at once, on the threads of
   * `samples->pool`, which change no bit. Compilations take "nearest" alone. */
  const char *rounding;
  const LambentSampleSet *samples; /* "gptq" and "adaround" need them */
  /* Names of nodes whose operands become bf16 in place of integers, with "int8"
   * and "int16". Those that have no such form are an error. */
  const char *const *bf16;
  uint32_t num_bf16;
  /* How much of the range of what products read goes over to their weights, of
   * "int8" and "int16": a number above 0 to 1 in digits, "auto" for the one
   * that leaves least noise, of each tensor by itself, or null for nothing.
   * Channels are divided by max|x|^m / max|w|^(1 - m) where a normalization, a
   * product or a constant before allows it. */
  const char *migration;
} LambentQuantizeOptions;

/* A layer that a quantization may change. Lives during the callback. */
typedef struct LambentLayerForms {
  const char *node, *op;
  /* Why it has no form in the integers asked for, or in bf16; null where it has
   * one. */
  const char *no_integers, *no_bf16;
} LambentLayerForms;

/* Calls `found` for each layer that the options leave to be chosen, in the
 * order of the model: those that they do not keep in float or make bf16. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_list_layer_forms(
    const LambentModelSource *source, const LambentQuantizeOptions *options,
    void (*found)(void *user, const LambentLayerForms *forms), void *user);

/* What became of each product. */
typedef struct LambentQuantizeReport LambentQuantizeReport;

/* Writes the quantized model to the file `output`, when it is complete. Weights
 * of more than 2 GB lie beside it, in `output`.data. The model's files are
 * never replaced. On failure nothing is left behind. `report` may be null. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_quantize_to_file(
    const LambentModelSource *source, const LambentQuantizeOptions *options,
    const char *output, const LambentQuantizeReport **report);
/* One JSON object: "types" (for each op how many products are quantized and
 * stay in float, the largest share of values outside a range, the worst signal
 * to noise of a weight in dB), "float_bytes" and "quantized_bytes" (of weights)
 * and "layers" (each with node, op, numbers, the reason why it stayed in float,
 * inputs with their ranges, and "only_zeros" for one that samples told nothing
 * else of; "weight_scales_of_zeros": how many of its weight's channels hold
 * nothing else; "rounded_to_nearest": why samples did not say how). Lives as
 * long as the report; null for null. */
LAMBENT_API const char *
lambent_quantize_report_json(const LambentQuantizeReport *report);
LAMBENT_API void
lambent_quantize_report_destroy(const LambentQuantizeReport *report);

#ifdef __cplusplus
}
#endif
#endif
