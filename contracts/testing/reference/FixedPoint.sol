// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Fixed-point functions and integer rounding of docs/arithmetic.md
/// @notice A number Qk.(31-k) is an int32 with k integer bits, held here in an int256. No step leaves 2^100, so that nothing is checked for overflow.
library FixedPoint {
    int256 internal constant INT32_MAX = 2 ** 31 - 1;
    int256 internal constant INT32_MIN = -(2 ** 31);
    /// @dev One in Q16.16.
    int256 private constant ONE16 = 65536;

    /// @notice The nearest int32.
    function saturate(int256 value) internal pure returns (int256) {
        return clamp(value, INT32_MIN, INT32_MAX);
    }

    function clamp(int256 value, int256 low, int256 high) internal pure returns (int256) {
        return value < low ? low : value > high ? high : value;
    }

    /// @notice Saturating rounding doubling high multiply.
    function srdhm(int256 a, int256 b) internal pure returns (int256) {
        unchecked {
            return saturate((a * b + 2 ** 30) >> 31);
        }
    }

    /// @notice Rounding divide by 2^shift, ties away from zero.
    function rdpot(int256 x, uint256 shift) internal pure returns (int256) {
        unchecked {
            if (shift == 0) return x;
            return (x + int256(1 << (shift - 1)) - (x < 0 ? int256(1) : int256(0))) >> shift;
        }
    }

    /// @notice e^a for a <= 0 with k integer bits, in Q0.31.
    function exp(int256 a, uint256 k) internal pure returns (int256 result) {
        unchecked {
            if (a == 0) return INT32_MAX;
            int256 quarter = int256(1 << (29 - k));
            int256 low = (a & (quarter - 1)) - quarter;
            uint256 rest = uint256(low - a);
            result = _expQuarter(low << k);
            // e^-1/4, e^-1/2, e^-1 ... e^-16
            int256[7] memory powers = [int256(1672461947), 1302514674, 790015084, 290630308, 39332535, 720401, 242];
            for (uint256 i = 0; i < 7 && i < k + 2; ++i) {
                if ((rest >> (29 - k + i)) & 1 == 1) result = srdhm(result, powers[i]);
            }
        }
    }

    /// @dev e^a for -1/4 <= a < 0 in Q0.31: Taylor's series around -1/8.
    function _expQuarter(int256 a) private pure returns (int256) {
        unchecked {
            int256 x = a + 2 ** 28;
            int256 square = srdhm(x, x);
            int256 cube = srdhm(square, x);
            int256 fourth = srdhm(square, square);
            int256 tail = rdpot(srdhm(rdpot(fourth, 2) + cube, 715827883) + square, 1);
            return saturate(1895147668 + srdhm(1895147668, x + tail));
        }
    }

    /// @notice 1 / (1 + a) for 0 <= a <= 1, all in Q0.31.
    function reciprocal(int256 a) internal pure returns (int256) {
        unchecked {
            return saturate(_twiceReciprocal(a) * 2);
        }
    }

    /// @dev 2 / (1 + a) in Q2.29 for 0 <= a <= 1 in Q0.31: three steps of Newton's method.
    function _twiceReciprocal(int256 a) private pure returns (int256 x) {
        unchecked {
            int256 half = (a + 2 ** 31) >> 1;
            x = 1515870810 + srdhm(half, -1010580540);
            for (uint256 i = 0; i < 3; ++i) x += saturate(srdhm(x, 2 ** 29 - srdhm(half, x)) * 4);
        }
    }

    /// @notice 1 / (1 + e^-a) for a with k integer bits, in Q0.31.
    function logistic(int256 a, uint256 k) internal pure returns (int256) {
        unchecked {
            if (a == 0) return 2 ** 30;
            int256 p = reciprocal(exp(a < 0 ? a : -a, k));
            return a > 0 ? p : INT32_MAX - p;
        }
    }

    /// @notice tanh(a) for a with k integer bits, in Q0.31.
    function tanh(int256 a, uint256 k) internal pure returns (int256) {
        unchecked {
            if (a == 0) return 0;
            // The same bits with one more integer bit are twice the number. (1 - e) / (1 + e) = 2 / (1 + e) - 1.
            int256 p = saturate((_twiceReciprocal(exp(a < 0 ? a : -a, k + 1)) - 2 ** 29) * 4);
            return a > 0 ? p : -p;
        }
    }

    /// @notice e^a for a <= 0 in Q16.16; 0 below -16.
    function exp16(int256 a) internal pure returns (int256) {
        return a < -16 * ONE16 + 1 ? int256(0) : rdpot(exp(a << 11, 4), 15);
    }

    /// @notice The logistic function in Q16.16.
    function logistic16(int256 a) internal pure returns (int256) {
        return rdpot(logistic(clamp(a, 1 - 16 * ONE16, 16 * ONE16 - 1) << 11, 4), 15);
    }

    /// @notice The hyperbolic tangent in Q16.16.
    function tanh16(int256 a) internal pure returns (int256) {
        return rdpot(tanh(clamp(a, 1 - 8 * ONE16, 8 * ONE16 - 1) << 12, 3), 15);
    }

    /// @notice GELU in its tanh form, in Q16.16.
    function gelu16(int256 a) internal pure returns (int256) {
        unchecked {
            if (a >= 8 * ONE16) return a;
            if (a <= -8 * ONE16) return 0;
            int256 square = (a * a + 2 ** 15) >> 16;
            int256 cubic = (square * a * 2930 + 2 ** 31) >> 32;
            int256 u = ((a + cubic) * 52290 + 2 ** 15) >> 16;
            return (a * (ONE16 + tanh16(u)) + 2 ** 16) >> 17;
        }
    }
}
