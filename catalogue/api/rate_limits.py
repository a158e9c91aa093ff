"""Throttles of the API for REST framework, which count by `catalogue.rate_limits`."""

from __future__ import annotations

from abc import ABC, abstractmethod

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from catalogue.rate_limits import Limit, admit


class LimitThrottle(BaseThrottle, ABC):
    """Allows a request that exceeds none of its rate limits."""

    _wait_s: float | None = None

    @abstractmethod
    def limits(self, request: Request) -> list[Limit]:
        """Return the caller's rate limits."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        admission = admit(self.limits(request))
        self._wait_s = admission.wait_s
        return admission.allowed

    def wait(self) -> float | None:
        return self._wait_s
