"""Fixtures of many rooms: a clean index and clean files for each test, a real Valkey, a real shop."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.core.cache import close_caches
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import translation
from pytest_django import DjangoDbBlocker

from catalogue import cache_trip
from catalogue.columns.following import forget_table
from catalogue.text_search.names import forget_names
from lab.harness import trial_shop
from tests.object_store import bucket, files_in_bucket, s3_server, session_bucket  # noqa: F401  (fixtures)
from tests.processes.valkey import Valkey

# Files that one process is long at. Begun last, they would keep the others waiting for them.
LONG = (
    "tests/lab/training/test_laboratory.py", "tests/processes/test_shop.py", "tests/lab/benchmarks/test_freshness.py",
    "tests/lab/benchmarks/test_search.py", "tests/lab/benchmarks/test_bulk.py", "tests/processes/test_bulk.py",
    "tests/lab/training/test_commands.py", "tests/lab/training/test_distilling.py",
    "tests/lab/security/test_attacks.py",
    "tests/lab/benchmarks/test_load.py", "tests/clients/test_clients.py", "tests/processes/test_stopping.py",
    "tests/visualsearch/index/test_milvus.py", "tests/visualsearch/services/indexing/test_sequences.py",
    "tests/browser/test_accessibility.py", "tests/lab/chaos/test_faults_on_a_shop.py",
)  # fmt: skip

# What these show is shown in short by others, or stays as it is while nobody works at it: a network that is trained,
# what benchmarks and attacks measure, an index nobody chose, how a client is packed, what a script of one page does.
# Only "make test-all" runs them.
THOROUGH = (
    "tests/lab/training/test_laboratory.py", "tests/lab/training/test_commands.py",
    "tests/lab/training/test_distilling.py", "tests/lab/training/test_garment_head.py",
    "tests/lab/training/test_adapting.py", "tests/lab/training/test_reporting.py",
    "tests/lab/training/test_narrowing.py", "tests/lab/training/test_quantisation_aware.py",
    "tests/lab/benchmarks/test_freshness.py", "tests/lab/benchmarks/test_search.py",
    "tests/lab/benchmarks/test_bulk.py", "tests/lab/benchmarks/test_load.py", "tests/lab/benchmarks/test_rollout.py",
    "tests/lab/benchmarks/test_index.py", "tests/lab/benchmarks/test_text.py",
    "tests/lab/benchmarks/test_compaction.py", "tests/lab/benchmarks/test_orientations.py",
    "tests/lab/harness/test_synthetic_vectors.py", "tests/lab/security/test_attacks.py",
    "tests/clients/test_clients.py::test_the_typescript_client_installs_from_its_folder",
    "tests/clients/test_clients.py::test_a_wrong_option_is_an_error_of_the_compiler",
    "tests/clients/test_python_client.py::test_the_client_installs_from_its_folder",
    "tests/processes/test_bulk.py", "tests/processes/test_milvus.py", "tests/processes/test_stopping.py",
    "tests/processes/test_several_machines.py",
    "tests/processes/test_shop.py::test_the_schema_says_what_the_running_server_does",
    "tests/processes/test_shop.py::test_a_worker_killed_in_the_middle_of_an_import_loses_nothing",
    "tests/processes/test_shop.py::test_a_worker_that_cannot_acknowledge_its_tasks_takes_others",
    "tests/visualsearch/index/test_milvus.py", "tests/visualsearch/index/test_milvus_sequences.py",
    "tests/browser/test_admin_columns.py", "tests/browser/test_admin_feeds.py", "tests/browser/test_admin_history.py",
    "tests/browser/test_admin_imports.py", "tests/browser/test_admin_piles.py", "tests/browser/test_admin_roles.py",
    "tests/browser/test_admin_theme.py", "tests/browser/test_failed_searches.py", "tests/browser/test_filter_sheet.py",
    "tests/browser/test_focus.py", "tests/browser/test_framing.py", "tests/browser/test_photo_anywhere.py",
    "tests/browser/test_photo_drafts.py", "tests/browser/test_result_options.py", "tests/browser/test_samples.py",
    "tests/browser/test_share.py", "tests/browser/test_wish_list.py",
    "tests/lab/chaos/test_faults_on_a_shop.py",
    "tests/lab/cluster/test_trial.py::test_a_cluster_keeps_what_it_promises",
)  # fmt: skip

# In these the gate runs the first case of a test: each starts a browser's page, or a shop, or takes long.
ONCE = ("tests/browser", "tests/processes", "tests/visualsearch/index/test_swaps.py")

# What a fixture of these names starts, "make quick" does without; so it does without modules that import these.
PROCESS_FIXTURES = {"valkey_server", "s3_server", "live_server", "browser"}
PROCESS_MODULES = {"subprocess", "multiprocessing"}
PROCESS_FOLDERS = ("tests/processes", "tests/browser", "tests/clients")


def pytest_configure(config: pytest.Config) -> None:
    for marker in (
        "slow: starts processes or a browser, or takes long; given by tests/conftest.py",
        "repeated: a case of a test of which another comes before; given by tests/conftest.py",
        "thorough: left to make test-all; given by tests/conftest.py",
        "database: may end otherwise on another database, so it runs on PostgreSQL too; given to what commits",
        "switch: may end otherwise in a shop without search by photo, so it runs in one too",
    ):
        config.addinivalue_line("markers", marker)


def commits(item: pytest.Item) -> bool:
    """Return whether a test sees transactions end: locks, several connections, what is left of an error."""
    return any(marker.kwargs.get("transaction") for marker in item.iter_markers("django_db"))


def is_slow(item: pytest.Item) -> bool:
    """Return whether a test is none for "make quick"."""
    path = item.path.as_posix()
    return (
        path.endswith(LONG)
        or any(f"/{folder}/" in path for folder in PROCESS_FOLDERS)
        or not PROCESS_FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))
        or not PROCESS_MODULES.isdisjoint(vars(getattr(item, "module", None) or object))
    )


# First: the marks must be there when pytest chooses by them.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow, repeated, thorough, and what commits. Put the long files first, in the order above.

    pytest-xdist hands files out in this order.
    """
    place = {name: number for number, name in enumerate(LONG)}

    def order(item: pytest.Item) -> int:
        return next((place[name] for name in LONG if str(item.path).endswith(name)), len(LONG))

    seen: set[str] = set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        repeated = test in seen
        seen.add(test)
        if repeated:
            item.add_marker(pytest.mark.repeated)
        if test.startswith(THOROUGH) or (repeated and test.startswith(ONCE)):
            item.add_marker(pytest.mark.thorough)
        if is_slow(item):
            item.add_marker(pytest.mark.slow)
        if commits(item):
            item.add_marker(pytest.mark.database)
    items.sort(key=order)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Begin each test in English: a request's language stays active in its thread."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def clean_folders() -> Iterator[None]:
    """Leave nothing of one test's files, index and model to the next: ids begin anew with each."""
    yield
    if settings.VISUAL_SEARCH:
        # Without the app its models cannot be imported.
        from visualsearch import backends  # noqa: PLC0415  (as said above)
        from visualsearch.services.indexing import indexing, status  # noqa: PLC0415  (as said above)

        backends.reset_caches()
        for kept in (indexing._refreshed, indexing._snapshot_checked, status._counted):
            kept.clear()
    forget_names()
    forget_table()
    for name in ("photos", "renditions", "index", "files", "waiting", "given", "drafts"):
        shutil.rmtree(Path(settings.DATA_DIR) / name, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def one_prepared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[None]:
    """Prepare what a trial shop begins with once a run: it takes 10 s of a processor, and each worker would do it."""
    if worker_id == "master":
        yield
        return
    kept, make = tmp_path_factory.getbasetemp().parent / "prepared", trial_shop.prepared_folder

    def prepared_folder(code: Path = trial_shop.ROOT) -> Path:
        if code != trial_shop.ROOT:
            return make(code)
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                shutil.copytree(make(), kept.with_suffix(".part"))
                kept.with_suffix(".part").rename(kept)
        return kept

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial_shop, "prepared_folder", prepared_folder)
        yield


