from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command


@pytest.mark.parametrize("processes", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_processes_that_is_none_is_refused(processes: str) -> None:
    with pytest.raises(CommandError, match="is not a number of processes"):
        call_command("embed_waiting", f"--processes={processes}")
