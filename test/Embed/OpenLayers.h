/* A model of open sizes as the compiler would emit it, written by hand:
 *
 *   doubled = 2 * x + mask[:, 0, 0]    f32[batch, seq] of x: f32[batch, seq]
 *   found   = (v, -v) for each v > 0 of doubled     f32[count, 2]
 *
 * seq is a multiple of 8, at most 512; mask is f32[batch, 3, 2 * seq]; data
 * decides count. It refuses more rows than columns, and 13 rows.
 */
#ifndef LAMBENT_TEST_OPENLAYERS_H
#define LAMBENT_TEST_OPENLAYERS_H

#include "lambent-c/model.h"

#ifdef __cplusplus
extern "C" {
#endif

extern const LambentModel open_layers_model;

#ifdef __cplusplus
}
#endif
#endif
