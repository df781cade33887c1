"""Measures: named reductions of a run to one number or flag per point of a sweep."""

from mnexcite.measures.after_spike import ahp
from mnexcite.measures.basin import basin
from mnexcite.measures.bifurcation import Bifurcation, Branch, CriticalPoint, bifurcation
from mnexcite.measures.bistability import bistability
from mnexcite.measures.catalogue import BUILT_IN, Row, describe, find
from mnexcite.measures.clamp_currents import clamp_currents
from mnexcite.measures.clamp_family import (
    BoltzmannFit,
    ClampFamily,
    activation,
    clamp_family,
    inactivation,
)
from mnexcite.measures.counts import count, last_rate, latency, mean_rate, rate
from mnexcite.measures.escape import escape
from mnexcite.measures.escape_times import EscapeTimes, escape_times
from mnexcite.measures.experiment import Experiment, RunLanes
from mnexcite.measures.fasciculations import fasciculations
from mnexcite.measures.fi_curve import FICurve, fi_curve
from mnexcite.measures.fi_slope import fi_slope
from mnexcite.measures.forces import contraction, force
from mnexcite.measures.measure import Ending, Measure, Output, Span, View
from mnexcite.measures.own import Point, per_point, streaming
from mnexcite.measures.passive import passive
from mnexcite.measures.phases import PHASES, Phase, phase, phase_of
from mnexcite.measures.ramp import ramp
from mnexcite.measures.refractory import refractory
from mnexcite.measures.regularity import adaptation, cv, doublets
from mnexcite.measures.release import release
from mnexcite.measures.rheobase import rheobase
from mnexcite.measures.self_sustained import self_sustained
from mnexcite.measures.spike_shapes import spike_shape
from mnexcite.measures.strength_duration import strength_duration
from mnexcite.measures.voltages import voltage

__all__ = [
    "BUILT_IN",
    "PHASES",
    "Bifurcation",
    "BoltzmannFit",
    "Branch",
    "ClampFamily",
    "CriticalPoint",
    "Ending",
    "EscapeTimes",
    "Experiment",
    "FICurve",
    "Measure",
    "Output",
    "Phase",
    "Point",
    "Row",
    "RunLanes",
    "Span",
    "View",
    "activation",
    "adaptation",
    "ahp",
    "basin",
    "bifurcation",
    "bistability",
    "clamp_currents",
    "clamp_family",
    "contraction",
    "count",
    "cv",
    "describe",
    "doublets",
    "escape",
    "escape_times",
    "fasciculations",
    "fi_curve",
    "fi_slope",
    "find",
    "force",
    "inactivation",
    "last_rate",
    "latency",
    "mean_rate",
    "passive",
    "per_point",
    "phase",
    "phase_of",
    "ramp",
    "rate",
    "refractory",
    "release",
    "rheobase",
    "self_sustained",
    "spike_shape",
    "streaming",
    "strength_duration",
    "voltage",
]
