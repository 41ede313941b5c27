// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITensor} from "../../interfaces/ITensor.sol";
import {Checks} from "./Checks.sol";
import {FixedPoint} from "./FixedPoint.sol";
import {Lanes} from "./Lanes.sol";
import {Operands} from "./Operands.sol";
import {Requantization} from "./Requantization.sol";
import {Windows} from "./Windows.sol";

/// @title matmul, conv2d and depthwiseConv2d
library Layers {
    /// @notice What the three share.
    struct Layer {
        bytes x;
        /// @dev int8, weight k of a channel at channel * channelStride + k * depthStride.
        bytes weights;
        /// @dev int32 in little-endian, or no bytes.
        bytes bias;
        uint256 channels;
        uint256 depth;
        ITensor.Quantization q;
        /// @dev The result, of which so many elements are written.
        bytes y;
        uint256 written;
    }

    uint256 private constant MAX_MULTIPLY_ADDS = 2 ** 40;

    /// @notice Places of operands and result.
    function places(uint256[] memory x, uint256[] memory weights, uint256 channels, bool hasBias, uint256[] memory y, ITensor.Quantization memory q)
        internal
        pure
        returns (Operands.Place[] memory list)
    {
        list = new Operands.Place[](hasBias ? 4 : 3);
        list[0] = Operands.Place(x, 1);
        list[1] = Operands.Place(weights, 1);
        if (hasBias) list[2] = Operands.Place(Operands.vector(channels), 4);
        // Without multipliers the accumulators themselves are the result.
        list[list.length - 1] = Operands.Place(y, q.multipliers.length == 0 ? 4 : 1);
    }

    /// @dev Zero points, bounds and the numbers of factors.
    function _check(Layer memory layer) private pure {
        ITensor.Quantization memory q = layer.q;
        Checks.byteValue(q.xZero);
        Checks.byteValue(q.wZero);
        if (q.multipliers.length == 0) {
            Checks.attribute(q.yZero, 0, 0);
            Checks.attribute(q.yMin, 0, 0);
            Checks.attribute(q.yMax, 0, 0);
            return Checks.counts(q, 0, 0);
        }
        Checks.byteValue(q.yZero);
        Checks.bounds(q.yMin, q.yMax);
        Checks.countsPerChannel(q, layer.channels);
    }

    /// @dev Multiply-adds of one run.
    function _checkWork(uint256 results, uint256 depth) private pure {
        if (results * depth > MAX_MULTIPLY_ADDS) Operands.refuse("limit", int256(results * depth), int256(MAX_MULTIPLY_ADDS));
    }

    /// @dev No accumulator can leave int32 in whatever order it is summed, and every factor is one.
    function _validate(Layer memory layer, uint256 channelStride, uint256 depthStride) private pure {
        unchecked {
            ITensor.Quantization memory q = layer.q;
            uint256 reach = uint256(q.xZero >= 0 ? int256(q.xZero) + 128 : 127 - int256(q.xZero));
            uint256 largest = 0;
            for (uint256 channel = 0; channel < layer.channels; ++channel) {
                int256 bias = _biasOf(layer, channel);
                uint256 bound = _sumMagnitudes(layer, channel * channelStride, depthStride) * reach + uint256(bias < 0 ? -bias : bias);
                if (bound > uint256(FixedPoint.INT32_MAX)) Operands.refuse("accumulator", int256(bound), FixedPoint.INT32_MAX);
                if (q.multipliers.length > 1) Checks.factor(q, channel, bound);
                if (bound > largest) largest = bound;
            }
            if (q.multipliers.length == 1) Checks.factor(q, 0, largest);
        }
    }

    /// @dev Sum of |w - wZero| over the weights of a channel.
    function _sumMagnitudes(Layer memory layer, uint256 first, uint256 depthStride) private pure returns (uint256 sum) {
        (bytes memory weights, uint256 depth, int256 zero) = (layer.weights, layer.depth, layer.q.wZero);
        assembly ("memory-safe") {
            // The last byte of the word that begins 31 bytes before an element is the element.
            let pointer := add(add(weights, 1), first)
            for { let end := add(pointer, mul(depth, depthStride)) } lt(pointer, end) { pointer := add(pointer, depthStride) } {
                let difference := sub(signextend(0, mload(pointer)), zero)
                let sign := sar(255, difference)
                sum := add(sum, sub(xor(difference, sign), sign))
            }
        }
    }

    /// @dev 0 where there is no bias.
    function _biasOf(Layer memory layer, uint256 channel) private pure returns (int256) {
        return layer.bias.length == 0 ? int256(0) : Lanes.int32At(layer.bias, channel);
    }

    function _makeRoom(Layer memory layer, uint256 results) private pure {
        layer.y = Lanes.allocate(layer.q.multipliers.length == 0 ? 4 * results : results);
    }

    /// @dev The next result, of an output channel, from its accumulator.
    function _append(Layer memory layer, uint256 channel, int256 accumulator) private pure {
        unchecked {
            ITensor.Quantization memory q = layer.q;
            uint256 entries = q.multipliers.length;
            uint256 i = layer.written++;
            if (entries == 0) return Lanes.setInt32(layer.y, i, accumulator);
            uint256 entry = entries == 1 ? 0 : channel;
            int256 shift = q.rounding == Requantization.FP32 ? int256(0) : q.shifts[entry];
            int256 value = Requantization.requantize(q.rounding, accumulator, q.multipliers[entry], shift);
            Lanes.setInt8(layer.y, i, FixedPoint.clamp(value + q.yZero, q.yMin, q.yMax));
        }
    }

    /// @dev Results [rows, channels] from packed rows of x and packed weights.
    function _multiply(Layer memory layer, Lanes.Packed memory rows, Lanes.Packed memory weights) private pure {
        unchecked {
            // Bytes are packed as q + 128: (a - xZero)(b - wZero) = a'b' - (wZero + 128)a' - (xZero + 128)b' + (xZero + 128)(wZero + 128).
            int256 xShift = int256(layer.q.xZero) + 128;
            int256 wShift = int256(layer.q.wZero) + 128;
            uint256 bytesOfRow = Lanes.rowBytes(rows);
            for (uint256 row = 0; row < rows.count; ++row) {
                int256 rowTerm = wShift * (xShift * int256(layer.depth) - int256(rows.sums[row]));
                (uint256 left, uint256 right) = (Lanes.rowAt(rows, row), Lanes.rowAt(weights, 0));
                for (uint256 channel = 0; channel < layer.channels; ++channel) {
                    int256 product = int256(Lanes.dot(left, right, bytesOfRow)) - xShift * int256(weights.sums[channel]);
                    _append(layer, channel, product + rowTerm + _biasOf(layer, channel));
                    right += bytesOfRow;
                }
            }
        }
    }

    /// @notice [rows, channels] of x [rows, depth] and weights [channels, depth].
    function matmul(Layer memory layer, uint256 rows) internal pure returns (bytes memory) {
        _check(layer);
        _checkWork(rows * layer.channels, layer.depth);
        _validate(layer, layer.depth, 1);
        _makeRoom(layer, rows * layer.channels);
        _multiply(layer, Lanes.pack(layer.x, rows, layer.depth, false), Lanes.pack(layer.weights, layer.channels, layer.depth, true));
        return layer.y;
    }

    /// @notice [N, OH, OW, O]: a row of patches at a time is multiplied by the weights.
    function conv2d(Layer memory layer, Windows.Geometry memory g) internal pure returns (bytes memory) {
        unchecked {
            Windows.checkConvolution(g, g.channels);
            Checks.dimension(layer.depth / (g.kernelH * g.kernelW), g.channels);
            _check(layer);
            _checkWork(g.batch * g.outH * g.outW * layer.channels, layer.depth);
            _validate(layer, layer.depth, 1);
            _makeRoom(layer, g.batch * g.outH * g.outW * layer.channels);
            Lanes.Packed memory weights = Lanes.pack(layer.weights, layer.channels, layer.depth, true);
            bytes memory patches = new bytes(g.outW * layer.depth);
            Lanes.Packed memory rows = Lanes.reserve(g.outW, layer.depth);
            for (uint256 row = 0; row < g.batch * g.outH; ++row) {
                Windows.gather(g, layer.x, layer.q.xZero, row, patches);
                Lanes.packInto(rows, patches, false);
                _multiply(layer, rows, weights);
            }
            return layer.y;
        }
    }

    /// @notice [N, OH, OW, C * m]: output channel c reads channel c / m of x.
    function depthwiseConv2d(Layer memory layer, Windows.Geometry memory g, uint256 weightBatch) internal pure returns (bytes memory) {
        unchecked {
            Windows.checkConvolution(g, g.channels == 1 ? 1 : (layer.channels + 7) & ~uint256(7));
            Checks.dimension(weightBatch, 1);
            if (layer.channels % g.channels != 0) Operands.refuse("shape", int256(layer.channels), int256(g.channels));
            _check(layer);
            _checkWork(g.batch * g.outH * g.outW * layer.channels, layer.depth);
            _validate(layer, 1, layer.channels);
            _makeRoom(layer, g.batch * g.outH * g.outW * layer.channels);
            for (uint256 window = 0; window < g.batch * g.outH * g.outW; ++window) {
                for (uint256 channel = 0; channel < layer.channels; ++channel) {
                    _append(layer, channel, _biasOf(layer, channel) + _sumTaps(layer, g, window, channel));
                }
            }
            return layer.y;
        }
    }

    /// @dev One channel of one window.
    function _sumTaps(Layer memory layer, Windows.Geometry memory g, uint256 window, uint256 channel) private pure returns (int256 sum) {
        unchecked {
            uint256 shared = channel / (layer.channels / g.channels);
            for (uint256 tap = 0; tap < layer.depth; ++tap) {
                (bool isInside, uint256 pixel) = Windows.pixelOf(g, window, tap / g.kernelW, tap % g.kernelW);
                if (!isInside) continue;
                int256 w = Lanes.int8At(layer.weights, tap * layer.channels + channel) - layer.q.wZero;
                sum += w * (Lanes.int8At(layer.x, pixel * g.channels + shared) - layer.q.xZero);
            }
        }
    }
}
