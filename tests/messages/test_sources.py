"""No sentence for people stands where an error is raised: only codes of the registry, with all of their parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from catalogue.exceptions import VitrineError
from catalogue.messages import codes
from catalogue.messages.message import PROSE
from tests.messages.every import TREES, words_of

ROOT = Path(settings.BASE_DIR)
# Where the words themselves stand.
WORDS = {ROOT / "catalogue" / "messages", ROOT / "visualsearch" / "messages.py"}
# How an error is handled, not what is told of it.
FLAGS = {"passing", "busy", "wait_s"}
# The framework's, whose text is shown as it is; so it must have been put into words by `render`.
FRAMEWORK = {"ValidationError", "ParseError", "Throttled", "RequestDataTooBig", "AuthenticationFailed"}


def classes(root: type[VitrineError]) -> Iterator[str]:
    yield root.__name__
    for child in root.__subclasses__():
        yield from classes(child)


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for app in ("catalogue", "visualsearch"):
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts and not WORDS & {path, *path.parents}:
                yield path, ast.parse(path.read_text())


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    for path, module in sources():
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                yield f"{path.relative_to(ROOT)}:{node.lineno}", name.rsplit(".", 2)[-1] if "." in name else name, node


def is_prose(node: ast.expr) -> bool:
    """Whether an expression is a text with words in it, also a translated or a filled one."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and " " in node.value.strip()
    if isinstance(node, ast.Dict | ast.List | ast.Tuple):
        return any(is_prose(part) for part in (node.values if isinstance(node, ast.Dict) else node.elts))
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in {"gettext", "ngettext", "str"}
    return isinstance(node, ast.JoinedStr | ast.BinOp)


def named_codes(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*named_codes(node.body), *named_codes(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def test_errors_are_raised_with_a_code_and_all_its_parameters() -> None:
    raised = {name for root in TREES for name in classes(root)} - {"InvalidRequestError"}
    wrong = []
    seen = 0
    for where, name, call in calls():
        if not call.args or not (name in raised or ast.unparse(call.func).endswith("Message.of")):
            continue
        if is_prose(call.args[0]):
            wrong.append(f"{where}: {ast.unparse(call)}")
        for code in named_codes(call.args[0]):
            seen += 1
            given = {keyword.arg for keyword in call.keywords} - FLAGS
            if code not in codes() or (None not in given and given != set(words_of(code).example)):
                wrong.append(f"{where}: {ast.unparse(call)}")

    assert wrong == []
    assert seen > 150


def test_invalid_requests_and_the_frameworks_errors_have_no_sentence_of_their_own() -> None:
    wrong = [
        f"{where}: {ast.unparse(call)}"
        for where, name, call in calls()
        if name in {*FRAMEWORK, "InvalidRequestError"} and any(map(is_prose, call.args))
    ]

    assert wrong == []


def test_feeds_raise_no_sentence() -> None:
    feeds = [
        f"{where}: {ast.unparse(call)}"
        for where, name, call in calls()
        if name == "ValueError" and where.startswith("catalogue/feeds/")
    ]

    assert feeds == []


def test_no_code_is_without_use() -> None:
    used = {
        node.value
        for _path, module in sources()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    # Rows of earlier versions hold them.
    assert set(codes()) - used - {PROSE} == {"feed.categories_left_out"}


def test_engines_know_no_django() -> None:
    for folder in (ROOT / "catalogue" / "messages", ROOT / "catalogue" / "imaging"):
        for path in folder.glob("*.py"):
            imported = [
                node
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "django"
            ]
            assert not imported or path.name == "rendering.py", path
