// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITensor} from "../interfaces/ITensor.sol";

/// @title Small helpers around tensors as bytes
/// @notice Tensors are int8, or int32 in little-endian, row-major.
library Tensor {
    /// @notice There is nothing to choose from.
    error EmptyTensor();
    /// @notice The range ends outside the tensor.
    error OutOfRange(uint256 end, uint256 length);
    /// @notice A factor must be positive and at most 2^30.
    error FactorOutOfRange(uint256 numerator, uint256 denominator);

    /// @notice Bytes as an operand of ITensor.
    function operand(bytes memory data) internal pure returns (ITensor.Operand memory) {
        return ITensor.Operand(data, new address[](0), 0, 0);
    }

    /// @notice No operand: for a bias that is left out.
    function none() internal pure returns (ITensor.Operand memory) {
        return operand("");
    }

    /// @notice A range of the data of contracts as an operand of ITensor.
    function stored(address[] memory chunks, uint256 offset, uint256 length) internal pure returns (ITensor.Operand memory) {
        return ITensor.Operand("", chunks, offset, length);
    }

    /// @notice Number of elements of a shape.
    function elements(uint32[] memory shape) internal pure returns (uint256 count) {
        count = 1;
        for (uint256 i = 0; i < shape.length; ++i) count *= shape[i];
    }

    /// @notice Row-major index of an element.
    function index(uint32[] memory shape, uint32[] memory position) internal pure returns (uint256 offset) {
        for (uint256 i = 0; i < shape.length; ++i) {
            if (position[i] >= shape[i]) revert OutOfRange(position[i], shape[i]);
            offset = offset * shape[i] + position[i];
        }
    }

    /// @notice Element i of an int8 tensor.
    function int8At(bytes memory tensor, uint256 i) internal pure returns (int8) {
        return int8(uint8(tensor[i]));
    }

    /// @notice Element i of an int32 tensor.
    function int32At(bytes memory tensor, uint256 i) internal pure returns (int32) {
        uint256 o = 4 * i;
        if (o + 4 > tensor.length) revert OutOfRange(o + 4, tensor.length);
        return int32(uint32(uint8(tensor[o])) | uint32(uint8(tensor[o + 1])) << 8 | uint32(uint8(tensor[o + 2])) << 16 | uint32(uint8(tensor[o + 3])) << 24);
    }

    /// @notice int32 numbers as a tensor.
    function packInt32(int32[] memory values) internal pure returns (bytes memory tensor) {
        tensor = new bytes(4 * values.length);
        for (uint256 i = 0; i < values.length; ++i) {
            uint32 value = uint32(values[i]);
            for (uint256 b = 0; b < 4; ++b) tensor[4 * i + b] = bytes1(uint8(value >> (8 * b)));
        }
    }

    /// @notice Index of the largest element of an int8 tensor, the first of equal ones.
    function argmax(bytes memory tensor) internal pure returns (uint256 best) {
        if (tensor.length == 0) revert EmptyTensor();
        for (uint256 i = 1; i < tensor.length; ++i) {
            if (int8At(tensor, i) > int8At(tensor, best)) best = i;
        }
    }

    /// @notice Elements start to start + length of an int8 tensor.
    function slice(bytes memory tensor, uint256 start, uint256 length) internal pure returns (bytes memory part) {
        if (start + length > tensor.length) revert OutOfRange(start + length, tensor.length);
        part = new bytes(length);
        assembly ("memory-safe") {
            mcopy(add(part, 32), add(add(tensor, 32), start), length)
        }
    }

    /// @notice scale * (q - zeroPoint) in fixed point with 18 decimals, rounded toward zero.
    /// @param scaleBits Bits of a float32, as in IInference.Port.
    function dequantize(int32 q, uint32 scaleBits, int32 zeroPoint) internal pure returns (int256) {
        uint256 exponent = (scaleBits >> 23) & 0xff;
        uint256 mantissa = exponent == 0 ? scaleBits & 0x7fffff : (scaleBits & 0x7fffff) | 0x800000;
        if (exponent == 0) exponent = 1;
        int256 scaled = (int256(q) - zeroPoint) * int256(mantissa) * 1e18;
        if (scaleBits >> 31 != 0) scaled = -scaled;
        // mantissa * 2^(exponent - 150)
        return exponent >= 150 ? scaled * int256(1 << (exponent - 150)) : scaled / int256(1 << (150 - exponent));
    }

    /// @notice The factor numerator / denominator as ITensor takes it: the nearest value * 2^(shift - 31), half up.
    function multiplier(uint256 numerator, uint256 denominator) internal pure returns (ITensor.Multiplier memory) {
        if (numerator == 0 || denominator == 0 || numerator >> 192 != 0 || denominator >> 192 != 0) {
            revert FactorOutOfRange(numerator, denominator);
        }
        int256 shift = 0;
        while (numerator >= denominator) {
            denominator <<= 1;
            ++shift;
            if (shift > 30) revert FactorOutOfRange(numerator, denominator);
        }
        while (numerator << 1 < denominator) {
            numerator <<= 1;
            --shift;
            if (shift < -31) return ITensor.Multiplier(0, 0);
        }
        uint256 value = ((numerator << 32) / denominator + 1) >> 1;
        if (value == 1 << 31) {
            value >>= 1;
            ++shift;
        }
        return ITensor.Multiplier(uint32(value), int8(shift));
    }
}
