"""A picture behind https comes from whom its address names."""

from __future__ import annotations

import ssl

import pytest
import trustme

from catalogue.imaging import fetch_image
from tests.catalogue.imaging.web_servers import PICTURE, REFUSAL, refusal_of, send, serving


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize("name", ["pictures.example", "other.example"])
def test_a_certificate_must_be_for_the_name_that_was_asked(authority: trustme.CA, name: str) -> None:
    theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("pictures.example").configure_cert(theirs)
    authority.configure_trust(ours)
    spoken_of: list[str | None] = []
    theirs.sni_callback = lambda connection, asked, context: spoken_of.append(asked)

    with serving(send, theirs) as server:
        url = f"https://{name}:{server.port}/"
        reach = server.reach(resolve=lambda host, port: ["127.0.0.1"], tls=ours)
        if name == "pictures.example":
            assert fetch_image(url, policy=reach) == PICTURE
        else:
            assert refusal_of(url, policy=reach) == REFUSAL

    assert spoken_of == [name]


def test_a_certificate_nobody_vouches_for_is_refused(authority: trustme.CA) -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("pictures.example").configure_cert(theirs)

    with serving(send, theirs) as server:
        reach = server.reach(resolve=lambda host, port: ["127.0.0.1"])
        assert refusal_of(f"https://pictures.example:{server.port}/", policy=reach) == REFUSAL

    assert server.asked == []
