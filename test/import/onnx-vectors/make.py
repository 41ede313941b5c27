"""Makes cases.json.gz: small random quantized models of every kind, random inputs, and what onnxruntime answers.

    python make.py                       cases.json.gz
    python make.py --models DIR          for each DIR/NAME.onnx with DIR/NAME.in: NAME.bin, the answers to its samples

Needs onnxruntime, onnx and numpy (requirements.txt) and a processor with VNNI, without which u8s8 products may
saturate; models.ts writes DIR. QLinear models run as they are; QDQ models with the default optimizations, which fuse
them, and with session.qdqisint8allowed, so that int8 models are fused too.
"""

import argparse
import base64
import gzip
import json
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

HERE = Path(__file__).parent
SEED = 20
REPEATS = 3
SAMPLES = 2
MICROSOFT = 'com.microsoft'
TYPES = {'tensor(float)': np.float32, 'tensor(uint8)': np.uint8, 'tensor(int8)': np.int8, 'tensor(int32)': np.int32}
NUMBERS = {np.float32: TensorProto.FLOAT, np.uint8: TensorProto.UINT8, np.int8: TensorProto.INT8, np.int32: TensorProto.INT32}

rng = np.random.default_rng(SEED)


def whole(low, high):
    return int(rng.integers(low, high + 1))


def scale(low=-6, high=-1):
    return np.float32(np.exp(rng.uniform(low, high)))


class Quantized:
    """The type of a model's activations."""

    def __init__(self):
        self.type = np.uint8 if rng.random() < 0.7 else np.int8
        self.low = 0 if self.type is np.uint8 else -128

    def zero(self):
        choice = rng.random()
        return self.at(0 if choice < 0.3 else 128 if choice < 0.5 else whole(0, 255))

    def at(self, step):
        return np.array(self.low + step, self.type)


class Graph:
    def __init__(self):
        self.nodes, self.constants, self.inputs, self.outputs = [], [], [], []

    def constant(self, value):
        name = f'c{len(self.constants)}'
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def input(self, name, dtype, shape):
        self.inputs.append(helper.make_tensor_value_info(name, NUMBERS[dtype], shape))
        return name

    def output(self, name, dtype):
        self.outputs.append(helper.make_tensor_value_info(name, NUMBERS[dtype], None))

    def node(self, op, inputs, domain='', **attributes):
        name = f'v{len(self.nodes)}'
        names = [value if isinstance(value, str) else self.constant(value) for value in inputs]
        self.nodes.append(helper.make_node(op, names, [name], name=f'{op}_{name}', domain=domain, **attributes))
        return name

    def dequantize(self, x, step, zero, **attributes):
        return self.node('DequantizeLinear', [x, step, zero], **attributes)

    def quantize(self, x, step, zero):
        return self.dequantize(self.node('QuantizeLinear', [x, step, zero]), step, zero)

    def bytes(self):
        graph = helper.make_graph(self.nodes, 'case', self.inputs, self.outputs, self.constants)
        sets = [helper.make_opsetid('', 13), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=sets, ir_version=8).SerializeToString()


def weights(q, shape, channels):
    """int8 or uint8, their scales (one, or one for each of `channels`) and zero points."""
    signed = q.type is np.int8 or rng.random() < 0.7
    dtype = np.int8 if signed else np.uint8
    values = rng.integers(-127 if signed else 0, 128 if signed else 256, shape).astype(dtype)
    zero = 0 if signed else whole(100, 150)
    if rng.random() < 0.5:
        return values, np.array(scale(-7, -3)), np.array(zero, dtype)
    return values, np.array([scale(-7, -3) for _ in range(channels)]), np.full(channels, zero, dtype)


def result_scale(x_scale, w_scale, terms):
    """Lets the results of random operands fill most of int8."""
    return np.float32(float(x_scale) * float(np.mean(w_scale)) * 42 * np.sqrt(terms) * rng.uniform(0.3, 1.5))


def biases(count):
    return rng.integers(-3000, 3000, count).astype(np.int32)


