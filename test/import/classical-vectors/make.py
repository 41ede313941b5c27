"""Makes cases.json.gz: trained classical models and random trees of every mode, rows of features, and what onnxruntime answers.

    python make.py
    python make.py --shared DIR    shared.json.gz: answers of models in DIR, which is ../shared/models, to rows of its data sets

Needs requirements.txt. onnxruntime runs each row by itself on one thread, which makes it add the trees up in their order.
A case has `exact` where every number has to be equal; the others, whose sums onnxruntime orders as it likes, `tolerance`.
"""

import argparse
import base64
import csv
import gzip
import json
from pathlib import Path

import lightgbm
import numpy as np
import onnxruntime
import xgboost
from onnx import TensorProto, helper
from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
from skl2onnx import to_onnx, update_registered_converter
from skl2onnx.common.shape_calculator import (
    calculate_linear_classifier_output_shapes,
    calculate_linear_regressor_output_shapes,
)
from sklearn.datasets import load_breast_cancer, load_iris, load_wine, make_regression
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Binarizer, MaxAbsScaler, MinMaxScaler, Normalizer, RobustScaler, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

HERE = Path(__file__).parent
ML = 'ai.onnx.ml'
rng = np.random.default_rng(21)

for kind, name, shapes, convert in (
    (xgboost.XGBClassifier, 'XGBoostXGBClassifier', calculate_linear_classifier_output_shapes, convert_xgboost),
    (xgboost.XGBRegressor, 'XGBoostXGBRegressor', calculate_linear_regressor_output_shapes, convert_xgboost),
    (lightgbm.LGBMClassifier, 'LightGbmLGBMClassifier', calculate_linear_classifier_output_shapes, convert_lightgbm),
    (lightgbm.LGBMRegressor, 'LightGbmLGBMRegressor', calculate_linear_regressor_output_shapes, convert_lightgbm),
):
    options = {'zipmap': [True, False, 'columns'], 'nocl': [True, False]} if 'Classifier' in name else {'split': None}
    update_registered_converter(kind, name, shapes, convert, options=options)


def trained():
    iris, wine, cancer = (load(return_X_y=True) for load in (load_iris, load_wine, load_breast_cancer))
    texts = (iris[0], np.array(['setosa', 'versicolor', 'virginica'])[iris[1]])
    odd = (wine[0], wine[1] * 10 - 3)
    line = make_regression(200, 6, noise=1, random_state=0)
    seed = {'random_state': 0}
    return {
        'decision tree, texts': (DecisionTreeClassifier(**seed), texts),
        'decision tree, two classes': (DecisionTreeClassifier(max_depth=5, **seed), cancer),
        'random forest': (RandomForestClassifier(8, max_depth=6, **seed), odd),
        'random forest, two classes': (RandomForestClassifier(8, max_depth=5, **seed), cancer),
        'extra trees': (ExtraTreesClassifier(6, max_depth=6, **seed), iris),
        'gradient boosting': (GradientBoostingClassifier(n_estimators=6, **seed), iris),
        'gradient boosting, two classes': (GradientBoostingClassifier(n_estimators=10, **seed), cancer),
        'decision tree regressor': (DecisionTreeRegressor(max_depth=6, **seed), line),
        'random forest regressor': (RandomForestRegressor(8, max_depth=5, **seed), line),
        'gradient boosting regressor': (GradientBoostingRegressor(n_estimators=10, **seed), line),
        'XGBoost': (xgboost.XGBClassifier(n_estimators=8, max_depth=3), iris),
        'XGBoost, two classes': (xgboost.XGBClassifier(n_estimators=12, max_depth=3), cancer),
        'XGBoost regressor': (xgboost.XGBRegressor(n_estimators=12, max_depth=3), line),
        'LightGBM': (lightgbm.LGBMClassifier(n_estimators=6, num_leaves=12, verbose=-1), iris),
        'LightGBM, two classes': (lightgbm.LGBMClassifier(n_estimators=10, num_leaves=8, verbose=-1), cancer),
        'LightGBM regressor': (lightgbm.LGBMRegressor(n_estimators=10, num_leaves=8, verbose=-1), line),
        'normalizer and forest': (make_pipeline(Normalizer(), RandomForestClassifier(5, max_depth=4, **seed)), wine),
        'largest and forest': (make_pipeline(Normalizer('max'), RandomForestClassifier(5, max_depth=4, **seed)), wine),
        'magnitudes and forest': (make_pipeline(Normalizer('l1'), RandomForestClassifier(5, max_depth=4, **seed)), wine),
        'imputer and forest': (make_pipeline(SimpleImputer(), RandomForestClassifier(5, max_depth=4, **seed)), wine),
        'logistic regression': (LogisticRegression(max_iter=2000), iris),
        'scaler and logistic regression, two classes': (make_pipeline(StandardScaler(), LogisticRegression()), cancer),
        'clipped minimum and maximum': (make_pipeline(MinMaxScaler(clip=True), LogisticRegression()), wine),
        'largest magnitude': (make_pipeline(MaxAbsScaler(), LogisticRegression()), wine),
        'binarizer': (make_pipeline(Binarizer(threshold=3.0), LogisticRegression()), iris),
        'support vectors of a line': (LinearSVC(), iris),
        'linear regression': (LinearRegression(), line),
        'robust scaler and ridge': (make_pipeline(RobustScaler(), Ridge()), line),
    }


