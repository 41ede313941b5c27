// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITensor, TENSOR} from "../interfaces/ITensor.sol";
import {Activations} from "./reference/Activations.sol";
import {Elementwise} from "./reference/Elementwise.sol";
import {FixedPoint} from "./reference/FixedPoint.sol";
import {Layers} from "./reference/Layers.sol";
import {Operands} from "./reference/Operands.sol";
import {Windows} from "./reference/Windows.sol";

/// @title ITensor in plain Solidity
/// @notice The functions, bytes and errors of the precompile at 0x0000000000000000000000000000000000000a10, for EVMs that do not have it: put this contract's code there, by
/// `vm.etch` in Foundry or `hardhat_setCode` in Hardhat. Gas is its own, and one refusal is missing: the precompile's memory is bounded, so that it refuses a padded picture of
/// nearly 2^27 elements that is computed here. A chain's limits are taken to be the default ones.
/// @dev Calls are answered in a second frame, a call of the contract by itself: what the ABI decoder throws there becomes MalformedCalldata.
contract TensorReference {
    int256 private constant SIX_Q16 = 6 * 65536;

    address private immutable _self;

    constructor() {
        _self = address(this);
    }

    /// @dev Every function of ITensor.
    fallback(bytes calldata data) external payable returns (bytes memory) {
        if (address(this) != _self && address(this) != address(TENSOR)) revert ITensor.DelegateCall();
        if (msg.sender == address(this)) return abi.encode(_evaluate(data));
        if (msg.value != 0) revert ITensor.ValueSent(msg.value);
        uint256 gasBefore = gasleft();
        (bool success, bytes memory result) = address(this).staticcall(data);
        if (success) return result;
        // All that a frame is given is 63 of 64 parts (EIP-150). The decoder throws at once.
        if (gasleft() <= gasBefore / 63) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        // The decoder throws nothing, or a panic where a length is past 2^64.
        if (result.length == 0 || bytes4(result) == 0x4e487b71) revert ITensor.MalformedCalldata();
        assembly ("memory-safe") {
            revert(add(result, 32), mload(result))
        }
    }

    function _evaluate(bytes calldata data) private view returns (bytes memory) {
        bytes4 selector = bytes4(data);
        if (data.length < 4) revert ITensor.UnknownFunction(selector);
        bytes calldata arguments = data[4:];
        if (selector == ITensor.matmul.selector) return _matmul(arguments);
        if (selector == ITensor.conv2d.selector) return _convolution(arguments, false);
        if (selector == ITensor.depthwiseConv2d.selector) return _convolution(arguments, true);
        if (selector == ITensor.averagePool.selector) return _pool(arguments, true);
        if (selector == ITensor.maxPool.selector) return _pool(arguments, false);
        if (selector == ITensor.add.selector) return _add(arguments);
        if (selector == ITensor.requantize.selector) return _requantize(arguments);
        if (selector == ITensor.relu.selector) return _relu(arguments);
        if (selector == ITensor.relu6.selector) return _relu6(arguments);
        if (selector == ITensor.sigmoid.selector) return _curve(arguments, Activations.Kind.Logistic);
        if (selector == ITensor.tanh.selector) return _curve(arguments, Activations.Kind.Tanh);
        if (selector == ITensor.softmax.selector) return _softmax(arguments);
        if (selector == ITensor.gelu.selector) return _gelu(arguments);
        if (selector == ITensor.reluQ16.selector) return Activations.clampWords(_words(arguments), 0, FixedPoint.INT32_MAX);
        if (selector == ITensor.relu6Q16.selector) return Activations.clampWords(_words(arguments), 0, SIX_Q16);
        if (selector == ITensor.sigmoidQ16.selector) return Activations.wordwise(_words(arguments), Activations.Kind.Logistic);
        if (selector == ITensor.tanhQ16.selector) return Activations.wordwise(_words(arguments), Activations.Kind.Tanh);
        if (selector == ITensor.geluQ16.selector) return Activations.wordwise(_words(arguments), Activations.Kind.Gelu);
        if (selector == ITensor.softmaxQ16.selector) return _softmaxQ16(arguments);
        revert ITensor.UnknownFunction(selector);
    }

    function _matmul(bytes calldata arguments) private view returns (bytes memory) {
        ITensor.Operand[] memory operands = new ITensor.Operand[](3);
        Layers.Layer memory layer;
        uint32[3] memory sizes;
        (operands[0], operands[1], operands[2], sizes[0], sizes[1], sizes[2], layer.q) = abi.decode(
            arguments, (ITensor.Operand, ITensor.Operand, ITensor.Operand, uint32, uint32, uint32, ITensor.Quantization)
        );
        (uint256 rows, uint256 depth, uint256 columns) = (sizes[0], sizes[1], sizes[2]);
        (layer.channels, layer.depth) = (columns, depth);
        _readLayer(layer, operands, Operands.matrix(rows, depth), Operands.matrix(columns, depth), Operands.matrix(rows, columns));
        return Layers.matmul(layer, rows);
    }

    function _convolution(bytes calldata arguments, bool isDepthwise) private view returns (bytes memory) {
        ITensor.Operand[] memory operands = new ITensor.Operand[](3);
        Layers.Layer memory layer;
        uint32[4] memory x;
        uint32[4] memory w;
        ITensor.Window memory window;
        (operands[0], operands[1], operands[2], x, w, window, layer.q) = abi.decode(
            arguments,
            (ITensor.Operand, ITensor.Operand, ITensor.Operand, uint32[4], uint32[4], ITensor.Window, ITensor.Quantization)
        );
        Windows.Geometry memory g = Windows.ofConvolution(x, w[1], w[2], window);
        layer.channels = isDepthwise ? w[3] : w[0];
        _readLayer(layer, operands, Operands.widen(x), Operands.widen(w), Windows.shape(g, layer.channels));
        layer.depth = uint256(w[1]) * w[2] * (isDepthwise ? 1 : w[3]);
        return isDepthwise ? Layers.depthwiseConv2d(layer, g, w[0]) : Layers.conv2d(layer, g);
    }

    /// @dev Reads x, weights and bias, which is left out where it has no bytes.
    function _readLayer(
        Layers.Layer memory layer,
        ITensor.Operand[] memory operands,
        uint256[] memory x,
        uint256[] memory weights,
        uint256[] memory y
    ) private view {
        bool hasBias = Operands.lengthOf(operands[2]) > 0;
        if (!hasBias) {
            assembly ("memory-safe") {
                mstore(operands, 2)
            }
        }
        bytes[] memory data = Operands.read(operands, Layers.places(x, weights, layer.channels, hasBias, y, layer.q), layer.q);
        (layer.x, layer.weights) = (data[0], data[1]);
        if (hasBias) layer.bias = data[2];
    }

    function _pool(bytes calldata arguments, bool isMean) private view returns (bytes memory) {
        (ITensor.Operand memory x, uint32[4] memory shape, ITensor.Pool memory pool) =
            abi.decode(arguments, (ITensor.Operand, uint32[4], ITensor.Pool));
        Windows.Geometry memory g = Windows.ofPool(shape, pool);
        Operands.Place memory picture = Operands.Place(Operands.widen(shape), 1);
        ITensor.Quantization memory none;
        return Elementwise.pool(_readOne(x, picture, Operands.Place(Windows.shape(g, g.channels), 1), none), g, pool, isMean);
    }

    function _add(bytes calldata arguments) private view returns (bytes memory) {
        ITensor.Operand[] memory operands = new ITensor.Operand[](2);
        uint32[] memory a;
        uint32[] memory b;
        ITensor.Quantization memory q;
        (operands[0], operands[1], a, b, q) =
            abi.decode(arguments, (ITensor.Operand, ITensor.Operand, uint32[], uint32[], ITensor.Quantization));
        Operands.Place[] memory places = new Operands.Place[](3);
        places[0] = Operands.Place(Operands.widen(a), 1);
        places[1] = Operands.Place(Operands.widen(b), 1);
        places[2] = Operands.Place(Elementwise.broadcastShape(a, b), 1);
        bytes[] memory data = Operands.read(operands, places, q);
        return Elementwise.add(data[0], data[1], a, b, q);
    }

    function _requantize(bytes calldata arguments) private view returns (bytes memory) {
        (ITensor.Operand memory x, uint8 tensorType, uint32[] memory shape, ITensor.Quantization memory q) =
            abi.decode(arguments, (ITensor.Operand, uint8, uint32[], ITensor.Quantization));
        if (tensorType != 0 && tensorType != 3) Operands.refuse("tensor", int256(uint256(tensorType)), 3);
        bool isInt32 = tensorType == 3;
        uint256[] memory wide = Operands.widen(shape);
        bytes memory data = _readOne(x, Operands.Place(wide, isInt32 ? 4 : 1), Operands.Place(wide, 1), q);
        return Elementwise.requantize(data, isInt32, shape, q);
    }

    function _relu(bytes calldata arguments) private view returns (bytes memory) {
        (ITensor.Operand memory x, int8 zeroPoint) = abi.decode(arguments, (ITensor.Operand, int8));
        return Activations.clampBytes(_readRun(x, 1), zeroPoint, 127);
    }

    function _relu6(bytes calldata arguments) private view returns (bytes memory) {
        (ITensor.Operand memory x, int8 zeroPoint, int8 six) = abi.decode(arguments, (ITensor.Operand, int8, int8));
        return Activations.clampBytes(_readRun(x, 1), zeroPoint, six);
    }

    function _curve(bytes calldata arguments, Activations.Kind kind) private view returns (bytes memory) {
        (ITensor.Operand memory x, int8 zeroPoint, ITensor.Multiplier memory toQ27) =
            abi.decode(arguments, (ITensor.Operand, int8, ITensor.Multiplier));
        return Activations.bytewise(_readRun(x, 1), Activations.Curve(kind, zeroPoint, 0, toQ27, toQ27));
    }

    function _gelu(bytes calldata arguments) private view returns (bytes memory) {
        ITensor.Operand memory x;
        Activations.Curve memory curve;
        curve.kind = Activations.Kind.Gelu;
        (x, curve.xZero, curve.yZero, curve.first, curve.second) =
            abi.decode(arguments, (ITensor.Operand, int8, int8, ITensor.Multiplier, ITensor.Multiplier));
        return Activations.bytewise(_readRun(x, 1), curve);
    }

    function _softmax(bytes calldata arguments) private view returns (bytes memory) {
        (ITensor.Operand memory x, uint32 columns, ITensor.Multiplier memory toQ26) =
            abi.decode(arguments, (ITensor.Operand, uint32, ITensor.Multiplier));
        return Activations.softmaxBytes(_readRows(x, 1, columns), columns, toQ26);
    }

    function _softmaxQ16(bytes calldata arguments) private view returns (bytes memory) {
        (ITensor.Operand memory x, uint32 columns) = abi.decode(arguments, (ITensor.Operand, uint32));
        return Activations.softmaxWords(_readRows(x, 4, columns), columns);
    }

    function _words(bytes calldata arguments) private view returns (bytes memory) {
        return _readRun(abi.decode(arguments, (ITensor.Operand)), 4);
    }

    /// @dev A tensor of one dimension, as long as it is.
    function _readRun(ITensor.Operand memory x, uint256 elementBytes) private view returns (bytes memory) {
        return _readElementwise(x, elementBytes, Operands.vector(Operands.lengthOf(x) / elementBytes));
    }

    /// @dev A tensor of rows, as many as it has.
    function _readRows(ITensor.Operand memory x, uint256 elementBytes, uint256 columns) private view returns (bytes memory) {
        uint256 elements = Operands.lengthOf(x) / elementBytes;
        return _readElementwise(x, elementBytes, Operands.matrix(elements / (columns == 0 ? 1 : columns), columns));
    }

    function _readElementwise(ITensor.Operand memory x, uint256 elementBytes, uint256[] memory shape) private view returns (bytes memory) {
        uint256 length = Operands.lengthOf(x);
        if (length > Operands.MAX_OPERAND_BYTES) revert ITensor.TooLarge(length, Operands.MAX_OPERAND_BYTES);
        ITensor.Quantization memory none;
        Operands.Place memory place = Operands.Place(shape, elementBytes);
        return _readOne(x, place, place, none);
    }

    /// @dev The operand of an operator that has one.
    function _readOne(ITensor.Operand memory x, Operands.Place memory place, Operands.Place memory y, ITensor.Quantization memory q)
        private
        view
        returns (bytes memory)
    {
        ITensor.Operand[] memory operands = new ITensor.Operand[](1);
        operands[0] = x;
        Operands.Place[] memory places = new Operands.Place[](2);
        (places[0], places[1]) = (place, y);
        return Operands.read(operands, places, q)[0];
    }
}
