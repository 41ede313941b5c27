"""Draws digits from stroke definitions of this project; no font and no data set is involved.

A glyph is a list of strokes; a stroke is a list of points (x, y), y downwards, in a box of height 1,
through which a Catmull-Rom curve runs. A repeated point makes a corner. `render` gives a 28x28 uint8
picture in MNIST's convention: white ink on black, the ink in a box of about 20 pixels, its centre of
mass in the middle.

    python draw.py            writes pictures/0.png ... pictures/9.png
"""

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 28  # pixels
PICTURE_SEED = 20  # of the committed pictures; training draws from other seeds
STEPS_PER_SPAN = 8  # straight pieces that stand for one curve span

# Several ways to write each digit.
GLYPHS = {
    0: [
        [[(0.36, 0.02), (0.12, 0.20), (0.04, 0.52), (0.14, 0.86), (0.36, 0.98), (0.58, 0.84), (0.66, 0.50), (0.58, 0.17), (0.36, 0.02)]],
        [[(0.52, 0.08), (0.25, 0.05), (0.05, 0.35), (0.08, 0.75), (0.32, 0.96), (0.62, 0.80), (0.72, 0.42), (0.60, 0.12), (0.40, 0.06)]],
    ],
    1: [
        [[(0.30, 0.00), (0.30, 0.50), (0.30, 1.00)]],
        [[(0.10, 0.24), (0.34, 0.02), (0.34, 0.02), (0.34, 0.50), (0.34, 1.00)]],
        [[(0.45, 0.00), (0.32, 0.50), (0.18, 1.00)]],
    ],
    2: [
        [[(0.06, 0.26), (0.18, 0.06), (0.42, 0.01), (0.62, 0.16), (0.58, 0.42), (0.32, 0.72), (0.04, 0.97), (0.04, 0.97), (0.36, 0.96), (0.70, 0.97)]],
        [[(0.06, 0.22), (0.24, 0.03), (0.50, 0.05), (0.60, 0.28), (0.42, 0.62), (0.14, 0.92), (0.06, 0.84), (0.22, 0.76), (0.44, 0.92), (0.72, 0.92)]],
    ],
    3: [
        [[(0.08, 0.14), (0.30, 0.01), (0.56, 0.10), (0.58, 0.32), (0.28, 0.46), (0.28, 0.46), (0.60, 0.58), (0.64, 0.82), (0.38, 0.99), (0.06, 0.88)]],
        [[(0.08, 0.04), (0.58, 0.04), (0.58, 0.04), (0.28, 0.40), (0.28, 0.40), (0.58, 0.52), (0.62, 0.80), (0.36, 0.98), (0.06, 0.90)]],
    ],
    4: [
        [[(0.14, 0.02), (0.08, 0.30), (0.04, 0.54), (0.04, 0.54), (0.34, 0.54), (0.66, 0.50)], [(0.60, 0.04), (0.54, 0.50), (0.50, 1.00)]],
        [[(0.48, 0.00), (0.24, 0.36), (0.02, 0.66), (0.02, 0.66), (0.36, 0.66), (0.72, 0.64)], [(0.50, 0.00), (0.50, 0.50), (0.50, 1.00)]],
    ],
    5: [
        [[(0.64, 0.03), (0.16, 0.03), (0.16, 0.03), (0.11, 0.42), (0.11, 0.42), (0.36, 0.36), (0.62, 0.50), (0.62, 0.80), (0.38, 0.98), (0.06, 0.88)]],
        [[(0.16, 0.06), (0.10, 0.44), (0.10, 0.44), (0.40, 0.40), (0.60, 0.60), (0.50, 0.88), (0.26, 0.98), (0.04, 0.90)], [(0.16, 0.06), (0.40, 0.06), (0.68, 0.02)]],
    ],
    6: [
        [[(0.52, 0.02), (0.22, 0.26), (0.06, 0.62), (0.16, 0.92), (0.42, 0.98), (0.62, 0.80), (0.54, 0.58), (0.30, 0.54), (0.10, 0.72)]],
        [[(0.34, 0.00), (0.12, 0.34), (0.06, 0.72), (0.24, 0.98), (0.52, 0.92), (0.60, 0.70), (0.42, 0.56), (0.20, 0.66), (0.12, 0.80)]],
    ],
    7: [
        [[(0.04, 0.05), (0.34, 0.05), (0.66, 0.04), (0.66, 0.04), (0.46, 0.46), (0.28, 1.00)]],
        [[(0.04, 0.14), (0.06, 0.05), (0.06, 0.05), (0.36, 0.06), (0.64, 0.03), (0.64, 0.03), (0.42, 0.50), (0.34, 1.00)], [(0.22, 0.52), (0.42, 0.51), (0.62, 0.48)]],
    ],
    8: [
        [[(0.34, 0.48), (0.12, 0.28), (0.20, 0.05), (0.40, 0.01), (0.58, 0.12), (0.56, 0.32), (0.34, 0.48), (0.10, 0.68), (0.14, 0.92), (0.36, 0.99), (0.60, 0.88), (0.60, 0.66), (0.34, 0.48)]],
        [[(0.58, 0.12), (0.36, 0.01), (0.14, 0.16), (0.24, 0.40), (0.52, 0.62), (0.56, 0.88), (0.32, 0.99), (0.10, 0.84), (0.22, 0.60), (0.50, 0.36), (0.58, 0.12)]],
    ],
    9: [
        [[(0.58, 0.20), (0.38, 0.02), (0.12, 0.14), (0.10, 0.40), (0.34, 0.50), (0.54, 0.36), (0.58, 0.20), (0.58, 0.20), (0.56, 0.60), (0.48, 1.00)]],
        [[(0.56, 0.16), (0.30, 0.01), (0.08, 0.20), (0.16, 0.46), (0.42, 0.44), (0.57, 0.18), (0.60, 0.50), (0.54, 0.84), (0.32, 0.99), (0.10, 0.90)]],
    ],
}