LINEAR = (LogisticRegression, LinearSVC, LinearRegression, Ridge)


def trained_cases():
    for name, (model, (features, labels)) in trained().items():
        features = features.astype(np.float32)
        model.fit(features, labels)
        onnx = to_onnx(model, features[:1], target_opset={'': 17, ML: 3})
        rows = features[rng.permutation(len(features))[:24]]
        rows = np.concatenate([rows, (rows * rng.uniform(0.7, 1.4, rows.shape)).astype(np.float32)])
        if 'imputer' in name or 'XGBoost' in name or 'LightGBM' in name:
            rows[::3][rng.random(rows[::3].shape) < 0.3] = np.nan
        last = model[-1] if hasattr(model, 'steps') else model
        yield name, onnx, rows, 1e-4 if isinstance(last, LINEAR) else 0


MODES = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ']
EDGES = np.array([0, -0.0, 1, -1, 0.5, np.inf, -np.inf, 1e-45, -1e-45, np.nan, 3.4e38], np.float32)


def edge():
    return np.float32(rng.choice(EDGES) if rng.random() < 0.5 else rng.normal())


def random_trees(trees, depth, features, outputs, prefix):
    """Lists of nodes and of weights."""
    lists = {key: [] for key in ('treeids', 'nodeids', 'featureids', 'values', 'modes', 'truenodeids', 'falsenodeids', 'missing_value_tracks_true')}
    leaves = {key: [] for key in ('treeids', 'nodeids', 'ids', 'weights')}
    for tree in range(trees):
        size = 2 ** (depth + 1) - 1
        for node in range(size):
            leaf = node >= 2**depth - 1
            value = edge()
            row = {
                'treeids': tree,
                'nodeids': node,
                'featureids': int(rng.integers(features)),
                'values': float(0 if np.isnan(value) else value),
                'modes': 'LEAF' if leaf else str(rng.choice(MODES)),
                'truenodeids': 0 if leaf else 2 * node + 1,
                'falsenodeids': 0 if leaf else 2 * node + 2,
                'missing_value_tracks_true': int(rng.integers(2)),
            }
            for key, entry in row.items():
                lists[key].append(entry)
            if leaf:
                for output in range(outputs):
                    for key, entry in {'treeids': tree, 'nodeids': node, 'ids': output, 'weights': float(np.float32(rng.normal()))}.items():
                        leaves[key].append(entry)
    return {f'nodes_{key}': value for key, value in lists.items()} | {f'{prefix}_{key}': value for key, value in leaves.items()}


def one_node(op, features, outputs, version, **attributes):
    node = helper.make_node(op, ['X'], outputs, domain=ML, **attributes)
    kinds = [TensorProto.INT64 if name == 'label' else TensorProto.FLOAT for name in outputs]
    graph = helper.make_graph(
        [node],
        'g',
        [helper.make_tensor_value_info('X', TensorProto.FLOAT, [None, features])],
        [helper.make_tensor_value_info(name, kind, None) for name, kind in zip(outputs, kinds)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17), helper.make_opsetid(ML, version)], ir_version=8)


def tensor(kind, values):
    return helper.make_tensor('t', kind, [len(values)], values)


def set_ensemble():
    """TreeEnsemble of opset 5: a test of a set, of float and of a single leaf."""
    return one_node(
        'TreeEnsemble',
        2,
        ['Y'],
        5,
        n_targets=2,
        aggregate_function=1,
        post_transform=0,
        tree_roots=[0, 3],
        nodes_modes=tensor(TensorProto.UINT8, [0, 6, 5, 0]),
        nodes_featureids=[0, 1, 0, 0],
        nodes_splits=tensor(TensorProto.FLOAT, [0.25, 0, 2.5, 0]),
        nodes_truenodeids=[1, 0, 2, 4],
        nodes_trueleafs=[0, 1, 1, 1],
        nodes_falsenodeids=[2, 1, 3, 4],
        nodes_falseleafs=[0, 1, 1, 1],
        membership_values=tensor(TensorProto.FLOAT, [1, 2, 5, float('nan')]),
        leaf_targetids=[0, 1, 0, 1, 1],
        leaf_weights=tensor(TensorProto.FLOAT, [5.23, 12.12, -12.23, 7.21, 0.1]),
    )


