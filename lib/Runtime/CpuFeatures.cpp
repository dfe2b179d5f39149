//===- CpuFeatures.cpp - What this CPU can do -----------------------------===//
//
// A feature counts only when the operating system saves the registers that it
// uses, which XCR0 tells, and lets this process use them: it must be asked for
// those of AMX.
//
//===----------------------------------------------------------------------===//

#include "lambent/Runtime/CpuFeatures.h"
#include "lambent/Runtime/Status.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace lambent::runtime {

static bool isNamed(const char *entry, const char *name, size_t length) {
  return strlen(entry) == length && memcmp(entry, name, length) == 0;
}

namespace {
enum Register : uint8_t { EAX, EBX, ECX, EDX };
/// Bits of XCR0 that must be set.
enum State : uint32_t { None = 0, AVX = 0x6, AVX512 = 0xE6, AMX = 0x60006 };

struct X86Feature {
  const char *name;
  uint32_t leaf, subleaf;
  Register reg;
  uint8_t bit;
  State state;
};

/// A bit of one of Linux's HWCAP words.
struct AArch64Feature {
  const char *name;
  int word;
  uint8_t bit;
};
} // namespace

static const X86Feature x86Features[] = {
    {"sse3", 1, 0, ECX, 0, None},
    {"pclmul", 1, 0, ECX, 1, None},
    {"ssse3", 1, 0, ECX, 9, None},
    {"fma", 1, 0, ECX, 12, AVX},
    {"cx16", 1, 0, ECX, 13, None},
    {"sse4.1", 1, 0, ECX, 19, None},
    {"sse4.2", 1, 0, ECX, 20, None},
    {"crc32", 1, 0, ECX, 20, None},
    {"movbe", 1, 0, ECX, 22, None},
    {"popcnt", 1, 0, ECX, 23, None},
    {"aes", 1, 0, ECX, 25, None},
    {"xsave", 1, 0, ECX, 27, None},
    {"avx", 1, 0, ECX, 28, AVX},
    {"f16c", 1, 0, ECX, 29, AVX},
    {"rdrnd", 1, 0, ECX, 30, None},
    {"fsgsbase", 7, 0, EBX, 0, None},
    {"bmi", 7, 0, EBX, 3, None},
    {"avx2", 7, 0, EBX, 5, AVX},
    {"bmi2", 7, 0, EBX, 8, None},
    {"invpcid", 7, 0, EBX, 10, None},
    {"avx512f", 7, 0, EBX, 16, AVX512},
    {"avx512dq", 7, 0, EBX, 17, AVX512},
    {"rdseed", 7, 0, EBX, 18, None},
    {"adx", 7, 0, EBX, 19, None},
    {"avx512ifma", 7, 0, EBX, 21, AVX512},
    {"clflushopt", 7, 0, EBX, 23, None},
    {"clwb", 7, 0, EBX, 24, None},
    {"avx512cd", 7, 0, EBX, 28, AVX512},
    {"sha", 7, 0, EBX, 29, None},
    {"avx512bw", 7, 0, EBX, 30, AVX512},
    {"avx512vl", 7, 0, EBX, 31, AVX512},
    {"avx512vbmi", 7, 0, ECX, 1, AVX512},
    {"pku", 7, 0, ECX, 4, None},
    {"waitpkg", 7, 0, ECX, 5, None},
    {"avx512vbmi2", 7, 0, ECX, 6, AVX512},
    {"shstk", 7, 0, ECX, 7, None},
    {"gfni", 7, 0, ECX, 8, None},
    {"vaes", 7, 0, ECX, 9, AVX},
    {"vpclmulqdq", 7, 0, ECX, 10, AVX},
    {"avx512vnni", 7, 0, ECX, 11, AVX512},
    {"avx512bitalg", 7, 0, ECX, 12, AVX512},
    {"avx512vpopcntdq", 7, 0, ECX, 14, AVX512},
    {"rdpid", 7, 0, ECX, 22, None},
    {"cldemote", 7, 0, ECX, 25, None},
    {"movdiri", 7, 0, ECX, 27, None},
    {"movdir64b", 7, 0, ECX, 28, None},
    {"avx512vp2intersect", 7, 0, EDX, 8, AVX512},
    {"serialize", 7, 0, EDX, 14, None},
    {"amx-bf16", 7, 0, EDX, 22, AMX},
    {"avx512fp16", 7, 0, EDX, 23, AVX512},
    {"amx-tile", 7, 0, EDX, 24, AMX},
    {"amx-int8", 7, 0, EDX, 25, AMX},
    {"avxvnni", 7, 1, EAX, 4, AVX},
    {"avx512bf16", 7, 1, EAX, 5, AVX512},
    {"amx-fp16", 7, 1, EAX, 21, AMX},
    {"avxifma", 7, 1, EAX, 23, AVX},
    {"avxvnniint8", 7, 1, EDX, 4, AVX},
    {"avxneconvert", 7, 1, EDX, 5, AVX},
    {"avxvnniint16", 7, 1, EDX, 10, AVX},
    {"prefetchi", 7, 1, EDX, 14, None},
    {"xsaveopt", 0xD, 1, EAX, 0, None},
    {"xsavec", 0xD, 1, EAX, 1, None},
    {"xsaves", 0xD, 1, EAX, 3, None},
    {"sahf", 0x80000001, 0, ECX, 0, None},
    {"lzcnt", 0x80000001, 0, ECX, 5, None},
    {"sse4a", 0x80000001, 0, ECX, 6, None},
    {"prfchw", 0x80000001, 0, ECX, 8, None},
    {"mwaitx", 0x80000001, 0, ECX, 29, None},
    {"clzero", 0x80000008, 0, EBX, 0, None},
    {"rdpru", 0x80000008, 0, EBX, 4, None},
    {"wbnoinvd", 0x80000008, 0, EBX, 9, None},
};

