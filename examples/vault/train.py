"""Trains the vault's watchman: an autoencoder of 16 readings of temperature and vibration. Writes vault.onnx and calibration.npy beside itself.

The readings are generated: temperature is 4 °C with a slow swing of the compressor's cycle, vibration follows the compressor. What is wrong is never trained on: a door left
open (temperature drifts up), a failing bearing (vibration rises), a stuck sensor (one number for ever), and numbers made up. The network squeezes 32 numbers into 6 and back;
what it has not learned comes back wrong.
"""

import sys
from pathlib import Path

import numpy as np

here = Path(__file__).parent
sys.path.insert(0, str(here.parent / "networks"))
import mlp  # noqa: E402

LENGTH = 16
random = np.random.default_rng(11)


def normal(count):
    """[count, 32]: 16 temperatures in units of 4 °C around 4 °C, then 16 vibrations in mm/s."""
    time = np.arange(LENGTH)
    phase = random.uniform(0, 2 * np.pi, (count, 1))
    swing = random.uniform(0.15, 0.3, (count, 1))
    cycle = np.sin(2 * np.pi * time / LENGTH + phase)
    temperature = swing * cycle + random.normal(0, 0.02, (count, LENGTH))
    runs = np.clip(-cycle * 2, 0, 1)
    vibration = 0.1 + 0.5 * runs + random.normal(0, 0.02, (count, LENGTH))
    return np.concatenate([temperature, vibration], axis=1)


def wrong(count, kind):
    x = normal(count)
    time = np.arange(LENGTH)
    if kind == "door":
        x[:, :LENGTH] += np.maximum(0, time - 6) * 0.06
    if kind == "bearing":
        x[:, LENGTH:] += random.uniform(0.4, 0.9, (count, 1))
    if kind == "stuck":
        x[:, :LENGTH] = x[:, :1] + 0.45
    if kind == "made up":
        x = random.uniform(-0.4, 1.0, (count, 2 * LENGTH))
    return x


def errors(layers, x):
    """Mean of the absolute differences, as the contract computes it."""
    return np.abs(mlp.forward(layers, x)[-1] - x).mean(axis=1)


batch = lambda step: (lambda x: (x, x))(normal(128))
layers = mlp.train(
    mlp.initial([2 * LENGTH, 24, 6, 24, 2 * LENGTH], random), batch, lambda y, x: 2 * (y - x) / len(x), 4_000
)
usual = errors(layers, normal(20_000))
print(f"usual error {usual.mean():.4f}, 99.9 % below {np.quantile(usual, 0.999):.4f}")
for kind in ("door", "bearing", "stuck", "made up"):
    got = errors(layers, wrong(2_000, kind))
    print(f"{kind}: error {got.mean():.4f}, 99 % above {np.quantile(got, 0.01):.4f}")
mlp.write(here / "vault.onnx", layers, "vault")
np.save(here / "calibration.npy", np.concatenate([normal(192), *(wrong(16, k) for k in ("door", "bearing", "stuck", "made up"))]).astype(np.float32))
samples = {"normal": normal(8), **{k: wrong(4, k) for k in ("door", "bearing", "stuck", "made up")}}
np.savetxt(here / "readings.csv", np.concatenate(list(samples.values())), delimiter=",", fmt="%.4f",
           header=",".join(f"{k} {len(v)}" for k, v in samples.items()))
