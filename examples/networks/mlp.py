"""Small dense networks: trained with numpy alone, the same numbers each time, and written as float ONNX for `infernode quantize`."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17


def initial(sizes, random):
    """He's initialization: a weight [inputs, outputs] and a bias for each layer."""
    return [
        (random.normal(0, np.sqrt(2 / inputs), (inputs, outputs)), np.zeros(outputs))
        for inputs, outputs in zip(sizes, sizes[1:])
    ]


def forward(layers, x):
    """All activations, the input first; every layer but the last ends in relu."""
    activations = [x]
    for index, (weight, bias) in enumerate(layers):
        x = x @ weight + bias
        if index < len(layers) - 1:
            x = np.maximum(x, 0)
        activations.append(x)
    return activations


def softmax(logits):
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def train(layers, batch_of, gradient_of, steps, rate=2e-3):
    """Adam. `batch_of(step)` gives inputs and targets, `gradient_of(outputs, targets)` the loss's gradient by the outputs."""
    moments = [[np.zeros_like(p) for p in layer] for layer in layers]
    squares = [[np.zeros_like(p) for p in layer] for layer in layers]
    for step in range(1, steps + 1):
        x, target = batch_of(step)
        activations = forward(layers, x)
        delta = gradient_of(activations[-1], target)
        for index in reversed(range(len(layers))):
            weight, _ = layers[index]
            gradients = [activations[index].T @ delta, delta.sum(axis=0)]
            delta = (delta @ weight.T) * (activations[index] > 0)
            for parameter, gradient, moment, square in zip(layers[index], gradients, moments[index], squares[index]):
                moment += 0.1 * (gradient - moment)
                square += 0.001 * (gradient**2 - square)
                scaled = moment / (1 - 0.9**step) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
                # The rate falls to nothing, so that the end does not jitter.
                parameter -= rate * (1 - step / steps) * scaled
    return layers


def write(path, layers, name):
    """Gemm and Relu, one picture at a time: input "x" [1, inputs], output "y" [1, outputs]."""
    nodes, constants, tensor = [], [], "x"
    for index, (weight, bias) in enumerate(layers):
        last = index == len(layers) - 1
        constants.append(numpy_helper.from_array(weight.astype(np.float32), f"w{index}"))
        constants.append(numpy_helper.from_array(bias.astype(np.float32), f"b{index}"))
        out = "y" if last else f"h{index}"
        nodes.append(helper.make_node("Gemm", [tensor, f"w{index}", f"b{index}"], [out if last else f"g{index}"]))
        if not last:
            nodes.append(helper.make_node("Relu", [f"g{index}"], [out]))
        tensor = out
    float_of = lambda label, size: helper.make_tensor_value_info(label, TensorProto.FLOAT, [1, size])
    graph = helper.make_graph(
        nodes, name, [float_of("x", layers[0][0].shape[0])], [float_of("y", layers[-1][0].shape[1])], constants
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)
