// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Tensors in memory, and dot products of ten bytes to a multiplication
/// @notice Ten bytes stand in ten lanes of 24 bits of one word, those of the second operand in reverse. As polynomials in 2^24 the two words multiply to one whose lane 9 is
/// the sum of the ten products; a lane holds the sum of 25 such words before it overflows, since 250 * 255^2 < 2^24. What passes 2^256 is of no lane below 10.
library Lanes {
    /// @notice Rows of bytes in lanes.
    struct Packed {
        uint256 count;
        /// @dev Bytes of a row.
        uint256 depth;
        /// @dev One row after the other, each filled with zeros to a whole word.
        uint256[] words;
        /// @dev Of the bytes of each row, as they are packed.
        uint256[] sums;
    }

    uint256 private constant LANES = 10;

    function int8At(bytes memory tensor, uint256 i) internal pure returns (int256 value) {
        assembly ("memory-safe") {
            value := signextend(0, mload(add(add(tensor, 1), i)))
        }
    }

    function int32At(bytes memory tensor, uint256 i) internal pure returns (int256 value) {
        assembly ("memory-safe") {
            let word := mload(add(add(tensor, 32), shl(2, i)))
            value := or(or(byte(0, word), shl(8, byte(1, word))), or(shl(16, byte(2, word)), shl(24, byte(3, word))))
            value := signextend(3, value)
        }
    }

    /// @notice Bytes with room for one word more.
    function allocate(uint256 length) internal pure returns (bytes memory tensor) {
        tensor = new bytes(length + 32);
        assembly ("memory-safe") {
            mstore(tensor, length)
        }
    }

    function setInt8(bytes memory tensor, uint256 i, int256 value) internal pure {
        assembly ("memory-safe") {
            mstore8(add(add(tensor, 32), i), value)
        }
    }

    /// @notice Writes past the number itself: a tensor is filled from its start, in bytes of `allocate`.
    function setInt32(bytes memory tensor, uint256 i, int256 value) internal pure {
        assembly ("memory-safe") {
            let low := or(shl(248, value), shl(240, byte(30, value)))
            let high := or(shl(232, byte(29, value)), shl(224, byte(28, value)))
            mstore(add(add(tensor, 32), shl(2, i)), or(low, high))
        }
    }

    /// @notice Rows of `depth` bytes of a tensor.
    /// @param isReversed For the second operand of `dot`.
    function pack(bytes memory tensor, uint256 count, uint256 depth, bool isReversed) internal pure returns (Packed memory packed) {
        packed = reserve(count, depth);
        packInto(packed, tensor, isReversed);
    }

    /// @notice Room for rows.
    function reserve(uint256 count, uint256 depth) internal pure returns (Packed memory) {
        return Packed(count, depth, new uint256[](count * ((depth + LANES - 1) / LANES)), new uint256[](count));
    }

    /// @notice As `pack`, into room that is there.
    function packInto(Packed memory packed, bytes memory tensor, bool isReversed) internal pure {
        (uint256 count, uint256 depth, uint256[] memory words, uint256[] memory sums) = (packed.count, packed.depth, packed.words, packed.sums);
        assembly ("memory-safe") {
            // Ten bytes, the first in the lowest lane.
            function spread(b) -> lanes {
                lanes := or(byte(0, b), or(shl(24, byte(1, b)), or(shl(48, byte(2, b)), or(shl(72, byte(3, b)), shl(96, byte(4, b))))))
                lanes := or(lanes, or(shl(120, byte(5, b)), or(shl(144, byte(6, b)), or(shl(168, byte(7, b)), shl(192, byte(8, b))))))
                lanes := or(lanes, shl(216, byte(9, b)))
            }
            // Ten bytes, the first in the highest lane.
            function spreadReversed(b) -> lanes {
                lanes := or(byte(9, b), or(shl(24, byte(8, b)), or(shl(48, byte(7, b)), or(shl(72, byte(6, b)), shl(96, byte(5, b))))))
                lanes := or(lanes, or(shl(120, byte(4, b)), or(shl(144, byte(3, b)), or(shl(168, byte(2, b)), shl(192, byte(1, b))))))
                lanes := or(lanes, shl(216, byte(0, b)))
            }
            let ones := 0x1000001000001000001000001000001000001000001000001000001
            let from := add(tensor, 32)
            let to := add(words, 32)
            for { let row := 0 } lt(row, count) { row := add(row, 1) } {
                let sum := 0
                for { let end := add(from, depth) } lt(from, end) { from := add(from, 10) } {
                    let ten := xor(mload(from), shl(176, 0x80808080808080808080))
                    let left := sub(end, from)
                    if lt(left, 10) {
                        let behind := sub(256, shl(3, left))
                        ten := shl(behind, shr(behind, ten))
                    }
                    let lanes
                    switch isReversed
                    case 0 { lanes := spread(ten) }
                    default { lanes := spreadReversed(ten) }
                    mstore(to, lanes)
                    to := add(to, 32)
                    sum := add(sum, and(shr(216, mul(lanes, ones)), 0xffffff))
                    if lt(left, 10) { from := sub(end, 10) }
                }
                mstore(add(add(sums, 32), shl(5, row)), sum)
            }
        }
    }

    /// @notice Where a row's words are.
    function rowAt(Packed memory packed, uint256 row) internal pure returns (uint256 pointer) {
        (uint256[] memory words, uint256 bytesOfRow) = (packed.words, rowBytes(packed));
        assembly ("memory-safe") {
            pointer := add(add(words, 32), mul(row, bytesOfRow))
        }
    }

    /// @notice Bytes of a row's words.
    function rowBytes(Packed memory packed) internal pure returns (uint256) {
        unchecked {
            return ((packed.depth + LANES - 1) / LANES) * 32;
        }
    }

    /// @notice Sum of the products of two rows of so many bytes of words.
    function dot(uint256 p, uint256 q, uint256 bytesOfRow) internal pure returns (uint256 sum) {
        assembly ("memory-safe") {
            let end := add(p, bytesOfRow)
            // Stretches of 25 words are written out: the offsets are constants.
            for { let last := sub(end, 799) } slt(p, last) { p := add(p, 800) } {
                let lanes := add(mul(mload(p), mload(q)), mul(mload(add(p, 32)), mload(add(q, 32))))
                lanes := add(lanes, add(mul(mload(add(p, 64)), mload(add(q, 64))), mul(mload(add(p, 96)), mload(add(q, 96)))))
                lanes := add(lanes, add(mul(mload(add(p, 128)), mload(add(q, 128))), mul(mload(add(p, 160)), mload(add(q, 160)))))
                lanes := add(lanes, add(mul(mload(add(p, 192)), mload(add(q, 192))), mul(mload(add(p, 224)), mload(add(q, 224)))))
                lanes := add(lanes, add(mul(mload(add(p, 256)), mload(add(q, 256))), mul(mload(add(p, 288)), mload(add(q, 288)))))
                lanes := add(lanes, add(mul(mload(add(p, 320)), mload(add(q, 320))), mul(mload(add(p, 352)), mload(add(q, 352)))))
                lanes := add(lanes, add(mul(mload(add(p, 384)), mload(add(q, 384))), mul(mload(add(p, 416)), mload(add(q, 416)))))
                lanes := add(lanes, add(mul(mload(add(p, 448)), mload(add(q, 448))), mul(mload(add(p, 480)), mload(add(q, 480)))))
                lanes := add(lanes, add(mul(mload(add(p, 512)), mload(add(q, 512))), mul(mload(add(p, 544)), mload(add(q, 544)))))
                lanes := add(lanes, add(mul(mload(add(p, 576)), mload(add(q, 576))), mul(mload(add(p, 608)), mload(add(q, 608)))))
                lanes := add(lanes, add(mul(mload(add(p, 640)), mload(add(q, 640))), mul(mload(add(p, 672)), mload(add(q, 672)))))
                lanes := add(lanes, add(mul(mload(add(p, 704)), mload(add(q, 704))), mul(mload(add(p, 736)), mload(add(q, 736)))))
                lanes := add(lanes, mul(mload(add(p, 768)), mload(add(q, 768))))
                sum := add(sum, and(shr(216, lanes), 0xffffff))
                q := add(q, 800)
            }
            let lanes := 0
            for {} lt(p, end) { p := add(p, 32) } {
                lanes := add(lanes, mul(mload(p), mload(q)))
                q := add(q, 32)
            }
            sum := add(sum, and(shr(216, lanes), 0xffffff))
        }
    }
}
