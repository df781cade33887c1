"""Many motor units and one muscle: recruitment, reflexes, shared potassium, cramps."""

from mnexcite.motor_pool.activity import Activity
from mnexcite.motor_pool.counts import Episode, Fasciculations, fasciculations, find_cramps
from mnexcite.motor_pool.course import Course, Month, at_month, course
from mnexcite.motor_pool.cramps import Cramp, cramp_after
from mnexcite.motor_pool.day import Day, Trigger, day, load_day
from mnexcite.motor_pool.degeneration import degenerated
from mnexcite.motor_pool.emg import Emg, surface_emg
from mnexcite.motor_pool.ends import Standing
from mnexcite.motor_pool.kicked import expected_fasciculations
from mnexcite.motor_pool.muscles import MUSCLES, Muscle, muscle_pool
from mnexcite.motor_pool.pool import PARTS, Pool, cramping_pool
from mnexcite.motor_pool.protocol import (
    Protocol,
    block,
    effort,
    heat,
    inhibition,
    length,
    pressure,
    tendon_shocks,
    train,
)
from mnexcite.motor_pool.recorded import recorded
from mnexcite.motor_pool.run import contract
from mnexcite.motor_pool.several import contract_several, day_several
from mnexcite.motor_pool.sickening import sickened
from mnexcite.motor_pool.silence import rested
from mnexcite.motor_pool.threshold import STIMULI, Threshold, cramp_threshold
from mnexcite.motor_pool.tired import Tired, pool_fatigue, tired
from mnexcite.motor_pool.torque import TorqueMatch, torque_match

__all__ = [
    "MUSCLES",
    "PARTS",
    "STIMULI",
    "Activity",
    "Course",
    "Cramp",
    "Day",
    "Emg",
    "Episode",
    "Fasciculations",
    "Month",
    "Muscle",
    "Pool",
    "Protocol",
    "Standing",
    "Threshold",
    "Tired",
    "TorqueMatch",
    "Trigger",
    "at_month",
    "block",
    "contract",
    "contract_several",
    "course",
    "cramp_after",
    "cramp_threshold",
    "cramping_pool",
    "day",
    "day_several",
    "degenerated",
    "effort",
    "expected_fasciculations",
    "fasciculations",
    "find_cramps",
    "heat",
    "inhibition",
    "length",
    "load_day",
    "muscle_pool",
    "pool_fatigue",
    "pressure",
    "recorded",
    "rested",
    "sickened",
    "surface_emg",
    "tendon_shocks",
    "tired",
    "torque_match",
    "train",
]
