"""English as the shop's texts have it."""
