/* Compile ONNX models: in process to a module that runs at once, or ahead of time to a file.
 *
 *   LambentModelSource source = {.size = sizeof(source), .path = "model.onnx"};
 *   LambentModule *module;
 *   LambentStatus *status = lambent_compile(&source, NULL, &module);
 *
 * Functions may be called from several threads at once. Nothing is global but a cache of compiled kernels. Links with
 * liblambent.so, which holds the runtime (lambent-c/runtime.h), too.
 */
#ifndef LAMBENT_C_COMPILER_H
#define LAMBENT_C_COMPILER_H

#include "lambent-c/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A model: a file, or bytes in memory. */
typedef struct LambentModelSource {
  size_t size;
  const char *path;   /* the file; with `data`, a name for messages (may be null) */
  const void *data;   /* a serialized ModelProto; null: read `path` */
  uint64_t data_size;
  /* Finds the file `location` of external data of a model in memory. Returns 0 and the bytes, which must stay until
   * the function that compiles returns; anything else, or a C++ exception: there is no such file. May be null. */
  int (*find_external_data)(void *user, const char *location, const void **data, uint64_t *size);
  void *user;
  /* Since API version 5. 1: files with weights beside the model may be links or have several names, as in the cache of a
   * model hub. Else these are refused: a model that anyone may have written must not read what lies elsewhere. */
  uint32_t follow_links;
  uint32_t reserved;
} LambentModelSource;

typedef enum LambentAccuracy {
  LAMBENT_ACCURACY_DEFAULT = 0, /* rtol 1e-3, and 1e-4 of the output's largest value */
  LAMBENT_ACCURACY_STRICT = 1,  /* no reassociation beyond fused multiply-adds; a run fails where an index leads out of
                                 * its dim or an integer is divided by 0 */
} LambentAccuracy;

/* Binds an open dim by its name in the model. */
typedef struct LambentDimBinding {
  const char *name;
  int64_t value;
} LambentDimBinding;

/* Says more of an open dim that stays open: a run whose sizes are others fails. */
typedef struct LambentDimRange {
  const char *name;
  int64_t least, most; /* both included; most INT64_MAX: any */
  int64_t factor;      /* sizes are multiples of this, at least 1 */
} LambentDimRange;

/* Gives an input's whole shape, also where the model declares another. */
typedef struct LambentShapeBinding {
  const char *input;
  const int64_t *dims;
  uint32_t rank;
  uint32_t reserved;
} LambentShapeBinding;

/* Offers the value that an input will have. It becomes a part of the compiled model only where something that must be
 * known at compile time follows from it: axes, sizes, a condition. The input then stays among the model's inputs, but
 * its value is not read any more. The tensor is in the form that run takes, and its data must stay until the function
 * that compiles returns. Open dims of the input get the tensor's sizes. */
typedef struct LambentConstantBinding {
  const char *input;
  const LambentTensor *value;
} LambentConstantBinding;

/* Lets an output take the memory of an input: a run is given both at one address, and copies nothing that is there
 * already. An output of the input's shape replaces it. One that is longer along one dim, as a cache that grows, begins
 * with it; both then lie in memory that may be longer still along that dim, which their strides say. Either name may
 * hold a `*`, which stands for the same text in both. */
typedef struct LambentDonation {
  const char *input, *output;
} LambentDonation;

