"""Makes an API token of a user."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from catalogue.models import ApiToken
from catalogue.rights import API_RIGHTS, rights_of


class Command(BaseCommand):
    """`manage.py create_token USER`."""

    help = "Make an API token of a user, and print it: it is shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="the user's name")
        parser.add_argument("--name", default="API", help="what uses it (API)")
        parser.add_argument("--days", type=int, help="how long it is valid; without, it does not expire")
        parser.add_argument(
            "--right",
            action="append",
            dest="rights",
            metavar="RIGHT",
            help=f"what it may do, several times: {', '.join(API_RIGHTS)}; without, all that the user may now",
        )

    def handle(self, *args: Any, user: str, name: str, days: int | None, rights: list[str] | None, **more: Any) -> None:
        owner = User.objects.filter(username=user).first()
        if owner is None:
            raise CommandError(f"There is no user {user}.")
        if days is not None and not 1 <= days <= DAYS_AT_MOST:
            raise CommandError(f"--days goes from 1 to {DAYS_AT_MOST}.")
        own = rights_of(owner)
        for right in rights or []:
            if right not in API_RIGHTS:
                raise CommandError(f"{right} is no right of the API. Give one of: {', '.join(API_RIGHTS)}.")
            if right not in own:
                raise CommandError(f"{user} has not the right {right}. Give the user a role that has it first.")
        expires = timezone.now() + timedelta(days=days) if days is not None else None
        _token, key = ApiToken.issue(owner, name[:NAME_AT_MOST], rights=rights or own, expires=expires)
        self.stdout.write(key)


DAYS_AT_MOST = 3_650
NAME_AT_MOST = 100
