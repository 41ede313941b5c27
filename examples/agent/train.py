"""Trains the agent's policy: on a 7 × 7 field with walls, which way is shortest to the goal. Writes agent.onnx and calibration.npy beside itself.

The field is the input, 3 planes of 49: where the walls are, where the agent is, where the goal is. The output is a score for each of north, east, south, west.
The teacher is a breadth-first search from the goal: of the directions that lead nearer one or two are right, and a direction counts as learned when it is one of them.
"""

import sys
from collections import deque
from pathlib import Path

import numpy as np

here = Path(__file__).parent
sys.path.insert(0, str(here.parent / "networks"))
import mlp  # noqa: E402

SIZE = 7
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))
random = np.random.default_rng(7)


def distances(walls, goal):
    steps = np.full((SIZE, SIZE), -1)
    steps[goal] = 0
    queue = deque([goal])
    while queue:
        row, column = queue.popleft()
        for down, right in STEPS:
            place = (row + down, column + right)
            if 0 <= place[0] < SIZE and 0 <= place[1] < SIZE and not walls[place] and steps[place] < 0:
                steps[place] = steps[row, column] + 1
                queue.append(place)
    return steps


def situations(count):
    """Inputs, and for each direction whether it leads nearer."""
    inputs, targets = [], []
    while len(inputs) < count:
        walls = random.random((SIZE, SIZE)) < 0.18
        free = np.argwhere(~walls)
        goal = tuple(free[random.integers(len(free))])
        steps = distances(walls, goal)
        reachable = np.argwhere(steps > 0)
        if len(reachable) < 8:
            continue
        for row, column in reachable[random.choice(len(reachable), 8, replace=False)]:
            planes = np.zeros((3, SIZE, SIZE))
            planes[0] = walls
            planes[1, row, column] = 1
            planes[2][goal] = 1
            nearer = np.zeros(4)
            for index, (down, right) in enumerate(STEPS):
                place = (row + down, column + right)
                if 0 <= place[0] < SIZE and 0 <= place[1] < SIZE and 0 <= steps[place] < steps[row, column]:
                    nearer[index] = 1
            inputs.append(planes.ravel())
            targets.append(nearer)
    return np.array(inputs), np.array(targets)


def gradient(logits, nearer):
    """Cross entropy to the right directions, of which each is as good."""
    return (mlp.softmax(logits) - nearer / nearer.sum(axis=1, keepdims=True)) / len(logits)


x, nearer = situations(80_000)
held, held_nearer = situations(2_000)
batch = lambda step: (lambda rows: (x[rows], nearer[rows]))(random.integers(len(x), size=128))
layers = mlp.train(mlp.initial([3 * SIZE * SIZE, 128, 32, 4], random), batch, gradient, 12_000)
chosen = mlp.forward(layers, held)[-1].argmax(axis=1)
print(f"a shortest way in {100 * held_nearer[np.arange(len(held)), chosen].mean():.2f} % of fields that it was not trained on")
mlp.write(here / "agent.onnx", layers, "agent")
np.save(here / "calibration.npy", x[:256].astype(np.float32))
