"""Lanterns: an esper program carries the light, thousands of moths in numpy follow it.

`legacy.py` is written for esper and knows nothing of the engine. `lanterns.py` gives each of its lanterns an entity
of ours, linked so that both live and die together; `moths.py` is whole-array code beside it. Left click lights a
lantern, right click blows one out, space blows out all of them, P pauses.
"""
