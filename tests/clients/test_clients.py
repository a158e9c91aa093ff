"""The clients against a running shop, and against its OpenAPI document."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.harness.trial_shop import ROOT, wait_until
from tests.processes.shop import Shop, garment

CLIENTS = ROOT / "clients"
TYPESCRIPT = CLIENTS / "typescript"
TSC = TYPESCRIPT / "node_modules/.bin/tsc"
PRICE = {"amount": "5.00", "currency": "EUR"}


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with Shop() as running:
        yield running


@pytest.fixture(scope="module")
def keys(shop: Shop) -> dict[str, str]:
    """Return a staff token and a partner's key of the shop."""
    said = shop.shell(
        "import json; from django.contrib.auth.models import User; from catalogue.models import ApiClient, ApiToken;"
        "app = ApiClient(name='Finder'); key = app.new_key(); app.save();"
        "user = User.objects.create_superuser('writer');"
        "print(json.dumps({'token': ApiToken.issue(user, 'clients')[1], 'key': key}))"
    )
    found: dict[str, str] = json.loads(said.splitlines()[-1])
    return found


def test_what_the_clients_know_is_what_the_document_says(tmp_path: Path) -> None:
    """Run `make clients` where the API changed."""
    for folder in ("python/vitrine_client", "typescript/src"):
        (tmp_path / folder).mkdir(parents=True)
    environment = {**os.environ, "BIN": str(Path(sys.executable).parent)}

    subprocess.run(["sh", "clients/generate.sh", str(tmp_path)], cwd=ROOT, env=environment, check=True)

    for file in ("python/vitrine_client/models.py", "typescript/src/schema.ts"):
        assert (tmp_path / file).read_text() == (CLIENTS / file).read_text(), f"{file} is outdated"


def test_the_python_client_writes_searches_and_tells(shop: Shop, keys: dict[str, str], tmp_path: Path) -> None:
    sys.path.insert(0, str(CLIENTS / "python"))
    from vitrine_client import Problem, Vitrine  # noqa: PLC0415  (found by the line above)

    photo = tmp_path / "photo.png"
    photo.write_bytes(garment(7))
    with Vitrine(shop.address, token=keys["token"]) as staff, Vitrine(shop.address, key=keys["key"]) as partner:
        article = staff.add_article(
            idempotency_key="a", sku="PY-1", name="Thing", price={"amount": "5.00", "currency": "EUR"}
        )
        again = staff.add_article(
            idempotency_key="a", sku="PY-1", name="Thing", price={"amount": "5.00", "currency": "EUR"}
        )
        first = staff.add_photo(article["id"], photo, alt="Front")
        second = staff.add_photo(article["id"], garment(8))
        ordered = staff.order_photos(article["id"], [second["id"], first["id"]])
        staff.delete_photo(article["id"], second["id"])
        staff.change_article(article["id"], stock=3)
        wait_until(lambda: bool(partner.predict(photo, limit=1)["articles"]), within_s=30, what="the photo is found")
        answer = partner.predict(photo, limit=1, in_stock=True, fields="sku,similarity")
        more = partner.search(answer["token"], price_max=1)
        link = partner.make_link(answer["token"])
        partner.feedback(answer["token"], "clicked", article=article["id"], rank=1)
        batch = partner.begin_batch([photo, b"none"], limit=1)
        ended = partner.wait_for_batch(batch["id"], within_s=60)
        results = list(partner.batch_results(batch["id"]))
        with pytest.raises(Problem) as refused:
            partner.add_article(sku="PY-2", name="x")
        with pytest.raises(Problem) as unknown:
            partner.predict(photo, category="nowhere")

        assert again == article
        assert [one["id"] for one in ordered] == [second["id"], first["id"]]
        assert answer["articles"] == [{"sku": "PY-1", "similarity": answer["articles"][0]["similarity"]}]
        assert more["articles"] == []
        assert link["address"].startswith(f"{shop.address}/s/")
        assert (ended["state"], ended["done"], ended["failed"]) == ("finished", 2, 1)
        assert results[0]["found"] is not None
        assert results[0]["found"]["articles"][0]["sku"] == "PY-1"
        assert results[1]["error"] is not None
        assert results[1]["error"]["code"] == "unreadable_image"
        assert (refused.value.status, refused.value.code) == (403, "permission_denied")
        assert list(unknown.value.errors) == ["category"]
        assert [one["sku"] for one in partner.articles(q="Thing")] == ["PY-1"]
        assert partner.article(article["id"])["photos"][0]["alt"] == "Front"
        assert partner.similar(article["id"]) == []
        assert partner.categories() == []
        assert partner.health()["database"] == "ok"
        staff.delete_article(article["id"])
        assert list(partner.articles()) == []


