"""How garments are cut: one module for each family."""
