/* Run compiled models: load an artefact or take a model that is linked in, create a context, run.
 *
 *   LambentModule *module;
 *   LambentStatus *status = lambent_module_load("model.so", NULL, &module);
 *   if (status) { fputs(lambent_status_message(status), stderr); lambent_status_destroy(status); return 1; }
 *   LambentSession *session;
 *   status = lambent_session_create(module, NULL, &session);
 *   status = lambent_session_run(session, inputs, 1, outputs, 1, NULL);   // from any number of threads
 *
 * A function that can fail returns null on success and else a status that the caller destroys; where it makes a handle,
 * that is null after a failure. Arguments are checked: a null pointer is an error unless its comment says what null
 * means, and so are a `size` that is too small, an enumerator that does not exist, a flag that is neither 0 nor 1, and a
 * reserved field that is not 0. A function that cannot fail answers for a null handle as for nothing (null, 0), and
 * every destroy takes null. Structures with a `size` field grow at their end only: set it to sizeof, leave the rest zero
 * for defaults; a null pointer to options stands for defaults.
 *
 * Callbacks must not throw C++ exceptions: std::terminate would end the process. In a forked child a pool starts threads
 * of its own; fork while no other thread is inside a function of Lambent. Handles are counted, so that a module may be
 * destroyed while contexts still use it. liblambent-runtime.a holds all of this and needs
 * nothing but the C library; liblambent.so holds it beside the compiler.
 */
#ifndef LAMBENT_C_RUNTIME_H
#define LAMBENT_C_RUNTIME_H

#include "lambent-c/model.h"
#include <stddef.h>

#if defined(__GNUC__)
#define LAMBENT_API __attribute__((visibility("default")))
#define LAMBENT_NODISCARD __attribute__((warn_unused_result))
#else
#define LAMBENT_API
#define LAMBENT_NODISCARD
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Status ---------------------------------------------------------------------------------------------------- */

typedef enum LambentStatusCode {
  LAMBENT_STATUS_OK = 0,
  LAMBENT_STATUS_ERROR = 1,       /* a wrong model, file, option or tensor */
  LAMBENT_STATUS_UNSUPPORTED = 3, /* the model or artefact needs what this build or machine does not have */
  LAMBENT_STATUS_CANCELLED = 4,   /* since API version 5: a LambentCancellation ended it */
} LambentStatusCode;

typedef struct LambentStatus LambentStatus;

/* LAMBENT_STATUS_OK for null. */
LAMBENT_API LambentStatusCode lambent_status_code(const LambentStatus *status);
/* One message per line, without a newline at the end and without control characters; "" for null. Lives as long as
 * the status. */
LAMBENT_API const char *lambent_status_message(const LambentStatus *status);
LAMBENT_API void lambent_status_destroy(LambentStatus *status);

/* Writes `length` bytes of text so that a terminal shows them as one line: control characters, what changes the
 * direction of text or has no width, and bytes that are not UTF-8 become escapes (\n, \x1b, \u202e). Status messages
 * are like this already; names of tensors and nodes are as the model has them, and may hold anything. Writes at most
 * `size` bytes with a zero at the end, and returns how long the whole would be without that. Null text is empty; a null buffer takes nothing. */
LAMBENT_API size_t lambent_printable(const char *text, size_t length, char *buffer, size_t size);

/* Grows when functions or fields are added; none is ever taken away within one SONAME. */
#define LAMBENT_API_VERSION 9u
/* LAMBENT_API_VERSION of the library that is linked in, and its release, "0.1.0". */
LAMBENT_API uint32_t lambent_api_version(void);
LAMBENT_API const char *lambent_version(void);

/* Cancellations: end work from another thread, or at a time. Since API version 5 ------------------------------- */

/* Given to any number of runs and compilations, it ends them all: with LAMBENT_STATUS_CANCELLED, at the next chunk of a
 * layer, pass or kernel that they come to, some milliseconds later on large models. What was written to outputs by then
 * is of no use. It must outlive what it was given to. */
typedef struct LambentCancellation LambentCancellation;

LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_cancellation_create(LambentCancellation **cancellation);
/* Ends what it was given to and, from now on, all that it is given to. May be called from any thread and from a signal
 * handler. Nothing for null. */
LAMBENT_API void lambent_cancellation_cancel(LambentCancellation *cancellation);
/* The same when so many nanoseconds from now have passed, in the place of a deadline that was set before; UINT64_MAX:
 * no deadline. Nothing for null. */
LAMBENT_API void lambent_cancellation_set_deadline(LambentCancellation *cancellation, uint64_t nanoseconds);
/* 1 where it was cancelled or its deadline has passed; 0 for null. */
LAMBENT_API int lambent_cancellation_is_due(const LambentCancellation *cancellation);
LAMBENT_API void lambent_cancellation_destroy(LambentCancellation *cancellation);

/* Tensors: the layout of DLPack's DLTensor ------------------------------------------------------------------- */

enum { LAMBENT_DEVICE_CPU = 1 };

typedef struct LambentDevice {
  int32_t device_type; /* LAMBENT_DEVICE_CPU */
  int32_t device_id;
} LambentDevice;

