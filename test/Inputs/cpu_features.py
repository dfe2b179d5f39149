#!/usr/bin/env python3
"""Compares the instructions of compiled code with the CPU features that it lists, for every CPU that LLVM knows.

usage: cpu_features.py MODEL.onnx SMALL.onnx x86-64|aarch64

SMALL is compiled for each CPU and tells what code for it lists. MODEL is compiled once for each distinct list, and an
assembler that knows the architecture's base and these features alone must take its code. GNU's does for x86-64, since
LLVM's takes every instruction there is; LLVM's does for AArch64.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

# GNU's names where they are not LLVM's.
GNU_NAMES = {"avxvnni": "avx_vnni", "amx-tile": "amx_tile", "amx-bf16": "amx_bf16", "amx-int8": "amx_int8", **{f"avx512{name}": f"avx512_{name}" for name in
                                       ("vbmi2", "vnni", "bf16", "bitalg", "vpopcntdq")}}
# For AArch64 a CPU of each kind: older, with and without SVE, Apple's.
AARCH64 = ["aarch64", "aarch64:cortex-a53", "aarch64:cortex-a76", "aarch64:neoverse-n1", "aarch64:neoverse-v2",
           "aarch64:a64fx", "aarch64:apple-m4"]


def x86_cpus():
    """LLVM's names of the CPUs that lambent takes: the 64-bit ones."""
    table = subprocess.run(["llc", "-mtriple=x86_64", "-mcpu=help"], input="", capture_output=True, text=True).stderr
    names = re.findall(r"^  (\S+) +- Select the ", table, re.MULTILINE)
    assert len(names) > 80, table
    return names


def compile_for(model, cpu):
    """The assembly, or None for a CPU that is not a 64-bit one."""
    result = subprocess.run(["lambent", "compile", model, "-o", "-", "--emit=asm", f"--cpu={cpu}"], capture_output=True,
                            text=True)
    if result.returncode == 1 and "is not a 64-bit one" in result.stderr:
        return None
    assert result.returncode == 0, f"{cpu}: {result.stderr}"
    return result.stdout


def listed(assembly):
    """The features that the model's description lists: the string after its CPU's."""
    model = re.search(r"\nmodel_model:\n((?:\t.*\n)+)", assembly)[1]
    label = re.findall(r"\.Lstr[.0-9]*", model)[3]
    text = re.search(rf'\n{re.escape(label)}:\n\t(?:\.asciz\t"(.+)"|\.zero\t1)', assembly)[1]
    return tuple(text.split(",")) if text else ()


def refused(arch, assembly, features):
    """What an assembler with these features says of the code, each message once; empty where it takes it."""
    if arch == "aarch64":
        command = ["llvm-mc", "-triple=aarch64-linux-gnu", "-mattr=" + ",".join("+" + name for name in features),
                   "-filetype=obj", "-o", "/dev/null"]
    else:
        names = [GNU_NAMES.get(name, name) for name in features]
        command = ["as", "-march=" + "+".join(["generic64", *names]), "-o", "/dev/null"]
    result = subprocess.run(command, input=assembly, capture_output=True, text=True)
    messages = {re.sub(r"^.*?[0-9]: ", "", line) for line in result.stderr.splitlines() if "rror: " in line}
    assert bool(messages) == (result.returncode != 0), result.stderr
    return sorted(messages)


def main():
    model, small, arch = sys.argv[1:]
    cpus = AARCH64 if arch == "aarch64" else x86_cpus()
    groups, problems = {}, []
    for cpu in cpus:
        assembly = compile_for(small, cpu)
        if assembly is not None:
            groups.setdefault(listed(assembly), []).append(cpu)
    for features, group in groups.items():
        # One with AMX, where another has all else that it has.
        cpu = "graniterapids" if "graniterapids" in group else group[0]
        assembly = compile_for(model, cpu)
        used = listed(assembly)
        # Those of AMX are listed where they are used, others always.
        if tuple(name for name in used if not name.startswith("amx-")) != features:
            problems.append(f"{cpu}: its features depend on the model")
        problems += [f"{', '.join(group)}: {message}" for message in refused(arch, assembly, used)]
        called = set(re.findall(r"\t(?:callq?|jmp|bl|b)\t([A-Za-z_]\w*)(?:@PLT)?$", assembly, re.MULTILINE))
        called -= set(re.findall(r"^([A-Za-z_]\w*):", assembly, re.MULTILINE)) | {"memcpy", "memset", "memmove"}
        if called:
            problems.append(f"{group[0]}: calls {', '.join(sorted(called))}")
        # bf16 by its own instructions has other numbers.
        if re.search(r"\tv?cvtne", assembly):
            problems.append(f"{group[0]}: converts to bf16 by an instruction")
        print(f"{len(group)} CPUs, {group[0]} ...: {','.join(features) or 'nothing'}")
    most = max(groups, key=len)
    # The comparison can fail: without any of these the code is not taken.
    for name in ("avx512vl", "bmi2", "f16c", "fma") if arch != "aarch64" else ():
        rest = [feature for feature in most if feature != name]
        if name == "f16c" or name == "fma":
            rest = [feature for feature in rest if not feature.startswith("avx512")]
        if not refused(arch, compile_for(model, groups[most][0]), rest):
            problems.append(f"code of {groups[most][0]} is taken without {name}")
    print("\n".join(problems))
    print(f"{sum(map(len, groups.values()))} CPUs, {len(groups)} lists, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