typedef struct LambentCompileOptions {
  size_t size;
  const char *name;   /* prefix of exported symbols, a C identifier; null: "model" */
  /* An x86-64 CPU or level ("x86-64-v3"), or aarch64[:CPU]; null: "native".
   * That uses AMX where this process has tried it and found it right, once, in
   * a child process. */
  const char *cpu;
  const char *target; /* a backend; null: "cpu" */
  uint32_t accuracy;  /* LambentAccuracy */
  uint32_t threads;   /* of the compiler, at most 1024; 0: all CPUs */
  const LambentDimBinding *dims;
  const LambentShapeBinding *shapes;
  uint32_t num_dims, num_shapes;
  /* Called as work proceeds, from the thread that compiles. Must not throw: std::terminate would end the process. May
   * be null. */
  void (*progress)(void *user, const char *phase, uint32_t done, uint32_t total);
  void *user;
  /* Since API version 2. */
  const LambentConstantBinding *constants;
  uint32_t num_constants;
  /* Since API version 3. 1: while lambent_compile_to_file runs, SIGINT, SIGTERM and SIGHUP, where they are not handled
   * or ignored, are watched by a thread; it removes temporary files and ends the linker before the signal ends the
   * process. For programs that have no other threads, as a command. The library never installs a handler. */
  uint32_t watch_signals;
  /* Since API version 5. */
  const LambentDimRange *ranges;
  /* Values inside the model, by their names, that become outputs behind its own: for looking at what a layer computes.
   */
  const char *const *extra_outputs;
  const LambentCancellation *cancellation; /* ends the compilation; may be null */
  /* The most bytes that constants, packed weights and, where the model is to run in this process, its arena may take
   * each; 0: as many as there are. More is an error that says what takes them. */
  uint64_t max_memory;
  /* A folder, made where it is missing, in which compiled models are kept: the same model, options and version are
   * compiled once. Any number of processes may use it at once. An entry that is damaged is made anew. Null: none. */
  const char *cache_folder;
  uint64_t cache_bytes; /* of the folder's entries, of which the longest unused are removed; 0: 4 GiB */
  uint32_t num_ranges, num_extra_outputs;
  const LambentDonation *donations;
  uint32_t num_donations, reserved;
  /* Since API version 8, see lambent-c/tuning.h. The file with a description of the CPU; null: the one that is kept for
   * this machine where `cpu` is "native", if there is one; "": none. It must be of the CPU that code is tuned for. */
  const char *cpu_description;
  /* The file with choices that were measured, the same way. Choices that fit no kernel are ignored. */
  const char *tuned_choices;
  /* Not 0: every kernel takes the candidate of this number, and its usual algorithm where it has fewer: for a search. */
  uint32_t candidate, reserved2;
  /* Since API version 9. A microscaling format that the operands of products of floats are rounded to: mxfp8, mxfp8-e5m2,
   * mxfp6, mxfp6-e3m2, mxfp4, mxint8, mx9, mx6 or mx4, where ":up" may follow: the powers of two that blocks share are
   * rounded up, and not down as OCP's text has it. Null or "": products stay as they are. */
  const char *block_format;
  /* Since API version 9. Quantizes the model first, see lambent-c/quantize.h;
   * null: it stays as it is. */
  const struct LambentQuantizeOptions *quantize;
  /* Since API version 9. Not 0: weights stay f32. By default those that are
   * multiples of a scale by integers of at most 8 bits, as training for few
   * bits leaves them, are stored as these integers, unless accuracy is strict.
   */
  uint32_t keep_float_weights, reserved3;
  /* Since API version 9. The element type that the operands of products and
   * convolutions of f32 are rounded to, to the nearest and of two to the even
   * one, while sums stay f32: "bf16", whose instructions a CPU that has them
   * takes. Null or "": they stay as they are. Not together with block_format.
   */
  const char *product_type;
  /* Since API version 9. Percent of each filter that a convolution by Winograd
   * leaves out though it is not zero, at least 0 and below 100: of the vectors
   * that one input channel has at one point of the transform for a panel of
   * output channels, those of the least importance. Only where that should take
   * less time; all other convolutions keep their kernels. An ONNX model cannot
   * hold such zeros. Not with strict accuracy, and for the target cpu only. */
  double winograd_zeros;
  /* Convs that have a share of their own, by name; see lambent-c/prune.h. */
  const struct LambentLayerZeros *winograd_layers;
  uint32_t num_winograd_layers, reserved4;
} LambentCompileOptions;

/* Compiles for this machine. Options may be null. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_compile(const LambentModelSource *source,
                                                             const LambentCompileOptions *options,
                                                             LambentModule **module);

/* What to write. The last four are text, for reading a stage. */
typedef enum LambentOutputForm {
  LAMBENT_FORM_LIBRARY = 0,
  LAMBENT_FORM_OBJECT = 1,
  LAMBENT_FORM_BUNDLE = 2,
  LAMBENT_FORM_EXECUTABLE = 3,
  LAMBENT_FORM_GRAPH = 4,
  LAMBENT_FORM_LIR = 5,
  LAMBENT_FORM_LLVM = 6,
  LAMBENT_FORM_ASSEMBLY = 7,
  LAMBENT_FORM_FORCE_INT = 0x7fffffff, /* no form: any int is a value of the type, and can be refused */
} LambentOutputForm;