def curve(points):
    """Points along the Catmull-Rom curve through `points` (a centripetal feel is not needed at 28 pixels)."""
    p = np.asarray([points[0], *points, points[-1]], dtype=np.float64)
    t = np.linspace(0.0, 1.0, STEPS_PER_SPAN, endpoint=False)[:, None]
    spans = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:]):
        if np.array_equal(b, c):
            continue
        spans.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate([*spans, p[-1:]])


def ink(polylines, radius):
    """Anti-aliased 28x28 coverage in 0..1 of `polylines` (in pixels) drawn with a round pen of `radius` pixels."""
    ys, xs = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    pixels = np.stack([xs.ravel(), ys.ravel()], axis=1)
    distance = np.full(SIDE * SIDE, np.inf)
    for line in polylines:
        a, ab = line[:-1], np.diff(line, axis=0)
        length2 = np.maximum((ab**2).sum(axis=1), 1e-12)
        along = np.clip(((pixels[:, None] - a) * ab).sum(axis=2) / length2, 0.0, 1.0)
        nearest = a + along[:, :, None] * ab
        distance = np.minimum(distance, np.sqrt(((pixels[:, None] - nearest) ** 2).sum(axis=2)).min(axis=1))
    return np.clip(radius + 0.5 - distance, 0.0, 1.0).reshape(SIDE, SIDE)


def render(glyph, rng, wobble):
    """A uint8 28x28 picture of one glyph. `wobble` 0 draws it as defined; 1 is untidy handwriting."""
    turn, slant = rng.normal(0, 0.10 * wobble), rng.normal(0.08, 0.16 * wobble)
    width, height = np.exp(rng.normal(0, 0.12 * wobble)), np.exp(rng.normal(0, 0.04 * wobble))
    rotate = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shape = rotate @ np.array([[width, -slant], [0, height]])
    lines = []
    for stroke in glyph:
        points = np.asarray(stroke, dtype=np.float64)
        moved = points + rng.normal(0, 0.025 * wobble, points.shape)
        repeated = np.all(points[1:] == points[:-1], axis=1)
        moved[1:][repeated] = moved[:-1][repeated]  # a corner stays a corner
        lines.append(curve(moved) @ shape.T)
    everything = np.concatenate(lines)
    extent = np.ptp(everything, axis=0).max()
    scale = (18.0 + rng.normal(0, 0.7 * wobble)) / extent
    middle = (everything.max(axis=0) + everything.min(axis=0)) / 2
    lines = [(line - middle) * scale + SIDE / 2 for line in lines]
    radius = np.clip(1.25 + rng.normal(0, 0.35 * wobble), 0.6, 2.4)
    coverage = ink(lines, radius)
    ys, xs = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    mass = np.array([(coverage * xs).sum(), (coverage * ys).sum()]) / coverage.sum()
    coverage = ink([line + np.round(SIDE / 2 - mass) for line in lines], radius)
    return np.round(coverage * 255).astype(np.uint8)


def drawn(count, seed, wobble=1.0):
    """`count` random drawings: uint8 [count, 28, 28] and their digits [count]."""
    rng = np.random.default_rng(seed)
    digits = np.arange(count) % 10
    pictures = [render(GLYPHS[d][rng.integers(len(GLYPHS[d]))], rng, wobble) for d in digits]
    return np.stack(pictures), digits


def main():
    folder = Path(__file__).parent / 'pictures'
    folder.mkdir(exist_ok=True)
    pictures, digits = drawn(10, PICTURE_SEED, wobble=0.5)
    for picture, digit in zip(pictures, digits):
        Image.fromarray(picture).save(folder / f'{digit}.png', optimize=True)


if __name__ == '__main__':
    main()
