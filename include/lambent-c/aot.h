/* What the header that comes with a compiled model calls. Applications call that header's functions instead:
 * NAME_create, NAME_run, NAME_destroy. Declared there again, so that it needs no other header.
 */
#ifndef LAMBENT_C_AOT_H
#define LAMBENT_C_AOT_H

#include "lambent-c/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a session of `threads` threads (0: one for each CPU) for a model that is linked in. `weights_path` is null
 * when the weights lie in the object. On failure returns null and, if `error` is not null, writes a message. */
LAMBENT_API LambentSession *lambent_aot_create(const LambentModel *model, const char *weights_path, unsigned threads,
                                               char *error, size_t error_size);
/* Runs with the data of each input and output, in the model's order. 0: done; else a LambentStatusCode: the session or
 * a pointer is null, or not aligned to its elements, or memory ran out, or a check of a model that was compiled with
 * --accuracy=strict failed. Any number of threads may call it at once. */
LAMBENT_API int lambent_aot_run(LambentSession *session, const void *const *inputs, void *const *outputs);
/* For models with open dims, which the two above refuse. Since API version 5.
 *
 * input_dims[i] are input i's dims; null is allowed where all of them are bound. output_dims[i] is room for output i's,
 * which are written; one that data decides is -1. Where input sizes decide an output's rank, there is room for the most
 * dims that it may have, and those that it lacks are -2. */
LAMBENT_API int lambent_aot_output_dims(LambentSession *session, const int64_t *const *input_dims,
                                        int64_t *const *output_dims);
/* outputs[i] is memory for output i, of the dims output_dims[i]; or null: then its dims are written there, and
 * allocate(user, i, bytes) gives memory, 64-byte aligned, to which outputs[i] is set. It may be null where every output
 * has memory. */
LAMBENT_API int lambent_aot_run_open(LambentSession *session, const void *const *inputs,
                                     const int64_t *const *input_dims, void **outputs, int64_t *const *output_dims,
                                     void *(*allocate)(void *user, uint32_t output, uint64_t bytes), void *user);
/* Null: nothing to do. */
LAMBENT_API void lambent_aot_destroy(LambentSession *session);

/* In a library artefact, where the linker calls them NAME_create and NAME_destroy: the weights are in the library's
 * own file, and the library stays loaded, whatever dlclose is called, until its last session is destroyed. */
LAMBENT_API LambentSession *lambent_library_create(unsigned threads, char *error, size_t error_size);
LAMBENT_API void lambent_library_destroy(LambentSession *session);

#ifdef __cplusplus
}
#endif
#endif
