#include "TwoLayers.h"
#include <stddef.h>

#define ROWS TWO_LAYERS_ROWS
#define COLUMNS TWO_LAYERS_COLUMNS

_Alignas(64) const
    float two_layers_weights[COLUMNS] = {1.0f, 2.0f, 3.0f, [50] = -7.5f};

static void scaleAndAdd(void *const *buffers, int64_t begin, int64_t end,
                        void *scratch) {
  const float *x = buffers[0], *w = buffers[1];
  float *y = buffers[2], *row = scratch;
  for (int64_t i = begin; i < end; ++i) {
    for (int j = 0; j < COLUMNS; ++j)
      row[j] = 2.0f * x[i * COLUMNS + j];
    for (int j = 0; j < COLUMNS; ++j)
      y[i * COLUMNS + j] = row[j] + w[j];
  }
}

static void square(void *const *buffers, int64_t begin, int64_t end,
                   void *scratch) {
  const float *y = buffers[0];
  float *z = buffers[1];
  (void)scratch;
  for (int64_t i = begin * COLUMNS; i < end * COLUMNS; ++i)
    z[i] = y[i] * y[i];
}

static void run(LambentCall *call) {
  void *first[] = {call->inputs[0], (void *)call->weights, call->arena};
  call->parallel_for(call, 0, scaleAndAdd, first, ROWS);
  void *second[] = {call->arena, call->outputs[0]};
  call->parallel_for(call, 1, square, second, ROWS);
}

static const int64_t dims[] = {ROWS, COLUMNS};
static const LambentTensorInfo inputs[] = {
    {"x", LAMBENT_FLOAT, 32, 2, 0, dims, NULL, 0, 0, 0, 0, -1, 0, 0}};
static const LambentTensorInfo outputs[] = {
    {"z", LAMBENT_FLOAT, 32, 2, 0, dims, NULL, 0, 0, 0, 0, -1, 0, 0}};
static const LambentVariantInfo variants[] = {
    {"rows", "rows<1>", "", 100, 1, 0}, {"columns", "", "too few", 0, 0, 0}};
static const uint32_t sources[] = {0};
static const LambentLayerInfo layers[] = {
    {.name = "scale+add",
     .kernel = "elementwise",
     .flops = 2 * ROWS * COLUMNS,
     .bytes = 8 * ROWS * COLUMNS,
     .op = "elementwise",
     .shapes = "",
     .choice_key = "",
     .variants = variants,
     .num_variants = 2},
    {.name = "\"square\"",
     .kernel = "elementwise",
     .flops = ROWS * COLUMNS,
     .bytes = 8 * ROWS * COLUMNS,
     .op = "elementwise",
     .shapes = "",
     .choice_key = "",
     .sources = sources,
     .num_sources = 1}};

const LambentModel two_layers_model = {
    .magic = LAMBENT_MODEL_MAGIC,
    .abi = LAMBENT_MODEL_ABI,
    .size = sizeof(LambentModel),
    .name = "two_layers",
    .producer = "by hand",
    .cpu = "x86-64",
    .cpu_features = "",
    .num_inputs = 1,
    .num_outputs = 1,
    .num_layers = 2,
    .inputs = inputs,
    .outputs = outputs,
    .layers = layers,
    .tuning = {.description = "generic"},
    .arena_bytes = 4 * ROWS * COLUMNS,
    .live_bytes = 4 * ROWS * COLUMNS,
    .scratch_bytes = 4 * COLUMNS,
    .weight_bytes = 4 * COLUMNS,
    .weight_hash = 0x6adfeae6aaad511a,
    .metadata = "{}",
    .metadata_bytes = 2,
    .run = run,
};
