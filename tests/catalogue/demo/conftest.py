from tests.catalogue.demo.dataset import dataset

__all__ = ["dataset"]
