"""Runs .tflite files with TensorFlow Lite Micro's kernels, or with TensorFlow Lite's reference kernels where Micro has none: for each FILE.tflite
of a folder FILE.in0, FILE.in1 ... -> FILE.double, the bytes of as many outputs as FILE.outputs says.

    pip install tflite-micro ai-edge-litert
    python double.py FOLDER
"""
import pathlib
import sys

import numpy
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from tflite_micro import runtime


def operands(model, details):
    for index, path in enumerate(sorted(model.parent.glob(f"{model.stem}.in?"))):
        yield index, numpy.fromfile(path, dtype=details(index)["dtype"]).reshape(details(index)["shape"])


def run_micro(model, outputs):
    interpreter = runtime.Interpreter.from_file(str(model), arena_size=2_000_000)
    for index, value in operands(model, interpreter.get_input_details):
        interpreter.set_input(value, index)
    interpreter.invoke()
    return [interpreter.get_output(index) for index in range(outputs)]


def run_reference(model, _):
    interpreter = Interpreter(str(model), experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    interpreter.allocate_tensors()
    details = interpreter.get_input_details()
    for index, value in operands(model, details.__getitem__):
        interpreter.set_tensor(details[index]["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(each["index"]) for each in interpreter.get_output_details()]


for model in sorted(pathlib.Path(sys.argv[1]).glob("*.tflite")):
    outputs = int(model.with_suffix(".outputs").read_text())
    for run in (run_micro, run_reference):
        try:
            values = run(model, outputs)
        except Exception as error:  # A kernel that it does not have.
            print(f"{model.name}: {run.__name__}: {error}", file=sys.stderr)
            continue
        model.with_suffix(".double").write_bytes(b"".join(value.tobytes() for value in values))
        break
