"""Articles and categories for programs."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, pagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.api.documentation import LIST_PARAMETERS, refusals
from catalogue.api.serializers import ArticleDetailSerializer, ArticleSerializer, BranchSerializer
from catalogue.listing import listed
from catalogue.models import Article
from catalogue.querysets import ArticleQuerySet
from catalogue.tree import category_tree


class ArticlePages(pagination.PageNumberPagination):
    """24 articles a page; `page_size` asks for up to 100."""

    page_size = 24
    page_size_query_param = "page_size"
    max_page_size = 100


class ArticleListView(generics.ListAPIView[Article]):
    """Published articles: all, or those that mention words and pass filters."""

    serializer_class = ArticleSerializer
    pagination_class = ArticlePages

    def get_queryset(self) -> ArticleQuerySet:
        return listed(self.request.query_params, Article.objects.published()).for_display()

    @extend_schema(
        operation_id="list_articles",
        parameters=LIST_PARAMETERS,
        responses={200: ArticleSerializer(many=True), **refusals(400, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ArticleView(generics.RetrieveAPIView[Article]):
    """One published article, with its photos."""

    serializer_class = ArticleDetailSerializer
    queryset = Article.objects.published().for_display()

    @extend_schema(operation_id="read_article", responses={200: ArticleDetailSerializer, **refusals(404)})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class CategoryListView(APIView):
    """The tree of categories, each with its number of published articles."""

    @extend_schema(operation_id="list_categories", responses={200: BranchSerializer(many=True)})
    def get(self, request: Request) -> Response:
        return Response(BranchSerializer(category_tree(), many=True).data)


class NothingHereView(APIView):
    """Every other address below /api/, whatever the method."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404
