from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.documents import ROOT, anchors, documents, links, name_of


@pytest.mark.parametrize("path", documents(), ids=name_of)
def test_every_link_leads_somewhere(path: Path) -> None:
    broken = [link for link in links(path) if not leads_somewhere(path, link)]

    assert broken == []


def leads_somewhere(path: Path, link: str) -> bool:
    parts = urlsplit(link)
    if parts.scheme:
        # Other sites are not asked: a test must not depend on them.
        return parts.scheme in {"https", "mailto"} and bool(parts.netloc or parts.path)
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not parts.fragment or (target.suffix == ".md" and parts.fragment in anchors(target))


def test_broken_links_are_noticed(tmp_path: Path) -> None:
    page = ROOT / "docs/index.md"

    assert leads_somewhere(page, "adr/README.md#data-and-index")
    assert leads_somewhere(page, "../README.md")
    assert not leads_somewhere(page, "no-such-page.md")
    assert not leads_somewhere(page, "adr/README.md#no-such-heading")
    assert not leads_somewhere(page, "#no-such-heading")
    assert not leads_somewhere(page, "../../elsewhere.md")
    assert not leads_somewhere(page, "ftp://example.com/file")


def test_links_and_anchors_are_read_as_github_reads_them(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# What is `code`, and [a link](b.md)?\n\n## Twice\n\n## Twice\n\n![picture](c.webp) [x](d.md 'e')\n\n"
        "`[not](a-link.md)`\n\n```sh\n# no heading\n[nor](this.md)\n```\n\n<!-- [nor](that.md) -->\n\n[named]: f.md\n"
        '<img src="g.png">\n'
    )

    assert anchors(page) == {"what-is-code-and-a-link", "twice", "twice-1"}
    assert links(page) == ["b.md", "c.webp", "d.md", "f.md", "g.png"]


def test_every_page_is_reached_from_the_documents_home() -> None:
    home = ROOT / "docs/index.md"
    reached, waiting = {home}, [home]
    while waiting:
        page = waiting.pop()
        for link in links(page):
            target = (page.parent / urlsplit(link).path).resolve()
            if target.suffix == ".md" and target.exists() and target not in reached:
                reached.add(target)
                waiting.append(target)

    public = {path for path in documents() if ".github" not in path.parts}
    assert public - reached == set()
