"""API views by which staff add, change, reorder and delete an article's photos."""

from __future__ import annotations

from http import HTTPStatus

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.api import examples
from catalogue.api.authentication import StaffAuthentication
from catalogue.api.documentation import STAFF, refusals
from catalogue.api.idempotency import IDEMPOTENCY_PARAMETER, idempotent
from catalogue.api.parameters import ParametersView
from catalogue.api.parsers import BoundedJSONParser, PhotoFormParser
from catalogue.api.serializers import PhotoSerializer
from catalogue.api.writing import PhotoChangeSerializer, PhotoInputSerializer, PhotoOrderSerializer, StaffMayWrite
from catalogue.models import Article, Photo
from catalogue.photos import services
from catalogue.rights import visible_articles


class PhotoListView(ParametersView):
    """The photos of an article, to add to."""

    authentication_classes = (StaffAuthentication,)
    permission_classes = (StaffMayWrite,)
    written = Photo
    parser_classes = (PhotoFormParser,)

    @extend_schema(
        operation_id="add_photo",
        summary="Add a photo to an article",
        tags=["staff"],
        auth=STAFF,
        parameters=[IDEMPOTENCY_PARAMETER],
        request={"multipart/form-data": PhotoInputSerializer},
        examples=[examples.PHOTO_INPUT, examples.PHOTO_ADDED],
        responses={201: PhotoSerializer, **refusals(400, 401, 403, 404, 413, 415, 422, 503)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Add a photo to an article. Staff only."""
        article = get_object_or_404(visible_articles(request), pk=pk)
        return idempotent(request, lambda: self.add(request, article))

    def add(self, request: Request, article: Article) -> Response:
        sent = PhotoInputSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        photo = services.add_photo(article, sent.validated_data.pop("image"), **sent.validated_data)
        return Response(PhotoSerializer(photo, context={"request": request}).data, status=HTTPStatus.CREATED)


class PhotoView(ParametersView):
    """One photo of an article."""

    authentication_classes = (StaffAuthentication,)
    permission_classes = (StaffMayWrite,)
    written = Photo
    parser_classes = (PhotoFormParser, BoundedJSONParser)

    @extend_schema(
        operation_id="change_photo",
        summary="Change a photo",
        tags=["staff"],
        auth=STAFF,
        examples=[examples.PHOTO_REPLACED, examples.PHOTO_CHANGE, examples.PHOTO_CHANGED],
        request={"multipart/form-data": PhotoChangeSerializer, "application/json": PhotoChangeSerializer},
        responses={200: PhotoSerializer, **refusals(400, 401, 403, 404, 413, 415, 503)},
    )
    def patch(self, request: Request, pk: int, photo_pk: int) -> Response:
        """Change the given fields of a photo, or replace its image (as a form). Staff only."""
        photo = photo_of(request, pk, photo_pk)
        sent = PhotoChangeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        services.change_photo(photo, file=sent.validated_data.pop("image", None), **sent.validated_data)
        return Response(PhotoSerializer(photo, context={"request": request}).data)

    @extend_schema(
        operation_id="delete_photo",
        summary="Delete a photo",
        tags=["staff"],
        auth=STAFF,
        responses={204: None, **refusals(401, 403, 404)},
    )
    def delete(self, request: Request, pk: int, photo_pk: int) -> Response:
        """Delete a photo. Staff only."""
        photo_of(request, pk, photo_pk).delete()
        return Response(status=HTTPStatus.NO_CONTENT)


def photo_of(request: Request, article_pk: int, photo_pk: int) -> Photo:
    """Return the photo. Raises Http404 if there is none, or not of this article, or the caller does not see that.

    The article is compared here: for an integer that no column holds, Django finds no row by primary key, but raises
    an error by foreign key.
    """
    photo = get_object_or_404(Photo, pk=photo_pk)
    if photo.article_id != article_pk or not visible_articles(request).filter(pk=article_pk).exists():
        raise Http404
    return photo


class PhotoOrderView(ParametersView):
    """The order in which an article's photos are shown; the first is in lists."""

    authentication_classes = (StaffAuthentication,)
    permission_classes = (StaffMayWrite,)
    written = Photo

    @extend_schema(
        operation_id="order_photos",
        summary="Change the order of photos",
        tags=["staff"],
        auth=STAFF,
        examples=[examples.PHOTO_ORDER, examples.PHOTOS_ORDERED],
        request=PhotoOrderSerializer,
        responses={200: PhotoSerializer(many=True), **refusals(400, 401, 403, 404, 413, 415)},
    )
    def put(self, request: Request, pk: int) -> Response:
        """Change the order of an article's photos. Staff only."""
        article = get_object_or_404(visible_articles(request), pk=pk)
        sent = PhotoOrderSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        services.reorder_photos(article, sent.validated_data["photos"])
        return Response(PhotoSerializer(article.photos.all(), many=True, context={"request": request}).data)