/// What every x86-64 CPU has.
static const char *const x86Baseline[] = {"64bit", "cmov", "cx8",  "fxsr",
                                          "mmx",   "sse",  "sse2", "x87"};

static const AArch64Feature aarch64Features[] = {
    {"fp-armv8", AT_HWCAP, 0},  {"neon", AT_HWCAP, 1},
    {"aes", AT_HWCAP, 3},       {"sha2", AT_HWCAP, 6},
    {"crc", AT_HWCAP, 7},       {"lse", AT_HWCAP, 8},
    {"fullfp16", AT_HWCAP, 10}, {"rdm", AT_HWCAP, 12},
    {"rcpc", AT_HWCAP, 15},     {"dotprod", AT_HWCAP, 20},
    {"fp16fml", AT_HWCAP, 23},  {"sve", AT_HWCAP, 22},
    {"sve2", AT_HWCAP2, 1},     {"i8mm", AT_HWCAP2, 13},
    {"bf16", AT_HWCAP2, 14},
};

template <typename Feature, size_t count>
static const Feature *find(const Feature (&features)[count], const char *name,
                           size_t length) {
  for (const Feature &feature : features)
    if (isNamed(feature.name, name, length))
      return &feature;
  return nullptr;
}

static bool isInX86Baseline(const char *name, size_t length) {
  for (const char *entry : x86Baseline)
    if (isNamed(entry, name, length))
      return true;
  return false;
}

bool knowsCpuFeature(Architecture architecture, const char *name,
                     size_t length) {
  return architecture == Architecture::AArch64
             ? find(aarch64Features, name, length) != nullptr
             : isInX86Baseline(name, length) ||
                   find(x86Features, name, length);
}

#if defined(__x86_64__)

static uint64_t readXcr0() {
  unsigned eax, ebx, ecx, edx;
  // OSXSAVE: xgetbv works.
  if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx >> 27 & 1))
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t(high) << 32 | low;
}

TileAccess askForTiles() {
  constexpr long requestPermission = 0x1023, tileData = 18;
  // Asked by several threads at once, the system gives each the same answer.
  static int known = -1;
  int access = __atomic_load_n(&known, __ATOMIC_RELAXED);
  if (access < 0) {
    access = int((readXcr0() & AMX) != AMX ? TileAccess::Absent
                 : syscall(SYS_arch_prctl, requestPermission, tileData)
                     ? TileAccess::Refused
                     : TileAccess::Granted);
    __atomic_store_n(&known, access, __ATOMIC_RELAXED);
  }
  return TileAccess(access);
}

bool hasCpuFeature(const char *name, size_t length) {
  if (isInX86Baseline(name, length))
    return true;
  const X86Feature *feature = find(x86Features, name, length);
  unsigned registers[4];
  return feature &&
         __get_cpuid_count(feature->leaf, feature->subleaf, &registers[EAX],
                           &registers[EBX], &registers[ECX], &registers[EDX]) &&
         (registers[feature->reg] >> feature->bit & 1) &&
         (readXcr0() & feature->state) == feature->state &&
         (feature->state != AMX || askForTiles() == TileAccess::Granted);
}

#elif defined(__aarch64__)

TileAccess askForTiles() { return TileAccess::Absent; }

bool hasCpuFeature(const char *name, size_t length) {
  const AArch64Feature *feature = find(aarch64Features, name, length);
  return feature && (getauxval(feature->word) >> feature->bit & 1);
}

#else

TileAccess askForTiles() { return TileAccess::Absent; }

bool hasCpuFeature(const char *, size_t) { return false; }

#endif

LambentStatus *listMissingCpuFeatures(const char *required, char **missing) {
  *missing = nullptr;
  // Every comma may get a space.
  size_t size = 2 * strlen(required) + 1;
  char *text = static_cast<char *>(malloc(size));
  if (!text)
    return makeOutOfMemory("a list of CPU features", size);
  char *end = text;
  for (const char *name = required; *name;) {
    size_t length = strcspn(name, ",");
    if (length && !hasCpuFeature(name, length)) {
      if (end != text) {
        memcpy(end, ", ", 2);
        end += 2;
      }
      memcpy(end, name, length);
      end += length;
    }
    name += length + (name[length] == ',');
  }
  *end = 0;
  if (end == text)
    free(text);
  else
    *missing = text;
  return nullptr;
}

bool isRefusedOnly(const char *missing, TileAccess access) {
  const char prefix[] = "amx-";
  if (access != TileAccess::Refused)
    return false;
  for (const char *name = missing; *name;) {
    if (strncmp(name, prefix, sizeof(prefix) - 1))
      return false;
    name += strcspn(name, ",");
    name += strspn(name, ", ");
  }
  return true;
}

LambentStatus *makeMissingFeatures(const char *origin, const char *cpu,
                                   const char *missing, TileAccess access) {
  if (isRefusedOnly(missing, access))
    return makeUnsupported("'%s' was compiled for %s to use AMX, which this "
                           "system does not permit; compile it with "
                           "--cpu=native here, or with "
                           "--cpu=x86-64-v4:sapphirerapids",
                           origin, cpu);
  return makeUnsupported("'%s' was compiled for %s and needs CPU features "
                         "that this machine lacks: %s; compile it "
                         "with --cpu=native here, or with an older --cpu",
                         origin, cpu, missing);
}

} // namespace lambent::runtime
