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
#define LAMBENT_MODEL_ABI 10u

/* Strings. An element of the type LAMBENT_STRING, as callers see it. Code never does: in the buffers of a run a number,
 * an i64, stands for a string, the same for equal bytes, and the runtime numbers the strings of inputs and lists anew in
 * each run. Number 0 is the string without bytes; a model's own strings come next and have their numbers for good. */
#ifndef LAMBENT_C_STRING
#define LAMBENT_C_STRING
typedef struct LambentString {
  const char *data; /* any bytes, zeros too; null is allowed where there are none */
  uint64_t length;
} LambentString;
#endif

/* Sizes. A model whose dims are open computes with a list of numbers, the values of a run: first its symbols, the sizes
 * that the inputs' dims (and some layers) decide, and then all that follows from them: dims, bytes, numbers of chunks.
 * `evaluate` computes what follows, in epochs: epoch 0 needs the symbols that inputs decide, and each layer that
 * decides more of them begins the next. A number that does not fit is INT64_MAX. */

/* A symbol: value i of a run is symbol i. */
typedef struct LambentSymbolInfo {
  const char *name;    /* of the dim in the model; "" where it has none */
  int64_t least, most; /* of the dim; most is INT64_MAX where nothing is said */
  int64_t factor;      /* the dim is this times the symbol, at least 1 */
  int32_t input, dim;  /* the input's dim that decides it; input is -1 where a layer does or, in epoch 0, the caller */
  uint32_t epoch;      /* in which it is known first */
  /* 1: it is no dim's size, but how much longer than its output the memory of a donated input is along `dim`. */
  uint32_t is_spare;
} LambentSymbolInfo;

/* What the model takes for granted of sizes: values[value] is at least 0, or (is_zero) 0. */
typedef struct LambentSizeCheck {
  const char *layer;    /* the nodes that need it */
  const char *expected; /* "equal sizes of dims 1 of both operands" */
  int32_t value;
  uint32_t is_zero;
  uint32_t epoch;
  uint32_t num_symbols;
  const int32_t *symbols; /* those that the value follows from */
} LambentSizeCheck;

/* Memory of one or several values of the model, one after the other: a block of the arena that layers [first, last]
 * need. Blocks that live at once do not overlap; each is aligned to 64 bytes. */
typedef struct LambentBlockInfo {
  int32_t bytes;  /* the value that says how many */
  uint32_t epoch; /* in which that is known */
  uint32_t first, last;
} LambentBlockInfo;

/* An input or output: dense, row-major. A dim of -1 is open: a value says its size. Models that others call have i64 in
 * the place of strings. */
typedef struct LambentTensorInfo {
  const char *name;
  uint8_t type_code; /* LAMBENT_INT, ... of element_types.h */
  uint8_t type_bits; /* bool: 8 */
  uint16_t rank;
  /* Of an input: 0, or so many bytes behind `dims` lies the value that it has when no data is given. */
  uint32_t default_offset;
  const int64_t *dims;
  const int32_t *sizes; /* the value that is each dim's size, or -1 where `dims` has it; null: all are bound */
  uint32_t epoch;       /* in which all dims are known */
  uint32_t list;        /* LAMBENT_LIST_SEQUENCE, ...: the rest is then about the tensors in it; 0: a tensor */
  /* Of an input, 1 + the output that takes its memory; of an output, 1 + that input; 0: neither. Both begin at one
   * address. */
  uint32_t donated;
  /* Of both: 1 + the dim along which their memory may be longer than they are, as their strides say; 0: they are dense. */
  uint32_t grown;
  int32_t room; /* the value that says how long it is along that dim, or -1 */
  /* Of an output whose rank input sizes decide, the fewest and the most dims that it has in any version of the model
   * from this one on; else 0 and 0. */
  uint16_t least_rank, most_rank;
} LambentTensorInfo;

/* What an input or output is that is no tensor: a sequence, an optional of a tensor, or (both) an optional of a
 * sequence. Dims of -1 are any, and with ANY_RANK so is the rank, which is 0 here. Models that others call have handles
 * instead, see below: HANDLE alone, and the rest says i64. */
enum {
  LAMBENT_LIST_SEQUENCE = 1,
  LAMBENT_LIST_OPTIONAL = 2,
  LAMBENT_LIST_ANY_RANK = 4,
  LAMBENT_LIST_HANDLE = 8
};

/* What the runtime does with sequences and optionals (lists), ROW(NAME, TEXT): in the run's buffers a number, the
 * handle, stands for a list, which never changes: the same in the models that a run calls. Operands are handles,
 * positions (i64) and tensors, then the result. */
