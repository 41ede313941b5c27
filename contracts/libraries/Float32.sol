// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Numbers as the bits of float32, which classical models take
/// @notice Decision trees, linear models and their like read each feature as IEEE 754 binary32. These are the bits that every other program has for the same number:
/// the nearest float32, ties to even.
library Float32 {
    /// @notice A denominator must be positive and below 2^230.
    error DenominatorOutOfRange(uint256 denominator);

    /// @notice What a feature is where nothing is known of it; models say themselves what they make of it.
    uint32 internal constant NAN = 0x7fc00000;
    uint32 private constant INFINITY = 0x7f800000;
    uint32 private constant SIGN = 0x80000000;

    /// @notice A whole number.
    function fromInt(int256 value) internal pure returns (uint32) {
        return fromRatio(value, 1);
    }

    /// @notice A fraction: wei as ether are fromRatio(amount, 1e18).
    function fromRatio(int256 numerator, uint256 denominator) internal pure returns (uint32) {
        if (denominator == 0 || denominator >= 1 << 230) revert DenominatorOutOfRange(denominator);
        if (numerator == 0) return 0;
        uint256 n = numerator < 0 ? uint256(-(numerator + 1)) + 1 : uint256(numerator);
        uint32 bits = magnitude(n, denominator);
        return numerator < 0 ? bits | SIGN : bits;
    }

    /// @notice Numbers as a tensor: four bytes each, the lowest first.
    function pack(uint32[] memory values) internal pure returns (bytes memory tensor) {
        tensor = new bytes(4 * values.length);
        for (uint256 i = 0; i < values.length; ++i) {
            for (uint256 b = 0; b < 4; ++b) tensor[4 * i + b] = bytes1(uint8(values[i] >> (8 * b)));
        }
    }

    /// @dev n / d is quotient * 2^-shift with 25 or 26 bits, and what is left of it.
    function magnitude(uint256 n, uint256 d) private pure returns (uint32) {
        int256 shift = 25 - int256(Math.log2(n)) + int256(Math.log2(d));
        if (shift >= 0) n <<= uint256(shift);
        else d <<= uint256(-shift);
        uint256 quotient = n / d;
        bool isExact = quotient * d == n;
        // Bits behind the 24 of a float32; fewer of these are kept below the normal numbers, whose field is 1.
        int256 drop = int256(Math.log2(quotient)) - 23;
        int256 field = drop - shift + 150;
        if (field >= 255) return INFINITY;
        if (field < 1) {
            drop += 1 - field;
            field = 1;
        }
        if (drop > 27) return 0;
        uint256 kept = quotient >> uint256(drop);
        uint256 rest = quotient - (kept << uint256(drop));
        uint256 half = 1 << uint256(drop - 1);
        if (rest > half || (rest == half && (!isExact || kept & 1 == 1))) ++kept;
        return uint32((uint256(field - 1) << 23) + kept);
    }
}
