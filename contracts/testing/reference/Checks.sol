// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITensor} from "../../interfaces/ITensor.sol";
import {Operands} from "./Operands.sol";
import {Requantization} from "./Requantization.sol";

/// @title The checks that several operators share
/// @notice Limits and codes are those of docs/model-format.md and docs/embedding.md; `wanted` is the nearest number allowed.
library Checks {
    uint256 private constant SMALLEST_NORMAL_BITS = 0x00800000;
    uint256 private constant LARGEST_FINITE_BITS = 0x7f7fffff;

    /// @notice low <= value <= high.
    function attribute(int256 value, int256 low, int256 high) internal pure {
        if (value < low) Operands.refuse("attribute", value, low);
        if (value > high) Operands.refuse("attribute", value, high);
    }

    /// @notice An int8.
    function byteValue(int256 value) internal pure {
        attribute(value, -128, 127);
    }

    /// @notice -128 <= least <= most <= 127.
    function bounds(int256 least, int256 most) internal pure {
        byteValue(least);
        attribute(most, least, 127);
    }

    /// @notice A shape's dimension is what the operator's rule says.
    function dimension(uint256 got, uint256 wanted) internal pure {
        if (got != wanted) Operands.refuse("shape", int256(got), int256(wanted));
    }

    /// @notice Numbers of multipliers and shifts.
    function counts(ITensor.Quantization memory q, uint256 multipliers, uint256 shifts) internal pure {
        if (q.multipliers.length != multipliers) Operands.refuse("encoding", int256(q.multipliers.length), int256(multipliers));
        if (q.shifts.length != shifts) Operands.refuse("encoding", int256(q.shifts.length), int256(shifts));
    }

    /// @notice One multiplier, or one for each channel; and as many shifts, in mode fp32 none.
    function countsPerChannel(ITensor.Quantization memory q, uint256 channels) internal pure {
        uint256 entries = q.multipliers.length == 1 ? 1 : channels;
        counts(q, entries, q.rounding == Requantization.FP32 ? 0 : entries);
    }

    /// @notice Entry i, with which a number of at most the magnitude `bound` is requantized.
    function factor(ITensor.Quantization memory q, uint256 i, uint256 bound) internal pure {
        if (q.rounding != Requantization.FP32) return multiplier(q.multipliers[i], q.shifts[i], bound, -31);
        uint256 bits = q.multipliers[i];
        if (bits < SMALLEST_NORMAL_BITS) Operands.refuse("multiplier", int256(bits), int256(SMALLEST_NORMAL_BITS));
        if (bits > LARGEST_FINITE_BITS) Operands.refuse("multiplier", int256(bits), int256(LARGEST_FINITE_BITS));
    }

    /// @notice A multiplier of 0 or from 2^29 to 2^31 - 1 and a shift from `lowest` to 30 that keeps what is at most `bound` within 31 bits.
    function multiplier(uint32 value, int256 shift, uint256 bound, int256 lowest) internal pure {
        unchecked {
            int256 signed = int32(value);
            if (signed < 0) Operands.refuse("multiplier", signed, 0);
            if (signed > 0 && signed < 2 ** 29) Operands.refuse("multiplier", signed, 2 ** 29);
            if (shift < lowest) Operands.refuse("multiplier", shift, lowest);
            if (shift > 30) Operands.refuse("multiplier", shift, 30);
            if (shift <= 0 || bound << uint256(shift) < 2 ** 31) return;
            int256 wanted = 31;
            for (; bound > 0; bound >>= 1) --wanted;
            Operands.refuse("multiplier", shift, wanted);
        }
    }
}