typedef struct LambentDataType {
  uint8_t code; /* LAMBENT_INT, ... */
  uint8_t bits;
  uint16_t lanes; /* 1 */
} LambentDataType;

typedef struct LambentTensor {
  void *data;
  LambentDevice device;
  int32_t ndim;
  LambentDataType dtype;
  int64_t *shape;   /* ndim dims */
  int64_t *strides; /* in elements; null: dense, row-major, the only form that run takes but of donated memory */
  uint64_t byte_offset;
} LambentTensor;

/* Threads ---------------------------------------------------------------------------------------------------- */

/* A fork-join pool. Any number of threads may run models on one pool at once; each works on its own run. */
typedef struct LambentThreadPool LambentThreadPool;

/* `threads` counts the thread that calls run; 0: one for each CPU that this process may use. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_thread_pool_create(uint32_t threads, LambentThreadPool **pool);

/* An application's own pool. `run` calls task(argument, i) once for every i below `count` (at most `threads`),
 * each on any thread, and returns when all have returned. `user` may be null. */
typedef struct LambentExternalPool {
  size_t size;
  uint32_t threads;
  void *user;
  void (*run)(void *user, void (*task)(void *argument, uint32_t index), void *argument, uint32_t count);
} LambentExternalPool;

LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_thread_pool_wrap(const LambentExternalPool *external,
                                                                      LambentThreadPool **pool);
/* 0 for null. */
LAMBENT_API uint32_t lambent_thread_pool_size(const LambentThreadPool *pool);
LAMBENT_API void lambent_thread_pool_destroy(LambentThreadPool *pool);

/* Modules: compiled code with its weights, checked; immutable, shared by threads ------------------------------- */

typedef struct LambentModule LambentModule;

typedef struct LambentLoadOptions {
  size_t size;
  uint32_t skip_weight_hash; /* 1: trust the weights (the code is checked all the same) */
  uint32_t reserved;
  LambentThreadPool *pool; /* hashes on its threads; null: large weights on all CPUs */
} LambentLoadOptions;

/* What `compile` wrote: a program, the weights of a bundle, or code in one of two forms. */
typedef enum LambentArtefactKind {
  LAMBENT_ARTEFACT_LIBRARY = 1,
  LAMBENT_ARTEFACT_EXECUTABLE = 2,
  LAMBENT_ARTEFACT_WEIGHTS = 3,
  LAMBENT_ARTEFACT_OBJECT = 4, /* the forms object and bundle */
} LambentArtefactKind;

/* Checks every byte of an artefact but the weights, which are checked when they are loaded. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_artefact_kind(const char *path, LambentArtefactKind *kind);
/* What an artefact of any form says of its model, read without loading anything: it may be for another machine. Of a
 * bundle it is the object that says it. */
typedef struct LambentArtefact LambentArtefact;
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_artefact_read(const char *path, LambentArtefact **artefact);
/* Lives as long as the artefact; its `run` and `weights` are null. Null for null. */
LAMBENT_API const LambentModel *lambent_artefact_model(const LambentArtefact *artefact);
LAMBENT_API void lambent_artefact_destroy(LambentArtefact *artefact);
/* Loads a `library` artefact. Its code and weights are checked before any of its code runs. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_module_load(const char *path, const LambentLoadOptions *options,
                                                                 LambentModule **module);
/* A model that is linked in (form `object`), or whose `weights` the caller holds, 64-byte aligned and longer-lived. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_module_create(const LambentModel *model, const void *weights,
                                                                   const LambentLoadOptions *options,
                                                                   LambentModule **module);
/* A model that is linked in and whose weights lie in the file that came with it (form `bundle`). */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_module_create_with_file(const LambentModel *model,
                                                                             const char *weights_path,
                                                                             const LambentLoadOptions *options,
                                                                             LambentModule **module);
LAMBENT_API void lambent_module_destroy(LambentModule *module);
/* Inputs, outputs, layers, sizes: all that is known of the model. Null for null. */
LAMBENT_API const LambentModel *lambent_module_model(const LambentModule *module);
/* Since API version 5: the symbol whose dim is this value of a model's runs, one of LambentTensorInfo.sizes: the dim's
 * name and range. Null where the size follows from others, and for null. */
LAMBENT_API const LambentSymbolInfo *lambent_model_find_symbol(const LambentModel *model, int32_t value);
/* Bytes of one input or output; 0 for null, and where a dim is open. */
LAMBENT_API uint64_t lambent_tensor_info_bytes(const LambentTensorInfo *info);

/* Contexts: the memory of one run at a time -------------------------------------------------------------------- */

typedef struct LambentContext LambentContext;

typedef struct LambentContextOptions {
  size_t size;
  LambentThreadPool *pool; /* null: only the thread that calls run works. Must outlive the context */
  uint32_t collect_times;  /* 1: measure each layer */
  uint32_t collect_trace;  /* 1: record who computed what when */
  /* Since API version 6. 1: compute with denormal numbers, as a model of strict accuracy always does. Else they read as
   * 0 and become 0 while a model computes: both bits of MXCSR are set in the calling thread and in every worker, and what
   * was there is restored. */
  uint32_t keep_denormals;
  uint32_t reserved;
} LambentContextOptions;