def qlinear_conv(g):
    q, channels, kernel = Quantized(), whole(1, 6), (whole(1, 3), whole(1, 3))
    groups = channels if rng.random() < 0.4 else 1
    filters = channels * whole(1, 2) if groups > 1 else whole(1, 8)
    attributes = {'kernel_shape': kernel, 'group': groups, 'strides': [whole(1, 2), whole(1, 2)]}
    if rng.random() < 0.5:
        attributes['pads'] = [whole(0, kernel[axis % 2] - 1) for axis in range(4)]
    elif rng.random() < 0.7:
        attributes['auto_pad'] = str(rng.choice(['SAME_UPPER', 'SAME_LOWER', 'VALID']))
    else:
        attributes['dilations'] = [2, 2]
    x, x_scale = g.input('x', q.type, [1, channels, whole(5, 8), whole(5, 8)]), scale()
    w, w_scale, w_zero = weights(q, (filters, channels // groups, *kernel), filters)
    y_scale = result_scale(x_scale, w_scale, channels // groups * kernel[0] * kernel[1])
    operands = [x, x_scale, q.zero(), w, w_scale, w_zero, y_scale, q.zero()]
    g.output(g.node('QLinearConv', operands + ([biases(filters)] if rng.random() < 0.7 else []), **attributes), q.type)


def qlinear_conv_1d(g):
    q, channels, filters, kernel = Quantized(), whole(1, 5), whole(1, 5), whole(1, 4)
    x, x_scale = g.input('x', q.type, [1, channels, whole(5, 12)]), scale()
    w, w_scale, w_zero = weights(q, (filters, channels, kernel), filters)
    operands = [x, x_scale, q.zero(), w, w_scale, w_zero, result_scale(x_scale, w_scale, channels * kernel), q.zero()]
    g.output(g.node('QLinearConv', operands, kernel_shape=[kernel], pads=[kernel - 1, 0], strides=[whole(1, 2)]), q.type)


def qlinear_matmul(g):
    q, features, units = Quantized(), whole(1, 30), whole(1, 12)
    x, x_scale = g.input('x', q.type, [*([2] if rng.random() < 0.4 else []), whole(1, 4), features]), scale()
    w, w_scale, w_zero = weights(q, (features, units), units)
    operands = [x, x_scale, q.zero(), w, w_scale, w_zero, result_scale(x_scale, w_scale, features), q.zero()]
    g.output(g.node('QLinearMatMul', operands), q.type)


def qgemm(g):
    q, features, units, transposed = Quantized(), whole(1, 30), whole(1, 12), whole(0, 1)
    x, x_scale = g.input('x', q.type, [whole(1, 3), features]), scale()
    w, w_scale, w_zero = weights(q, (units, features) if transposed else (features, units), units)
    operands = [x, x_scale, q.zero(), w, w_scale, w_zero, biases(units), result_scale(x_scale, w_scale, features), q.zero()]
    g.output(g.node('QGemm', operands, MICROSOFT, transB=transposed), q.type)


def matmul_integer(g):
    q, features, units = Quantized(), whole(1, 30), whole(1, 12)
    x = g.input('x', q.type, [whole(1, 3), features])
    w, _, w_zero = weights(q, (features, units), units)
    y = g.node('MatMulInteger', [x, w, q.zero(), np.array(w_zero.ravel()[0])])
    g.output(g.node('Add', [y, biases(units)]) if rng.random() < 0.5 else y, np.int32)


def conv_integer(g):
    channels, byte = whole(1, 4), lambda: np.array(whole(0, 255), np.uint8)
    x = g.input('x', np.uint8, [1, channels, whole(4, 6), whole(4, 6)])
    w = rng.integers(0, 256, (whole(1, 4), channels, 3, 3)).astype(np.uint8)
    g.output(g.node('ConvInteger', [x, w, byte(), byte()], pads=[whole(0, 2) for _ in range(4)]), np.int32)


def qlinear_pair(op):
    def make(g):
        q, shape = Quantized(), [1, whole(2, 5), whole(2, 5), whole(2, 5)]
        others = [shape, [1, shape[1], 1, 1], [1], shape[3:], [shape[1], 1, 1]]
        other = others[whole(0, 4)] if rng.random() < 0.5 else shape
        a, a_scale, b_scale = g.input('a', q.type, shape), scale(), scale()
        b = rng.integers(q.low, q.low + 256, other).astype(q.type) if rng.random() < 0.3 else g.input('b', q.type, other)
        y_scale = (a_scale + b_scale) * rng.uniform(0.3, 1.2) if op == 'QLinearAdd' else a_scale * b_scale * rng.uniform(50, 300)
        pairs = [[a, a_scale, q.zero()], [b, b_scale, q.zero()]]
        if rng.random() < 0.3:
            pairs.reverse()
        g.output(g.node(op, [*pairs[0], *pairs[1], np.float32(y_scale), q.zero()], MICROSOFT), q.type)

    return make


def qlinear_global_average(g):
    q, x_scale = Quantized(), scale()
    x = g.input('x', q.type, [1, whole(1, 12), whole(1, 8), whole(1, 8)])
    operands = [x, x_scale, q.zero(), np.float32(x_scale * rng.uniform(0.3, 1.2)), q.zero()]
    g.output(g.node('QLinearGlobalAveragePool', operands, MICROSOFT, channels_last=0), q.type)


def qlinear_average(g):
    q, x_scale, size = Quantized(), scale(), [3, 5][whole(0, 1)]
    zero = q.zero()
    x = g.input('x', q.type, [1, whole(1, 6), whole(5, 7), whole(5, 7)])
    attributes = {'kernel_shape': [size, 1 if rng.random() < 0.3 else size], 'strides': [whole(1, 2), whole(1, 2)]}
    g.output(g.node('QLinearAveragePool', [x, x_scale, zero, x_scale, zero], MICROSOFT, **attributes), q.type)


def qlinear_unary(op):
    def make(g):
        q, x_scale = Quantized(), scale(-5, -2)
        y_scale = scale(-6, -4) if op == 'QLinearSigmoid' else np.float32(x_scale * rng.uniform(0.5, 1.5))
        attributes = {'alpha': float(rng.uniform(0, 0.5))} if op == 'QLinearLeakyRelu' else {}
        g.output(g.node(op, [g.input('x', q.type, [256]), x_scale, q.zero(), y_scale, q.zero()], MICROSOFT, **attributes), q.type)

    return make


def qlinear_concat(g):
    q, axis, operands = Quantized(), whole(1, 3), [scale(-4, -2)]
    operands.append(q.zero())
    for index in range(whole(2, 3)):
        shape = [1, 2, 3, 4]
        shape[axis] = whole(1, 4)
        operands += [g.input(f'x{index}', q.type, shape), *(operands[:2] if rng.random() < 0.4 else [scale(-4, -2), q.zero()])]
    g.output(g.node('QLinearConcat', operands, MICROSOFT, axis=axis), q.type)


def layer(g, q, x, x_scale, channels, filters, bias, **attributes):
    """Conv between DequantizeLinear and QuantizeLinear, and the scale of its result."""
    groups = attributes.get('group', 1)
    w, w_scale, w_zero = weights(q, (filters, channels // groups, 3, 3), filters)
    along = {'axis': 0} if w_scale.ndim else {}
    operands = [x, g.dequantize(w, w_scale, w_zero, **along)]
    if bias == 'int32':
        operands.append(g.dequantize(biases(filters), np.array(x_scale * w_scale, np.float32), np.zeros_like(w_zero, np.int32), **along))
    if bias == 'float32':
        operands.append((rng.normal(size=filters) * x_scale * np.mean(w_scale) * 2000).astype(np.float32))
    y = g.node('Conv', operands, kernel_shape=[3, 3], pads=[1, 1, 1, 1], **attributes)
    return y, result_scale(x_scale, w_scale, channels // groups * 9)


def start(g, q, shape):
    x_scale = scale(-5, -3)
    return g.quantize(g.input('x', np.float32, shape), x_scale, q.zero()), x_scale


def qdq_conv(g):
    q, channels = Quantized(), whole(1, 5)
    x, x_scale = start(g, q, [1, channels, whole(5, 8), whole(5, 8)])
    deep = rng.random() < 0.3
    bias = ['int32', 'float32', None][whole(0, 2)]
    y, y_scale = layer(g, q, x, x_scale, channels, channels if deep else whole(1, 6), bias, group=channels if deep else 1)
    zero, clamp = q.zero(), whole(0, 2)
    if clamp == 1:
        y, zero = g.node('Relu', [y]), q.at(0)
    if clamp == 2:
        y, zero, y_scale = g.node('Clip', [y, np.float32(0), np.float32(6)]), q.at(0), np.float32(6 / 255)
    y = g.quantize(y, y_scale, zero)
    if rng.random() < 0.5:
        y = g.quantize(g.node('MaxPool', [y], kernel_shape=[2, 2], strides=[2, 2]), y_scale, zero)
    g.output(y, np.float32)


def qdq_network(g):
    """conv, relu, depthwise conv, residual sum, pooling, flatten, dense."""
    q, channels = Quantized(), whole(2, 5)
    x, x_scale = start(g, q, [1, 2, 8, 8])
    y, first = layer(g, q, x, x_scale, 2, channels, 'int32')
    x = g.quantize(g.node('Relu', [y]), first, q.at(0))
    y, second = layer(g, q, x, first, channels, channels, 'int32', group=channels)
    total, zero = np.float32((first + second) * rng.uniform(0.4, 1)), q.at(0)
    x = g.quantize(g.node('Relu', [g.node('Add', [x, g.quantize(y, second, q.zero())])]), total, zero)
    features = channels * 64
    if rng.random() < 0.5:
        x = g.quantize(g.node('MaxPool', [x], kernel_shape=[2, 2], strides=[2, 2]), total, zero)
        features = channels * 16
    elif rng.random() < 0.5:
        total = np.float32(total * rng.uniform(0.3, 1))
        x, features = g.quantize(g.node('GlobalAveragePool', [x]), total, q.zero()), channels
    x = g.node('Flatten', [x]) if rng.random() < 0.5 else g.node('Reshape', [x, np.array([1, -1])])
    units = whole(2, 6)
    w, w_scale = rng.integers(-127, 128, (units, features)).astype(np.int8), scale(-7, -4)
    bias = g.dequantize(biases(units), np.float32(total * w_scale), np.array(0, np.int32))
    y = g.node('Gemm', [x, g.dequantize(w, w_scale, np.array(0, np.int8)), bias], transB=1)
    g.output(g.quantize(y, result_scale(total, w_scale, features), q.zero()), np.float32)


def qdq_unary(op, *constants, step=None):
    def make(g):
        q = Quantized()
        x, x_scale = start(g, q, [4, 64])
        g.output(g.quantize(g.node(op, [x, *constants]), step or np.float32(x_scale * rng.uniform(0.5, 1.5)), q.zero()), np.float32)

    return make


def qdq_pair(op):
    def make(g):
        q, shape = Quantized(), [1, whole(1, 4), whole(2, 4), whole(2, 4)]
        scales = [scale(-5, -2), scale(-5, -2)]
        a, b = (g.quantize(g.input(name, np.float32, shape), step, q.zero()) for name, step in zip('ab', scales))
        y = g.node(op, [a, b])
        if rng.random() < 0.4:
            y = g.node('Relu', [y])
        y_scale = scales[0] * scales[1] * rng.uniform(50, 300) if op == 'Mul' else sum(scales) * rng.uniform(0.4, 1)
        g.output(g.quantize(y, np.float32(y_scale), q.zero()), np.float32)

    return make


def qdq_join(g):
    q = Quantized()
    parts = [g.quantize(g.input(name, np.float32, [1, 2, 3, 3]), scale(-4, -2), q.zero()) for name in 'abc']
    y = g.node('Concat', parts, axis=whole(1, 3))
    y = g.node('Pad', [y, np.array([0, 0, 1, 0, 0, 1, 0, 2]), np.float32(rng.choice([0, 0.7]))])
    g.output(g.quantize(y, scale(-4, -2), q.zero()), np.float32)


def sums(g):
    """A product whose float32 result no QuantizeLinear follows."""
    q, features, units = Quantized(), whole(2, 20), whole(2, 8)
    x, x_scale = start(g, q, [whole(1, 3), features])
    w, w_scale = rng.integers(-127, 128, (features, units)).astype(np.int8), scale(-7, -4)
    operands = [x, g.dequantize(w, w_scale, np.array(0, np.int8))]
    bias = g.dequantize(biases(units), np.float32(x_scale * w_scale), np.array(0, np.int32))
    g.output(g.node('Gemm', [*operands, bias]) if rng.random() < 0.5 else g.node('MatMul', operands), np.float32)


def orders(g):
    """Pictures that come with the channels last or second, transposes, and a dense layer behind."""
    q, last, channels, filters, size = Quantized(), rng.random() < 0.5, whole(1, 3), whole(2, 4), whole(4, 6)
    x = g.input('x', q.type, [1, size, size, channels] if last else [1, channels, size, size])
    if last:
        x = g.node('Transpose', [x], perm=[0, 3, 1, 2])
    x_scale, x_zero, zero = scale(), q.zero(), q.zero()
    x = g.node('Pad', [x, np.array([0, 0, 1, 0, 0, 0, 1, 1]), x_zero])
    w, w_scale, w_zero = weights(q, (filters, channels, 3, 3), filters)
    y_scale = result_scale(x_scale, w_scale, channels * 9)
    y = g.node('QLinearConv', [x, x_scale, x_zero, w, w_scale, w_zero, y_scale, zero], kernel_shape=[3, 3])
    features, form = filters * size * (size - 1), whole(0, 3)
    if form == 0:
        y = g.node('Flatten', [y])
    if form == 1:
        y = g.node('Reshape', [g.node('Transpose', [y], perm=[0, 2, 3, 1]), np.array([1, features])])
    if form == 2:
        y, features = g.node('Reshape', [g.node('Transpose', [y], perm=[0, 2, 3, 1]), np.array([-1, filters])]), filters
    if form == 3:
        batch = g.node('Unsqueeze', [g.node('Gather', [g.node('Shape', [y]), np.array(0)], axis=0), np.array([0])])
        y = g.node('Reshape', [y, g.node('Concat', [batch, np.array([-1])], axis=0)])
    w, w_scale, w_zero = weights(q, (features, 3), 3)
    operands = [y, y_scale, zero, w, w_scale, w_zero, result_scale(y_scale, w_scale, features), q.zero()]
    g.output(g.node('QLinearMatMul', operands), q.type)


KINDS = {
    'QLinearConv': qlinear_conv,
    'QLinearConv, one dimension': qlinear_conv_1d,
    'QLinearMatMul': qlinear_matmul,
    'QGemm': qgemm,
    'MatMulInteger': matmul_integer,
    'ConvInteger': conv_integer,
    'QLinearAdd': qlinear_pair('QLinearAdd'),
    'QLinearMul': qlinear_pair('QLinearMul'),
    'QLinearGlobalAveragePool': qlinear_global_average,
    'QLinearAveragePool': qlinear_average,
    'QLinearSigmoid': qlinear_unary('QLinearSigmoid'),
    'QLinearLeakyRelu': qlinear_unary('QLinearLeakyRelu'),
    'QLinearConcat': qlinear_concat,
    'Conv': qdq_conv,
    'a network': qdq_network,
    'Relu': qdq_unary('Relu'),
    'Clip': qdq_unary('Clip', np.float32(-0.5), np.float32(1.5)),
    'Sigmoid': qdq_unary('Sigmoid', step=np.float32(1 / 256)),
    'Tanh': qdq_unary('Tanh', step=np.float32(1 / 128)),
    'LeakyRelu': qdq_unary('LeakyRelu'),
    'Elu': qdq_unary('Elu'),
    'HardSigmoid': qdq_unary('HardSigmoid', step=np.float32(1 / 200)),
    'Mul by a number': qdq_unary('Mul', np.float32(0.37)),
    'Add': qdq_pair('Add'),
    'Sub': qdq_pair('Sub'),
    'Mul': qdq_pair('Mul'),
    'Concat and Pad': qdq_join,
    'a product without QuantizeLinear': sums,
    'orders of memory': orders,
}


def session(model):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry('session.qdqisint8allowed', '1')
    return onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'])


def random_input(port):
    dtype = TYPES[port.type]
    if dtype is np.float32:
        return (rng.normal(size=port.shape) * rng.choice([0.3, 1, 3])).astype(dtype)
    if port.shape == [256]:
        return np.arange(256).astype(np.uint8).view(dtype)
    return rng.integers(0, 256, port.shape).astype(np.uint8).view(dtype)


def text(arrays):
    return base64.b64encode(b''.join(array.tobytes() for array in arrays)).decode()


def case(name, make):
    graph = Graph()
    make(graph)
    model = graph.bytes()
    running = session(model)
    feeds = [{port.name: random_input(port) for port in running.get_inputs()} for _ in range(SAMPLES)]
    answers = [running.run(None, feed) for feed in feeds]
    return {
        'name': name,
        'model': base64.b64encode(model).decode(),
        'inputs': {port.name: text([feed[port.name] for feed in feeds]) for port in running.get_inputs()},
        'outputs': {port.name: text([answer[at] for answer in answers]) for at, port in enumerate(running.get_outputs())},
    }


def make_cases():
    cases = [case(f'{name} #{index}', make) for name, make in KINDS.items() for index in range(1, REPEATS + 1)]
    made = {'madeBy': f'onnxruntime {onnxruntime.__version__}', 'samples': SAMPLES, 'cases': cases}
    (HERE / 'cases.json.gz').write_bytes(gzip.compress(json.dumps(made, indent=0).encode(), 9, mtime=0))


def answer(folder):
    for path in sorted(Path(folder).glob('*.onnx')):
        running = session(str(path))
        (port,) = running.get_inputs()
        samples = np.fromfile(path.with_suffix('.in'), TYPES[port.type]).reshape(-1, *port.shape)
        answers = [running.run(None, {port.name: sample})[0] for sample in samples]
        (HERE / f'{path.stem}.bin').write_bytes(b''.join(value.tobytes() for value in answers))


if __name__ == '__main__':
    parser = argparse.ArgumentParser()
    parser.add_argument('--models')
    arguments = parser.parse_args()
    if arguments.models:
        answer(arguments.models)
    else:
        make_cases()
