"""Trains the risk model, writes risk.onnx, and onnxruntime's answers to transfers that it has not seen: expected.jsonl.

    python -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python train.py

The data are made up: amount in ether, age of the account in days, transfers so far, share of them that failed. What is
risky follows from these by a rule with noise. A share is unknown (NaN) where there were no transfers.
"""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import xgboost
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import to_onnx, update_registered_converter
from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes

HERE = Path(__file__).parent
SEED = 7
TRAINED, UNSEEN = 4000, 64


def transfers(count, rng):
    """Whole wei, days and numbers, as a contract has them."""
    amount = np.floor(rng.lognormal(0.5, 1.5, count) * 1e18)
    age = np.floor(rng.exponential(200, count))
    made = np.where(rng.random(count) < 0.1, 0, np.floor(rng.exponential(30, count)))
    failed = np.array([rng.binomial(int(n), rng.beta(1, 8)) for n in made])
    return amount, age, made, failed


def features(amount, age, made, failed):
    share = np.divide(failed, made, out=np.full(len(made), np.nan), where=made > 0)
    return np.stack([amount / 1e18, age, made, share], axis=1).astype(np.float32)


def risky(rows, rng):
    amount, age, made, share = rows.T
    score = 0.9 * np.log(amount + 0.01) - 0.012 * age - 0.02 * made + 8 * np.nan_to_num(share, nan=0.25)
    return (score + rng.normal(0, 0.5, len(rows)) > 0.3).astype(np.int64)


def main():
    rng = np.random.default_rng(SEED)
    known = features(*transfers(TRAINED, rng))
    model = xgboost.XGBClassifier(n_estimators=40, max_depth=4, learning_rate=0.25, random_state=SEED, n_jobs=1)
    model.fit(known, risky(known, rng))

    update_registered_converter(
        xgboost.XGBClassifier,
        'XGBoostXGBClassifier',
        calculate_linear_classifier_output_shapes,
        convert_xgboost,
        options={'zipmap': [True, False], 'nocl': [True, False]},
    )
    onnx = to_onnx(model, known[:1], options={'zipmap': False}, target_opset={'': 17, 'ai.onnx.ml': 3})
    (HERE / 'risk.onnx').write_bytes(onnx.SerializeToString())

    unseen = transfers(UNSEEN, rng)
    rows = features(*unseen)
    session = onnxruntime.InferenceSession(onnx.SerializeToString())
    answers = [session.run(None, {session.get_inputs()[0].name: row[None]}) for row in rows]
    with (HERE / 'expected.jsonl').open('w') as file:
        for amount, age, made, failed, (label, probabilities) in zip(*unseen, answers):
            transfer = [str(int(amount)), int(age), int(made), int(failed)]
            file.write(json.dumps({'transfer': transfer, 'label': int(label[0]), 'probability': float(probabilities[0][1])}) + '\n')
    right = np.mean(np.array([label[0] for label, _ in answers]) == risky(rows, rng))
    print(f'{right:.0%} of {UNSEEN} unseen transfers right, {(HERE / "risk.onnx").stat().st_size} bytes')


main()
