from __future__ import annotations

from io import StringIO

from django.core.management import call_command


def test_detection_is_timed_beside_the_network() -> None:
    out = StringIO()

    call_command("benchmark", "garments", "--count=2", stdout=out)

    _, header, int8, float32, goal = out.getvalue().splitlines()
    assert header.split() == ["model", "network", "ms", "detection", "ms", "both", ":", "network", "garments"]
    for line, name in ((int8, "int8"), (float32, "float32")):
        model, network, detecting, ratio, _ = line.split()
        assert model == name
        assert float(network) > 0
        assert float(detecting) > 0
        assert 1 < float(ratio) < 4
    assert goal.startswith("goal: both in 1.5 runs of the network at most: ")