def test_the_typescript_client_compiles_and_does_the_same(shop: Shop, keys: dict[str, str], tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(garment(9))

    subprocess.run([TSC], cwd=TYPESCRIPT, check=True)
    done = subprocess.run(
        ["node", str(ROOT / "tests/clients/first_search.mjs"), shop.address, keys["token"], keys["key"], str(photo)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == {
        "first": "TS-1", "more": 0, "link": True, "refused": "invalid", "fields": ["limit"],
        "unknown": "not_authenticated",
    }  # fmt: skip


def test_the_typescript_client_is_patient_and_names_what_went_wrong() -> None:
    subprocess.run([TSC], cwd=TYPESCRIPT, check=True)

    said = subprocess.run(
        ["node", str(ROOT / "tests/clients/patience.mjs")], capture_output=True, text=True, check=True
    ).stdout

    assert json.loads(said) == {
        "busyTwice": "answered after 3",
        "alwaysBusy": "Problem after 3",
        "muchLater": "Problem after 1",
        "notRepeatable": "Problem after 1",
        "broken": "ConnectionFailed after 1",
        "silent": "TimedOut after 1",
        "stopped": "AbortError: This operation was aborted after 1",
    }


def test_the_typescript_client_installs_from_its_folder(tmp_path: Path) -> None:
    copy, app = tmp_path / "typescript", tmp_path / "app"
    shutil.copytree(TYPESCRIPT, copy, symlinks=True)
    shutil.rmtree(copy / "dist", ignore_errors=True)
    app.mkdir()
    (app / "package.json").write_text('{"name": "app", "private": true, "type": "module"}')
    (app / "app.js").write_text('import * as client from "vitrine-client"; console.log(Object.keys(client).join());')
    install = ["npm", "install", "--offline", "--no-audit", "--no-fund", "--loglevel=error", str(copy)]

    installed = subprocess.run(install, cwd=app, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    said = subprocess.run(["node", "app.js"], cwd=app, check=True, capture_output=True, text=True).stdout

    assert said.strip() == "ConnectionFailed,Problem,TimedOut,VitrineError,connect,feedback,makeLink,predict"


def test_a_linter_finds_no_fault_with_the_document(tmp_path: Path) -> None:
    """Redocly's recommended rules, warnings included: summaries, examples that fit, tags, security, servers."""
    document = tmp_path / "openapi.yaml"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    spectacular = [sys.executable, "manage.py", "spectacular", "--file", str(document), "--validate", "--fail-on-warn"]
    subprocess.run(spectacular, cwd=ROOT, env=environment, check=True)

    said = subprocess.run(
        ["node", str(ROOT / "tests/clients/lint.mjs"), str(document)], capture_output=True, text=True, check=True
    ).stdout

    assert json.loads(said) == []


def test_a_wrong_option_is_an_error_of_the_compiler(tmp_path: Path) -> None:
    wrong = TYPESCRIPT / "src" / "wrong.test-only.ts"
    wrong.write_text(
        'import { connect } from "./index.js";\n'
        'await connect("").GET("/api/articles", { params: { query: { colours: ["red"] } } });\n'
    )
    try:
        checked = subprocess.run(
            [TSC, "--noEmit"],
            cwd=TYPESCRIPT,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        wrong.unlink()

    assert checked.returncode != 0
    assert "colours" in checked.stdout
