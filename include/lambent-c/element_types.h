/* The element types of tensors, one row each: whatever has to know them follows from this table.
 *
 * LAMBENT_ELEMENT_TYPES(ROW) is ROW(NAME, NUMBER, CODE, BITS, TEXT, NUMPY, C_TYPE, MEANING) for each type:
 *   NAME, NUMBER   ONNX's: TensorProto.DataType
 *   CODE, BITS     DLPack's. Elements of fewer than 8 bits lie packed, as in ONNX: the first in the lowest bits
 *   TEXT           in messages and listings
 *   NUMPY          in .npy files, as ml_dtypes writes them: a narrow element takes a byte, and NumPy does not say which
 *                  type it is ("<V1")
 *   C_TYPE         in generated headers. What C lacks is given as its bits, packed ones as bytes
 *   MEANING        of such bits, else ""
 * An element of STRING is a LambentString of lambent-c/model.h. DLPack has no code for it, and .npy files hold strings of
 * one length (lambent-c/tensor_file.h).
 */
#ifndef LAMBENT_C_ELEMENT_TYPES_H
#define LAMBENT_C_ELEMENT_TYPES_H

/* DLPack's type codes, so that a tensor's description can be handed on as it is. An element of LAMBENT_OPAQUE is a byte
 * of an .npy file that does not say what it means (lambent_tensor_set_type). */
enum {
  LAMBENT_INT = 0,
  LAMBENT_UINT = 1,
  LAMBENT_FLOAT = 2,
  LAMBENT_OPAQUE = 3,
  LAMBENT_BFLOAT = 4,
  LAMBENT_BOOL = 6,
  LAMBENT_FLOAT8_E4M3FN = 10,
  LAMBENT_FLOAT8_E4M3FNUZ = 11,
  LAMBENT_FLOAT8_E5M2 = 12,
  LAMBENT_FLOAT8_E5M2FNUZ = 13,
  LAMBENT_FLOAT8_E8M0FNU = 14,
  LAMBENT_FLOAT4_E2M1FN = 17,
  /* No element types, but of a LambentTensor whose data is an array of LambentTensor, with its length as its shape: a
   * sequence of tensors; a tensor or sequence that may be missing (a length of 0 or 1). Their bits are 0. */
  LAMBENT_SEQUENCE = 128,
  LAMBENT_OPTIONAL = 129,
  /* Since API version 7: bytes of any number, whatever they mean. Its bits are 128, a LambentString. */
  LAMBENT_STRING = 130
};

/* clang-format off */
#define LAMBENT_ELEMENT_TYPES(ROW) \
  ROW(FLOAT, 1, LAMBENT_FLOAT, 32, "f32", "<f4", "float", "") \
  ROW(UINT8, 2, LAMBENT_UINT, 8, "u8", "|u1", "uint8_t", "") \
  ROW(INT8, 3, LAMBENT_INT, 8, "i8", "|i1", "int8_t", "") \
  ROW(UINT16, 4, LAMBENT_UINT, 16, "u16", "<u2", "uint16_t", "") \
  ROW(INT16, 5, LAMBENT_INT, 16, "i16", "<i2", "int16_t", "") \
  ROW(INT32, 6, LAMBENT_INT, 32, "i32", "<i4", "int32_t", "") \
  ROW(INT64, 7, LAMBENT_INT, 64, "i64", "<i8", "int64_t", "") \
  ROW(STRING, 8, LAMBENT_STRING, 128, "string", "<U", "LambentString", "") \
  ROW(BOOL, 9, LAMBENT_BOOL, 8, "bool", "|b1", "bool", "") \
  ROW(FLOAT16, 10, LAMBENT_FLOAT, 16, "f16", "<f2", "uint16_t", "IEEE half floats") \
  ROW(DOUBLE, 11, LAMBENT_FLOAT, 64, "f64", "<f8", "double", "") \
  ROW(UINT32, 12, LAMBENT_UINT, 32, "u32", "<u4", "uint32_t", "") \
  ROW(UINT64, 13, LAMBENT_UINT, 64, "u64", "<u8", "uint64_t", "") \
  ROW(BFLOAT16, 16, LAMBENT_BFLOAT, 16, "bf16", "<V2", "uint16_t", "bfloat16") \
  ROW(FLOAT8E4M3FN, 17, LAMBENT_FLOAT8_E4M3FN, 8, "f8e4m3fn", "<V1", "uint8_t", "float8 e4m3fn") \
  ROW(FLOAT8E4M3FNUZ, 18, LAMBENT_FLOAT8_E4M3FNUZ, 8, "f8e4m3fnuz", "<V1", "uint8_t", "float8 e4m3fnuz") \
  ROW(FLOAT8E5M2, 19, LAMBENT_FLOAT8_E5M2, 8, "f8e5m2", "<V1", "uint8_t", "float8 e5m2") \
  ROW(FLOAT8E5M2FNUZ, 20, LAMBENT_FLOAT8_E5M2FNUZ, 8, "f8e5m2fnuz", "<V1", "uint8_t", "float8 e5m2fnuz") \
  ROW(UINT4, 21, LAMBENT_UINT, 4, "u4", "<V1", "uint8_t", "packed uint4, two a byte") \
  ROW(INT4, 22, LAMBENT_INT, 4, "i4", "<V1", "uint8_t", "packed int4, two a byte") \
  ROW(FLOAT4E2M1, 23, LAMBENT_FLOAT4_E2M1FN, 4, "f4e2m1", "<V1", "uint8_t", "packed float4 e2m1, two a byte") \
  ROW(FLOAT8E8M0, 24, LAMBENT_FLOAT8_E8M0FNU, 8, "f8e8m0", "<V1", "uint8_t", "float8 e8m0") \
  ROW(UINT2, 25, LAMBENT_UINT, 2, "u2", "<V1", "uint8_t", "packed uint2, four a byte") \
  ROW(INT2, 26, LAMBENT_INT, 2, "i2", "<V1", "uint8_t", "packed int2, four a byte")
/* clang-format on */

#endif
