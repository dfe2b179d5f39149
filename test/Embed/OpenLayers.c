#include "OpenLayers.h"

/* The values of a run, the symbols first. */
enum {
  BATCH,
  SEQ_BY_8,
  COUNT,
  SEQ,
  TWICE_SEQ,
  COLUMNS_BEYOND_ROWS,
  UNLUCKY,
  X_BYTES,
  FOUND_BYTES,
  ROW_BYTES,
  NUM_VALUES
};

static int64_t multiply(int64_t a, int64_t b) {
  int64_t product;
  return a == INT64_MAX || b == INT64_MAX ||
                 __builtin_mul_overflow(a, b, &product)
             ? INT64_MAX
             : product;
}

static void evaluate(int64_t *values, int64_t epoch) {
  if (epoch == 1) {
    values[FOUND_BYTES] = multiply(4, values[COUNT]);
    return;
  }
  values[SEQ] = multiply(8, values[SEQ_BY_8]);
  values[TWICE_SEQ] = multiply(2, values[SEQ]);
  values[COLUMNS_BEYOND_ROWS] = values[SEQ] - values[BATCH];
  values[UNLUCKY] = values[BATCH] == 13;
  values[X_BYTES] = multiply(multiply(4, values[BATCH]), values[SEQ]);
  values[ROW_BYTES] = multiply(4, values[SEQ]);
}

/* Kernels find the values behind their buffers. */

static void doubleRows(void *const *buffers, int64_t begin, int64_t end,
                       void *scratch) {
  const float *x = buffers[0];
  float *y = buffers[1], *row = scratch;
  int64_t columns = ((const int64_t *)buffers[2])[SEQ];
  for (int64_t i = begin; i < end; ++i) {
    for (int64_t j = 0; j < columns; ++j)
      row[j] = 2.0f * x[i * columns + j];
    for (int64_t j = 0; j < columns; ++j)
      y[i * columns + j] = row[j];
  }
}

static void addMask(void *const *buffers, int64_t begin, int64_t end,
                    void *scratch) {
  const float *y = buffers[0], *mask = buffers[1];
  float *z = buffers[2], *doubled = buffers[3];
  const int64_t *values = buffers[4];
  (void)scratch;
  for (int64_t i = begin; i < end; ++i)
    for (int64_t j = 0; j < values[SEQ]; ++j) {
      int64_t at = i * values[SEQ] + j;
      doubled[at] = z[at] = y[at] + mask[i * 3 * values[TWICE_SEQ]];
    }
}

static void countPositive(void *const *buffers, int64_t begin, int64_t end,
                          void *scratch) {
  const float *z = buffers[0];
  const int64_t *values = buffers[2];
  int64_t count = 0;
  (void)begin, (void)end, (void)scratch;
  for (int64_t i = 0; i < values[BATCH] * values[SEQ]; ++i)
    count += z[i] > 0;
  *(int64_t *)buffers[1] = count;
}

static void findPositive(void *const *buffers, int64_t begin, int64_t end,
                         void *scratch) {
  const float *z = buffers[0];
  float *found = buffers[1];
  const int64_t *values = buffers[2];
  (void)begin, (void)end, (void)scratch;
  for (int64_t i = 0; i < values[BATCH] * values[SEQ]; ++i)
    if (z[i] > 0)
      *found++ = z[i];
}

static void pair(void *const *buffers, int64_t begin, int64_t end,
                 void *scratch) {
  const float *found = buffers[0];
  float *pairs = buffers[1];
  (void)scratch;
  for (int64_t i = begin; i < end; ++i) {
    pairs[2 * i] = found[i];
    pairs[2 * i + 1] = -found[i];
  }
}

