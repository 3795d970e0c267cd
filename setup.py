"""The one part that is compiled; everything else about the package stands in pyproject.toml."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "dilcli.core._sums",
            sources=["dilcli/core/_sums.c"],
            depends=["dilcli/core/_sums_real.h"],
            # Products and sums are never contracted unasked: each operation rounds once.
            extra_compile_args=[
                "-O3",
                "-g0",
                "-ffp-contract=off",
                "-fno-math-errno",
                "-fno-trapping-math",
            ],
            py_limited_api=True,
            # Without a compiler the package is installed all the same, and NumPy does the sums.
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
