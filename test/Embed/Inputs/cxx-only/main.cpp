// Three compiled models in one C++ program.
#include "open_rows.h"
#include "scale.h"
#include "softmax.h"
#include <cstdio>

int main() {
  scale_session *scale = scale_create(1, nullptr, 0);
  softmax_session *softmax = softmax_create(1, nullptr, 0);
  open_rows_session *rows = open_rows_create(1, nullptr, 0);
  const float x[scale_in_x_elements] = {0.0f, 0.5f, 1.0f, 1.5f};
  float y[scale_out_y_elements], p[softmax_out_probabilities_elements];
  const float in[open_rows_in_a_elements] = {1, 2, 3, 4};
  float out[open_rows_out_b_elements];
  if (!scale || !softmax || !rows || scale_infer(scale, x, y) ||
      softmax_infer(softmax, y, p) || open_rows_infer(rows, in, out))
    return 1;
  scale_destroy(scale);
  softmax_destroy(softmax);
  open_rows_destroy(rows);
  std::printf("%.4f and %g of %zu\n", p[3], out[3], open_rows_out_b_elements);
}
