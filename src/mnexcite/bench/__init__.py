"""The bench: methods and other simulators on the same work, error against cost.

Equations, initial state, stimulus and spike-time error are the same for all; each
simulator is an optional adapter in `mnexcite.bench.peers`.
"""
