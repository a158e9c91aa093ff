from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from tests.visualsearch.stored import made_version
from visualsearch.management.commands import check_index
from visualsearch.services.indexing import indexing
from visualsearch.services.indexing.indexing import Comparison


@pytest.mark.parametrize("processes", ["0", "-1", "two", "1.5", "²"])
def test_a_number_of_processes_that_is_none_is_refused(processes: str) -> None:
    with pytest.raises(CommandError, match="is not a number of processes"):
        call_command("embed_waiting", f"--processes={processes}")


@pytest.mark.django_db
@pytest.mark.parametrize(("missing", "said"), [(2, "photos 1, 2"), (3, "photos 1, 2, …")])
def test_check_index_names_some_photos_and_says_that_there_are_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, missing: int, said: str
) -> None:
    assert check_index.SHOWN == 10
    monkeypatch.setattr(check_index, "SHOWN", 2)
    made_version()
    ids = [*range(1, missing + 1)]
    monkeypatch.setattr(indexing, "compare", lambda version: Comparison(5, ids, [], []))

    with pytest.raises(CommandError):
        call_command("check_index")

    assert f"  {missing} missing from the index: {said}\n" in capsys.readouterr().err
