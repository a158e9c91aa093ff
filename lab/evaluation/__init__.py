"""How good a model is: category accuracy and recall@k, with the uncertainty of both."""
