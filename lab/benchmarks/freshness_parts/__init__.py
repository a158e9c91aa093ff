"""How long it takes from the commit of an article until each web process finds it by its photo."""
