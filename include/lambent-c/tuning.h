/* What was measured of a CPU and of kernels on it, in files that compilations read. `lambent tune` writes them.
 *
 * A description of a CPU says how it computes best and how fast it is. Choices say which of its algorithms each kernel
 * takes. Neither changes what a model computes beyond what its accuracy allows; a description changes no bit. Both are
 * kept for this machine in a folder of the user, $XDG_CACHE_HOME/lambent or ~/.cache/lambent, where compilations for
 * "native" find them: in files that are named for the CPU and its caches, so that machines may share a home.
 *
 * All of it since API version 8. Functions may be called from several threads at once. Links with liblambent.so.
 */
#ifndef LAMBENT_C_TUNING_H
#define LAMBENT_C_TUNING_H

#include "lambent-c/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct LambentCpuDescription {
  size_t size;
  const char *name; /* "zen", or "tuned-zen-1a2b3c", which follows from the rest; written descriptions need none */
  const char *cpu;  /* the CPU that code is tuned for, by LLVM's name: "znver4" */
  const char *file; /* where this machine's is kept; "" where there is no such folder. Not written */
  uint64_t l1_bytes, l1_ways, l2_bytes, l3_bytes; /* caches of data as one core sees them; l3_bytes may be 0 */
  /* Of one core, alone: f32 multiply-adds a second, each counting two, and bytes that it reads in a second; 0: not
   * measured. */
  uint64_t flops, l2_speed, l3_speed, memory_speed;
  uint32_t keeps_panels;     /* 1: products use weights from beyond L2 for all rows before the next ones come */
  uint32_t prefetch_streams; /* by which products fetch their next weights, 0 to 8 */
  uint32_t depth_unroll;     /* steps of a product's loop that one trip takes, 1 to 16 */
  uint32_t reserved;
} LambentCpuDescription;

/* The description that a compilation for `cpu` (null: "native") with the file `path` in the options' cpu_description
 * uses. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *
lambent_cpu_description_find(const char *cpu, const char *path, const LambentCpuDescription **description);
/* Writes a description to a file, which takes its place when it is complete, in a folder that is made where it is
 * missing. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *
lambent_cpu_description_write(const LambentCpuDescription *description, const char *path);
LAMBENT_API void lambent_cpu_description_destroy(const LambentCpuDescription *description);

/* What was found for one kernel. */
typedef struct LambentTunedChoice {
  /* As a LambentVariantInfo has it: "panels<rows = 6, columns = 64>"; "" where none is faster than what estimates choose. */
  const char *algorithm;
  double ms, estimated_ms; /* of it, and of what estimates choose */
  uint64_t num_tried;      /* candidates that were measured so far */
} LambentTunedChoice;

typedef struct LambentTunedChoices LambentTunedChoices;

/* The choices in the file `path`, none where there is no such file; null: those that are kept for the machine, with the
 * description of its CPU that `cpu_description` is (see LambentCompileOptions). Of models that are compiled for
 * "native". */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tuned_choices_read(const char *path, const char *cpu_description,
                                                                        LambentTunedChoices **choices);
/* The choice for a layer's choice_key, until it is set again; null where there is none. */
LAMBENT_API const LambentTunedChoice *lambent_tuned_choices_find(const LambentTunedChoices *choices, const char *key);
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tuned_choices_set(LambentTunedChoices *choices, const char *key,
                                                                       const LambentTunedChoice *choice);
/* Writes all choices to the file that they were read from, or would have been. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tuned_choices_write(const LambentTunedChoices *choices);
/* That file. */
LAMBENT_API const char *lambent_tuned_choices_file(const LambentTunedChoices *choices);
LAMBENT_API void lambent_tuned_choices_destroy(LambentTunedChoices *choices);

#ifdef __cplusplus
}
#endif
#endif
