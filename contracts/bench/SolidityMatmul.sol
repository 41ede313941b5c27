// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title int8 matrix product in plain Solidity
/// @notice What multiply-adds cost without a precompile: the yardstick of the demo. As fast as plain EVM code gets without unrolling for one size:
/// no bounds checks, no checked arithmetic, one MLOAD and one SIGNEXTEND for each operand.
contract SolidityMatmul {
    /// @notice The operands have other lengths than the sizes say.
    error WrongLength(uint256 got, uint256 wanted);

    /// @notice y[r][c] = sum over d of a[r][d] * b[c][d].
    /// @param a int8 [rows, depth].
    /// @param b int8 [columns, depth].
    /// @return y int256 [rows, columns].
    function matmul(bytes memory a, bytes memory b, uint256 rows, uint256 depth, uint256 columns) external pure returns (int256[] memory y) {
        if (a.length != rows * depth) revert WrongLength(a.length, rows * depth);
        if (b.length != columns * depth) revert WrongLength(b.length, columns * depth);
        y = new int256[](rows * columns);
        assembly ("memory-safe") {
            // The last byte of the word that begins 31 bytes before an element is the element.
            let firstA := add(a, 1)
            let firstB := add(b, 1)
            let result := add(y, 32)
            for { let rowEnd := add(firstA, mul(rows, depth)) } lt(firstA, rowEnd) { firstA := add(firstA, depth) } {
                let endA := add(firstA, depth)
                let pointerB := firstB
                for { let columnEnd := add(firstB, mul(columns, depth)) } lt(pointerB, columnEnd) {} {
                    let sum := 0
                    for { let pointerA := firstA } lt(pointerA, endA) { pointerA := add(pointerA, 1) } {
                        sum := add(sum, mul(signextend(0, mload(pointerA)), signextend(0, mload(pointerB))))
                        pointerB := add(pointerB, 1)
                    }
                    mstore(result, sum)
                    result := add(result, 32)
                }
            }
        }
    }
}
