"""Lambent through its C API, in this process: without files, a linker, or a process for each step.

With LAMBENT_IN_PROCESS=0 in the environment, as for a library whose sanitizer Python does not have, the command line
does the same.
"""
import ctypes
import os
import pathlib
import shutil
import tempfile

import numpy as np
import onnx

from command import Failed, file_name, lambent, run, write_inputs

INT, UINT, FLOAT, BOOL = 0, 1, 2, 6
TYPES = {(FLOAT, 16): "f2", (FLOAT, 32): "f4", (FLOAT, 64): "f8", (BOOL, 8): "?",
         **{(INT, bits): f"i{bits // 8}" for bits in (8, 16, 32, 64)},
         **{(UINT, bits): f"u{bits // 8}" for bits in (8, 16, 32, 64)}}
CODES = {np.dtype(text): key for key, text in TYPES.items()}
ALLOCATE = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint64)


class ModelSource(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("path", ctypes.c_char_p), ("data", ctypes.c_char_p),
                ("data_size", ctypes.c_uint64), ("find_external_data", ctypes.c_void_p), ("user", ctypes.c_void_p),
                ("follow_links", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]


class CompileOptions(ctypes.Structure):
    """As far as it is used here: the library takes what is missing at the end for zeros."""

    _fields_ = [("size", ctypes.c_size_t), ("name", ctypes.c_char_p), ("cpu", ctypes.c_char_p),
                ("target", ctypes.c_char_p), ("accuracy", ctypes.c_uint32), ("threads", ctypes.c_uint32),
                ("dims", ctypes.c_void_p), ("shapes", ctypes.c_void_p), ("num_dims", ctypes.c_uint32),
                ("num_shapes", ctypes.c_uint32), ("progress", ctypes.c_void_p), ("user", ctypes.c_void_p),
                ("constants", ctypes.c_void_p), ("num_constants", ctypes.c_uint32), ("watch_signals", ctypes.c_uint32)]


class Tensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.c_void_p), ("byte_offset", ctypes.c_uint64)]


class Constant(ctypes.Structure):
    _fields_ = [("input", ctypes.c_char_p), ("value", ctypes.POINTER(Tensor))]


class ContextOptions(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("pool", ctypes.c_void_p), ("collect_times", ctypes.c_uint32),
                ("collect_trace", ctypes.c_uint32), ("keep_denormals", ctypes.c_uint32), ("reserved", ctypes.c_uint32)]


class RunOptions(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("allocate", ALLOCATE), ("user", ctypes.c_void_p)]


def load_library():
    """The library beside the command that is on the path, or LAMBENT_LIBRARY."""
    beside = pathlib.Path(shutil.which("lambent") or "lambent").resolve().parent.parent / "lib" / "liblambent.so"
    library = ctypes.CDLL(os.environ.get("LAMBENT_LIBRARY", str(beside)))
    for name in ("lambent_compile", "lambent_thread_pool_create", "lambent_context_create", "lambent_context_run"):
        getattr(library, name).restype = ctypes.c_void_p
    library.lambent_status_message.restype = ctypes.c_char_p
    return library


IS_USED = os.environ.get("LAMBENT_IN_PROCESS", "1") != "0"
LIBRARY = load_library() if IS_USED else None


def check(status):
    """Raises the status with its exit status, as the command line would end."""
    if status:
        status = ctypes.c_void_p(status)
        text = (f"exit status {LIBRARY.lambent_status_code(status)}: "
                f"{LIBRARY.lambent_status_message(status).decode(errors='replace')}")
        LIBRARY.lambent_status_destroy(status)
        raise Failed(text)


def contiguous(array):
    return np.ascontiguousarray(array).reshape(np.shape(array))


def describe(array):
    shape = (ctypes.c_int64 * max(array.ndim, 1))(*array.shape)
    return Tensor(data=array.ctypes.data, device_type=1, ndim=array.ndim, code=CODES[array.dtype][0],
                  bits=CODES[array.dtype][1], lanes=1, shape=shape)


