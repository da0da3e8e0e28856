"""What is kept in mind of values that statements make together does not grow with the edits."""

from __future__ import annotations

from program import Program


def test_values_that_are_no_more_are_forgotten(program: Program) -> None:
    program.write(main="T = (1,)\n")
    program.load("main")
    left = program.code.left
    for number in range(700):
        kind = ("list", "set")[number % 2]  # so that no value takes another's place
        put = ("append", "add")[number % 2]
        program.edit(main=f"T = {kind}()\nT.{put}({number})\n").seal()
    assert len(left._imprints) <= 400
    assert len(left._contents) <= 400
