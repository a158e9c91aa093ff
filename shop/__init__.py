"""Assembles the catalogue and search by photo into one site."""

from shop.celery import app as celery_app

__all__ = ["celery_app"]
