"""What is run beside the shop, never by it: nothing of what is served imports this package, and no image holds it."""
