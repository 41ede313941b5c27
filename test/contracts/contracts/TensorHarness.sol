// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITensor, TENSOR} from "contracts/interfaces/ITensor.sol";
import {Tensor} from "contracts/libraries/Tensor.sol";

/// @title Makes the library's internal functions callable, and uses ITensor the way a contract does
contract TensorHarness {
    function multiplier(uint256 numerator, uint256 denominator) external pure returns (uint32, int8) {
        ITensor.Multiplier memory result = Tensor.multiplier(numerator, denominator);
        return (result.value, result.shift);
    }

    function argmax(bytes memory tensor) external pure returns (uint256) {
        return Tensor.argmax(tensor);
    }

    function slice(bytes memory tensor, uint256 start, uint256 length) external pure returns (bytes memory) {
        return Tensor.slice(tensor, start, length);
    }

    function int32At(bytes memory tensor, uint256 i) external pure returns (int32) {
        return Tensor.int32At(tensor, i);
    }

    function packInt32(int32[] memory values) external pure returns (bytes memory) {
        return Tensor.packInt32(values);
    }

    function dequantize(int32 q, uint32 scaleBits, int32 zeroPoint) external pure returns (int256) {
        return Tensor.dequantize(q, scaleBits, zeroPoint);
    }

    function elements(uint32[] memory shape) external pure returns (uint256) {
        return Tensor.elements(shape);
    }

    function index(uint32[] memory shape, uint32[] memory position) external pure returns (uint256) {
        return Tensor.index(shape, position);
    }

    function dequantizeAll(bytes memory tensor, uint32 scaleBits, int32 zeroPoint) external pure returns (int256[] memory) {
        return Tensor.dequantize(tensor, scaleBits, zeroPoint);
    }

    function quantize(int256 real, uint32 scaleBits, int32 zeroPoint) external pure returns (int8) {
        return Tensor.quantize(real, scaleBits, zeroPoint);
    }

    function quantizeAll(int256[] memory reals, uint32 scaleBits, int32 zeroPoint) external pure returns (bytes memory) {
        return Tensor.quantize(reals, scaleBits, zeroPoint);
    }

    function quantizePixels(bytes memory pixels, uint32 scaleBits, int32 zeroPoint) external pure returns (bytes memory) {
        return Tensor.quantizePixels(pixels, scaleBits, zeroPoint);
    }

    function centerPixels(bytes memory pixels) external pure returns (bytes memory) {
        return Tensor.centerPixels(pixels);
    }

    function top(bytes memory tensor, uint256 count) external pure returns (uint256[] memory) {
        return Tensor.top(tensor, count);
    }

    function box(bytes memory tensor, uint256 elementBytes, uint32[] memory shape, uint32[] memory begin, uint32[] memory size)
        external
        pure
        returns (bytes memory)
    {
        return Tensor.box(tensor, elementBytes, shape, begin, size);
    }

    function join(bytes[] memory tensors) external pure returns (bytes memory) {
        return Tensor.join(tensors);
    }

    function uint8At(bytes memory tensor, uint256 i) external pure returns (uint8) {
        return Tensor.uint8At(tensor, i);
    }

    function int16At(bytes memory tensor, uint256 i) external pure returns (int16) {
        return Tensor.int16At(tensor, i);
    }

    function packInt8(int8[] memory values) external pure returns (bytes memory) {
        return Tensor.packInt8(values);
    }

    function cosine(bytes memory a, bytes memory b) external view returns (int256) {
        return Tensor.cosine(a, b);
    }

    /// [2,3] x [3,2], both int8, to int32.
    function product(bytes memory a, bytes memory b) external view returns (int32[4] memory y) {
        ITensor.Quantization memory exact;
        bytes memory result = TENSOR.matmul(Tensor.operand(a), Tensor.operand(b), Tensor.none(), 2, 3, 2, exact);
        for (uint256 i = 0; i < 4; ++i) y[i] = Tensor.int32At(result, i);
    }

    function reluOf(address[] memory chunks, uint256 offset, uint256 length) external view returns (bytes memory) {
        return TENSOR.relu(Tensor.stored(chunks, offset, length), 0);
    }
}
