/* Runs the model of strings.test by its header. */
#include "bound.h"
#include <lambent-c/model.h>
#include <stdio.h>

int main(void) {
  char error[256];
  model_session *session = model_create(1, error, sizeof(error));
  const LambentString x[] = {{"a", 1}, {"b", 1}, {"a", 1}};
  LambentString y[model_out_y_elements];
  size_t i;
  if (!session) {
    puts(error);
    return 1;
  }
  if (model_infer(session, x, NULL, y))
    return 1;
  for (i = 0; i < model_out_y_elements; ++i)
    printf("%s%.*s", i ? "," : "", (int)y[i].length, y[i].data);
  puts("");
  model_destroy(session);
  return 0;
}
