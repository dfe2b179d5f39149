# How lit runs the tests: the tools on the path, what this machine can do, and where Python with onnx is.
import os
import shutil
import subprocess

import lit.formats

config.name = "Lambent"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test", ".ll"]
config.excludes = ["Inputs", "__pycache__"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.lambent_build, "test")

# FileCheck, not and count come from LLVM; the project's own tools go first.
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(config.lambent_build, "bin"), config.llvm_tools, os.environ.get("PATH", "")])
for variable in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "HOME", "LANG", "LAMBENT_TEST_SLOWNESS"):
    if variable in os.environ:
        config.environment[variable] = os.environ[variable]
# What a user keeps of this machine must not change what is tested.
config.environment["XDG_CACHE_HOME"] = os.path.join(config.test_exec_root, "no-cache")
if config.sanitize:
    # A sanitizer's report must not look like the tool's own exit status 1; MLIR's uniquer counts as reachable. Freed
    # memory is filled, so that reads inside libMLIR, which is not instrumented, show. For the same reason the poison of
    # LLVM's own allocators is left out: what libMLIR takes from a slab that instrumented code began stays poisoned.
    config.environment.setdefault("ASAN_OPTIONS", "exitcode=99:detect_leaks=0:detect_odr_violation=0:"
                                  "max_free_fill_size=4096:free_fill_byte=165:allow_user_poisoning=0:"
                                  "allocator_may_return_null=1")
    config.environment.setdefault("UBSAN_OPTIONS", "exitcode=99:print_stacktrace=1")
    config.environment["LAMBENT_IN_PROCESS"] = "0"  # Python has no sanitizer
    config.available_features.add("sanitizer")
else:
    # What is freed is overwritten, so that reads of it show, also those inside libMLIR. Without the cache of each thread,
    # which keeps most of what was freed as it was.
    config.environment["GLIBC_TUNABLES"] = "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0"

ptxas = shutil.which("ptxas") or "/usr/local/cuda/bin/ptxas"
config.substitutions += [
    ("%make_onnx", config.lambent_python + " " + os.path.join(config.test_source_root, "Inputs", "onnx_from_text.py")),
    ("%expect", config.lambent_python + " " + os.path.join(config.test_source_root, "Inputs", "expect_status.py")),
    ("%python", config.lambent_python),
    ("%cxx", config.cxx_compiler),
    ("%cc", config.compiler),
    ("%ptxas", ptxas),
    ("%source", config.lambent_source),
    ("%build", config.lambent_build),
]

try:
    with open("/proc/cpuinfo") as file:
        flags = next((line.split(":")[1].split() for line in file if line.startswith("flags")), [])
except OSError:
    flags = []
if {"avx2", "fma"} <= set(flags):
    config.available_features.add("avx2")
if {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= set(flags):
    config.available_features.add("avx512")
if "avx512_bf16" in flags:
    config.available_features.add("avx512bf16")
try:
    assembler = subprocess.run(["as", "--version"], capture_output=True, text=True).stdout
except OSError:
    assembler = ""
if "GNU assembler" in assembler and "x86_64" in assembler:
    config.available_features.add("gnu-as")
if os.access(ptxas, os.X_OK):
    config.available_features.add("ptxas")
if os.path.exists(config.lambent_python) and subprocess.run(
        [config.lambent_python, "-c",
         "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ['onnx', 'onnxruntime'])))"]).returncode == 0:
    config.available_features.add("onnx")
for tool in ("lambent", "lambent-opt"):
    if os.path.exists(os.path.join(config.lambent_build, "bin", tool)):
        config.available_features.add(tool)
if os.path.isdir(os.path.join(config.lambent_source, "build", "models")):
    config.available_features.add("models")
