/* Two models that were compiled ahead of time, in one program, without any runtime stack: the generated headers and
 * liblambent-runtime.a are all it takes.
 */
#include "scale.h"
#include "softmax.h"
#include <stdio.h>

int main(void) {
  char error[256];
  scale_session *scale = scale_create(1, error, sizeof(error));
  if (!scale) {
    fprintf(stderr, "%s\n", error);
    return 1;
  }
  softmax_session *softmax = softmax_create(1, error, sizeof(error));
  if (!softmax) {
    fprintf(stderr, "%s\n", error);
    return 1;
  }

  const float x[scale_in_x_elements] = {0.0f, 0.5f, 1.0f, 1.5f};
  float scores[scale_out_y_elements], probabilities[softmax_out_probabilities_elements];
  int failed = scale_infer(scale, x, scores) || softmax_infer(softmax, scores, probabilities);
  scale_destroy(scale);
  softmax_destroy(softmax);
  if (failed)
    return 1;

  for (size_t i = 0; i < softmax_out_probabilities_elements; ++i)
    printf("%.1f -> %.4f\n", scores[i], probabilities[i]);
  return 0;
}
