"""Pictures: one function per kind, which takes `ax=` and returns it and computes nothing."""

from mnexcite.plots.basin import basin
from mnexcite.plots.bifurcation import bifurcation
from mnexcite.plots.canvas import check_name, new_figure, save
from mnexcite.plots.clamp_family import boltzmann, clamp_family
from mnexcite.plots.contraction import contraction
from mnexcite.plots.course import course
from mnexcite.plots.day import day
from mnexcite.plots.escape_times import escape_times
from mnexcite.plots.fi_curve import fi_curve
from mnexcite.plots.force import force
from mnexcite.plots.force_frequency import force_frequency
from mnexcite.plots.front import front
from mnexcite.plots.gate_curves import gate_curves
from mnexcite.plots.iv_curve import iv_curve
from mnexcite.plots.marginals import marginals
from mnexcite.plots.measure_map import measure_map
from mnexcite.plots.overview import overview
from mnexcite.plots.phase_map import phase_map
from mnexcite.plots.pool import pool
from mnexcite.plots.raster import raster
from mnexcite.plots.recording import recording
from mnexcite.plots.release import release
from mnexcite.plots.sensitivity import sensitivity
from mnexcite.plots.slices import slices
from mnexcite.plots.strength_duration import strength_duration
from mnexcite.plots.style import COLORS, style
from mnexcite.plots.torque import torque
from mnexcite.plots.trains_compared import trains_compared
from mnexcite.plots.work_precision import work_precision

__all__ = [
    "COLORS",
    "basin",
    "bifurcation",
    "boltzmann",
    "check_name",
    "clamp_family",
    "contraction",
    "course",
    "day",
    "escape_times",
    "fi_curve",
    "force",
    "force_frequency",
    "front",
    "gate_curves",
    "iv_curve",
    "marginals",
    "measure_map",
    "new_figure",
    "overview",
    "phase_map",
    "pool",
    "raster",
    "recording",
    "release",
    "save",
    "sensitivity",
    "slices",
    "strength_duration",
    "style",
    "torque",
    "trains_compared",
    "work_precision",
]