/* clang-format off */
#define LAMBENT_LIST_ACTIONS(ROW) \
  ROW(CONSTRUCT, "construct")       /* tensors -> list */ \
  ROW(INSERT, "insert")             /* list, tensor, [position] -> list */ \
  ROW(ERASE, "erase")               /* list, [position] -> list */ \
  ROW(LENGTH, "length")             /* list -> number */ \
  ROW(SHAPE, "shape")               /* list, [position] -> dims */ \
  ROW(AT, "at")                     /* list, [position] -> tensor */ \
  ROW(CONCAT_SHAPE, "concat_shape") /* list -> dims; along axis, a new one with flag */ \
  ROW(CONCAT, "concat")             /* list -> tensor */ \
  ROW(SPLIT, "split")               /* tensor, size or sizes -> list; along axis, which stays with flag */ \
  ROW(WRAP, "wrap")                 /* sequence -> optional */ \
  ROW(UNWRAP, "unwrap")             /* optional -> sequence */
/* clang-format on */
#define LAMBENT_LIST_ROW(NAME, TEXT) LAMBENT_LIST_##NAME##_ACTION,
typedef enum LambentListAction { LAMBENT_LIST_ACTIONS(LAMBENT_LIST_ROW) LAMBENT_NUM_LIST_ACTIONS } LambentListAction;
#undef LAMBENT_LIST_ROW

/* A layer that the runtime does. */
typedef struct LambentListInfo {
  uint32_t layer;  /* its number */
  uint32_t action; /* a LambentListAction */
  int64_t axis;
  uint32_t flag;
  uint32_t num_operands; /* the result is the last */
  const LambentTensorInfo *operands; /* types and dims, without names; a handle is an i64 */
} LambentListInfo;

/* A way to compute an op that was considered. */
typedef struct LambentVariantInfo {
  const char *name;      /* "winograd" */
  const char *algorithm; /* with its parameters: "winograd<rows = 6, columns = 64>"; "" where it cannot compute the op */
  const char *rejection; /* why it cannot; where it can, what it costs besides time, or "" */
  /* That one core should take, with two vector multiply-adds in each; 0: there is no estimate. Where sizes are open, at
   * sizes of 64. */
  uint64_t cycles;
  uint32_t is_chosen;
  uint32_t reserved;
} LambentVariantInfo;

/* One scheduled kernel, or what the runtime does between kernels, in execution order. */
typedef struct LambentLayerInfo {
  const char *name;   /* the ONNX nodes it computes, e.g. "conv1+relu1" */
  const char *kernel; /* op and algorithm, e.g. "conv implicit-gemm 14x32" */
  uint64_t flops;     /* arithmetic it does, a multiply-add counts two; 0 where sizes are open */
  uint64_t bytes;     /* bytes of buffers and weights it touches at least once; 0 where sizes are open */
  /* The rest is for reports. */
  const char *op;        /* "conv" */
  const char *shapes;    /* of what it reads and writes: "4x8xf32, 8x16xf32 -> 4x16xf32"; s0 is symbol 0 */
  uint64_t weight_bytes; /* of `bytes`, those of weights */
  uint64_t cycles;       /* of the variant that was chosen; 0: no estimate, or sizes are open */
  const uint32_t *sources; /* earlier layers that wrote what it reads, in order */
  const LambentVariantInfo *variants; /* in the order in which they are preferred; none: there is one way only */
  uint32_t num_sources, num_variants;
  uint32_t is_runtimes; /* 1: the runtime does it, there is no kernel */
  /* 0: it is computed when its turn comes. Else it may wait for the next layer and be computed together with that: none
   * of the layers that wait, and of the one that does not, reads or writes what another one writes. So many pointers that
   * parallel_for is given must be kept until then. */
  uint32_t waits;
  const char *choice_key; /* by which choices that were measured know it (tuning.h); "" where there is one way only */
  /* Where sizes are open, 1 + the values that are flops and bytes of a run; else 0. */
  uint32_t flops_value, bytes_value;
} LambentLayerInfo;

/* What choices follow from: how a family of CPUs computes best, and how fast one core of it was measured to be. Speeds
 * are 0 where nothing was measured. */
typedef struct LambentTuning {
  const char *description; /* "zen", "rapids", "generic" */
  uint64_t vector_bytes;   /* of the code's vectors */
  uint64_t flops;          /* f32 multiply-adds a second, each counting two */
  uint64_t l2_bytes, l3_bytes; /* of caches */
  uint64_t l2_speed, l3_speed, memory_speed; /* bytes that it reads in a second */
} LambentTuning;

/* A layer that checks values, of a model that was compiled with --accuracy=strict. */
typedef struct LambentCheckInfo {
  uint32_t layer; /* its number */
  uint32_t reserved;
  const char *expected; /* "an index from -5 to 4" */
} LambentCheckInfo;

struct LambentModel;

/* A layer that calls other models, its bodies: the runtime carries it out. They compute with the caller's weights, and
 * value i of the caller is symbol i of a body where no input of the body decides that. Each result has a slot: memory
 * that the runtime keeps. */
