// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITensor} from "../../interfaces/ITensor.sol";
import {Checks} from "./Checks.sol";
import {FixedPoint} from "./FixedPoint.sol";
import {Lanes} from "./Lanes.sol";
import {Operands} from "./Operands.sol";
import {Requantization} from "./Requantization.sol";
import {Windows} from "./Windows.sol";

/// @title Pools, add and requantize
library Elementwise {
    /// @dev Operands of add stand 2^20 higher while they are brought to one scale.
    uint256 private constant LEFT_SHIFT = 20;
    int256 private constant MOST_WEIGHT = 2 ** 21;

    /// @notice The window's elements inside the picture: their largest, or their mean, half away from zero.
    function pool(bytes memory x, Windows.Geometry memory g, ITensor.Pool memory p, bool isMean) internal pure returns (bytes memory y) {
        unchecked {
            Windows.checkPool(g);
            Checks.bounds(p.yMin, p.yMax);
            uint256 windows = g.batch * g.outH * g.outW;
            y = Lanes.allocate(windows * g.channels);
            for (uint256 i = 0; i < windows * g.channels; ++i) {
                (int256 sum, int256 count, int256 largest) = _reduce(x, g, i / g.channels, i % g.channels);
                int256 half = sum > 0 ? count / 2 : -(count / 2);
                Lanes.setInt8(y, i, FixedPoint.clamp(isMean ? (sum + half) / count : largest, p.yMin, p.yMax));
            }
        }
    }

    /// @dev A padding is smaller than the kernel, so that every window has an element inside.
    function _reduce(bytes memory x, Windows.Geometry memory g, uint256 window, uint256 channel)
        private
        pure
        returns (int256 sum, int256 count, int256 largest)
    {
        unchecked {
            largest = -128;
            for (uint256 tap = 0; tap < g.kernelH * g.kernelW; ++tap) {
                (bool isInside, uint256 pixel) = Windows.pixelOf(g, window, tap / g.kernelW, tap % g.kernelW);
                if (!isInside) continue;
                int256 value = Lanes.int8At(x, pixel * g.channels + channel);
                sum += value;
                ++count;
                if (value > largest) largest = value;
            }
        }
    }

    /// @notice Dimensions of a and b as NumPy broadcasts them; the larger one where they do not fit.
    function broadcastShape(uint32[] memory a, uint32[] memory b) internal pure returns (uint256[] memory shape) {
        shape = new uint256[](a.length > b.length ? a.length : b.length);
        for (uint256 i = 0; i < shape.length; ++i) {
            (uint256 inA, uint256 inB) = (_dimension(a, shape.length, i), _dimension(b, shape.length, i));
            shape[i] = inA > inB ? inA : inB;
        }
    }

    /// @dev Dimension i of a shape that is aligned to the right of `rank` dimensions.
    function _dimension(uint32[] memory shape, uint256 rank, uint256 i) private pure returns (uint256) {
        return i + shape.length < rank ? 1 : shape[i + shape.length - rank];
    }

    /// @notice a + b.
    function add(bytes memory a, bytes memory b, uint32[] memory aShape, uint32[] memory bShape, ITensor.Quantization memory q)
        internal
        pure
        returns (bytes memory y)
    {
        uint256[] memory shape = broadcastShape(aShape, bShape);
        _checkAdd(aShape, bShape, shape.length, q);
        uint256 elements = 1;
        for (uint256 i = 0; i < shape.length; ++i) elements *= shape[i];
        y = Lanes.allocate(elements);
        for (uint256 i = 0; i < elements; ++i) {
            int256 valueA = Lanes.int8At(a, _sourceOf(i, shape, aShape)) - q.xZero;
            int256 valueB = Lanes.int8At(b, _sourceOf(i, shape, bShape)) - q.wZero;
            Lanes.setInt8(y, i, FixedPoint.clamp(_sum(valueA, valueB, q) + q.yZero, q.yMin, q.yMax));
        }
    }

    function _checkAdd(uint32[] memory aShape, uint32[] memory bShape, uint256 rank, ITensor.Quantization memory q) private pure {
        for (uint256 i = 0; i < rank; ++i) {
            (uint256 inA, uint256 inB) = (_dimension(aShape, rank, i), _dimension(bShape, rank, i));
            if (inA != 1 && inB != 1) Checks.dimension(inB, inA);
        }
        Checks.byteValue(q.xZero);
        Checks.byteValue(q.wZero);
        Checks.byteValue(q.yZero);
        Checks.bounds(q.yMin, q.yMax);
        if (q.rounding == Requantization.FP32) {
            Checks.counts(q, 2, 1);
            for (uint256 i = 0; i < 2; ++i) {
                int256 weight = int32(q.multipliers[i]);
                if (weight < -MOST_WEIGHT) Operands.refuse("multiplier", weight, -MOST_WEIGHT);
                if (weight > MOST_WEIGHT) Operands.refuse("multiplier", weight, MOST_WEIGHT);
            }
            if (q.shifts[0] < 13) Operands.refuse("multiplier", q.shifts[0], 13);
            if (q.shifts[0] > 30) Operands.refuse("multiplier", q.shifts[0], 30);
            return;
        }
        Checks.counts(q, 3, 3);
        for (uint256 i = 0; i < 2; ++i) {
            Checks.factor(q, i, 255 << LEFT_SHIFT);
            if (q.shifts[i] > 0) Operands.refuse("multiplier", q.shifts[i], 0);
        }
        Checks.factor(q, 2, 510 << LEFT_SHIFT);
    }

    function _sum(int256 a, int256 b, ITensor.Quantization memory q) private pure returns (int256) {
        unchecked {
            if (q.rounding == Requantization.FP32) {
                uint256 shift = uint256(int256(q.shifts[0]));
                return (int256(1 << (shift - 1)) + a * int32(q.multipliers[0]) + b * int32(q.multipliers[1])) >> shift;
            }
            int256 scaledA = Requantization.requantize(q.rounding, a << LEFT_SHIFT, q.multipliers[0], q.shifts[0]);
            int256 scaledB = Requantization.requantize(q.rounding, b << LEFT_SHIFT, q.multipliers[1], q.shifts[1]);
            return Requantization.requantize(q.rounding, scaledA + scaledB, q.multipliers[2], q.shifts[2]);
        }
    }

    /// @dev Element of an operand that result i is made of.
    function _sourceOf(uint256 i, uint256[] memory shape, uint32[] memory source) private pure returns (uint256 index) {
        unchecked {
            uint256 step = 1;
            for (uint256 d = shape.length; d > shape.length - source.length; --d) {
                uint256 size = source[d + source.length - shape.length - 1];
                if (size != 1) index += (i % shape[d - 1]) * step;
                i /= shape[d - 1];
                step *= size;
            }
        }
    }

    /// @notice Another scale, with one factor or one for each channel of the last dimension.
    function requantize(bytes memory x, bool isInt32, uint32[] memory shape, ITensor.Quantization memory q) internal pure returns (bytes memory y) {
        unchecked {
            if (isInt32) Checks.attribute(q.xZero, 0, 0);
            else Checks.byteValue(q.xZero);
            Checks.byteValue(q.yZero);
            Checks.bounds(q.yMin, q.yMax);
            Checks.countsPerChannel(q, shape[shape.length - 1]);
            int256 bound = isInt32 ? FixedPoint.INT32_MAX : q.xZero >= 0 ? int256(q.xZero) + 128 : 127 - int256(q.xZero);
            for (uint256 i = 0; i < q.multipliers.length; ++i) Checks.factor(q, i, uint256(bound));
            uint256 elements = isInt32 ? x.length / 4 : x.length;
            y = Lanes.allocate(elements);
            for (uint256 i = 0; i < elements; ++i) {
                int256 accumulator = isInt32 ? Lanes.int32At(x, i) : Lanes.int8At(x, i) - q.xZero;
                uint256 entry = i % q.multipliers.length;
                int256 shift = q.rounding == Requantization.FP32 ? int256(0) : q.shifts[entry];
                int256 value = Requantization.requantize(q.rounding, accumulator, q.multipliers[entry], shift);
                Lanes.setInt8(y, i, FixedPoint.clamp(value + q.yZero, q.yMin, q.yMax));
            }
        }
    }
}
