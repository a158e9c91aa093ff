from __future__ import annotations

import subprocess
import sys

from lab.harness.trial_shop import patience_s

# In a process of its own: the module changes what a network is.
TOGETHER = """
import time
from concurrent.futures import ThreadPoolExecutor
import numpy as np
import django
django.setup()
from django.conf import settings
from lab.benchmarks.serving import gathered
from visualsearch.inference.litert import MODEL_FILE, Network

file = settings.ARTEFACTS_DIR / settings.VISUAL_MODEL["NAME"] / MODEL_FILE
alone = Network(file.read_bytes(), file=file, interpreters=1)
together = gathered.GatheringNetwork(file.read_bytes(), file=file, interpreters=1)
photos = [np.random.default_rng(seed).integers(0, 255, (1, 224, 224, 3), dtype=np.uint8) for seed in range(11)]
sizes, run = [], gathered.GatheringNetwork._run
def noted(self, batch):
    sizes.append(len(batch))
    # The others come meanwhile.
    while len(sizes) == 1 and len(self._waiting) < 10:
        time.sleep(0.001)
    run(self, batch)
gathered.GatheringNetwork._run = noted
with ThreadPoolExecutor(len(photos)) as threads:
    found = list(threads.map(together.run, photos))
same = all(np.array_equal(a, b) for photo, outputs in zip(photos, found) for a, b in zip(alone.run(photo), outputs))
print(sizes, same)
wrong = np.zeros((1, 10, 10), np.uint8)
try:
    together.run(wrong)
except Exception as error:
    print("refused", together._taken)
"""


def test_requests_that_queue_while_the_network_is_busy_become_one_batch() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TOGETHER], capture_output=True, text=True, timeout=patience_s(120), check=True
    ).stdout.splitlines()
    assert done == ["[1, 8, 2] True", "refused False"]