# What `migrate` writes into an empty database, and no test changes but those of migrations.
FIXED_TABLES = ("django_content_type", "auth_permission", "auth_group", "auth_group_permissions")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Add to pytest-django's own: empty what a test wrote. Django's flush makes all permissions anew, .2 s a test."""
    with django_db_blocker.unblock():
        as_migrated = _fixed_rows()

    def empty_written_tables(case: TransactionTestCase) -> None:
        if _fixed_rows() != as_migrated:
            flush(case)
            return
        tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
        names = [connection.ops.quote_name(table) for table in sorted(tables.difference(FIXED_TABLES))]
        # Foreign keys are checked at the end, in whatever order the rows go.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names))
            for (name,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {name}")

    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]  # not in the stubs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_written_tables)
        yield


def _fixed_rows() -> list[list[object]]:
    found = []
    with connection.cursor() as cursor:
        for table in FIXED_TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            found.append(cursor.fetchall())
    return found


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Valkey]:
    """A real Valkey, on the socket that settings name."""
    with Valkey(settings.BROKER_SOCKET) as server:
        yield server


@pytest.fixture
def valkey(valkey_server: Valkey) -> Iterator[Valkey]:
    """The same, empty and running."""
    valkey_server.start()
    valkey_server.empty()
    yield valkey_server
    valkey_server.start()
    valkey_server.empty()
    # The connections that a test's broker ended are not for the next.
    close_caches()
    cache_trip.client.cache_clear()
    current_app._after_fork()  # type: ignore[attr-defined]  # what a fork makes anew, made anew
