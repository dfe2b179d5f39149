/* A model as the compiler would emit it, written by hand: y = 2 * x + w, z = y
 * * y, on f32[64x100]. */
#ifndef LAMBENT_TEST_TWOLAYERS_H
#define LAMBENT_TEST_TWOLAYERS_H

#include "lambent-c/model.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { TWO_LAYERS_ROWS = 64, TWO_LAYERS_COLUMNS = 100 };

/* Its weights (`w`, one f32 for each column) are at hand as two_layers_weights;
 * their hash must be filled in. */
extern const LambentModel two_layers_model;
extern const float two_layers_weights[TWO_LAYERS_COLUMNS];

#ifdef __cplusplus
}
#endif
#endif
