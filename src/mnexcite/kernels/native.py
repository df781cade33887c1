"""Machine code of kernels for this processor, by LLVM, and how Python calls it.

An object is all that is kept on disk. A call hands over where the fields of each array are, and
lets go of Python's lock meanwhile: lanes are shared out to threads outside the kernel.
"""

from __future__ import annotations

import ctypes
import operator
import os
from collections.abc import Callable, Mapping
from functools import cache, partial
from types import SimpleNamespace
from typing import Any

import numpy as np
from llvmlite import binding, ir

from mnexcite.kernels.entries import KINDS, add_entries, dimensions

#: Name another processor than this one, and its features, such as `+avx,+avx2,+fma`.
CPU_VARIABLES = ("MNEXCITE_CPU_NAME", "MNEXCITE_CPU_FEATURES")
_DTYPES = {"real": np.dtype(np.float64), "whole": np.dtype(np.int64)}
_NUMBERS = {"real": ctypes.c_double, "whole": ctypes.c_int64}
#: Where the fields of an array's object begin: entries read place and sizes there, which takes
#: a tenth of the time that Python takes to hand them over, and short windows feel.
_FIELDS = object.__basicsize__
_ANSWERS = {"void": None, "i8": ctypes.c_int64, "f8": ctypes.c_double}


def processor() -> tuple[str, str]:
    """Return the name and the features of the processor that kernels are made for."""
    name, features = (os.environ.get(variable) for variable in CPU_VARIABLES)
    return (
        binding.get_host_cpu_name() if name is None else name,
        binding.get_host_cpu_features().flatten() if features is None else features,
    )


def machine_code(text: str, entries: Mapping[str, Mapping[str, str]]) -> bytes:
    """Return the object whose functions are the entries of a kernel's text."""
    machine = _machine(*processor())
    made = ir.Module("kernel")
    made.triple, made.data_layout = machine.triple, str(machine.target_data)
    add_entries(text, entries, made, of_numpy=True)
    parsed = binding.parse_assembly(str(made))
    parsed.verify()
    _simplify(parsed, machine)
    return machine.emit_object(parsed)


def _simplify(module: Any, machine: Any) -> None:
    """Turn names into registers, and merge blocks.

    Loops over lanes are vector instructions already, and what a text has twice is found where
    instructions are chosen: whatever else LLVM can do before takes up to several times as long,
    and kernels are no faster.
    """
    passes = binding.create_new_module_pass_manager()
    passes.add_sroa_pass()
    passes.add_simplify_cfg_pass()
    builder = binding.create_pass_builder(machine, binding.create_pipeline_tuning_options())
    passes.run(module, builder)


def functions(code: bytes, entries: Mapping[str, Mapping[str, str]]) -> SimpleNamespace:
    """Return the entries of an object as functions of Python."""
    empty = binding.parse_assembly("")
    engine = binding.create_mcjit_compiler(empty, _target_machine(*processor()))
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return SimpleNamespace(
        **{
            name: _function(name, dict(kinds), engine.get_function_address(name), engine)
            for name, kinds in entries.items()
        }
    )


def _function(name: str, kinds: dict[str, str], address: int, engine: Any) -> Callable:
    answer = _ANSWERS[kinds.pop("return", "void")]
    types: list[Any] = []
    checks, parts = [], []
    # written out argument by argument: a loop over them takes longer than a short window
    for i, kind in enumerate(kinds.values()):
        axes, number = dimensions(kind), KINDS[kind[0]]
        if axes:
            types.append(ctypes.c_void_p)
            checks.append(
                f"isinstance(a{i}, ndarray) and a{i}.ndim == {axes} and a{i}.dtype == {number} "
                f"and a{i}.flags.carray"
            )
            parts.append(f"id(a{i}) + {_FIELDS}")
        else:
            types.append(_NUMBERS[number])
            parts.append(f"a{i}" if number == "real" else f"index(a{i})")
    names = ", ".join(f"a{i}" for i in range(len(kinds)))
    text = f"""def call({names}):
    if not ({" and ".join(checks) or True}):
        raise refused(({names},))
    return native({", ".join(parts)})
"""
    known = _DTYPES | {
        "ndarray": np.ndarray,
        "index": operator.index,
        "refused": partial(_refused, name, kinds),
        "native": ctypes.CFUNCTYPE(answer, *types)(address),
    }
    exec(text, known)
    call = known["call"]
    call.engine = engine  # lives as long as its code is called
    call.__name__ = name
    return call


def _refused(name: str, kinds: Mapping[str, str], given: tuple[Any, ...]) -> TypeError:
    return TypeError(
        f"{name} takes {', '.join(f'{key}: {kind}' for key, kind in kinds.items())}; "
        f"got {', '.join(_said(value) for value in given)}"
    )


def _said(value: Any) -> str:
    if isinstance(value, np.ndarray):
        kept = "" if value.flags.carray else ", not side by side or not to be written"
        return f"{value.dtype} of {value.ndim} dimensions{kept}"
    return type(value).__name__


@cache
def _machine(name: str, features: str) -> Any:
    return _target_machine(name, features)


def _target_machine(name: str, features: str) -> Any:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    target = binding.Target.from_triple(binding.get_process_triple())
    # code on x86 is loaded where it stays
    reloc = "static" if target.name.startswith("x86") else "default"
    return target.create_target_machine(
        cpu=name, features=features, opt=1, reloc=reloc, codemodel="jitdefault", jit=True
    )
