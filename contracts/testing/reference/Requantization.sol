// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FixedPoint} from "./FixedPoint.sol";

/// @title Requantization of docs/arithmetic.md in its three rounding modes
library Requantization {
    uint256 internal constant FP32 = 0;
    uint256 internal constant SINGLE = 1;
    uint256 internal constant DOUBLE = 2;

    /// @notice A factor: bits of a float32 in mode FP32, else multiplier * 2^(shift - 31).
    function requantize(uint256 mode, int256 accumulator, uint256 multiplier, int256 shift) internal pure returns (int256) {
        unchecked {
            if (mode == FP32) return _timesFloat(accumulator, multiplier);
            if (mode == DOUBLE) return double(accumulator, multiplier, shift);
            uint256 t = uint256(31 - shift);
            return (accumulator * int256(multiplier) + int256(1 << (t - 1))) >> t;
        }
    }

    /// @notice accumulator * multiplier * 2^(shift - 31), rounded twice.
    function double(int256 accumulator, uint256 multiplier, int256 shift) internal pure returns (int256) {
        unchecked {
            if (shift > 0) return FixedPoint.srdhm(accumulator << uint256(shift), int256(multiplier));
            return FixedPoint.rdpot(FixedPoint.srdhm(accumulator, int256(multiplier)), uint256(-shift));
        }
    }

    /// @dev The nearest integer to the float32 product of the float32 nearest to an int32 with a positive normal float32; every rounding is to the nearest, ties to even.
    /// No product of normal numbers with an integer is subnormal, and what is past 2^40 is past every bound, so that a significand and an exponent are enough.
    function _timesFloat(int256 accumulator, uint256 scaleBits) private pure returns (int256) {
        unchecked {
            if (accumulator == 0) return 0;
            uint256 magnitude = _toFloat(uint256(accumulator < 0 ? -accumulator : accumulator));
            uint256 product = _toFloat(magnitude * ((scaleBits & 0x7fffff) | 0x800000));
            // scale = significand * 2^(exponent - 150)
            int256 exponent = int256(scaleBits >> 23) - 150;
            uint256 rounded = exponent >= 0
                ? product << uint256(exponent > 40 ? int256(40) : exponent)
                : _nearest(product, uint256(-exponent));
            return accumulator < 0 ? -int256(rounded) : int256(rounded);
        }
    }

    /// @dev The nearest integer with at most 24 significant bits, for value < 2^64.
    function _toFloat(uint256 value) private pure returns (uint256) {
        unchecked {
            uint256 excess = 0;
            while (value >> excess >= 2 ** 24) ++excess;
            // Rounding up to 2^24 leaves a power of two, which has one significant bit.
            return _nearest(value, excess) << excess;
        }
    }

    /// @dev value / 2^shift to the nearest, ties to even; value < 2^64.
    function _nearest(uint256 value, uint256 shift) private pure returns (uint256) {
        unchecked {
            if (shift == 0) return value;
            if (shift > 65) return 0;
            uint256 below = value >> shift;
            uint256 rest = value & ((1 << shift) - 1);
            uint256 half = 1 << (shift - 1);
            return rest > half || (rest == half && below & 1 == 1) ? below + 1 : below;
        }
    }
}
