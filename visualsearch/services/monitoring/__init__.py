"""How search by photo is doing: health, status, metrics, statistics, diagnosis."""