typedef struct LambentRunOptions {
  size_t size;
  /* Gives memory to outputs whose `data` is null. Returns `bytes` bytes, 64-byte aligned, or null. */
  void *(*allocate)(void *user, uint32_t output, uint64_t bytes);
  void *user;
  /* Since API version 5: ends the run. May be null. */
  const LambentCancellation *cancellation;
} LambentRunOptions;

LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_context_create(LambentModule *module,
                                                                    const LambentContextOptions *options,
                                                                    LambentContext **context);
/* Runs the model. Tensors stand in the model's order; shapes and types must be the model's, data dense, in CPU memory,
 * aligned to its elements. An output whose data is null is allocated by options->allocate and described, before that is
 * called: its shape then points into the model. One of no elements is described only, and its data stays null. Where an
 * output is a sequence or an optional (a LambentTensor of the code LAMBENT_SEQUENCE or LAMBENT_OPTIONAL), it is always
 * allocated, in one piece with all that it holds, and its length is written where dims are. Strings (LAMBENT_STRING,
 * since API version 7) are read while the run lasts. An output of strings is allocated, when they are known, in one
 * piece: its elements, and behind them their bytes, each string with a zero after it that is not counted. Where it has
 * data, an array of LambentString, only that is written: the bytes are those of the inputs and of the module, and must
 * be copied before either goes or changes. Where an
 * output has open dims and no data, they are written to its `shape` if that is not null and `ndim`, for how many there
 * is room, is at least the output's rank, and `ndim` becomes that; else its shape points into the context, until the
 * context's next call. Where input sizes decide an output's rank, it has one from LambentTensorInfo.least_rank
 * to most_rank. Outputs must overlap neither inputs nor
 * each other, which is not checked. A model that was compiled with strict accuracy fails where an index leads out of
 * its dim or an integer is divided by 0, and names the layer and the value; its outputs then hold nothing of use. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_context_run(LambentContext *context, const LambentTensor *inputs,
                                                                 uint32_t num_inputs, LambentTensor *outputs,
                                                                 uint32_t num_outputs,
                                                                 const LambentRunOptions *options);
/* Since API version 5: describes the outputs of a run on inputs of these shapes and types; nobody's data is looked at or
 * allocated. Shapes are written as by run. A dim that is -1 is decided by data, in the run. A later run on these sizes
 * finds its memory planned. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_context_infer_shapes(LambentContext *context,
                                                                          const LambentTensor *inputs,
                                                                          uint32_t num_inputs, LambentTensor *outputs,
                                                                          uint32_t num_outputs);
LAMBENT_API void lambent_context_destroy(LambentContext *context);

/* Nanoseconds each layer of the last run took, one for each of the model's layers; null unless collect_times, and for
 * null. All are 0 of a run on sizes that the model's fallback takes (LambentModel.fallback). */
LAMBENT_API const uint64_t *lambent_context_layer_times(const LambentContext *context);
/* Since API version 8: the arithmetic operations and bytes of a layer in the last run, where open sizes decide them, too;
 * 0 before the first one, and of one that the model's fallback took. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_context_layer_work(const LambentContext *context, uint32_t layer,
                                                                        uint64_t *flops, uint64_t *bytes);
/* Writes what collect_trace recorded so far as a Chrome trace (chrome://tracing, Perfetto). */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_context_write_trace(const LambentContext *context,
                                                                         const char *path);

/* Sessions: a module, a pool, and as many contexts as are in use at once --------------------------------------- */

typedef struct LambentSession LambentSession;

typedef struct LambentSessionOptions {
  size_t size;
  LambentThreadPool *pool; /* null: the session makes its own of `threads`. Must outlive the session */
  uint32_t threads;        /* of its own pool; 0: one for each CPU that this process may use */
  uint32_t keep_denormals; /* since API version 6: as in LambentContextOptions */
} LambentSessionOptions;

LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_session_create(LambentModule *module,
                                                                    const LambentSessionOptions *options,
                                                                    LambentSession **session);
/* As lambent_context_run; any number of threads may call it at once. An output of open dims has data or room for its
 * dims in `shape`. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_session_run(LambentSession *session, const LambentTensor *inputs,
                                                                 uint32_t num_inputs, LambentTensor *outputs,
                                                                 uint32_t num_outputs,
                                                                 const LambentRunOptions *options);
/* Since API version 5: as lambent_context_infer_shapes, for outputs that have room for their dims. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_session_infer_shapes(LambentSession *session,
                                                                          const LambentTensor *inputs,
                                                                          uint32_t num_inputs, LambentTensor *outputs,
                                                                          uint32_t num_outputs);
LAMBENT_API void lambent_session_destroy(LambentSession *session);

/* A checksum for weights: 64 bits, no secret. Every change within one aligned 8-byte word changes it. Null data counts
 * as 0 bytes. */
LAMBENT_API uint64_t lambent_hash64(const void *data, uint64_t bytes);

#ifdef __cplusplus
}
#endif
#endif
