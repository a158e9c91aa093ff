"""API views of articles and categories."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, pagination
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.fields import BooleanField, IntegerField
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.api.authentication import PartnerAuthentication
from catalogue.api.conditional import conditional
from catalogue.api.documentation import LIST_EXAMPLE, LIST_PARAMETERS, READERS, STAFF, UNCHANGED, refusals
from catalogue.api.fields import asked_fields, fields_parameter, only
from catalogue.api.idempotency import IDEMPOTENCY_PARAMETER, idempotent
from catalogue.api.serializers import (
    ArticleDetailSerializer,
    ArticlePageSerializer,
    ArticleSerializer,
    BranchSerializer,
    FacetsSerializer,
    TextSearchSerializer,
)
from catalogue.api.writing import ARTICLE_INPUT_EXAMPLE, ArticleInputSerializer, StaffMayWrite, sees_hidden
from catalogue.browsing.facets import count_facets
from catalogue.browsing.listing import ListQuery, listed, parse_list
from catalogue.browsing.tree import category_tree
from catalogue.models import Article
from catalogue.models.querysets import ArticleQuerySet
from catalogue.text_search.searching import TextSearch, plan_search


class ArticlePages(pagination.PageNumberPagination):
    """24 articles a page; `page_size` asks for up to 100."""

    page_size = 24
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_page_size(self, request: Request) -> int:
        asked = request.query_params.get("page_size")
        if not asked:
            return self.page_size
        try:
            size: int = IntegerField(min_value=1, max_value=self.max_page_size).run_validation(asked)
        except ValidationError as error:
            raise ValidationError({"page_size": error.detail}) from error
        return size

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> Any:
        asked = request.query_params.get("facets") or "false"
        try:
            self.facets_wanted = BooleanField().run_validation(asked)
        except ValidationError as error:
            raise ValidationError({"facets": error.detail}) from error
        # The one view that has such pages.
        self.view: Any = view
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page; if requested, with facet counts over the articles of all pages."""
        names = asked_fields(self.request.query_params, ArticleSerializer) if self.request is not None else None
        response = super().get_paginated_response(only(data, names))
        if (search := self.view.search) is not None:
            response.data["search"] = TextSearchSerializer(search).data
        if self.facets_wanted and self.request is not None:
            articles = Article.objects.published()
            if search is not None:
                articles = search.apply(articles)
            response.data["facets"] = FacetsSerializer(count_facets(self.view.list_query.filters, articles)).data
        return response


PUBLISHED_PARAMETER = OpenApiParameter(
    "published",
    {"type": "string", "enum": ["true", "false"], "default": "true"},
    description="false, with a token of staff: the articles that shoppers do not see.",
)
PAGE_SIZE = {"type": "integer", "minimum": 1, "maximum": ArticlePages.max_page_size, "default": ArticlePages.page_size}


@conditional
class ArticleListView(generics.ListCreateAPIView[Article]):
    """Published articles: all, or those that mention words and pass filters. Staff add to them."""

    authentication_classes = (TokenAuthentication, PartnerAuthentication)
    permission_classes = (StaffMayWrite,)
    written = Article
    serializer_class = ArticleSerializer
    pagination_class = ArticlePages
    search: TextSearch | None = None

    def get_queryset(self) -> ArticleQuerySet:
        hidden = self.request.query_params.get("published") == "false" and sees_hidden(self.request)
        articles = Article.objects.filter(published=False) if hidden else Article.objects.published()
        self.search = plan_search(self.list_query.text, articles)
        return listed(self.list_query, articles, self.search, any_articles=hidden).for_display()

    @cached_property
    def list_query(self) -> ListQuery:
        """Return the words, filters and ordering; parsed once per request."""
        return parse_list(self.request.query_params)

    @extend_schema(
        operation_id="list_articles",
        auth=READERS,
        parameters=[
            *LIST_PARAMETERS,
            PUBLISHED_PARAMETER,
            OpenApiParameter("page", {"type": "integer", "minimum": 1, "default": 1}),
            OpenApiParameter("page_size", PAGE_SIZE),
            fields_parameter(ArticleSerializer),
        ],
        examples=[LIST_EXAMPLE],
        responses={200: ArticlePageSerializer, 304: UNCHANGED, **refusals(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="add_article",
        auth=STAFF,
        parameters=[IDEMPOTENCY_PARAMETER],
        request=ArticleInputSerializer,
        examples=[ARTICLE_INPUT_EXAMPLE],
        responses={201: ArticleDetailSerializer, **refusals(400, 401, 403, 413, 415, 422)},
    )
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add an article. Staff only."""
        return idempotent(request, lambda: self.add(request))

    def add(self, request: Request) -> Response:
        sent = ArticleInputSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        article = Article.objects.for_page().get(pk=sent.save().pk)
        return Response(
            ArticleDetailSerializer(article, context={"staff": True}).data,
            status=HTTPStatus.CREATED,
            headers={"Location": reverse("api-article", args=[article.pk])},
        )


@conditional
class ArticleView(generics.RetrieveUpdateDestroyAPIView[Article]):
    """One published article, with its photos. Staff read, change and delete any."""

    authentication_classes = (TokenAuthentication, PartnerAuthentication)
    permission_classes = (StaffMayWrite,)
    written = Article
    serializer_class = ArticleDetailSerializer
    http_method_names = ("get", "head", "options", "patch", "delete")

    def get_queryset(self) -> ArticleQuerySet:
        articles = Article.objects.all() if sees_hidden(self.request) else Article.objects.published()
        return articles.for_page()

    @extend_schema(
        operation_id="read_article",
        auth=READERS,
        parameters=[fields_parameter(ArticleDetailSerializer)],
        responses={200: ArticleDetailSerializer, 304: UNCHANGED, **refusals(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        names = asked_fields(request.query_params, ArticleDetailSerializer)
        context = {"staff": sees_hidden(request)}
        return Response(only([ArticleDetailSerializer(self.get_object(), context=context).data], names)[0])

    @extend_schema(
        operation_id="change_article",
        auth=STAFF,
        request=ArticleInputSerializer,
        responses={200: ArticleDetailSerializer, **refusals(400, 401, 403, 404, 413, 415)},
    )
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change what is sent, and leave the rest. Staff only."""
        sent = ArticleInputSerializer(self.get_object(), data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        sent.save()
        return Response(ArticleDetailSerializer(self.get_object(), context={"staff": True}).data)

    @extend_schema(operation_id="delete_article", auth=STAFF, responses={204: None, **refusals(401, 403, 404)})
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put an article into the bin with its photos; staff can restore it there for some weeks. Staff only."""
        return super().delete(request, *args, **kwargs)


@conditional
class CategoryListView(APIView):
    """The tree of categories, each with its number of published articles."""

    @extend_schema(
        operation_id="list_categories",
        responses={200: BranchSerializer(many=True), 304: UNCHANGED, **refusals()},
    )
    def get(self, request: Request) -> Response:
        return Response(BranchSerializer(category_tree(), many=True).data)


class NothingHereView(APIView):
    """The catch-all of URLs below /api/: 404, whatever the method."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
