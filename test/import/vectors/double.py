"""Runs .tflite files with TensorFlow Lite Micro's reference kernels: for each FILE.tflite of a folder FILE.in0, FILE.in1 ... -> FILE.double, the
bytes of as many outputs as FILE.outputs says.

    pip install tflite-micro
    python double.py FOLDER
"""
import pathlib
import sys

import numpy
from tflite_micro import runtime

for model in sorted(pathlib.Path(sys.argv[1]).glob("*.tflite")):
    try:
        interpreter = runtime.Interpreter.from_file(str(model), arena_size=2_000_000)
        for index, path in enumerate(sorted(model.parent.glob(f"{model.stem}.in?"))):
            details = interpreter.get_input_details(index)
            interpreter.set_input(numpy.fromfile(path, dtype=details["dtype"]).reshape(details["shape"]), index)
        interpreter.invoke()
        outputs = int(model.with_suffix(".outputs").read_text())
        model.with_suffix(".double").write_bytes(b"".join(interpreter.get_output(index).tobytes() for index in range(outputs)))
    except Exception as error:  # A kernel that it does not have.
        print(f"{model.name}: {error}", file=sys.stderr)
