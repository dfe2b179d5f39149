/* Tensors in files: NumPy's .npy and ONNX's .pb (a TensorProto).
 *
 * A folder holds a model's inputs or outputs as NAME.npy, where NAME is the tensor's name with every byte but ASCII
 * letters, digits and `. _ -` turned into `_` (a letter of two bytes becomes `__`); or as input_0.pb, input_1.pb ...
 * (output_0.pb ...) in the model's order, as in ONNX's own tests. A sequence is a folder NAME with 0.npy, 1.npy ..., or a
 * SequenceProto; an optional is what it holds, without a file where it holds nothing, or an OptionalProto.
 */
#ifndef LAMBENT_C_TENSOR_FILE_H
#define LAMBENT_C_TENSOR_FILE_H

#include "lambent-c/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Tensors that own their memory, 64-byte aligned. */
typedef struct LambentTensorSet LambentTensorSet;

/* Reads one file, .npy or .pb. The set has one tensor. A big-endian file, an array of objects and a truncated file
 * are errors; an array in Fortran order is transposed; NumPy's two-byte void is taken for bfloat16, and its one-byte
 * void, as which ml_dtypes writes f8, f4, int4 and int2, for LAMBENT_OPAQUE. Arrays of unicode ("<U12") are strings of
 * UTF-8, and those of bytes ("|S5") of these bytes, without the zeros at their ends, which NumPy does not count either. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tensor_read(const char *path, LambentTensorSet **set);
/* Writes one file, .npy or .pb as its name says, of dense data in CPU memory. `name` goes into a TensorProto; may be
 * null. Strings become an .npy array of unicode where all of them are UTF-8, else one of bytes, as long as the longest
 * string times their number; one that ends in a zero is refused there, since NumPy would read a shorter one. A .pb file
 * keeps any bytes. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tensor_write(const char *path, const LambentTensor *tensor,
                                                                  const char *name);

/* Reads a model's inputs from a folder: .pb files if there is an input_0.pb, else .npy files. Of a model without inputs
 * nothing is read; its set counts as one of .pb files where the folder exists and holds no .npy file, as those of
 * ONNX's tests. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tensor_set_read(const char *folder, const char *const *names,
                                                                     uint32_t count, LambentTensorSet **set);
/* The same for inputs of which some have a default: optional[i] is 1 where input i may have no file. Its tensor then has
 * no data (and a rank of -1), which run takes for the default. Since API version 3. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tensor_set_read_optional(const char *folder,
                                                                              const char *const *names,
                                                                              const uint8_t *optional, uint32_t count,
                                                                              LambentTensorSet **set);
/* Since API version 5: the same where some are no tensors: codes[i] is LAMBENT_SEQUENCE or LAMBENT_OPTIONAL for these.
 * `codes` and `optional` may be null. A .pb file then holds a SequenceProto or OptionalProto. In a folder of .npy files,
 * a sequence NAME is a folder NAME with 0.npy, 1.npy ...; an optional is what it holds, or has no file. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tensor_set_read_values(const char *folder,
                                                                            const char *const *names,
                                                                            const uint8_t *optional,
                                                                            const uint8_t *codes, uint32_t count,
                                                                            LambentTensorSet **set);
/* Since API version 3: calls `found` with the path of each file in a folder of inputs, hidden ones aside, that is
 * neither an input's nor an output's: its name may be misspelt. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tensor_folder_find_strays(
    const char *folder, const char *const *inputs, uint32_t num_inputs, const char *const *outputs,
    uint32_t num_outputs, void (*found)(void *user, const char *file), void *user);
/* Zeroed tensors as `infos` say, a model's outputs. One of open dims, and one of strings, has none yet, but room for its
 * dims, as run wants it. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tensor_set_create(const LambentTensorInfo *infos, uint32_t count,
                                                                       LambentTensorSet **set);
/* Since API version 5: gives outputs that take the memory of inputs (LambentTensorInfo.donated) memory of their size,
 * with the inputs' elements in it, and moves the inputs there. Outputs have their dims, as lambent_context_infer_shapes
 * writes them. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tensor_set_donate(const LambentModel *model,
                                                                       LambentTensorSet *inputs,
                                                                       LambentTensorSet *outputs);
/* Since API version 5: LambentRunOptions.allocate for outputs that are a set's tensors; `user` is the set. Null where
 * there is no memory, and for null. */
LAMBENT_API void *lambent_tensor_set_allocate(void *user, uint32_t output, uint64_t bytes);
/* Writes a model's outputs into a folder, which is made, with those it lies in, when it is missing. A tensor that is
 * among them twice, under one name, is written once as .npy. `names` has one for each tensor of the set; `as_protobuf`
 * is 0 or 1. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tensor_set_write(const LambentTensorSet *set, const char *folder,
                                                                      const char *const *names, int as_protobuf);
/* Since API version 3: the same in the form that the inputs came in, but fails, before it writes anything, where an
 * output would replace a file of the inputs or one of `kept`: other files that were read, as the model (null if there
 * are none). */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tensor_set_write_outputs(
    const LambentTensorSet *outputs, const char *folder, const char *const *names, const LambentTensorSet *inputs,
    const char *const *kept, uint32_t num_kept);
/* Since API version 4: says of what type the opaque elements of a tensor are, whose file does not tell; elements of
 * fewer than 8 bits are packed. Any other tensor stays as it is. */
LAMBENT_API LAMBENT_NODISCARD LambentStatus *lambent_tensor_set_type(LambentTensorSet *set, uint32_t index,
                                                                     LambentDataType type);
/* Null for null. */
LAMBENT_API LambentTensor *lambent_tensor_set_tensors(LambentTensorSet *set);
/* 0 for null. */
LAMBENT_API uint32_t lambent_tensor_set_size(const LambentTensorSet *set);
/* Whether the set was read from .pb files: its model's outputs are to be written so, too. */
LAMBENT_API int lambent_tensor_set_is_protobuf(const LambentTensorSet *set);
LAMBENT_API void lambent_tensor_set_destroy(LambentTensorSet *set);

#ifdef __cplusplus
}
#endif
#endif
