from __future__ import annotations

from io import StringIO

from django.core.management import call_command


def test_rotated_photos_are_compared_with_upright_ones() -> None:
    out = StringIO()

    call_command("benchmark", "orientations", "--count=1", "--among=3", stdout=out)

    lines = out.getvalue().splitlines()
    assert "1 photos (drawn) in seven turns, among 3" in lines[1]
    lowest = {line[:34].strip(): float(line[34:42]) for line in lines[3:-1]}
    # Where no pixel changes, the vector does not.
    assert min(cosine for way, cosine in lowest.items() if way.endswith("PNG")) > 0.99999
    assert all(0.95 < cosine <= 1.0001 for cosine in lowest.values())
    assert lines[-1].startswith("goal: a cosine of 0.999 at least: ")
