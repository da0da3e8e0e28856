"""Kernels: functions of one row that run on whole tables, compiled where the extra `kernels` is installed.

A kernel is run once with stand-ins for its parameters, which record what it does with them (`trace`). What was
recorded is written out as numpy calls on whole columns (`vector`) and as LLVM's assembly (`assembly`), which a thread
compiles to machine code (`native`). A function that cannot be recorded runs row by row (`rows`).
"""