def compile_model(proto, strict=False, offered=None, threads=1):
    """An ONNX model, compiled with those dims open that it leaves open, to run on so many threads.

    `offered` are inputs by name whose values are known, as `lambent run` offers them.
    """
    return (Model if IS_USED else CommandLineModel)(proto, strict, offered, threads)


class Model:
    """What compile_model makes in this process."""

    def __init__(self, proto, strict, offered, threads):
        self.inputs, self.outputs = [v.name for v in proto.graph.input], [v.name for v in proto.graph.output]
        data = proto.SerializeToString()
        arrays = {name: contiguous(array) for name, array in (offered or {}).items()}
        constants = (Constant * max(len(arrays), 1))(*(Constant(name.encode(), ctypes.pointer(describe(array)))
                                                       for name, array in arrays.items()))
        source = ModelSource(size=ctypes.sizeof(ModelSource), data=data, data_size=len(data))
        options = CompileOptions(size=ctypes.sizeof(CompileOptions), accuracy=int(strict), threads=threads,
                                 constants=ctypes.addressof(constants), num_constants=len(arrays))
        self.module, self.context = ctypes.c_void_p(), ctypes.c_void_p()
        check(LIBRARY.lambent_compile(ctypes.byref(source), ctypes.byref(options), ctypes.byref(self.module)))
        self.pool = ctypes.c_void_p()
        check(LIBRARY.lambent_thread_pool_create(threads, ctypes.byref(self.pool)))
        how = ContextOptions(size=ctypes.sizeof(ContextOptions), pool=self.pool)
        check(LIBRARY.lambent_context_create(self.module, ctypes.byref(how), ctypes.byref(self.context)))

    def run(self, values):
        """The outputs by name, of inputs by name."""
        arrays = [contiguous(values[name]) for name in self.inputs]
        inputs = (Tensor * max(len(arrays), 1))(*map(describe, arrays))
        outputs, memory = (Tensor * len(self.outputs))(), {}

        def allocate(_, index, size):
            memory[index] = np.full(size + 64, 0xA5, np.uint8)  # what nobody writes must not look like zeros
            return memory[index].ctypes.data + -memory[index].ctypes.data % 64

        options = RunOptions(size=ctypes.sizeof(RunOptions), allocate=ALLOCATE(allocate))
        check(LIBRARY.lambent_context_run(self.context, inputs, len(arrays), outputs, len(outputs), ctypes.byref(options)))
        return {name: self.read(tensor) for name, tensor in zip(self.outputs, outputs)}

    @staticmethod
    def read(tensor):
        shape, dtype = [tensor.shape[i] for i in range(tensor.ndim)], np.dtype(TYPES[tensor.code, tensor.bits])
        if not tensor.data:
            return np.zeros(shape, dtype)
        data = ctypes.string_at(tensor.data, int(np.prod(shape)) * dtype.itemsize)
        return np.frombuffer(data, dtype).reshape(shape).copy()

    def close(self):
        LIBRARY.lambent_context_destroy(self.context)
        LIBRARY.lambent_thread_pool_destroy(self.pool)
        LIBRARY.lambent_module_destroy(self.module)


class CommandLineModel:
    """What compile_model makes of files."""

    def __init__(self, proto, strict, offered, threads):
        self.scratch = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.scratch.name)
        self.inputs, self.outputs = [v.name for v in proto.graph.input], [v.name for v in proto.graph.output]
        self.accuracy, self.threads = [f"--accuracy={'strict' if strict else 'default'}"], f"--threads={threads}"
        self.file = self.folder / "model.onnx"
        onnx.save(proto, self.file)
        if offered is None:
            lambent("compile", self.file, "-o", self.folder / "model.so", *self.accuracy)
            self.file, self.accuracy = self.folder / "model.so", []

    def run(self, values):
        for folder in (self.folder / "in", self.folder / "out"):
            shutil.rmtree(folder, ignore_errors=True)
        write_inputs(self.folder / "in", {name: values[name] for name in self.inputs})
        found = run(self.file, self.folder / "in", self.folder / "out", self.threads, *self.accuracy)
        return {name: found.get(file_name(name)) for name in self.outputs}

    def close(self):
        self.scratch.cleanup()
