"""POST /api/webhook-secret: the secret by which an app knows that a webhook is from the shop."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import permissions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.api.authentication import PartnerAuthentication, partner_of
from catalogue.api.documentation import PARTNERS, refusals
from catalogue.api.parameters import ParametersView
from visualsearch.api import examples


class Partners(permissions.BasePermission):
    """Allows API clients with a key."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return partner_of(request) is not None


class WebhookSecretSerializer(serializers.Serializer[Any]):
    """The secret of an app's webhooks, shown only once."""

    secret = serializers.CharField(help_text="whsec_ and the base64 of the key of HMAC-SHA256.")


class WebhookSecretView(ParametersView):
    """The secret of an app's webhooks."""

    authentication_classes = (PartnerAuthentication,)
    permission_classes = (Partners,)

    @extend_schema(
        operation_id="renew_webhook_secret",
        summary="Get a new webhook secret",
        tags=["batches"],
        auth=PARTNERS,
        request=None,
        examples=[examples.WEBHOOK_SECRET],
        responses={201: WebhookSecretSerializer, **refusals(401, 403)},
    )
    def post(self, request: Request) -> Response:
        """Create the secret of your app's webhooks. It is shown only once.

        Each webhook is signed with it. A previous secret also signs for a day, so that you can switch.
        """
        client = partner_of(request)
        secret = client.new_webhook_secret() if client else ""
        headers = {"Cache-Control": "no-store"}
        return Response({"secret": secret}, status=HTTPStatus.CREATED, headers=headers)
