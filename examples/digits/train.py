"""Trains the digits model and writes it as a full-integer int8 TFLite file.

    python train.py --images images-idx3-ubyte.gz --labels labels-idx1-ubyte.gz [--output digits.tflite]

Real images: MNIST in its IDX form. Of every 2000 consecutive images the last 400 are held back and never
trained on, nor used to choose anything. To the rest come digits drawn by draw.py; both are turned, scaled,
sheared, moved and bent at random. Seeds are fixed and everything runs in one thread, so that one version
of TensorFlow on one kind of processor gives the same file again.
"""

import argparse
import gzip
import os
from pathlib import Path

os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '2')
os.environ['TF_ENABLE_ONEDNN_OPTS'] = '0'

import numpy as np
import tensorflow as tf

from draw import SIDE, drawn

SEED = 1
EPOCHS = 60
BATCH = 64
DRAWN_COUNT = 3000
DRAWN_SEED = 1000  # not PICTURE_SEED: the shipped pictures are not trained on
CALIBRATION_COUNT = 500
PEAK_LEARNING_RATE = 4e-3


def read_idx(path):
    """The array of an IDX file (gzip or plain) of unsigned bytes."""
    raw = Path(path).read_bytes()
    raw = gzip.decompress(raw) if raw[:2] == b'\x1f\x8b' else raw
    if raw[:3] != b'\x00\x00\x08':
        raise SystemExit(f'{path}: not an IDX file of unsigned bytes')
    rank = raw[3]
    shape = np.frombuffer(raw, '>u4', rank, 4)
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * rank).reshape(shape)


def held_back(count):
    """Which of `count` images are held back: the last 400 of every 2000. Blocks, because neighbours share a writer."""
    return np.arange(count) % 2000 >= 1600


def blur(field, passes=3):
    """`field` [n, side, side] smoothed by repeated box filters of 7 pixels; stands for a Gaussian."""
    for axis in (1, 2):
        for _ in range(passes):
            padded = np.pad(field, [(0, 0)] + [(3, 3) if a == axis else (0, 0) for a in (1, 2)], mode='reflect')
            total = np.cumsum(np.insert(padded, 0, 0, axis=axis), axis=axis)
            field = (np.take(total, range(7, SIDE + 7), axis=axis) - np.take(total, range(SIDE), axis=axis)) / 7
    return field


def augment(images, rng):
    """Turned, scaled, sheared, moved and bent copies of float32 `images` [n, 28, 28], by bilinear lookup."""
    n = len(images)
    turn = rng.normal(0, 0.12, n)
    shear = rng.normal(0, 0.12, n)
    zoom_x, zoom_y = np.exp(rng.normal(0, 0.09, (2, n)))
    move = rng.uniform(-2.2, 2.2, (2, n, 1, 1))
    bend = np.stack([blur(rng.uniform(-1, 1, (n, SIDE, SIDE))) for _ in range(2)])
    bend *= rng.uniform(0, 1.6, (n, 1, 1)) / bend.std()
    middle = (SIDE - 1) / 2
    ys, xs = np.mgrid[0:SIDE, 0:SIDE] - middle
    cos, sin = (f(turn)[:, None, None] for f in (np.cos, np.sin))
    source_x = (cos * xs - sin * ys) * zoom_x[:, None, None] + shear[:, None, None] * ys + move[0] + bend[0] + middle
    source_y = (sin * xs + cos * ys) * zoom_y[:, None, None] + move[1] + bend[1] + middle
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2)))
    x = np.clip(source_x, -1, SIDE) + 1
    y = np.clip(source_y, -1, SIDE) + 1
    x0, y0 = x.astype(int), y.astype(int)
    fx, fy = x - x0, y - y0
    i = np.arange(n)[:, None, None]
    top = padded[i, y0, x0] * (1 - fx) + padded[i, y0, x0 + 1] * fx
    bottom = padded[i, y0 + 1, x0] * (1 - fx) + padded[i, y0 + 1, x0 + 1] * fx
    warped = (top * (1 - fy) + bottom * fy).astype(np.float32)
    gain = rng.uniform(0.75, 1.15, (n, 1, 1)).astype(np.float32)
    return np.clip(warped * gain, 0, 1)


