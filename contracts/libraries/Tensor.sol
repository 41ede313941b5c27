// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ITensor, TENSOR} from "../interfaces/ITensor.sol";

/// @title Helpers around tensors as bytes
/// @notice Tensors are row-major; int16 and int32 are little-endian. Real numbers are fixed point with 18 decimals. Scales are the bits of a float32, as in IInference.Port:
/// a quantized q stands for scale * (q - zeroPoint). Loops run over what the caller hands in, and are paid by who does.
library Tensor {
    /// @notice There is nothing to choose from.
    error EmptyTensor();
    /// @notice The range ends outside the tensor.
    error OutOfRange(uint256 end, uint256 length);
    /// @notice Two lists, or shapes, that go together differ in length.
    error LengthMismatch(uint256 got, uint256 wanted);
    /// @notice A factor must be positive and at most 2^30.
    error FactorOutOfRange(uint256 numerator, uint256 denominator);
    /// @notice A scale must be a positive, finite float32.
    error ScaleOutOfRange(uint32 scaleBits);
    /// @notice A tensor of zeros has no direction.
    error ZeroVector();

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
        if (position.length != shape.length) revert LengthMismatch(position.length, shape.length);
        for (uint256 i = 0; i < shape.length; ++i) {
            if (position[i] >= shape[i]) revert OutOfRange(position[i], shape[i]);
            offset = offset * shape[i] + position[i];
        }
    }

    /// @notice Element i of an int8 tensor.
    function int8At(bytes memory tensor, uint256 i) internal pure returns (int8) {
        return int8(uint8(tensor[i]));
    }

    /// @notice Element i of a uint8 tensor.
    function uint8At(bytes memory tensor, uint256 i) internal pure returns (uint8) {
        return uint8(tensor[i]);
    }

    /// @notice Element i of an int16 tensor.
    function int16At(bytes memory tensor, uint256 i) internal pure returns (int16) {
        uint256 o = 2 * i;
        if (o + 2 > tensor.length) revert OutOfRange(o + 2, tensor.length);
        return int16(uint16(uint8(tensor[o])) | uint16(uint8(tensor[o + 1])) << 8);
    }

    /// @notice Element i of an int32 tensor.
    function int32At(bytes memory tensor, uint256 i) internal pure returns (int32) {
        uint256 o = 4 * i;
        if (o + 4 > tensor.length) revert OutOfRange(o + 4, tensor.length);
        return int32(uint32(uint8(tensor[o])) | uint32(uint8(tensor[o + 1])) << 8 | uint32(uint8(tensor[o + 2])) << 16 | uint32(uint8(tensor[o + 3])) << 24);
    }

    /// @notice int8 numbers as a tensor.
    function packInt8(int8[] memory values) internal pure returns (bytes memory tensor) {
        tensor = new bytes(values.length);
        for (uint256 i = 0; i < values.length; ++i) tensor[i] = bytes1(uint8(values[i]));
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

    /// @notice Indices of the `count` largest elements of an int8 tensor, the largest first; of equal ones the first comes first.
    function top(bytes memory tensor, uint256 count) internal pure returns (uint256[] memory best) {
        if (count > tensor.length) revert OutOfRange(count, tensor.length);
        best = new uint256[](count);
        uint256 found = 0;
        for (uint256 i = 0; i < tensor.length && count > 0; ++i) {
            int8 value = int8At(tensor, i);
            if (found == count && value <= int8At(tensor, best[count - 1])) continue;
            uint256 place = found < count ? found++ : count - 1;
            for (; place > 0 && int8At(tensor, best[place - 1]) < value; --place) best[place] = best[place - 1];
            best[place] = i;
        }
    }

    /// @notice A box out of a tensor of any rank.
    /// @param elementBytes 1 for int8 and uint8, 2 for int16, 4 for int32.
    /// @param begin First element along each dimension.
    /// @param size Elements along each dimension.
    function box(bytes memory tensor, uint256 elementBytes, uint32[] memory shape, uint32[] memory begin, uint32[] memory size)
        internal
        pure
        returns (bytes memory part)
    {
        if (begin.length != shape.length) revert LengthMismatch(begin.length, shape.length);
        if (size.length != shape.length) revert LengthMismatch(size.length, shape.length);
        for (uint256 d = 0; d < shape.length; ++d) {
            if (uint256(begin[d]) + size[d] > shape[d]) revert OutOfRange(uint256(begin[d]) + size[d], shape[d]);
        }
        if (tensor.length != elements(shape) * elementBytes) revert LengthMismatch(tensor.length, elements(shape) * elementBytes);
        part = new bytes(elements(size) * elementBytes);
        if (part.length == 0) return part;
        // Elements along the last dimension lie side by side.
        uint256 run = (size.length == 0 ? 1 : size[size.length - 1]) * elementBytes;
        for (uint256 copied = 0; copied < part.length; copied += run) {
            uint256 from = _boxOffset(shape, begin, size, copied / elementBytes) * elementBytes;
            assembly ("memory-safe") {
                mcopy(add(add(part, 32), copied), add(add(tensor, 32), from), run)
            }
        }
    }

    /// @dev Index in the tensor of an element of the box.
    function _boxOffset(uint32[] memory shape, uint32[] memory begin, uint32[] memory size, uint256 element) private pure returns (uint256 offset) {
        uint256 step = 1;
        for (uint256 d = shape.length; d > 0; --d) {
            offset += (begin[d - 1] + element % size[d - 1]) * step;
            element /= size[d - 1];
            step *= shape[d - 1];
        }
    }

    /// @notice Tensors one after the other, as a model of several inputs takes them.
    function join(bytes[] memory tensors) internal pure returns (bytes memory whole) {
        uint256 length = 0;
        for (uint256 i = 0; i < tensors.length; ++i) length += tensors[i].length;
        whole = new bytes(length);
        uint256 offset = 0;
        for (uint256 i = 0; i < tensors.length; ++i) {
            bytes memory tensor = tensors[i];
            assembly ("memory-safe") {
                mcopy(add(add(whole, 32), offset), add(tensor, 32), mload(tensor))
            }
            offset += tensor.length;
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

    /// @notice The real number that q stands for, rounded toward zero.
    function dequantize(int32 q, uint32 scaleBits, int32 zeroPoint) internal pure returns (int256) {
        (uint256 mantissa, uint256 exponent) = _scale(scaleBits);
        int256 scaled = (int256(q) - zeroPoint) * int256(mantissa) * 1e18;
        return exponent >= 150 ? scaled * int256(1 << (exponent - 150)) : scaled / int256(1 << (150 - exponent));
    }

    /// @notice The real numbers of an int8 tensor.
    function dequantize(bytes memory tensor, uint32 scaleBits, int32 zeroPoint) internal pure returns (int256[] memory reals) {
        reals = new int256[](tensor.length);
        for (uint256 i = 0; i < tensor.length; ++i) reals[i] = dequantize(int8At(tensor, i), scaleBits, zeroPoint);
    }

    /// @notice The int8 nearest to a real number, half away from zero; what is past the range becomes its end.
    function quantize(int256 real, uint32 scaleBits, int32 zeroPoint) internal pure returns (int8) {
        (uint256 mantissa, uint256 exponent) = _scale(scaleBits);
        uint256 magnitude = real < 0 ? uint256(-(real + 1)) + 1 : uint256(real);
        uint256 quotient;
        if (exponent >= 150) {
            uint256 divisor = (mantissa * 1e18) << (exponent - 150);
            quotient = magnitude / divisor + (magnitude % divisor >= divisor - divisor / 2 ? 1 : 0);
        } else {
            uint256 shift = 150 - exponent;
            uint256 divisor = mantissa * 1e18;
            // Past 2^90 scales in either direction nothing is within the range of an int8 any more.
            uint256 most = type(uint256).max >> shift;
            uint256 numerator = magnitude > most ? type(uint256).max : magnitude << shift;
            quotient = numerator / divisor + (numerator % divisor >= divisor - divisor / 2 ? 1 : 0);
        }
        // An int32's zero point moves nothing back that is further out.
        int256 steps = int256(quotient > 2 ** 33 ? 2 ** 33 : quotient);
        int256 q = (real < 0 ? -steps : steps) + zeroPoint;
        return int8(q < -128 ? int256(-128) : q > 127 ? int256(127) : q);
    }

    /// @notice Real numbers, a row of a table for one, as a model's int8 input.
    function quantize(int256[] memory reals, uint32 scaleBits, int32 zeroPoint) internal pure returns (bytes memory tensor) {
        tensor = new bytes(reals.length);
        for (uint256 i = 0; i < reals.length; ++i) tensor[i] = bytes1(uint8(quantize(reals[i], scaleBits, zeroPoint)));
    }

    /// @notice A picture's bytes, 0 for black and 255 for full, as the int8 input of a model that takes them from 0 to 1: byte p stands for p / 255.
    function quantizePixels(bytes memory pixels, uint32 scaleBits, int32 zeroPoint) internal pure returns (bytes memory tensor) {
        bytes memory table = new bytes(256);
        for (uint256 p = 0; p < 256; ++p) table[p] = bytes1(uint8(quantize(int256(p * 1e18 / 255), scaleBits, zeroPoint)));
        tensor = new bytes(pixels.length);
        for (uint256 i = 0; i < pixels.length; ++i) tensor[i] = table[uint8(pixels[i])];
    }

    /// @notice A picture's bytes less 128: what `quantizePixels` gives for scale 1/255 and zero point -128, and what a model with raw pixels takes.
    function centerPixels(bytes memory pixels) internal pure returns (bytes memory tensor) {
        tensor = new bytes(pixels.length);
        assembly ("memory-safe") {
            let signs := 0x8080808080808080808080808080808080808080808080808080808080808080
            let to := add(tensor, 32)
            let whole := and(mload(pixels), not(31))
            for { let i := 0 } lt(i, whole) { i := add(i, 32) } { mstore(add(to, i), xor(mload(add(add(pixels, 32), i)), signs)) }
            // The bytes behind a tensor's last stay zero.
            for { let i := whole } lt(i, mload(pixels)) { i := add(i, 1) } {
                mstore8(add(to, i), xor(byte(0, mload(add(add(pixels, 32), i))), 0x80))
            }
        }
    }

    /// @notice How alike two int8 vectors of zero point 0 are, embeddings for one: the cosine of their angle, from -1 to 1, rounded toward zero. One call of the precompile.
    function cosine(bytes memory a, bytes memory b) internal view returns (int256) {
        if (a.length != b.length) revert LengthMismatch(b.length, a.length);
        if (a.length == 0) revert EmptyTensor();
        bytes[] memory both = new bytes[](2);
        (both[0], both[1]) = (a, b);
        ITensor.Operand memory rows = operand(join(both));
        ITensor.Quantization memory exact;
        bytes memory products = TENSOR.matmul(rows, rows, none(), 2, uint32(a.length), 2, exact);
        (int256 aa, int256 ab, int256 bb) = (int32At(products, 0), int32At(products, 1), int32At(products, 3));
        if (aa == 0 || bb == 0) revert ZeroVector();
        // The square root of a length below 2^62 in 36 decimals: 18 decimals of the length.
        return ab * 1e36 / int256(_squareRoot(uint256(aa * bb) * 1e36));
    }

    /// @dev The largest integer whose square is at most x, by Newton's method; x > 0.
    function _squareRoot(uint256 x) private pure returns (uint256 root) {
        root = 1;
        for (uint256 rest = x; rest > 1; rest >>= 2) root <<= 1;
        root <<= 1;
        for (uint256 next = (root + x / root) / 2; next < root; next = (root + x / root) / 2) root = next;
    }

    /// @dev scale = mantissa * 2^(exponent - 150).
    function _scale(uint32 scaleBits) private pure returns (uint256 mantissa, uint256 exponent) {
        if (scaleBits == 0 || scaleBits >= 0x7f800000) revert ScaleOutOfRange(scaleBits);
        exponent = scaleBits >> 23;
        mantissa = exponent == 0 ? scaleBits : (scaleBits & 0x7fffff) | 0x800000;
        if (exponent == 0) exponent = 1;
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
