"""Makes expected/: inputs for the digits model and the bytes that TensorFlow Lite answers in its three roundings.

    python expected.py --source DIR [--verify DIR]

xnnpack  TensorFlow's own interpreter with its XNNPACK delegate; manifest.json names the operators that
         the delegate leaves to the interpreter
double   TensorFlow Lite Micro's reference kernels from the tflite-micro package; the same kernels compiled
         here from source must agree in every byte
single   the kernels compiled here, with the rounding of TFLITE_SINGLE_ROUNDING (single_rounding.h)

--source is TensorFlow's source as the crate tfmicro 0.1.0 brings it: its folder submodules/tensorflow.
--verify first runs all of these programs on a folder of public models with known answers
(expected_tflite/ID/in0.bin, out0.<rounding>.bin; MANIFEST.json names each ID's file) and reports differing bytes.
"""

import argparse
import glob
import hashlib
import json
import os
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')

import numpy as np
import tensorflow as tf
from PIL import Image

from draw import SIDE, drawn

HERE = Path(__file__).parent
NOISE_SEED = 7
WOBBLY_SEED = 8
# Seeds of random bytes on which the single and the XNNPACK rounding give different answers; few inputs do.
TELLING_SEEDS = (723, 1328, 1405, 2572)
# The public int8 models on which --verify tries the programs.
KNOWN = (
    'mlperf_tiny__ad01_int8', 'mlperf_tiny__kws_ref_model', 'mlperf_tiny__pretrainedResnet_quant', 'mltk__image_example1',
    'mltk__rock_paper_scissors', 'mltk__tflite_micro_speech', 'tflm__hello_world_int8', 'tflm__micro_speech_quantized',
    'tflm__person_detect')
# These need nothing of the interpreter and would only ask for more of TensorFlow's source.
NOT_KERNELS = ('_test.cc', 'test_helpers.cc')


def build_reference(source, folder, flags):
    """Compiles reference.cc with TFLite Micro's reference kernels; the program's path."""
    lite = f'{source}/tensorflow/lite'
    folders = ('micro', 'micro/kernels', 'micro/memory_planner', 'core/api')
    sources = [f for d in folders for f in sorted(glob.glob(f'{lite}/{d}/*.cc')) if not f.endswith(NOT_KERNELS)]
    sources += [f'{lite}/kernels/internal/quantization_util.cc', f'{lite}/kernels/kernel_util.cc', f'{lite}/c/common.c']
    third_party = [f'-I{lite}/micro/tools/make/downloads/{d}' for d in ('gemmlowp', 'ruy', 'flatbuffers/include')]
    program = f'{folder}/reference'
    # NDEBUG: an assertion of that version wrongly refuses an ADD whose zero point is -128.
    options = ['-O2', '-w', '-fpermissive', '-DNDEBUG', '-DTF_LITE_STATIC_MEMORY', f'-I{source}', *third_party, *flags]
    subprocess.run(['g++', *options, '-o', program, str(HERE / 'reference.cc'), *sources], check=True)
    return program


def run_compiled(program, model, samples):
    with tempfile.TemporaryDirectory() as folder:
        paths = [f'{folder}/{name}' for name in ('model.tflite', 'in.bin', 'out.bin')]
        Path(paths[0]).write_bytes(model)
        Path(paths[1]).write_bytes(samples)
        done = subprocess.run([program, *paths], capture_output=True, text=True)
        if done.returncode != 0:
            raise ValueError(done.stderr.strip().splitlines()[-1])
        return Path(paths[2]).read_bytes()


def run_micro(model, samples):
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(model)
    details = interpreter.get_input_details(0)
    inputs = np.frombuffer(samples, details['dtype']).reshape(-1, *details['shape'][1:])
    answers = b''
    for sample in inputs:
        interpreter.set_input(sample[None], 0)
        interpreter.invoke()
        answers += interpreter.get_output(0).tobytes()
    return answers


def run_xnnpack(model, samples):
    interpreter = tf.lite.Interpreter(model_content=model, num_threads=1)
    interpreter.allocate_tensors()
    operators = [op['op_name'] for op in interpreter._get_ops_details()]
    if 'DELEGATE' not in operators:
        raise ValueError('the XNNPACK delegate was not applied')
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    answers = b''
    for sample in np.frombuffer(samples, source['dtype']).reshape(-1, *source['shape']):
        interpreter.set_tensor(source['index'], sample)
        interpreter.invoke()
        answers += interpreter.get_tensor(target['index']).tobytes()
    return answers


def left_to_interpreter(model):
    """Names of the operators that the XNNPACK delegate did not take and TensorFlow Lite's own kernels ran."""
    interpreter = tf.lite.Interpreter(model_content=model, num_threads=1)
    interpreter.allocate_tensors()
    steps = interpreter._get_ops_details()  # the graph's own operators, then one DELEGATE per part that XNNPACK took
    makers = {tensor: op for op in steps for tensor in op['outputs']}  # a DELEGATE replaces the operator it covers
    left, needed = [], [detail['index'] for detail in interpreter.get_output_details()]
    while needed:
        op = makers.pop(needed.pop(), None)
        if op is None:
            continue
        if op['op_name'] != 'DELEGATE':
            left.append(op['op_name'])
        needed.extend(op['inputs'])
    return left


