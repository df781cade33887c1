"""What changes a cell: each condition is data, and a pure function Cell -> Cell."""

from mnexcite.conditions.als import als_adult, als_early, als_late
from mnexcite.conditions.condition import Condition
from mnexcite.conditions.drugs import (
    carbamazepine,
    four_ap,
    mexiletine,
    retigabine,
    riluzole,
    tea,
    tizanidine,
    ttx,
)
from mnexcite.conditions.effects import (
    AddBinding,
    AddGate,
    Rates,
    Replace,
    Scale,
    ScaleAll,
    Shift,
    ShiftByDose,
)
from mnexcite.conditions.electrolytes import (
    dehydration,
    dilution,
    electrolytes,
    hyperkalaemia,
    hypokalaemia,
)
from mnexcite.conditions.monoamines import monoamines
from mnexcite.conditions.temperature import temperature

#: Conditions with a strength, by the name a command line takes.
PRESETS = {
    condition.__name__: condition
    for condition in (
        als_early,
        als_adult,
        als_late,
        hyperkalaemia,
        hypokalaemia,
        dilution,
        dehydration,
        monoamines,
        tizanidine,
    )
}
#: Drugs and toxins by their concentration in uM, by the name a command line takes.
DRUGS = {
    drug.__name__: drug
    for drug in (mexiletine, carbamazepine, riluzole, retigabine, ttx, tea, four_ap)
}

__all__ = [
    "DRUGS",
    "PRESETS",
    "AddBinding",
    "AddGate",
    "Condition",
    "Rates",
    "Replace",
    "Scale",
    "ScaleAll",
    "Shift",
    "ShiftByDose",
    "als_adult",
    "als_early",
    "als_late",
    "carbamazepine",
    "dehydration",
    "dilution",
    "electrolytes",
    "four_ap",
    "hyperkalaemia",
    "hypokalaemia",
    "mexiletine",
    "monoamines",
    "retigabine",
    "riluzole",
    "tea",
    "temperature",
    "tizanidine",
    "ttx",
]
