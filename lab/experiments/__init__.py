"""The laboratory: every technique of making a network small, fast and good, as a row that can be measured again."""
