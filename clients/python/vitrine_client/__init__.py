"""A small typed client of a Vitrine shop's API.

    from vitrine_client import Vitrine

    with Vitrine("http://localhost:8000") as shop:
        answer = shop.predict(Path("photo.jpg"), limit=5)
        print(answer["predictions"][0]["label"], [article["name"] for article in answer["articles"]])

What answers hold is in models.py, which is generated from the shop's OpenAPI document.
"""

from vitrine_client.client import Vitrine
from vitrine_client.errors import ConnectionFailed, Problem, TimedOut, VitrineError
from vitrine_client.webhooks import is_from_the_shop

__all__ = ["ConnectionFailed", "Problem", "TimedOut", "Vitrine", "VitrineError", "is_from_the_shop"]