def random_cases():
    rows = np.array([[edge() for _ in range(5)] for _ in range(40)], np.float32)
    # float64 would stand between, and onnxruntime's own answers to an infinite threshold are none to follow.
    for aggregate in ('SUM', 'AVERAGE', 'MIN', 'MAX'):
        for outputs in (1, 3):
            base = {} if outputs == 1 else {'base_values': [0.5, -0.25, 0.125]}
            lists = random_trees(6, 3, 5, outputs, 'target')
            yield f'random trees, {aggregate} of {outputs}', one_node(
                'TreeEnsembleRegressor', 5, ['Y'], 3, n_targets=outputs, aggregate_function=aggregate, **base, **lists
            ), rows, 0
    for transform in ('NONE', 'SOFTMAX', 'LOGISTIC'):
        lists = random_trees(5, 3, 5, 3, 'class')
        yield f'random trees of three classes, {transform}', one_node(
            'TreeEnsembleClassifier', 5, ['label', 'P'], 3, classlabels_int64s=[7, 0, 2], post_transform=transform, **lists
        ), rows, 0
        if transform == 'SOFTMAX':
            continue
        lists = random_trees(5, 3, 5, 1, 'class')
        yield f'random trees of two classes, {transform}', one_node(
            'TreeEnsembleClassifier', 5, ['label', 'P'], 3, classlabels_int64s=[4, 9], post_transform=transform, **lists
        ), rows, 0
    members = np.array([[a, b] for a in (0, 0.25, 2.5, np.nan) for b in (1, 2, 3, 5, 0, np.nan)], np.float32)
    yield 'a set of members', set_ensemble(), members, 0


def answers(model, rows):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    name = session.get_inputs()[0].name
    for row in rows:
        results = session.run(None, {name: row[None]})
        yield {
            port.name: (list(value[0].values()) if isinstance(value, list) else value.reshape(-1).tolist())
            for port, value in zip(session.get_outputs(), results)
        }


SHARED = {
    'sklearn_onnx/treecl.onnx': ('ionosphere', 20),
    'sklearn_onnx/treecl3.onnx': ('sonar', 10),
    'tract/onnx/test_cases/xgboost_classifier_tree/model.onnx': ('wine', 13),
}


def table(path):
    """The rows of a data set: what is a number in each."""

    def numbers(row):
        for cell in row:
            try:
                yield float(cell)
            except ValueError:
                pass

    with path.open(newline='') as file:
        rows = [list(numbers(row)) for row in csv.reader(file)]
    width = max(len(row) for row in rows)
    return np.array([row for row in rows if len(row) == width], np.float32)


def shared_cases(folder):
    for name, (data, width) in SHARED.items():
        model = (folder / name).read_bytes()
        session = onnxruntime.InferenceSession(model)
        known = session.get_inputs()[0]
        rows = table(folder / f'datasets/tabular/{data}.csv')
        rows = rows[:, :width][rng.permutation(len(rows))[:150]]
        rows = np.concatenate([rows, rng.normal(0, 2, rows[:100].shape).astype(np.float32)])
        yield {
            'file': name,
            'shape': [1, width],
            'input': known.name,
            'rows': base64.b64encode(rows.astype('<f4').tobytes()).decode(),
            'outputs': list(answers(model, rows)),
        }


def write(name, cases):
    path = HERE / name
    path.write_bytes(gzip.compress(json.dumps(cases, separators=(',', ':')).encode(), 9, mtime=0))
    print(f'{len(cases)} cases, {path.stat().st_size} bytes')


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--shared', type=Path)
    folder = parser.parse_args().shared
    if folder is not None:
        write('shared.json.gz', list(shared_cases(folder)))
        return
    cases = []
    for name, model, rows, tolerance in [*trained_cases(), *random_cases()]:
        data = model.SerializeToString()
        cases.append(
            {
                'name': name,
                'model': base64.b64encode(data).decode(),
                'rows': base64.b64encode(rows.astype('<f4').tobytes()).decode(),
                'outputs': list(answers(data, rows)),
                'tolerance': tolerance,
            }
        )
    write('cases.json.gz', cases)


main()
