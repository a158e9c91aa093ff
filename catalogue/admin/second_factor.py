"""Admin pages of the second factor: the code at a login, and where each of the staff turns it on and off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import django_otp
from django import forms
from django.contrib import admin, messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device
from django_otp.plugins.otp_static import admin as _static_pages  # noqa: F401  (registers what is taken off below)
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp import admin as _totp_pages  # noqa: F401  (as above)
from django_otp.plugins.otp_totp.models import TOTPDevice

from catalogue import second_factor

# Pages of keys and codes, of all users.
admin.site.unregister(TOTPDevice)
admin.site.unregister(StaticDevice)


class CodeForm(forms.Form):
    """A code of the app, or one of recovery."""

    code = forms.CharField(label=_("Code"), max_length=60)
    device: Device | None = None

    def __init__(self, user: User, verify: Callable[[User, str], Device | None], data: Any = None) -> None:
        super().__init__(data)
        self.user, self.verify = user, verify
        self.fields["code"].widget.attrs |= {"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        self.fields["code"].widget.attrs["aria-describedby"] = "code-help"

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if (seconds := second_factor.wait_s(self.user, code)) > 0:
            said = ngettext(
                "After wrong codes, the next one waits. Try again in %(seconds)s second.",
                "After wrong codes, the next one waits. Try again in %(seconds)s seconds.",
                seconds,
            )
            raise forms.ValidationError(said, params={"seconds": seconds})
        self.device = self.verify(self.user, code)
        if self.device is None:
            raise forms.ValidationError(
                _("This code is not right, or it was used before. Enter the one that the app shows now.")
            )
        return code


class HasSecondFactor(ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Mixin of the page of users: the pages of one's own second factor, and resetting that of a colleague."""

    def get_urls(self) -> list[Any]:
        def own(route: str, view: Callable[..., HttpResponse], name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=name)

        return [
            own("second-factor/", self.second_factor_view, "second_factor"),
            own("second-factor/check/", self.check_view, "second_factor_check"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        on = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        users: QuerySet[User] = super().get_queryset(request)
        return users.annotate(second_factor_on=Exists(on))

    @admin.display(description=_("two-step login"), boolean=True, ordering="second_factor_on")
    def has_second_factor(self, user: Any) -> bool:
        return bool(user.second_factor_on)

    @admin.action(description=_("Reset the two-step login"), permissions=["change"])
    def reset_second_factor(self, request: HttpRequest, users: QuerySet[User]) -> None:
        for user in users:
            if not self.has_change_permission(request, user):
                said = gettext("Only a superuser resets the two-step login of %(user)s.")
                self.message_user(request, said % {"user": user}, messages.ERROR)
            elif second_factor.turn_off(user):
                said = gettext(
                    "The two-step login of %(user)s is reset: the password is enough until they turn it on again."
                )
                self.message_user(request, said % {"user": user}, messages.SUCCESS)
                self.log_change(request, user, [{"changed": {"fields": [gettext_noop("two-step login")]}}])
            else:
                said = gettext("The two-step login of %(user)s was not on.")
                self.message_user(request, said % {"user": user}, messages.INFO)

    def check_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a code after the password. Until then the session is a stranger's."""
        user, onward = cast(User, request.user), onward_of(request)
        if second_factor.missing_step(user) != "check":
            return HttpResponseRedirect(onward)
        form = CodeForm(user, second_factor.verify, request.POST if request.method == "POST" else None)
        recovery = "recovery" in request.GET
        if not recovery:
            form.fields["code"].widget.attrs["inputmode"] = "numeric"
        if form.is_valid():
            accept(request, form.device)
            self.warn_of_few_codes(request, user)
            return HttpResponseRedirect(onward)
        context = {**self.bare_context(request), "form": form, "next": onward, "recovery": recovery}
        return TemplateResponse(request, "admin/second_factor/check.html", {**context, "title": gettext("Your code")})

    def second_factor_view(self, request: HttpRequest) -> HttpResponse:
        """Show whether one's second factor is on; turn it on, or off, or make new recovery codes."""
        user = cast(User, request.user)
        # Whoever has one passed it, or the middleware would have led elsewhere.
        if second_factor.is_on(user):
            return self.on_view(request, user)
        posted = request.POST if request.method == "POST" and "code" in request.POST else None
        form = CodeForm(user, second_factor.confirm, posted)
        form.fields["code"].widget.attrs["inputmode"] = "numeric"
        if form.is_valid():
            accept(request, form.device)
            return self.codes_page(request, second_factor.new_recovery_codes(user))
        device = second_factor.begin(user) if request.method == "POST" else None
        context: dict[str, Any] = {"form": form, "required": second_factor.is_required(user)}
        if device is not None:
            context |= {"qr_code": second_factor.qr_code(device), "secret": second_factor.secret_of(device)}
        return self.page(request, context)

    def on_view(self, request: HttpRequest, user: User) -> HttpResponse:
        """Show what is on. Who changes it shows a code: the page may have been left open."""
        form = CodeForm(user, second_factor.verify, request.POST if request.method == "POST" else None)
        del form.fields["code"].widget.attrs["autofocus"]
        if form.is_valid():
            if "off" in request.POST:
                second_factor.turn_off(user)
                self.message_user(request, gettext("The two-step login is off."))
                return HttpResponseRedirect(reverse("admin:second_factor"))
            return self.codes_page(request, second_factor.new_recovery_codes(user))
        return self.page(request, {"form": form, "on": True, "codes_left": second_factor.recovery_codes_left(user)})

    def codes_page(self, request: HttpRequest, codes: list[str]) -> HttpResponse:
        return self.page(request, {"codes": codes, "on": True})

    def page(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        around = self.admin_site.each_context(request)
        if second_factor.missing_step(request.user) is not None:
            around = self.bare_context(request)
        context = {**around, "title": gettext("Two-step login"), **context}
        # Every page of the admin says no-store.
        return TemplateResponse(request, "admin/second_factor/page.html", context)

    def bare_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return the admin's context for a page of who has only shown a password: without the list of pages."""
        return {**self.admin_site.each_context(request), "available_apps": [], "is_nav_sidebar_enabled": False}

    def warn_of_few_codes(self, request: HttpRequest, user: User) -> None:
        left = second_factor.recovery_codes_left(user)
        if left < FEW_CODES:
            said = ngettext("You have %(left)s recovery code left.", "You have %(left)s recovery codes left.", left)
            more = gettext("Make new ones under “Two-step login”.")
            self.message_user(request, f"{said % {'left': left}} {more}", messages.WARNING)


# Recovery codes of which there should be more.
FEW_CODES = 4


def accept(request: HttpRequest, device: Device | None) -> None:
    """Have the session pass: it gets a new key, as after a password."""
    request.session.cycle_key()
    django_otp.login(request, device)


def onward_of(request: HttpRequest) -> str:
    """Return where a login leads on to: an address of this shop, by default the start page."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else reverse("admin:index")
