"""How dates are written in a language, where Django's way is not the shop's."""
