"""Programs in C without Python, built for this machine or by a cross compiler, and run there."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from fastw2v import cpu

KERNELS = Path(__file__).parents[1] / "fastw2v" / "_native" / "kernels"
PROGRAMS = Path(__file__).parent / "native"
WARNINGS = ("-Wall", "-Wextra", "-Werror")
# The compiler with its options, the emulator, and where both come from.
MACHINES = {
    "this machine": (["cc"], [], "a C compiler"),
    "arm64": (
        ["aarch64-linux-gnu-gcc", "-static"],
        ["qemu-aarch64"],
        "the Debian packages gcc-aarch64-linux-gnu and qemu-user",
    ),
    # macOS is built by clang as well.
    "arm64 by clang": (
        ["clang", "--target=aarch64-linux-gnu", "-static"],
        ["qemu-aarch64"],
        "the Debian packages clang, gcc-aarch64-linux-gnu and qemu-user",
    ),
}


@dataclass(frozen=True)
class Program:
    """A program of tests/native, built for a machine."""

    command: list[str]
    isas: tuple[str, ...]

    def run(self, *arguments, stdin=b""):
        command = [*self.command, *map(str, arguments)]
        result = subprocess.run(command, input=stdin, capture_output=True)
        assert result.returncode == 0, f"{command}: {result.stderr.decode()}"
        return result.stdout


def compile_c(compiler, *arguments):
    command = [*compiler, *WARNINGS, f"-I{KERNELS}", *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, f"{command}: {result.stderr}"


def build(name, machine, folder, kernels="*.c"):
    """Build tests/native/NAME.c with these kernels, for one of MACHINES; or skip."""
    compiler, emulator, needs = MACHINES[machine]
    tools = [compiler[0], *emulator]
    if emulator:
        tools.append("aarch64-linux-gnu-gcc")
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        pytest.skip(f"no {', no '.join(missing)}: needs {needs}")
    binary, source = folder / name, PROGRAMS / f"{name}.c"
    compile_c(compiler, "-O3", *sorted(KERNELS.glob(kernels)), source, "-lm", "-o", binary)
    isas = ("neon", "scalar") if emulator else cpu.available()
    return Program([*emulator, str(binary)], isas)
