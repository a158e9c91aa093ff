"""The problems of search by photo, as pages, admin and API tell them. Registered when the app is ready."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from catalogue.problems import ProblemType, register_problems

register_problems(
    {
        "invalid_token": ProblemType(
            HTTPStatus.BAD_REQUEST,
            _("The token is not valid."),
            _("It is damaged or not from here. Send the photo again."),
        ),
        "token_outdated": ProblemType(
            HTTPStatus.GONE, _("The token is of a model that is no longer used."), _("Send the photo again.")
        ),
        "link_not_found": ProblemType(
            HTTPStatus.NOT_FOUND,
            _("This link leads to no search."),
            _("It was not copied whole, or has expired. Search again with a photo."),
        ),
        "link_expired": ProblemType(HTTPStatus.GONE, _("This link has expired."), _("Search again with a photo.")),
        "search_unavailable": ProblemType(
            HTTPStatus.SERVICE_UNAVAILABLE,
            _("Search by photo is not available right now."),
            _("Try again in a moment. Text search and the categories work."),
        ),
    }
)