static void run(LambentCall *call) {
  void *values = (void *)call->values;
  void *doubling[] = {call->inputs[0], call->blocks[0], values};
  call->parallel_for(call, 0, doubleRows, doubling, call->values[BATCH]);
  void *adding[] = {call->blocks[0], call->inputs[1], call->blocks[1],
                    call->outputs[0], values};
  call->parallel_for(call, 1, addMask, adding, call->values[BATCH]);
  void *counting[] = {call->blocks[1], call->arena, values};
  call->parallel_for(call, 2, countPositive, counting, 1);
  if (call->define(call, 2, COUNT, (const int64_t *)call->arena, 1))
    return;
  void *finding[] = {call->blocks[1], call->blocks[2], values};
  call->parallel_for(call, 3, findPositive, finding, 1);
  void *pairing[] = {call->blocks[2], call->outputs[1]};
  call->parallel_for(call, 4, pair, pairing, call->values[COUNT]);
}

static const int64_t open_dims[] = {-1, -1};
static const int64_t mask_dims[] = {-1, 3, -1};
static const int64_t found_dims[] = {-1, 2};
static const int32_t x_sizes[] = {BATCH, SEQ};
static const int32_t mask_sizes[] = {BATCH, -1, TWICE_SEQ};
static const int32_t found_sizes[] = {COUNT, -1};
static const LambentTensorInfo inputs[] = {
    {.name = "x",
     .type_code = LAMBENT_FLOAT,
     .type_bits = 32,
     .rank = 2,
     .dims = open_dims,
     .sizes = x_sizes},
    {.name = "mask",
     .type_code = LAMBENT_FLOAT,
     .type_bits = 32,
     .rank = 3,
     .dims = mask_dims,
     .sizes = mask_sizes}};
static const LambentTensorInfo outputs[] = {
    {.name = "doubled",
     .type_code = LAMBENT_FLOAT,
     .type_bits = 32,
     .rank = 2,
     .dims = open_dims,
     .sizes = x_sizes},
    {.name = "found",
     .type_code = LAMBENT_FLOAT,
     .type_bits = 32,
     .rank = 2,
     .dims = found_dims,
     .sizes = found_sizes,
     .epoch = 1}};
#define LAYER(NAME, KERNEL)                                                    \
  {.name = NAME, .kernel = KERNEL, .op = KERNEL, .shapes = "", .choice_key = ""}
static const LambentLayerInfo layers[] = {
    LAYER("double", "elementwise"), LAYER("add", "elementwise"),
    LAYER("count", "reduce"), LAYER("find", "compress"),
    LAYER("pair", "elementwise")};
static const LambentSymbolInfo symbols[] = {
    {.name = "batch", .most = INT64_MAX, .factor = 1, .input = 0, .dim = 0},
    {.name = "seq", .most = 512, .factor = 8, .input = 0, .dim = 1},
    {.name = "", .most = 100000, .factor = 1, .input = -1, .epoch = 1}};
static const int32_t both[] = {0, 1};
static const LambentSizeCheck size_checks[] = {
    {"add", "as many columns as rows", COLUMNS_BEYOND_ROWS, 0, 0, 2, both},
    {"double", "a number of rows other than 13", UNLUCKY, 1, 0, 1, both}};
static const LambentBlockInfo blocks[] = {
    {X_BYTES, 0, 0, 1}, {X_BYTES, 0, 1, 3}, {FOUND_BYTES, 1, 3, 4}};

const LambentModel open_layers_model = {
    .magic = LAMBENT_MODEL_MAGIC,
    .abi = LAMBENT_MODEL_ABI,
    .size = sizeof(LambentModel),
    .name = "open_layers",
    .producer = "by hand",
    .cpu = "x86-64",
    .cpu_features = "",
    .num_inputs = 2,
    .num_outputs = 2,
    .num_layers = 5,
    .inputs = inputs,
    .outputs = outputs,
    .layers = layers,
    .tuning = {.description = "generic"},
    .arena_bytes = 8,
    .live_bytes = 8,
    .metadata = "{}",
    .metadata_bytes = 2,
    .run = run,
    .num_symbols = 3,
    .num_values = NUM_VALUES,
    .num_blocks = 3,
    .num_size_checks = 2,
    .num_epochs = 2,
    .scratch_value = ROW_BYTES,
    .symbols = symbols,
    .size_checks = size_checks,
    .blocks = blocks,
    .evaluate = evaluate,
};
