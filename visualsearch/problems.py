"""The problems of search by photo, as pages, admin and API tell them. Registered when the app is ready."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from catalogue.problems import ProblemType, register_problems

register_problems(
    {
        "invalid_token": ProblemType(
            HTTPStatus.BAD_REQUEST,
            _("This link isn’t valid."),
            _("Please search again with the photo."),
        ),
        "token_outdated": ProblemType(
            HTTPStatus.GONE, _("This link has expired."), _("Please search again with the photo.")
        ),
        "link_not_found": ProblemType(
            HTTPStatus.NOT_FOUND,
            _("This link doesn’t lead to a search."),
            _("It is incomplete, or has expired. Please search again with the photo."),
        ),
        "link_expired": ProblemType(
            HTTPStatus.GONE, _("This link has expired."), _("Please search again with the photo.")
        ),
        "search_unavailable": ProblemType(
            HTTPStatus.SERVICE_UNAVAILABLE,
            _("Search by photo isn’t available right now."),
            _("Try again in a moment. You can still search by word or browse the categories."),
        ),
    }
)
