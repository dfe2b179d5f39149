/* Sessions that compile for the sizes they often see. Since API version 5.
 *
 *   LambentAdaptiveSession *session;
 *   LambentStatus *status = lambent_adaptive_session_create(&source, NULL, NULL, &session);
 *   status = lambent_adaptive_session_run(session, inputs, 1, outputs, 1, NULL);   // of any size, from any thread
 *
 * A model is compiled once with its dims open, which runs any size. Sizes that come often get a version of their own,
 * with the dims bound, which a thread compiles while runs go on. A version takes over only after it gave the same bits
 * on inputs of real runs, so that answers do not change from one call to the next; one that differs in a bit is never
 * used. Where every dim is bound, where an input or output is of strings, or where no output is of floats, whose bits
 * would show a difference, there are no versions.
 */
#ifndef LAMBENT_C_ADAPTIVE_H
#define LAMBENT_C_ADAPTIVE_H

#include "lambent-c/compiler.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct LambentAdaptiveSession LambentAdaptiveSession;

typedef struct LambentAdaptiveOptions {
  size_t size;
  LambentThreadPool *pool; /* null: the session makes its own of `threads`. Must outlive the session */
  uint32_t threads;        /* of its own pool; 0: one for each CPU that this process may use */
  uint32_t frequent;       /* runs at the same sizes after which a version is compiled for them; 0: 32 */
  uint32_t trials;         /* runs whose results it has to give before it takes over; 0: 3 */
  uint32_t most_versions;  /* that are kept, each with weights of its own: the one unused for longest goes; 0: 4 */
} LambentAdaptiveOptions;

/* Compiles the model. What the source points to, and constants of the options, must stay until the session is
 * destroyed; their cancellation is for this call. Both options may be null. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *
lambent_adaptive_session_create(const LambentModelSource *source, const LambentCompileOptions *options,
                                const LambentAdaptiveOptions *adaptive, LambentAdaptiveSession **session);
/* The model with its open dims. Null for null. */
LAMBENT_API const LambentModel *lambent_adaptive_session_model(const LambentAdaptiveSession *session);
/* As lambent_session_run; any number of threads may call it at once. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *
lambent_adaptive_session_run(LambentAdaptiveSession *session, const LambentTensor *inputs, uint32_t num_inputs,
                             LambentTensor *outputs, uint32_t num_outputs, const LambentRunOptions *options);
/* Returns when nothing is left to be compiled or tried. Nothing for null. */
LAMBENT_API void lambent_adaptive_session_wait(LambentAdaptiveSession *session);
/* How many versions have taken over. 0 for null. */
LAMBENT_API uint32_t lambent_adaptive_session_count_versions(const LambentAdaptiveSession *session);
/* Ends what is being compiled. Null: nothing to do. */
LAMBENT_API void lambent_adaptive_session_destroy(LambentAdaptiveSession *session);

#ifdef __cplusplus
}
#endif
#endif