/* Compiles to the file `output` ("-": standard output, text forms only). Files are complete when they take their places.
 * A file replaces a regular file only, and through links the file that they lead to; text is written to devices and
 * FIFOs, too. A header and a bundle's weights have `output`'s name with the extension .h or .weights, and replace only
 * what an earlier call wrote for `output`. The model's files are never replaced. On failure nothing is left behind. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_compile_to_file(const LambentModelSource *source,
                                                                     const LambentCompileOptions *options,
                                                                     LambentOutputForm form, const char *output);

/* Loads the object of an `object` or `bundle` artefact by linking it into this process. The weights of a bundle are
 * found beside its object. Options may be null. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_module_link(const char *path, const LambentLoadOptions *options,
                                                                 LambentModule **module);

/* One node that this version cannot compile. Its strings are as the model has them (see lambent_printable); "" and 0
 * where nothing is known. */
typedef struct LambentUnsupportedNode {
  const char *name, *op, *domain, *reason;
  int64_t opset;
} LambentUnsupportedNode;

typedef struct LambentCheckReport {
  const LambentUnsupportedNode *nodes;
  uint64_t num_nodes; /* what the model needs and cannot have */
  /* Since API version 3. */
  const char *const *unchecked; /* what could not be looked at, and why: an input has open dims */
  uint64_t num_unchecked;
  /* Since API version 5. The kind of each node: 0, 1, ... in the order of their first nodes. Nodes of one kind have the
   * same op, domain and opset, and their reasons differ by names and numbers only. */
  const uint64_t *kinds;
  uint64_t num_kinds;
} LambentCheckReport;

/* Finds all that is wrong with a model and all of it that is not supported, at once, up to the loops of its kernels:
 * with success, no nodes and nothing unchecked, the model compiles. Makes no machine code and computes no large
 * constant. What is wrong is the status; the report comes with it, and is null only where source or options make no
 * sense. Options may be null. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_check(const LambentModelSource *source,
                                                           const LambentCompileOptions *options,
                                                           const LambentCheckReport **report);
/* Since API version 5: the whole report as one JSON object of "errors" (strings), "nodes" (each with name, op, domain,
 * opset, reason and kind), "kinds" (each with op, domain, opset, count and the first reason) and "unchecked" (strings).
 * Lives as long as the report; null for null. */
LAMBENT_API const char *lambent_check_report_json(const LambentCheckReport *report);
/* Null: nothing to do, as for every destroy. */
LAMBENT_API void lambent_check_report_destroy(const LambentCheckReport *report);

/* An input or output as the model declares it. */
typedef struct LambentValueSummary {
  const char *name;
  const char *type;             /* "f32" */
  const int64_t *dims;          /* -1: open; null: the model does not say how many there are */
  const char *const *dim_names; /* "" where a dim has no name */
  uint64_t rank;
} LambentValueSummary;

typedef struct LambentNamedNumber {
  const char *name;
  int64_t value;
} LambentNamedNumber;

typedef struct LambentNamedText {
  const char *name, *value;
} LambentNamedText;

typedef struct LambentModelSummary {
  const char *producer, *graph_name;
  int64_t ir_version;
  uint64_t weight_bytes;
  const LambentNamedNumber *opsets; /* domain and version */
  const LambentNamedNumber *op_counts;
  const LambentNamedText *metadata;
  const LambentValueSummary *inputs;
  const LambentValueSummary *outputs;
  uint64_t num_opsets, num_op_counts, num_metadata, num_inputs, num_outputs;
  /* Since API version 3. One for each input: 1 where the model has a value for an input that is not given. */
  const uint8_t *input_has_default;
  /* Since API version 3: files beside the model that hold its weights, as it names them. */
  const char *const *external_files;
  uint64_t num_external_files;
  /* Since API version 5. */
  const char *doc, *graph_doc, *domain;
  int64_t model_version;
} LambentModelSummary;

/* Says what a model is, without compiling it. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_summarize(const LambentModelSource *source,
                                                               const LambentModelSummary **summary);
LAMBENT_API void lambent_model_summary_destroy(const LambentModelSummary *summary);

/* Since API version 5: what a compiled model's ONNX file said of itself, read from LambentModel.metadata. Of the fields
 * the texts, opsets, model_version and metadata are filled in. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_model_origin(const LambentModel *model,
                                                                  const LambentModelSummary **origin);

/* Since API version 5: calls `found` for each op that this version imports and each opset that changed it, in
 * alphabetical order. An op of another domain than the default one is DOMAIN.OP. */
LAMBENT_API void lambent_list_operators(void (*found)(void *user, const char *op, int64_t since), void *user);

#ifdef __cplusplus
}
#endif
#endif
