/* Times one compiled model on a machine that has neither Lambent nor the model: a static program.
 *
 *   MODEL [--threads N] [--seconds S] [--weights FILE] [--keep-denormals] [--layers]
 *
 * benchmarks/standalone.sh makes it. Without --weights these are drawn from a seeded generator; inputs always are (but
 * integers, which are 0). Prints the fastest and the median run, in ms, and with --layers each layer's mean. */
#include "lambent-c/runtime.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern const LambentModel measured_model;

enum { MAX_TENSORS = 64, MAX_RUNS = 100000 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void require(LambentStatus *status) {
  if (!status)
    return;
  fprintf(stderr, "%s\n", lambent_status_message(status));
  exit(1);
}

static void *allocate(size_t bytes) {
  void *memory = aligned_alloc(64, (bytes + 127) / 64 * 64);
  if (!memory) {
    fprintf(stderr, "out of memory\n");
    exit(1);
  }
  return memory;
}

/* Numbers of both signs below `scale`: zeros would make some CPUs faster than they are. */
static void *draw(size_t bytes, float scale) {
  float *values = allocate(bytes);
  unsigned state = 12345;
  for (size_t i = 0; i < bytes / sizeof(float); ++i) {
    state = state * 1664525u + 1013904223u;
    values[i] = ((int)(state >> 8) - (1 << 23)) * scale / (1 << 23);
  }
  return values;
}

static void *readWeights(const char *path) {
  void *weights = allocate(measured_model.weight_bytes);
  FILE *file = fopen(path, "rb");
  if (!file || fread(weights, 1, measured_model.weight_bytes, file) != measured_model.weight_bytes) {
    fprintf(stderr, "cannot read %s\n", path);
    exit(1);
  }
  fclose(file);
  return weights;
}

static void prepare(const LambentTensorInfo *info, LambentTensor *tensor) {
  uint64_t bytes = lambent_tensor_info_bytes(info);
  memset(tensor, 0, sizeof *tensor);
  tensor->data = draw(bytes, 1.0f);
  if (info->type_code != LAMBENT_FLOAT)
    memset(tensor->data, 0, bytes);
  tensor->device.device_type = LAMBENT_DEVICE_CPU;
  tensor->ndim = info->rank;
  tensor->dtype.code = info->type_code;
  tensor->dtype.bits = info->type_bits;
  tensor->dtype.lanes = 1;
  tensor->shape = (int64_t *)info->dims;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

int main(int count, char **arguments) {
  int threads = 1, layers = 0, keep = 0;
  double seconds = 2;
  const char *path = NULL;
  for (int i = 1; i < count; ++i) {
    const char *value = i + 1 < count ? arguments[i + 1] : "";
    if (!strcmp(arguments[i], "--layers"))
      layers = 1;
    else if (!strcmp(arguments[i], "--keep-denormals"))
      keep = 1;
    else if (!strcmp(arguments[i], "--threads"))
      threads = atoi(value), ++i;
    else if (!strcmp(arguments[i], "--seconds"))
      seconds = atof(value), ++i;
    else if (!strcmp(arguments[i], "--weights"))
      path = value, ++i;
    else
      return fprintf(stderr, "unknown option %s\n", arguments[i]), 1;
  }
  const LambentModel *model = &measured_model;
  if (model->num_inputs > MAX_TENSORS || model->num_outputs > MAX_TENSORS)
    return fprintf(stderr, "too many inputs or outputs\n"), 1;

  LambentLoadOptions load = {sizeof load, 1, 0, NULL};
  LambentModule *module;
  require(lambent_module_create(model, path ? readWeights(path) : draw(model->weight_bytes, 0.03f), &load, &module));
  LambentThreadPool *pool = NULL;
  if (threads != 1)
    require(lambent_thread_pool_create(threads, &pool));
  LambentContextOptions options = {sizeof options, pool, layers, 0, keep, 0};
  LambentContext *context;
  require(lambent_context_create(module, &options, &context));

  static LambentTensor inputs[MAX_TENSORS], outputs[MAX_TENSORS];
  for (uint32_t i = 0; i < model->num_inputs; ++i)
    prepare(&model->inputs[i], &inputs[i]);
  for (uint32_t i = 0; i < model->num_outputs; ++i)
    prepare(&model->outputs[i], &outputs[i]);
  static double times[MAX_RUNS];
  double *sums = calloc(model->num_layers + 1, sizeof(double)), end = 0;
  int runs = 0;
  for (int i = 0; i < 3 || (now() < end && runs < MAX_RUNS); ++i) {
    double start = now();
    require(lambent_context_run(context, inputs, model->num_inputs, outputs, model->num_outputs, NULL));
    if (i == 1)
      end = now() + seconds * 1e3;
    if (i < 2)
      continue;
    times[runs++] = now() - start;
    for (uint32_t layer = 0; layers && layer < model->num_layers; ++layer)
      sums[layer] += lambent_context_layer_times(context)[layer] / 1e3;
  }
  qsort(times, runs, sizeof *times, compare);
  printf("%s, %d threads: fastest %.3f ms, median %.3f ms of %d runs\n", arguments[0], threads, times[0],
         times[runs / 2], runs);
  for (uint32_t layer = 0; layers && layer < model->num_layers; ++layer)
    printf("%10.1f us %7.1f GFLOP/s  %s  %s\n", sums[layer] / runs,
           model->layers[layer].flops / (sums[layer] / runs) / 1e3, model->layers[layer].kernel,
           model->layers[layer].name);
  free(sums);
  return 0;
}
