/* The contract between generated code and the runtime: what a compiled model exports, and what it is called with.
 *
 * A model compiled under the name NAME exports one symbol, `NAME_model`, a LambentModel. Everything else it
 * defines is local. It has no undefined symbols but the C library's memcpy, memset and memmove: it reaches the
 * thread pool through the call that it is given. The same structure describes a model that the JIT compiled.
 *
 * This header is C99, needs nothing but element_types.h and the standard library, and is frozen by LAMBENT_MODEL_ABI.
 */
#ifndef LAMBENT_C_MODEL_H
#define LAMBENT_C_MODEL_H

#include "lambent-c/element_types.h"
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LAMBENT_MODEL_MAGIC 0x544E424Du /* "MBNT" */
#define LAMBENT_MODEL_ABI 2u

/* An input or output: dense, row-major. A dim of -1 is open (reserved; models have bound dims today). */
typedef struct LambentTensorInfo {
  const char *name;
  uint8_t type_code; /* LAMBENT_INT, ... of element_types.h */
  uint8_t type_bits; /* bool: 8 */
  uint16_t rank;
  /* Of an input: 0, or so many bytes behind `dims` lies the value that it has when no data is given. */
  uint32_t default_offset;
  const int64_t *dims;
} LambentTensorInfo;

/* One scheduled kernel, in execution order. */
typedef struct LambentLayerInfo {
  const char *name;   /* the ONNX nodes it computes, e.g. "conv1+relu1" */
  const char *kernel; /* op and algorithm, e.g. "conv implicit-gemm 14x32" */
  uint64_t flops;     /* arithmetic it does, a multiply-add counts two */
  uint64_t bytes;     /* bytes of buffers and weights it touches at least once */
} LambentLayerInfo;

/* A layer that checks values, of a model that was compiled with --accuracy=strict. */
typedef struct LambentCheckInfo {
  uint32_t layer; /* its number */
  uint32_t reserved;
  const char *expected; /* "an index from -5 to 4" */
} LambentCheckInfo;

/* What a check found. */
typedef struct LambentFault {
  int64_t failed; /* 0 or 1 */
  int64_t value;  /* the first that is wrong */
} LambentFault;

struct LambentCall;

/* Computes chunks [begin, end). `buffers` are the kernel's operands in order; `scratch` is this worker's own,
 * 64-byte aligned, at least LambentModel.scratch_bytes long. Chunks of one kernel may run in any order and at once. */
typedef void (*LambentKernel)(void *const *buffers, int64_t begin, int64_t end, void *scratch);

/* What one run is given. The generated `run` calls parallel_for once per layer, in order. */
typedef struct LambentCall {
  void *const *inputs;
  void *const *outputs;
  char *arena;         /* 64-byte aligned, arena_bytes */
  const char *weights; /* 64-byte aligned, weight_bytes */
  /* Runs kernel over [0, chunks), and returns when all are done. layer indexes LambentModel.layers. */
  void (*parallel_for)(struct LambentCall *call, int64_t layer, LambentKernel kernel, void *const *buffers,
                       int64_t chunks);
  LambentFault *faults; /* num_checks, written by the layers that check */
} LambentCall;

typedef struct LambentModel {
  uint32_t magic;
  uint32_t abi;
  uint64_t size; /* of this structure */
  const char *name;
  const char *producer;     /* "lambent 0.1.0" */
  const char *cpu;          /* as given by --cpu, for messages */
  const char *cpu_features; /* all that the code uses beyond the architecture's base, by LLVM's names: "avx2,fma" */
  uint32_t num_inputs, num_outputs, num_layers, num_checks;
  const LambentTensorInfo *inputs;
  const LambentTensorInfo *outputs;
  const LambentLayerInfo *layers;
  uint64_t arena_bytes;   /* of one execution context */
  uint64_t live_bytes;    /* the largest sum of live buffers; arena_bytes is at most 1.15 of it */
  uint64_t scratch_bytes; /* of one worker */
  uint64_t weight_bytes;
  uint64_t weight_hash;  /* lambent_hash64 of the weights */
  const void *weights;   /* inside the object; null when they lie in a file of their own */
  uint64_t metadata_bytes;
  const char *metadata; /* UTF-8 JSON: the ONNX model's producer, doc string and properties */
  void (*run)(LambentCall *call);
  const LambentCheckInfo *checks;
} LambentModel;

#ifdef __cplusplus
}
#endif
#endif
