/* Runs the model of versions-of-sizes.test by its header: input sizes decide the rank of its output. */
#include "output.h"
#include <stdio.h>
#include <stdlib.h>

static void *allocate(void *user, uint32_t output, uint64_t bytes) {
  (void)output;
  (void)bytes;
  return user;
}

static int run(model_session *session, int64_t rows, int64_t columns) {
  static const float x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  static void *memory;
  int64_t given[2], dims[2], asked[2];
  const int64_t *input_dims[1];
  int64_t *output_dims[1];
  float *y = NULL;
  given[0] = rows;
  given[1] = columns;
  input_dims[0] = given;
  output_dims[0] = asked;
  memory = aligned_alloc(64, 64);
  if (model_output_dims(session, input_dims, output_dims) ||
      model_infer(session, x, given, &y, dims, allocate, memory) || y != memory || y[1] != 2)
    return 1;
  printf("%d x %d, asked %d x %d\n", (int)dims[0], (int)dims[1], (int)asked[0], (int)asked[1]);
  /* Into memory that is there already. */
  y[1] = 0;
  if (model_infer(session, x, given, &y, dims, NULL, NULL) || y[1] != 2)
    return 1;
  free(memory);
  return 0;
}

int main(void) {
  char error[256];
  model_session *session = model_create(1, error, sizeof(error));
  int failed;
  if (!session) {
    puts(error);
    return 1;
  }
  failed = run(session, 3, 2) || run(session, 2, 1);
  model_destroy(session);
  return failed;
}
