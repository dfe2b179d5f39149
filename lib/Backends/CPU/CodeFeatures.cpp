//===- CodeFeatures.cpp - Which CPU features code may use -----------------===//

#include "lambent/Backends/CPU/CodeFeatures.h"

using namespace lambent::cpu;
using llvm::StringRef;

/// avx512fp16 and avx10.2 are left out, since their arithmetic does not round
/// where that of CPUs without them does: numbers would differ. Of avx512bf16
/// kernels take the products; they convert by bits, for its conversions flush
/// denormals. XOP, FMA4, TBM and APX have no kernels, nor has AMX but for bf16
/// and bytes.
static constexpr StringRef x86Names[] = {"sse3",         "ssse3",
                                         "sse4.1",       "sse4.2",
                                         "popcnt",       "avx",
                                         "avx2",         "bmi",
                                         "bmi2",         "lzcnt",
                                         "movbe",        "fma",
                                         "f16c",         "gfni",
                                         "avxvnni",      "avx512f",
                                         "avx512cd",     "avx512bw",
                                         "avx512dq",     "avx512vl",
                                         "avx512ifma",   "avx512vbmi",
                                         "avx512vbmi2",  "avx512vnni",
                                         "avx512bitalg", "avx512vpopcntdq",
                                         "avx512bf16",   "amx-tile",
                                         "amx-bf16",     "amx-int8"};

/// The first two are in every AArch64 CPU that runs Linux. Without fullfp16,
/// which rounds to f16 where conversions do not, and without SVE, which implies
/// it.
static constexpr StringRef aarch64Names[] = {"fp-armv8", "neon", "rdm",
                                             "dotprod", "i8mm"};

CodeFeatures CodeFeatures::getX86() { return {"x86-64", x86Names}; }

CodeFeatures CodeFeatures::getAArch64() { return {"generic", aarch64Names}; }