def samples():
    """int8 [32, 28, 28] and a name for each. A pixel p (0..255) is the int8 p - 128, as the model's input is quantized."""
    rng = np.random.default_rng(NOISE_SEED)
    pictures = [np.asarray(Image.open(HERE / 'pictures' / f'{digit}.png')) for digit in range(10)]
    wobbly, digits = drawn(10, WOBBLY_SEED)
    noisy = [np.clip(picture + rng.normal(0, 20, picture.shape), 0, 255).astype(np.uint8) for picture in wobbly]
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    made = {
        'black': np.zeros((SIDE, SIDE)),
        'white': np.full((SIDE, SIDE), 255),
        'grey': np.full((SIDE, SIDE), 128),
        'ramp': (rows + columns) * 255 // (2 * SIDE - 2),
        'checkerboard': (rows + columns) % 2 * 255,
        'stripes': columns % 2 * 255,
        'inverted 3': 255 - pictures[3],
        'upside down 7': pictures[7][::-1],
        **{f'random bytes {seed}': np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE)) for seed in TELLING_SEEDS},
    }
    names = [f'picture {d}' for d in range(10)] + [f'noisy drawing of {d}' for d in digits] + list(made)
    pixels = np.stack([*pictures, *noisy, *made.values()]).astype(np.int16)
    return (pixels - 128).astype(np.int8), names


def differing(got, wanted):
    """Differing bytes, or None where the lengths differ."""
    if len(got) != len(wanted):
        return None
    return int((np.frombuffer(got, np.uint8) != np.frombuffer(wanted, np.uint8)).sum())


def verify(folder, programs):
    """Prints how many bytes of each program's answers on the known models differ; False where any does."""
    files = {row['id']: row['file'] for row in json.loads((folder / 'MANIFEST.json').read_text()) if 'id' in row}
    good = True
    for known in (folder / 'expected_tflite' / name for name in KNOWN):
        model, inputs = (folder / files[known.name]).read_bytes(), (known / 'in0.bin').read_bytes()
        for name, (rounding, run) in programs.items():
            wanted = known / f'out0.{rounding}.bin'
            if not wanted.exists():
                continue
            try:
                count = differing(run(model, inputs), wanted.read_bytes())
                good = good and count == 0
                print(f'{known.name:40} {name:18} {count} of {wanted.stat().st_size} bytes differ')
            except Exception as error:
                print(f'{known.name:40} {name:18} not run: {str(error).splitlines()[0]}')
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--source', required=True)
    parser.add_argument('--verify', type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        builds = {'double': [], 'single': ['-include', str(HERE / 'single_rounding.h')]}
        programs = {}
        for rounding, flags in builds.items():
            os.mkdir(f'{folder}/{rounding}')
            program = build_reference(options.source, f'{folder}/{rounding}', flags)
            programs[f'compiled {rounding}'] = (rounding, lambda m, x, program=program: run_compiled(program, m, x))
        programs['tflite-micro'] = ('double', run_micro)
        programs['xnnpack'] = ('xnnpack', run_xnnpack)
        if options.verify and not verify(options.verify, programs):
            raise SystemExit('a program does not give the known bytes; see the table')
        write(programs)


def write(programs):
    model = (HERE / 'digits.tflite').read_bytes()
    left = left_to_interpreter(model)
    inputs, names = samples()
    answers = {name: run(model, inputs.tobytes()) for name, (_, run) in programs.items()}
    if answers['compiled double'] != answers['tflite-micro']:
        raise SystemExit('the compiled reference kernels and tflite-micro disagree')
    files = {
        'in0.bin': inputs.tobytes(),
        'out0.double.bin': answers['tflite-micro'],
        'out0.single.bin': answers['compiled single'],
        'out0.xnnpack.bin': answers['xnnpack'],
    }
    folder = HERE / 'expected'
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    outputs = {name[5:-4]: np.frombuffer(content, np.int8).reshape(-1, 10) for name, content in files.items() if name != 'in0.bin'}
    manifest = {
        'model': {'file': '../digits.tflite', 'bytes': len(model), 'sha256': hashlib.sha256(model).hexdigest()},
        'samples': {name: int(outputs['double'][i].argmax()) for i, name in enumerate(names)},
        'input': f'int8 [1, {SIDE}, {SIDE}, 1]',
        'output': 'int8 [1, 10]',
        'made_with': {
            'out0.double.bin': f'tflite-micro {version("tflite-micro")}; equal to the reference kernels of crate tfmicro 0.1.0',
            'out0.single.bin': 'reference kernels of crate tfmicro 0.1.0 with single_rounding.h',
            'out0.xnnpack.bin': f'tensorflow {tf.__version__}, XNNPACK delegate on all but {", ".join(sorted(left))}, one thread',
        },
        'sha256': {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }
    (folder / 'manifest.json').write_text(json.dumps(manifest, indent=2) + '\n')
    for one, other in (('single', 'double'), ('xnnpack', 'double'), ('single', 'xnnpack')):
        print(f'{one} and {other}: {int((outputs[one] != outputs[other]).sum())} of {outputs[one].size} bytes differ')
    right = [manifest['samples'][f'picture {digit}'] == digit for digit in range(10)]
    print(f'{sum(right)} of 10 pictures are classified right')
    if not all(right):
        raise SystemExit('a shipped picture is classified wrong')


if __name__ == '__main__':
    main()
