"""An article's form that loses no photo: drafts of what was sent, the question before publishing without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from catalogue.admin.form_photos import FormPhotos, read_photos, resume
from catalogue.exceptions import BusyError, ImageError
from catalogue.messages import Message
from catalogue.messages.rendering import render
from catalogue.models import Article, PhotoDraft
from catalogue.photos import drafts
from catalogue.photos.drafts import DraftNotKeptError
from catalogue.photos.uploads import FormPhotosUploadHandler, RefusedFile
from catalogue.problems import too_large

# The forms whose photos the page offers, and the photos that are shown of each.
OFFERED, PICTURES = 3, 6

Errors = list[dict[str, str]]


class KeepsPhotos(ModelAdmin):  # type: ignore[type-arg]  # no [] at run time
    """Mixin: photos that were sent with a form are kept until it is saved, whatever is wrong with the rest of it."""

    def get_urls(self) -> list[Any]:
        def own(route: str, view: Callable[..., HttpResponse], name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"catalogue_article_{name}")

        return [
            # The CSRF check parses the form, which may be too large. So it runs inside the view.
            own("drafts/", csrf_exempt(self.drafts_view), "drafts"),
            own("drafts/discard/", require_POST(self.discard_view), "discard_drafts"),
            own("drafts/<uuid:pk>/", self.draft_view, "draft"),
            *super().get_urls(),
        ]

    # The CSRF check parses the form, before which its upload handlers are set.
    @csrf_exempt
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        set_handlers(request)
        return super().add_view(request, form_url, extra_context)

    @csrf_exempt
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        set_handlers(request)
        return super().change_view(request, object_id, form_url, extra_context)

    @method_decorator(csrf_protect)
    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        article = self.get_object(request, object_id) if object_id else None
        if request.method == "POST" and self.may_write(request, article):
            photos = read_photos(request, article)
            request.POST = photos.data  # type: ignore[assignment]  # a copy of it
        else:
            photos = resume(request, article)
        request.form_photos = photos  # type: ignore[attr-defined]  # read by photos_of
        response = super().changeform_view(request, object_id, form_url, extra_context)
        if request.method == "POST" and article is None and isinstance(response, TemplateResponse):
            return self.saved_meanwhile(request, photos) or response
        return response

    def may_write(self, request: HttpRequest, article: Article | None) -> bool:
        return self.has_change_permission(request, article) if article else self.has_add_permission(request)

    def require_writer(self, request: HttpRequest) -> None:
        """Raise PermissionDenied for who may write no article, be it since the draft was sent."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied

    def saved_meanwhile(self, request: HttpRequest, photos: FormPhotos) -> HttpResponse | None:
        """Return the way to an article that the same form made already: it was sent twice."""
        sku = photos.data.get("sku", "").strip()
        done = PhotoDraft.objects.filter(user=cast(User, request.user), form=photos.form, photo__article__sku=sku)
        done = done.filter(photo__deleted=None, photo__article__deleted=None)
        draft = done.select_related("photo__article").first()
        if draft is None or draft.photo is None:
            return None
        said = gettext("“%(article)s” was already saved: the form was sent twice.")
        self.message_user(request, said % {"article": draft.photo.article})
        return HttpResponseRedirect(reverse("admin:catalogue_article_change", args=[draft.photo.article_id]))

    def get_formset_kwargs(self, request: HttpRequest, obj: Article, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        photos = photos_of(request)
        if photos is None or not hasattr(inline, "shows_drafts"):
            return kwargs
        if request.method == "POST":
            photos.hand_over(cast(User, request.user), obj)
            return {**kwargs, "photos": photos, "data": photos.data, "files": photos.files}
        return {**kwargs, "photos": photos, "initial": [{"draft": str(draft.pk)} for draft in photos.resumed]}

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        article: Article = form.instance
        # In the list, which has no rows of photos, only what is published there is worth a word.
        concerns = bool(formsets) or "published" in form.changed_data
        if concerns and article.published and not article.photos.exists():
            said = gettext("“%(article)s” is published without a photo: customers cannot find it by photo.")
            self.message_user(request, said % {"article": article}, messages.WARNING)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        photos = photos_of(request)
        if photos is not None:
            sent = request.method == "POST"
            errors = errors_of(context) if sent else []
            asks = sent and any(formset_lacks_photos(each) for each in context["inline_admin_formsets"])
            if asks:
                context["errors"] = []
            for name, text in photos.unkept:
                said = gettext("“%(name)s” couldn’t be kept. %(reason)s") % {"name": name, "reason": text}
                self.message_user(request, said, messages.ERROR)
            context |= {
                "photo_form": photos.form,
                "error_summary": [] if asks else errors,
                "asks_for_photo": asks,
                "pressed": next((name for name in ("_continue", "_addanother") if name in request.POST), ""),
                "offers": [] if sent or photos.resumed else offers(request, context.get("original")),
                "form_texts": texts(),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def drafts_view(self, request: HttpRequest) -> HttpResponse:
        """Keep one photo of a form and return it as JSON. A GET says that the shop is there and staff logged in."""
        self.require_writer(request)
        if request.method != "POST":
            return JsonResponse({"csrf": get_token(request)}, headers={"Cache-Control": "no-store"})
        request.upload_handlers = [FormPhotosUploadHandler(request)]
        try:
            response: HttpResponse = csrf_protect(self.receive_draft)(request)
        except RequestDataTooBig as error:
            return refused(too_large(error), 413)
        return response

    def receive_draft(self, request: HttpRequest) -> HttpResponse:
        file, form, key = request.FILES.get("file"), request.POST.get("form", ""), request.POST.get("article", "")
        if isinstance(file, RefusedFile):
            return refused(file.message, 413)
        if file is None or not drafts.is_form(form):
            return refused(Message.of("request.choose_a_photo"), 400)
        article = Article.objects.filter(pk=key).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
        try:
            draft = drafts.keep(file, user=cast(User, request.user), form=form, article=article)
        except ImageError as error:
            return refused(error.message, 503 if isinstance(error, BusyError) else 400)
        except DraftNotKeptError as error:
            return refused(error.message, 507)
        return JsonResponse({"draft": str(draft.pk), "name": draft.name}, status=201)

    def draft_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        """Return the picture of a draft of the user's own; on POST, delete it."""
        self.require_writer(request)
        own = drafts.waiting(cast(User, request.user)).filter(pk=pk)
        if request.method == "POST":
            drafts.discard(own)
            return HttpResponse(status=204)
        draft = own.first()
        try:
            picture = drafts.preview(draft) if draft else None
        except (ImageError, FileNotFoundError) as error:
            raise Http404 from error
        if picture is None:
            raise Http404
        return HttpResponse(picture, content_type="image/webp", headers={"Cache-Control": "private, no-store"})

    def discard_view(self, request: HttpRequest) -> HttpResponse:
        """Delete the photos of a form that was not saved, and return to the page that offered them."""
        self.require_writer(request)
        form, key = request.POST.get("form", ""), request.POST.get("article", "")
        drafts.discard(drafts.waiting(cast(User, request.user)).filter(form=form))
        change = key.isascii() and key.isdigit() and len(key) < 19
        name = "change" if change else "add"
        return HttpResponseRedirect(reverse(f"admin:catalogue_article_{name}", args=[key] if change else []))


def set_handlers(request: HttpRequest) -> None:
    if request.method == "POST":
        request.upload_handlers = [FormPhotosUploadHandler(request)]


def photos_of(request: HttpRequest) -> FormPhotos | None:
    photos: FormPhotos | None = getattr(request, "form_photos", None)
    return photos


def refused(message: Message, status: int) -> JsonResponse:
    return JsonResponse({"detail": render(message)}, status=status)


def formset_lacks_photos(inline: Any) -> bool:
    return bool(inline.formset.non_form_errors().as_data()) and any(
        error.code == "no_photo" for error in inline.formset.non_form_errors().as_data()
    )


def errors_of(context: dict[str, Any]) -> Errors:
    """Return each error of a form and its rows, with the field that it is about."""
    found: Errors = []
    forms = [("", context["adminform"].form)]
    for inline in context["inline_admin_formsets"]:
        name = str(inline.opts.verbose_name).capitalize()
        forms += [(f"{name} {number}: ", form) for number, form in enumerate(inline.formset.forms, 1)]
        found += [{"id": "pile", "text": str(text)} for text in inline.formset.non_form_errors()]
    for before, form in forms:
        for field, texts_of_field in form.errors.items():
            bound = form[field] if field in form.fields else None
            label = f"{bound.label}: " if bound and not before else ""
            for text in texts_of_field:
                found.append({"id": bound.id_for_label if bound else "", "text": f"{before}{label}{text}"})
    return found


def offers(request: HttpRequest, article: Article | None) -> list[dict[str, Any]]:
    """Return the forms of this page that the user sent photos of and did not save, the newest first."""
    waiting: QuerySet[PhotoDraft] = drafts.waiting(cast(User, request.user)).filter(article=article)
    by_form: dict[str, list[PhotoDraft]] = {}
    for draft in waiting:
        if drafts.is_whole(draft):
            by_form.setdefault(draft.form, []).append(draft)
    newest = sorted(by_form.items(), key=lambda one: one[1][-1].created, reverse=True)[:OFFERED]
    return [
        {"form": form, "since": kept[0].created, "count": len(kept), "shown": kept[:PICTURES]} for form, kept in newest
    ]


def texts() -> dict[str, str]:
    """Return what the form's script says, in the reader's language."""
    return {
        "required": gettext("Please fill in this field."),
        "number": gettext("Please enter a number."),
        "min": gettext("Please enter %s or more."),
        "max": gettext("Please enter %s or less."),
        "step": gettext("Please enter a whole number, or one with two decimals for a price."),
        "invalid": gettext("Please correct this field."),
        "uploading": gettext("Uploading: %s"),
        "waiting": gettext("Waiting to be uploaded"),
        "kept": gettext("Uploaded. It will be saved with the product."),
        "offline": gettext("No connection. Your photo is still selected here."),
        "signed_out": gettext(
            "You have been signed out. Sign in in another window; your photo is still selected here."
        ),
        "again": gettext("Try again"),
        "sending": gettext("The photos are still being uploaded. The product will be saved after that."),
        "save_offline": gettext(
            "No connection to the shop: nothing was sent. What you entered is still here; try again."
        ),
        "save_signed_out": gettext(
            "You have been signed out: nothing was sent. Sign in in another window, then save here again."
        ),
    }