typedef enum LambentCallKind {
  /* Bodies: then, else. The first operand is the condition, the others are the inputs of either body; results are its
   * outputs. */
  LAMBENT_CALL_IF = 0,
  /* One body, called again and again: at most as often as the trip count says, and not once the condition is false.
   * Operands: the trip count (i64) if there is one, the condition if there is one, the carried values, the captures. The
   * body's inputs: the iteration's number, the condition, the carried values, the captures; its outputs: the condition
   * and the carried values of the next iteration, slices. Results: the carried values at the end; for each slice a
   * tensor of all of them, along a new first dim. */
  LAMBENT_CALL_LOOP = 1
} LambentCallKind;

typedef struct LambentCallInfo {
  uint32_t layer; /* its number; calls come in the order of their layers */
  uint32_t kind;
  const struct LambentModel *bodies[2];
  uint32_t num_operands, num_results;
  const LambentTensorInfo *operands; /* dims are the caller's values */
  const LambentTensorInfo *results;  /* the same */
  uint32_t first_slot;               /* of the results */
  /* The symbols that it decides: each is the size of a dim of a result. */
  uint32_t num_symbols;
  int64_t first_symbol;
  uint32_t num_carried;           /* of a loop */
  uint8_t has_trip, has_condition; /* the same */
  uint16_t reserved;
} LambentCallInfo;

/* What a check found. */
typedef struct LambentFault {
  int64_t failed; /* 0 or 1 */
  int64_t value;  /* the first that is wrong */
} LambentFault;

struct LambentCall;

/* Computes chunks [begin, end). `buffers` are the kernel's operands in order; `scratch` is this worker's own,
 * 64-byte aligned, at least LambentModel.scratch_bytes long. Chunks of one kernel may run in any order and at once. */
typedef void (*LambentKernel)(void *const *buffers, int64_t begin, int64_t end, void *scratch);

/* What one run is given. The generated `run` goes through the layers in order: it calls parallel_for for each that has a
 * kernel, define for each that decides sizes, and invoke for each that the runtime does. */
typedef struct LambentCall {
  void *const *inputs;
  void *const *outputs;
  char *arena;         /* 64-byte aligned, arena_bytes */
  const char *weights; /* 64-byte aligned, weight_bytes */
  /* Runs kernel over [0, chunks), and returns when all are done. layer indexes LambentModel.layers. */
  void (*parallel_for)(struct LambentCall *call, int64_t layer, LambentKernel kernel, void *const *buffers,
                       int64_t chunks);
  LambentFault *faults; /* num_checks, written by the layers that check */
  /* The rest serves models with symbols. */
  const int64_t *values; /* num_values */
  char *const *blocks;   /* num_blocks */
  /* Called where a layer decides `count` symbols from `symbol` on: they become known, with all that follows of the next
   * epoch, blocks and outputs included. 0, or the run ends at once. */
  int32_t (*define)(struct LambentCall *call, int64_t layer, int64_t symbol, const int64_t *decided, int64_t count);
  /* The rest serves models that call others. */
  char *const *slots; /* num_slots: each call writes those of its results */
  /* Called for a layer that the runtime does itself: what its LambentCallInfo or LambentListInfo says. 0, or the run ends
   * at once. */
  int32_t (*invoke)(struct LambentCall *call, int64_t layer, void *const *buffers);
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
  /* Open sizes; all 0 and null where every dim is bound. arena_bytes, live_bytes and scratch_bytes then hold what has
   * bound sizes: blocks come on top. */
  uint32_t num_symbols, num_values, num_blocks, num_size_checks, num_epochs;
  int32_t scratch_value; /* the value that is scratch_bytes, or -1 */
  const LambentSymbolInfo *symbols;
  const LambentSizeCheck *size_checks;
  const LambentBlockInfo *blocks;
  void (*evaluate)(int64_t *values, int64_t epoch); /* writes the values of one epoch that are no symbols */
  /* Control flow. */
  uint32_t num_calls, num_slots;
  const LambentCallInfo *calls;
  /* Sequences and optionals. */
  uint32_t num_lists;
  uint32_t keeps_denormals; /* 1: strict accuracy; 0: they are flushed to zero while it runs */
  const LambentListInfo *lists; /* in the order of their layers */
  /* The version of the model for input sizes that this one does not take, or null. It computes with the same weights,
   * from the same inputs, and its outputs differ in their sizes only, and in their ranks. It may have a fallback, too. */
  const struct LambentModel *fallback;
  LambentTuning tuning;
  /* The strings that constants consist of, by their numbers: the first is empty, and no two are equal. Versions of a
   * model have the same, and models that others call have none: these get numbers only. */
  uint32_t num_strings, reserved;
  const LambentString *strings;
} LambentModel;

#ifdef __cplusplus
}
#endif
#endif
