// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITensor} from "../../interfaces/ITensor.sol";

/// @title What the precompile does before an operator runs: lengths, limits, references, shapes
/// @notice In the precompile's order, so that of several faults the same one is told.
library Operands {
    /// @notice A tensor as an artifact would have it.
    struct Place {
        /// @dev Outermost dimension first. Dimensions are wider than the ABI's: those of a result are computed.
        uint256[] shape;
        uint256 elementBytes;
    }

    /// @dev Most bytes of all operands together, and of the result: the default of a chain's limits.
    uint256 internal constant MAX_OPERAND_BYTES = 2 ** 24;
    /// @dev Most bytes of the contracts that an operand names: the default of a chain's limits.
    uint256 private constant MAX_MODEL_BYTES = 2 ** 26;
    uint256 private constant MAX_RANK = 6;
    uint256 internal constant MAX_DIMENSION = 2 ** 24;
    uint256 private constant MAX_ELEMENTS = 2 ** 26;
    uint256 private constant MAX_MULTIPLIERS = 65536;
    /// @dev Where the whole artifact is meant and no operator.
    uint256 private constant NO_OPERATOR = type(uint256).max;

    /// @notice A fault that the artifact's one operator has.
    function refuse(string memory code, int256 got, int256 wanted) internal pure {
        revert ITensor.InvalidModel(code, 0, got, wanted);
    }

    /// @notice A fault of the artifact.
    function refuseArtifact(string memory code, int256 got, int256 wanted) internal pure {
        revert ITensor.InvalidModel(code, NO_OPERATOR, got, wanted);
    }

    /// @notice Bytes that an operand claims to have.
    function lengthOf(ITensor.Operand memory operand) internal pure returns (uint256) {
        return operand.chunks.length == 0 ? operand.data.length : operand.length;
    }

    /// @notice A shape of the ABI.
    function widen(uint32[4] memory shape) internal pure returns (uint256[] memory wide) {
        wide = new uint256[](4);
        for (uint256 i = 0; i < 4; ++i) wide[i] = shape[i];
    }

    /// @notice A shape of the ABI.
    function widen(uint32[] memory shape) internal pure returns (uint256[] memory wide) {
        wide = new uint256[](shape.length);
        for (uint256 i = 0; i < shape.length; ++i) wide[i] = shape[i];
    }

    /// @notice A shape of one dimension.
    function vector(uint256 elements) internal pure returns (uint256[] memory shape) {
        shape = new uint256[](1);
        shape[0] = elements;
    }

    /// @notice A shape of two dimensions.
    function matrix(uint256 rows, uint256 columns) internal pure returns (uint256[] memory shape) {
        shape = new uint256[](2);
        (shape[0], shape[1]) = (rows, columns);
    }

    /// @notice The bytes of each operand, or the revert that the precompile gives.
    /// @param places Of the operands, and of the result behind them.
    function read(ITensor.Operand[] memory operands, Place[] memory places, ITensor.Quantization memory q)
        internal
        view
        returns (bytes[] memory data)
    {
        if (q.rounding > 2) refuseArtifact("rounding", int256(uint256(q.rounding)), 2);
        uint256[] memory wanted = _checkSizes(places);
        for (uint256 i = 0; i < operands.length; ++i) {
            ITensor.Operand memory operand = operands[i];
            uint256 got = lengthOf(operand);
            if (got != wanted[i]) revert ITensor.WrongOperandLength(i, got, wanted[i]);
            bool isInline = operand.chunks.length == 0;
            if (isInline ? operand.offset != 0 || operand.length != 0 : operand.data.length != 0) revert ITensor.AmbiguousOperand(i);
        }
        data = new bytes[](operands.length);
        for (uint256 i = 0; i < operands.length; ++i) {
            data[i] = operands[i].chunks.length == 0 ? operands[i].data : _readRange(operands[i]);
        }
        _checkArtifact(places, q);
    }

    /// @dev Bytes of each place; reverts where the result, or all operands together, are too large.
    function _checkSizes(Place[] memory places) private pure returns (uint256[] memory sizes) {
        unchecked {
            sizes = new uint256[](places.length);
            uint256 last = places.length - 1;
            (uint256 total, bool isTooLarge) = _bytesOf(places[last]);
            if (isTooLarge) revert ITensor.TooLarge(total, MAX_OPERAND_BYTES);
            sizes[last] = total;
            total = 0;
            for (uint256 i = 0; i < last; ++i) {
                bool isPast;
                (sizes[i], isPast) = _bytesOf(places[i]);
                total += sizes[i];
                isTooLarge = isTooLarge || isPast;
            }
            if (isTooLarge || total > MAX_OPERAND_BYTES) revert ITensor.TooLarge(total, MAX_OPERAND_BYTES);
        }
    }

    /// @dev Bytes modulo 2^256, and whether there are too many.
    function _bytesOf(Place memory place) private pure returns (uint256 size, bool isTooLarge) {
        unchecked {
            size = place.elementBytes;
            for (uint256 i = 0; i < place.shape.length; ++i) {
                if (place.shape[i] == 0) return (0, false);
                size *= place.shape[i];
                isTooLarge = isTooLarge || size > MAX_OPERAND_BYTES;
            }
        }
    }

    function _readRange(ITensor.Operand memory operand) private view returns (bytes memory range) {
        unchecked {
            uint256 available = 0;
            for (uint256 i = 0; i < operand.chunks.length; ++i) available += _dataBytes(operand.chunks[i], available);
            (uint256 offset, uint256 length) = (operand.offset, operand.length);
            if (offset > available || length > available - offset) revert ITensor.RangeOutside(offset, length, available);
            range = new bytes(length);
            uint256 copied = 0;
            for (uint256 i = 0; copied < length; ++i) {
                address chunk = operand.chunks[i];
                uint256 held = chunk.code.length - 1;
                if (offset >= held) {
                    offset -= held;
                    continue;
                }
                uint256 count = held - offset < length - copied ? held - offset : length - copied;
                assembly ("memory-safe") {
                    extcodecopy(chunk, add(add(range, 32), copied), add(offset, 1), count)
                }
                copied += count;
                offset = 0;
            }
        }
    }

    /// @dev Bytes of one contract, whose code is 0x00 and then data, behind `before` others.
    function _dataBytes(address chunk, uint256 before) private view returns (uint256 held) {
        unchecked {
            uint256 first;
            assembly ("memory-safe") {
                extcodecopy(chunk, 31, 0, 1)
                first := byte(31, mload(0))
            }
            if (chunk.code.length < 2 || first != 0) revert ITensor.NotData(chunk);
            held = chunk.code.length - 1;
            if (before + held > MAX_MODEL_BYTES) revert ITensor.TooLarge(before + held, MAX_MODEL_BYTES);
        }
    }

    /// @dev Limits of the artifact's lists, then every tensor's shape.
    function _checkArtifact(Place[] memory places, ITensor.Quantization memory q) private pure {
        for (uint256 i = 0; i < places.length; ++i) {
            uint256 rank = places[i].shape.length;
            if (rank > MAX_RANK) refuseArtifact("limit", int256(rank), int256(MAX_RANK));
        }
        if (q.multipliers.length > MAX_MULTIPLIERS) refuse("limit", int256(q.multipliers.length), int256(MAX_MULTIPLIERS));
        if (q.shifts.length > MAX_MULTIPLIERS) refuse("limit", int256(q.shifts.length), int256(MAX_MULTIPLIERS));
        for (uint256 i = 0; i < places.length; ++i) _checkShape(places[i].shape);
    }

    function _checkShape(uint256[] memory shape) private pure {
        if (shape.length == 0) refuseArtifact("tensor", 0, 1);
        uint256 elements = 1;
        for (uint256 i = 0; i < shape.length; ++i) {
            if (shape[i] == 0) refuseArtifact("shape", 0, 1);
            if (shape[i] > MAX_DIMENSION) refuseArtifact("limit", int256(shape[i]), int256(MAX_DIMENSION));
            elements *= shape[i];
            if (elements > MAX_ELEMENTS) refuseArtifact("limit", int256(elements), int256(MAX_ELEMENTS));
        }
    }
}
