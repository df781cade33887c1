"""Muscle: the force of motor units, from firing rates or spike by spike."""

from __future__ import annotations

from mnexcite.muscle.calcium import CalciumHillUnit, calcium_hill_unit
from mnexcite.muscle.calcium_state import CalciumState
from mnexcite.muscle.contraction import contract
from mnexcite.muscle.fatigue import Fatigue, fatigue_by_size
from mnexcite.muscle.force import STATES, STATUSES, VARIABLES, Force, Forces, analyse
from mnexcite.muscle.frequency import ForceFrequency, force_frequency
from mnexcite.muscle.pool import MotorPool, fuglevand_pool
from mnexcite.muscle.presets import fast_unit, slow_unit, thenar_unit
from mnexcite.muscle.rates import (
    excitation_to_rates,
    force_from_excitation,
    force_from_rate,
    force_from_rates,
)
from mnexcite.muscle.state import TwitchState
from mnexcite.muscle.tired import TiredState
from mnexcite.muscle.twitches import Twitch, twitch, twitch_tetanus_ratio
from mnexcite.muscle.unit import MotorUnit

__all__ = [
    "STATES",
    "STATUSES",
    "VARIABLES",
    "CalciumHillUnit",
    "CalciumState",
    "Fatigue",
    "Force",
    "ForceFrequency",
    "Forces",
    "MotorPool",
    "MotorUnit",
    "TiredState",
    "Twitch",
    "TwitchState",
    "analyse",
    "calcium_hill_unit",
    "contract",
    "excitation_to_rates",
    "fast_unit",
    "fatigue_by_size",
    "force_frequency",
    "force_from_excitation",
    "force_from_rate",
    "force_from_rates",
    "fuglevand_pool",
    "slow_unit",
    "thenar_unit",
    "twitch",
    "twitch_tetanus_ratio",
]
