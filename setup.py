"""Compiled modules of fastw2v; everything else is in pyproject.toml.

Switches (environment variables, for developers):
FASTW2V_DEBUG=1     no optimisation, debug symbols, Cython's bounds checks
FASTW2V_SANITIZE=1  address and undefined-behaviour sanitizers
FASTW2V_COVERAGE=1  line tracing, so that coverage sees the .pyx files
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

KERNELS = Path("fastw2v/_native/kernels")
ISAS = ("scalar", "avx2", "avx512", "neon")


def switch(name: str) -> bool:
    """Tell whether FASTW2V_<name> is set."""
    return os.environ.get(f"FASTW2V_{name}", "0") not in ("", "0")


debug, sanitize, coverage = switch("DEBUG"), switch("SANITIZE"), switch("COVERAGE")
compile_args = ["-O0", "-g"] if debug else ["-O3", "-g0"]
link_args = []
if sanitize:
    compile_args = ["-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=address,undefined"]
    link_args = ["-fsanitize=address,undefined"]


def extension(name: str, *sources: Path) -> Extension:
    """Describe one compiled module: its .pyx and the C files it links."""
    return Extension(
        f"fastw2v._native.{name}",
        [f"fastw2v/_native/{name}.pyx", *map(str, sources)],
        include_dirs=["fastw2v/_native"],
        depends=[str(header) for header in KERNELS.glob("*.h")],
        extra_compile_args=compile_args,
        extra_link_args=link_args,
        libraries=["m"],
        define_macros=[("CYTHON_TRACE_NOGIL", "1")] if coverage else [],
    )


setup(
    ext_modules=cythonize(
        [
            extension("train", *(KERNELS / f"{name}.c" for name in ISAS), KERNELS / "dispatch.c"),
            extension("softmax"),
            extension("rounds"),
            extension("text", KERNELS / "scan.c"),
            extension("lookup", KERNELS / "scan.c"),
            extension(
                "document",
                *(KERNELS / f"documents_{name}.c" for name in ISAS),
                KERNELS / "documents.c",
            ),
            extension("randomvectors", KERNELS / "randomvectors.c"),
            extension("huffman"),
            extension("rowfiles", KERNELS / "rowfiles.c", KERNELS / "decimal.c"),
            extension("phrases"),
            extension("terms", KERNELS / "terms.c", KERNELS / "scan.c"),
            extension("counting", KERNELS / "terms.c", KERNELS / "scan.c"),
            extension("termrows", KERNELS / "termrows.c", KERNELS / "scan.c"),
            extension(
                "search", *(KERNELS / f"search_{name}.c" for name in ISAS), KERNELS / "search.c"
            ),
            extension(
                "embed", *(KERNELS / f"embed_{name}.c" for name in ISAS), KERNELS / "embed.c"
            ),
            extension("bags"),
        ],
        compiler_directives={
            "boundscheck": debug,
            "wraparound": False,
            "cdivision": True,
            "initializedcheck": debug,
            "linetrace": coverage,
        },
        build_dir="build/cython",
    )
)
