"""`attack requests`: fuzzing of the API with requests that schemathesis generates from the OpenAPI document."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from lab.benchmarks.load import said
from lab.benchmarks.serving.machine import machine
from lab.harness.trial_shop import TrialShop

HELP = "Requests made from the OpenAPI document: no failure, and no answer that the document does not have."

CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance",
)  # fmt: skip
ARTICLES = 20
CODE = (
    "from django.contrib.auth.models import User; from catalogue.models import ApiToken, Article;"
    f"[Article.objects.create(sku=f'S-{{n}}', name=f'Thing {{n}}') for n in range({ARTICLES})];"
    "print(ApiToken.issue(User.objects.create_superuser('robot'), 'robot')[1])"
)


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("--examples", type=int, default=600, help="requests of each operation at the most (600)")
    parser.add_argument("--seed", type=int, default=1, help="of the requests (1)")
    parser.add_argument("--least", type=int, default=10_000, help="requests that there must be (10000)")


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    program = Path(sys.executable).parent / "schemathesis"
    if not program.exists():
        raise CommandError("schemathesis is not installed: .venv/bin/uv sync --inexact --group test")
    out.write(machine())
    with TrialShop(SHOP_FEEDBACK_RATE="", SHOP_PREDICT_RATE="") as shop:
        key = shop.shell(CODE).splitlines()[-1]
        done = subprocess.run(  # noqa: S603  (a program of this environment)
            [
                str(program), "run", f"{shop.address}/api/schema", f"--max-examples={options['examples']}",
                f"--seed={options['seed']}", f"--header=Authorization: Token {key}", f"--checks={','.join(CHECKS)}",
                "--phases=examples,coverage,fuzzing", "--continue-on-failure",
            ],
            capture_output=True, text=True, check=False, cwd=shop.data, env=shop.environment,
        )  # fmt: skip
        alive = shop.health()["status"] == "ok"
    match = re.search(r"Test cases:\s*(?:[^\d\n]*\n\s*)?(\d+) generated", done.stdout)
    count = int(match[1]) if match else 0
    summary = done.stdout[done.stdout.find("SUMMARY") :]
    out.write("\n".join(line for line in summary.splitlines() if line.strip()) if done.returncode == 0 else done.stdout)
    out.write(said(f"at least {options['least']:,} requests", count >= options["least"], f"{count:,}"))
    out.write(said("no failure, no answer that is not documented", done.returncode == 0, f"exit {done.returncode}"))
    out.write(said("the shop is well afterwards", alive, "ok" if alive else "not ok"))
