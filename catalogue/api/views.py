"""API views of articles and categories."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.exceptions import ValidationError
from rest_framework.fields import BooleanField
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.api import examples
from catalogue.api.authentication import PartnerAuthentication, StaffAuthentication
from catalogue.api.conditional import conditional
from catalogue.api.documentation import LIST_PARAMETERS, NO_KEY, READERS, STAFF, UNCHANGED, refusals
from catalogue.api.fields import asked_fields, fields_parameter, only
from catalogue.api.idempotency import IDEMPOTENCY_PARAMETER, idempotent
from catalogue.api.paging import Pages, page_parameters
from catalogue.api.parameters import ParametersView, names_of
from catalogue.api.serializers import (
    ArticleDetailSerializer,
    ArticlePageSerializer,
    ArticleSerializer,
    BranchSerializer,
    FacetsSerializer,
    TextSearchSerializer,
)
from catalogue.api.writing import ArticleInputSerializer, StaffMayWrite
from catalogue.browsing.article_pages import ArticlePages
from catalogue.browsing.facets import count_facets
from catalogue.browsing.listing import ListQuery, listed, parse_list
from catalogue.browsing.offers import Offer, published_offer
from catalogue.browsing.tree import category_tree
from catalogue.models import Article
from catalogue.models.querysets import ArticleQuerySet
from catalogue.rights import sees_hidden, visible_articles
from catalogue.text_search.searching import TextSearch, plan_search


class CountedPages(Pages):
    """24 articles a page; with facet counts over the articles of all pages, where they are asked for."""

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        asked = request.query_params.get("facets") or "false"
        try:
            self.facets_wanted = BooleanField().run_validation(asked)
        except ValidationError as error:
            raise ValidationError({"facets": error.detail}) from error
        # The one view that has such pages.
        self.view: Any = view
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: Any) -> Response:
        names = asked_fields(self.request.query_params, ArticleSerializer)
        response = super().get_paginated_response(only(data, names))
        if (search := self.view.search) is not None:
            response.data["search"] = TextSearchSerializer(search).data
        if self.facets_wanted:
            response.data["facets"] = FacetsSerializer(count_facets(self.view.list_query.filters, self.view.offer)).data
        return response


PUBLISHED_PARAMETER = OpenApiParameter(
    "published",
    OpenApiTypes.BOOL,
    default=True,
    description="false, with a token that has the right: hidden articles.",
)
PARAMETERS = [
    *LIST_PARAMETERS,
    PUBLISHED_PARAMETER,
    *page_parameters(CountedPages.default_limit, former=True),
    fields_parameter(ArticleSerializer),
]


@conditional
class ArticleListView(ParametersView, generics.ListCreateAPIView[Article]):
    """Published articles, filtered by words and by the given filters. Staff add to them."""

    authentication_classes = (StaffAuthentication, PartnerAuthentication)
    permission_classes = (StaffMayWrite,)
    written = Article
    serializer_class = ArticleSerializer
    pagination_class = CountedPages
    search: TextSearch | None = None
    query_parameters: ClassVar = {"GET": names_of(*PARAMETERS)}

    def get_queryset(self) -> Any:
        """Return the articles of the list, to be counted and sliced."""
        if not self.wants_hidden():
            return ArticlePages(self.list_query, self.offer)
        hidden = Article.objects.filter(published=False)
        self.search = plan_search(self.list_query.text, hidden)
        return listed(self.list_query, hidden, self.search, any_articles=True).for_display()

    @cached_property
    def offer(self) -> Offer:
        """Return the published articles that the words find."""
        self.search = plan_search(self.list_query.text, Article.objects.published())
        return published_offer(search=self.search)

    def wants_hidden(self) -> bool:
        """Whether staff ask for articles that are not published. Of others, the parameter is not used."""
        asked = self.request.query_params.get("published") or "true"
        try:
            published = BooleanField().run_validation(asked)
        except ValidationError as error:
            raise ValidationError({"published": error.detail}) from error
        if not published and not sees_hidden(self.request):
            self.unused.append("published")
        return not published and sees_hidden(self.request)

    @cached_property
    def list_query(self) -> ListQuery:
        """Return the words, filters and ordering; parsed once per request."""
        return parse_list(self.request.query_params)

    @extend_schema(
        operation_id="list_articles",
        summary="List articles",
        description="Published articles, filtered by words and by the given filters.",
        tags=["catalogue"],
        auth=READERS,
        parameters=PARAMETERS,
        examples=[examples.ARTICLE_PAGE],
        responses={200: ArticlePageSerializer, 304: UNCHANGED, **refusals(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="add_article",
        summary="Add an article",
        tags=["staff"],
        auth=STAFF,
        parameters=[IDEMPOTENCY_PARAMETER],
        request=ArticleInputSerializer,
        examples=[examples.ARTICLE_INPUT, examples.ARTICLE_ADDED],
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
            ArticleDetailSerializer(article, context={"staff": True, "request": request}).data,
            status=HTTPStatus.CREATED,
            headers={"Location": reverse("api-article", args=[article.pk])},
        )


@conditional
class ArticleView(ParametersView, generics.RetrieveUpdateDestroyAPIView[Article]):
    """One published article, with its photos. Staff read, change and delete any."""

    authentication_classes = (StaffAuthentication, PartnerAuthentication)
    permission_classes = (StaffMayWrite,)
    written = Article
    serializer_class = ArticleDetailSerializer
    http_method_names = ("get", "head", "options", "patch", "delete")
    query_parameters: ClassVar = {"GET": frozenset({"fields"})}

    def get_queryset(self) -> ArticleQuerySet:
        return visible_articles(self.request).for_page()

    @extend_schema(
        operation_id="read_article",
        summary="Get an article",
        description="One published article, with photos and variants. With a token that sees hidden ones: any article.",
        tags=["catalogue"],
        auth=READERS,
        parameters=[fields_parameter(ArticleDetailSerializer)],
        examples=[examples.ARTICLE],
        responses={200: ArticleDetailSerializer, 304: UNCHANGED, **refusals(400, 401, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        names = asked_fields(request.query_params, ArticleDetailSerializer)
        context = {"staff": sees_hidden(request), "request": request}
        return Response(only([ArticleDetailSerializer(self.get_object(), context=context).data], names)[0])

    @extend_schema(
        operation_id="change_article",
        summary="Change an article",
        tags=["staff"],
        auth=STAFF,
        request=ArticleInputSerializer,
        examples=[examples.ARTICLE_CHANGE, examples.ARTICLE_ADDED],
        responses={200: ArticleDetailSerializer, **refusals(400, 401, 403, 404, 413, 415)},
    )
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change the given fields of an article. Staff only."""
        sent = ArticleInputSerializer(self.get_object(), data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        sent.save()
        return Response(ArticleDetailSerializer(self.get_object(), context={"staff": True, "request": request}).data)

    @extend_schema(
        operation_id="delete_article",
        summary="Delete an article",
        tags=["staff"],
        auth=STAFF,
        responses={204: None, **refusals(401, 403, 404)},
    )
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Move an article to the bin, with its photos; staff can restore it for some weeks. Staff only."""
        return super().delete(request, *args, **kwargs)


@conditional
class CategoryListView(ParametersView):
    """The tree of categories, each with its number of published articles."""

    @extend_schema(
        operation_id="list_categories",
        summary="Get the tree of categories",
        description="All categories, with their number of published articles, as one tree without pages.",
        tags=["catalogue"],
        auth=NO_KEY,
        examples=[examples.CATEGORIES],
        responses={200: BranchSerializer(many=True), 304: UNCHANGED, **refusals()},
    )
    def get(self, request: Request) -> Response:
        return Response(BranchSerializer(category_tree(), many=True).data)


class NothingHereView(APIView):
    """The catch-all of URLs below /api/: 404, whatever the method."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
