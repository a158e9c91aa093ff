"""The samples of "Your first search" do what they say: they are taken from the page, and run against the shop."""

from __future__ import annotations

import html
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lab.harness.trial_shop import ROOT, wait_until
from tests.processes.shop import Shop, garment

TYPESCRIPT = ROOT / "clients/typescript"


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    with Shop() as running:
        running.shell(
            "from django.core.files.base import ContentFile; from catalogue.models import Article, Photo;"
            "from tests.processes.shop import garment; article = Article.objects.create(sku='A-1', name='Linen dress');"
            "Photo.objects.create(article=article, file=ContentFile(garment(3), 'a.jpg'))"
        )
        wait_until(lambda: bool(running.predict(garment(3), limit=1)["articles"]), within_s=60, what="it is found")
        yield running


@pytest.fixture(scope="module")
def samples(shop: Shop) -> dict[str, str]:
    page = httpx.get(f"{shop.address}/search/apps/").text
    found = re.findall(r'data-sample="([\w-]+)"><code>(.*?)</code>', page, re.DOTALL)
    return {name: html.unescape(text) for name, text in found}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with the photo that the samples name."""
    (tmp_path / "photo.jpg").write_bytes(garment(3))
    return tmp_path


def run(command: list[str], folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_curl_searches_pages_and_tells(samples: dict[str, str], folder: Path) -> None:
    def curl(sample: str, **places: str) -> str:
        for place, value in places.items():
            sample = sample.replace(place, value)
        return run(["curl", "-sf", *shlex.split(sample)[1:]], folder)

    answer = json.loads(curl(samples["curl-predict"]))
    more = json.loads(curl(samples["curl-search"], TOKEN=answer["token"]))
    # The number alone may be in the shop's port.
    article = {'"article": 17': f'"article": {answer["articles"][0]["id"]}'}
    told = curl(samples["curl-feedback"], TOKEN=answer["token"], **article)

    assert answer["articles"][0]["name"] == "Linen dress"
    assert more["previous"].endswith("price_max=50&in_stock=true")
    assert told == ""
    # The sample answer is the real one, shortened.
    shown = json.loads(samples["answer"])
    assert shown.keys() <= answer.keys()
    assert shown["articles"][0].keys() <= answer["articles"][0].keys()
    assert shown["articles"][0]["pictures"].keys() == answer["articles"][0]["pictures"].keys()


def test_python_searches(samples: dict[str, str], folder: Path) -> None:
    said = run([sys.executable, "-c", samples["python"]], folder, PYTHONPATH=str(ROOT / "clients/python"))

    assert "Linen dress" in said
    assert samples["python-install"].split()[-1].removeprefix("./") == "clients/python"


def test_javascript_searches(samples: dict[str, str], folder: Path) -> None:
    subprocess.run(["node", "prepare.mjs"], cwd=TYPESCRIPT, check=True)
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "vitrine-client").symlink_to(TYPESCRIPT)
    (folder / "app.mjs").write_text(samples["javascript"])

    assert "Linen dress" in run(["node", "app.mjs"], folder)


def test_the_script_of_a_page_searches(samples: dict[str, str], folder: Path) -> None:
    given = 'import { readFile } from "node:fs/promises"; const file = new Blob([await readFile("photo.jpg")]);'
    document = "globalThis.document = { querySelector: () => ({ files: [file] }) };"
    (folder / "page.mjs").write_text(f"{given}{document}{samples['browser']}")

    assert "Linen dress" in run(["node", "page.mjs"], folder)


@pytest.mark.parametrize("language", ["kotlin", "swift"])
def test_other_languages_ask_at_the_same_address(samples: dict[str, str], shop: Shop, language: str) -> None:
    """No compiler of theirs is at hand; where one is, its users would notice more."""
    assert f"{shop.address}/api/predict" in samples[language]
    assert samples[language].count("{") == samples[language].count("}")
    assert shutil.which("node")
