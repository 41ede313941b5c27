// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITensor} from "../../interfaces/ITensor.sol";
import {Checks} from "./Checks.sol";
import {FixedPoint} from "./FixedPoint.sol";
import {Lanes} from "./Lanes.sol";
import {Operands} from "./Operands.sol";
import {Requantization} from "./Requantization.sol";

/// @title Activations on int8 and on Q16.16
library Activations {
    /// @notice Of one byte, with its zero points and factors.
    struct Curve {
        Kind kind;
        int256 xZero;
        int256 yZero;
        ITensor.Multiplier first;
        ITensor.Multiplier second;
    }

    /// @notice Which function.
    enum Kind {
        Logistic,
        Tanh,
        Gelu
    }

    /// @dev The sum of exponentials in Q12.19 stays within 31 bits.
    uint256 private constant MOST_CLASSES = 4095;

    /// @notice x between two bounds, int8.
    function clampBytes(bytes memory x, int256 low, int256 high) internal pure returns (bytes memory y) {
        Checks.bounds(low, high);
        y = Lanes.allocate(x.length);
        for (uint256 i = 0; i < x.length; ++i) Lanes.setInt8(y, i, FixedPoint.clamp(Lanes.int8At(x, i), low, high));
    }

    /// @notice x between two bounds, int32.
    function clampWords(bytes memory x, int256 low, int256 high) internal pure returns (bytes memory y) {
        y = Lanes.allocate(x.length);
        for (uint256 i = 0; i < x.length / 4; ++i) Lanes.setInt32(y, i, FixedPoint.clamp(Lanes.int32At(x, i), low, high));
    }

    /// @notice A function of each byte; of equal bytes it is computed once.
    function bytewise(bytes memory x, Curve memory curve) internal pure returns (bytes memory y) {
        unchecked {
            _checkCurve(curve);
            y = Lanes.allocate(x.length);
            bytes memory table = new bytes(256);
            uint256 known = 0;
            for (uint256 i = 0; i < x.length; ++i) {
                uint256 index = uint8(x[i]);
                if ((known >> index) & 1 == 0) {
                    Lanes.setInt8(table, index, _valueAt(curve, Lanes.int8At(x, i) - curve.xZero));
                    known |= 1 << index;
                }
                y[i] = table[index];
            }
        }
    }

    function _checkCurve(Curve memory curve) private pure {
        if (curve.kind != Kind.Gelu) return Checks.multiplier(curve.first.value, curve.first.shift, 0, 0);
        // |gelu(a)| <= |a|: what the first requantization can give bounds what the second one takes.
        Checks.multiplier(curve.first.value, curve.first.shift, 255, -31);
        uint256 raised = curve.first.shift > 0 ? uint256(int256(curve.first.shift)) : 0;
        Checks.multiplier(curve.second.value, curve.second.shift, 255 << raised, -31);
    }

    /// @dev v is x less its zero point.
    function _valueAt(Curve memory curve, int256 v) private pure returns (int256) {
        unchecked {
            if (curve.kind == Kind.Gelu) {
                int256 a = FixedPoint.gelu16(Requantization.double(v, curve.first.value, curve.first.shift));
                return FixedPoint.clamp(Requantization.double(a, curve.second.value, curve.second.shift) + curve.yZero, -128, 127);
            }
            // From here on the function of Q4.27 has reached its limit.
            int256 radius = int256(15 << 27) >> uint256(int256(curve.first.shift));
            if (v <= -radius) return -128;
            if (v >= radius) return 127;
            int256 q27 = Requantization.double(v, curve.first.value, curve.first.shift);
            int256 y = curve.kind == Kind.Logistic
                ? FixedPoint.rdpot(FixedPoint.logistic(q27, 4), 23) - 128
                : FixedPoint.rdpot(FixedPoint.tanh(q27, 4), 24);
            return y > 127 ? int256(127) : y;
        }
    }

    /// @notice Softmax of each row of int8.
    function softmaxBytes(bytes memory x, uint256 columns, ITensor.Multiplier memory toQ26) internal pure returns (bytes memory y) {
        unchecked {
            if (columns > MOST_CLASSES) Operands.refuse("shape", int256(columns), int256(MOST_CLASSES));
            Checks.multiplier(toQ26.value, toQ26.shift, 0, 0);
            y = Lanes.allocate(x.length);
            // By the difference to the largest, 1 more than e^difference; 0 is not known yet.
            int256[256] memory exponentials;
            for (uint256 row = 0; row < x.length; row += columns) {
                int256 largest = -128;
                for (uint256 i = row; i < row + columns; ++i) if (Lanes.int8At(x, i) > largest) largest = Lanes.int8At(x, i);
                int256 sum = 0;
                for (uint256 i = row; i < row + columns; ++i) {
                    sum += FixedPoint.rdpot(_exponential(exponentials, largest - Lanes.int8At(x, i), toQ26), 12);
                }
                uint256 zeros = _leadingZeros(uint256(sum));
                int256 scale = FixedPoint.reciprocal((sum << zeros) - 2 ** 31);
                for (uint256 i = row; i < row + columns; ++i) {
                    int256 e = _exponential(exponentials, largest - Lanes.int8At(x, i), toQ26);
                    int256 value = FixedPoint.rdpot(FixedPoint.srdhm(scale, e), 35 - zeros) - 128;
                    Lanes.setInt8(y, i, value > 127 ? int256(127) : value);
                }
            }
        }
    }

    function _exponential(int256[256] memory known, int256 difference, ITensor.Multiplier memory toQ26) private pure returns (int256) {
        unchecked {
            uint256 index = uint256(difference);
            if (known[index] == 0) {
                uint256 shift = uint256(int256(toQ26.shift));
                known[index] = difference > int256(31 << 26) >> shift
                    ? int256(1)
                    : FixedPoint.exp(FixedPoint.srdhm(-(difference << shift), int256(uint256(toQ26.value))), 5) + 1;
            }
            return known[index] - 1;
        }
    }

    /// @dev Of an int32, value > 0.
    function _leadingZeros(uint256 value) private pure returns (uint256 zeros) {
        for (zeros = 31; value > 1; value >>= 1) --zeros;
    }

    /// @notice A function of each number of Q16.16.
    function wordwise(bytes memory x, Kind kind) internal pure returns (bytes memory y) {
        y = Lanes.allocate(x.length);
        for (uint256 i = 0; i < x.length / 4; ++i) {
            int256 a = Lanes.int32At(x, i);
            int256 value = kind == Kind.Logistic ? FixedPoint.logistic16(a) : kind == Kind.Tanh ? FixedPoint.tanh16(a) : FixedPoint.gelu16(a);
            Lanes.setInt32(y, i, value);
        }
    }

    /// @notice Softmax of each row of Q16.16.
    function softmaxWords(bytes memory x, uint256 columns) internal pure returns (bytes memory y) {
        unchecked {
            y = Lanes.allocate(x.length);
            int256[] memory exponentials = new int256[](columns);
            for (uint256 row = 0; row < x.length / 4; row += columns) {
                int256 largest = FixedPoint.INT32_MIN;
                for (uint256 i = 0; i < columns; ++i) if (Lanes.int32At(x, row + i) > largest) largest = Lanes.int32At(x, row + i);
                int256 sum = 0;
                for (uint256 i = 0; i < columns; ++i) {
                    exponentials[i] = FixedPoint.exp16(Lanes.int32At(x, row + i) - largest);
                    sum += exponentials[i];
                }
                for (uint256 i = 0; i < columns; ++i) Lanes.setInt32(y, row + i, ((exponentials[i] << 16) + sum / 2) / sum);
            }
        }
    }
}