def build():
    """The float network, [n, 28, 28, 1] in 0..1 to ten probabilities."""
    layers = tf.keras.layers

    def normalized(x, activation=None):
        x = layers.BatchNormalization(momentum=0.98)(x)
        return layers.ReLU(max_value=6 if activation == 'relu6' else None)(x) if activation else x

    def separable(x, channels, padding, activation):
        x = normalized(layers.DepthwiseConv2D(3, padding=padding, use_bias=False)(x), 'relu6')
        return normalized(layers.Conv2D(channels, 1, use_bias=False)(x), activation)

    image = layers.Input((SIDE, SIDE, 1), batch_size=None)
    x = normalized(layers.Conv2D(16, 3, padding='same', use_bias=False)(image), 'relu')
    x = layers.MaxPooling2D(2)(x)
    x = separable(x, 32, 'same', 'relu')
    x = layers.MaxPooling2D(2)(x)
    x = layers.ReLU()(layers.Add()([x, separable(x, 32, 'same', None)]))
    x = separable(x, 64, 'valid', 'relu')
    x = layers.AveragePooling2D(5)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.1, seed=SEED)(x)
    return tf.keras.Model(image, layers.Dense(10, activation='softmax')(x))


def train(model, images, digits):
    rng = np.random.default_rng(SEED)
    targets = np.eye(10, dtype=np.float32)[digits]
    steps = EPOCHS * (len(images) // BATCH)
    warmup = steps // 10
    rate = tf.keras.optimizers.schedules.CosineDecay(
        1e-4, steps - warmup, alpha=0.002, warmup_target=PEAK_LEARNING_RATE, warmup_steps=warmup)
    loss = tf.keras.losses.CategoricalCrossentropy(label_smoothing=0.05)
    model.compile(tf.keras.optimizers.AdamW(rate, weight_decay=1e-3), loss, metrics=['accuracy'])
    for epoch in range(EPOCHS):
        order = rng.permutation(len(images))[: len(images) // BATCH * BATCH]
        batch = augment(images[order], rng)[..., None]
        log = model.fit(batch, targets[order], batch_size=BATCH, shuffle=False, verbose=0).history
        print(f'epoch {epoch + 1}/{EPOCHS}  loss {log["loss"][0]:.4f}  accuracy {log["accuracy"][0]:.4f}', flush=True)


def quantize(model, images):
    """TFLite bytes: int8 input and output, weights per channel in convolutions and per tensor in the dense layer."""
    fixed = tf.keras.Model(*rebatched(model))
    converter = tf.lite.TFLiteConverter.from_keras_model(fixed)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None, ..., None]] for image in images)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    converter._experimental_disable_per_channel_quantization_for_dense_layers = True
    return converter.convert()


def rebatched(model):
    """Input and output of the trained layers applied to a batch of one, the only batch that TFLite then sees."""
    image = tf.keras.layers.Input((SIDE, SIDE, 1), batch_size=1)
    return image, model(image, training=False)


def predict(content, images):
    """int8 TFLite outputs [n, 10] for uint8 images."""
    interpreter = tf.lite.Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    scale, zero = source['quantization']
    answers = []
    for image in images:
        real = image.astype(np.float32) / np.float32(255)
        quantized = np.clip(np.round(real / scale) + zero, -128, 127).astype(np.int8)
        interpreter.set_tensor(source['index'], quantized.reshape(source['shape']))
        interpreter.invoke()
        answers.append(interpreter.get_tensor(target['index'])[0])
    return np.stack(answers)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--images', required=True)
    parser.add_argument('--labels', required=True)
    parser.add_argument('--output', default=str(Path(__file__).parent / 'digits.tflite'))
    options = parser.parse_args()

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.keras.utils.set_random_seed(SEED)
    tf.config.experimental.enable_op_determinism()

    images, digits = read_idx(options.images), read_idx(options.labels)
    held = held_back(len(images))
    ours, our_digits = drawn(DRAWN_COUNT, DRAWN_SEED)
    training = np.concatenate([images[~held], ours]).astype(np.float32) / 255
    print(f'{(~held).sum()} real images and {len(ours)} drawn ones to train on, {held.sum()} real ones held back')

    model = build()
    train(model, training, np.concatenate([digits[~held], our_digits]))
    rng = np.random.default_rng(SEED)
    calibration = training[rng.choice(len(training), CALIBRATION_COUNT, replace=False)]
    content = quantize(model, calibration)
    Path(options.output).write_bytes(content)

    answers = model.predict(images[held][..., None].astype(np.float32) / 255, verbose=0)
    print(f'float32: {np.mean(answers.argmax(1) == digits[held]):.4%} of {held.sum()} held-back images')
    print(f'int8:    {np.mean(predict(content, images[held]).argmax(1) == digits[held]):.4%}')
    print(f'parameters {model.count_params()}, {len(content)} bytes to {options.output}')


if __name__ == '__main__':
    main()
