// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Deterministic tensor operators
/// @notice Precompile at 0x0000000000000000000000000000000000000a10. Each function runs one operator of docs/arithmetic.md on the caller's operands.
/// Tensors are bytes: int8, or int32 in little-endian, row-major; images are NHWC. DELEGATECALL, CALLCODE and value are refused.
interface ITensor {
    /// @notice The bytes of a tensor: themselves, or a range of the data of contracts (docs/precompiles.md, "References").
    struct Operand {
        /// @dev The bytes; empty where `chunks` names contracts.
        bytes data;
        /// @dev Contracts whose code is 0x00 and then data, taken one after the other.
        address[] chunks;
        /// @dev First byte and length in that data; 0 and 0 where the bytes are in `data`.
        uint256 offset;
        uint256 length;
    }

    /// @notice A positive real factor value * 2^(shift - 31): value is 0 or from 2^29 to 2^31 - 1. See Tensor.multiplier.
    struct Multiplier {
        uint32 value;
        int8 shift;
    }

    /// @notice How an accumulator becomes an int8: y = clamp(yZero + requantize(accumulator), yMin, yMax).
    struct Quantization {
        /// @dev 0 fp32, 1 single, 2 double.
        uint8 rounding;
        /// @dev Zero points of the first operand, of the weights (or the second operand), of the result.
        int32 xZero;
        int32 wZero;
        int32 yZero;
        int32 yMin;
        int32 yMax;
        /// @dev One for all channels or one for each; fp32: bits of float32 scales; else integer multipliers with `shifts`.
        /// None: the result is the int32 accumulators, and yZero, yMin and yMax are 0.
        uint32[] multipliers;
        int8[] shifts;
    }

    /// @notice Where the windows of a convolution lie.
    struct Window {
        uint32 strideH;
        uint32 strideW;
        uint32 dilationH;
        uint32 dilationW;
        uint32 padTop;
        uint32 padBottom;
        uint32 padLeft;
        uint32 padRight;
    }

    /// @notice Where the windows of a pool lie.
    struct Pool {
        uint32 kernelH;
        uint32 kernelW;
        uint32 strideH;
        uint32 strideW;
        uint32 padTop;
        uint32 padBottom;
        uint32 padLeft;
        uint32 padRight;
        int32 yMin;
        int32 yMax;
    }

    /// @notice An operand has another length than its shape says. Operands are counted as in the function, from 0.
    error WrongOperandLength(uint256 operand, uint256 got, uint256 wanted);
    /// @notice An operand gives both bytes and contracts, or a range without contracts.
    error AmbiguousOperand(uint256 operand);
    /// @notice The contracts' data end before the range does.
    error RangeOutside(uint256 offset, uint256 length, uint256 available);
    /// @notice Operands or result have more bytes than the chain allows.
    error TooLarge(uint256 got, uint256 most);
    /// @notice The account's code is not 0x00 and then data.
    error NotData(address account);
    /// @notice Shapes, attributes or factors do not fit. `code` is a name of docs/embedding.md's table.
    error InvalidModel(string code, uint256 operator, int256 got, int256 wanted);
    /// @dev Not used here; common to all precompiles.
    error WrongInputLength(uint256 got, uint256 wanted);
    /// @notice The interface has no such function.
    error UnknownFunction(bytes4 selector);
    /// @notice The calldata is no encoding of the function's arguments.
    error MalformedCalldata();
    /// @notice A precompile is called in its own name only.
    error DelegateCall();
    /// @notice The function writes, and the call is static.
    error StaticCall();
    /// @notice No function takes value.
    error ValueSent(uint256 value);

    /// @notice y[r][c] = sum over d of (a[r][d] - xZero) * (b[c][d] - wZero), plus bias[c].
    /// @param a int8 [rows, depth].
    /// @param b int8 [columns, depth]: the second matrix by columns, as weights are kept.
    /// @param bias int32 [columns], or no bytes.
    /// @return y [rows, columns], int8, or int32 without multipliers.
    function matmul(
        Operand calldata a,
        Operand calldata b,
        Operand calldata bias,
        uint32 rows,
        uint32 depth,
        uint32 columns,
        Quantization calldata q
    ) external view returns (bytes memory y);

    /// @notice Convolution of x int8 [N,H,W,C] with weights int8 [O,KH,KW,C] and bias int32 [O], or no bytes.
    function conv2d(
        Operand calldata x,
        Operand calldata weights,
        Operand calldata bias,
        uint32[4] calldata xShape,
        uint32[4] calldata weightShape,
        Window calldata window,
        Quantization calldata q
    ) external view returns (bytes memory y);

    /// @notice Depthwise convolution of x int8 [N,H,W,C] with weights int8 [1,KH,KW,C*m] and bias int32 [C*m], or no bytes.
    function depthwiseConv2d(
        Operand calldata x,
        Operand calldata weights,
        Operand calldata bias,
        uint32[4] calldata xShape,
        uint32[4] calldata weightShape,
        Window calldata window,
        Quantization calldata q
    ) external view returns (bytes memory y);

    /// @notice Mean of each window inside the picture, half away from zero; x int8 [N,H,W,C].
    function averagePool(Operand calldata x, uint32[4] calldata xShape, Pool calldata pool) external view returns (bytes memory y);

    /// @notice Largest element of each window inside the picture; x int8 [N,H,W,C].
    function maxPool(Operand calldata x, uint32[4] calldata xShape, Pool calldata pool) external view returns (bytes memory y);

    /// @notice a + b, int8, broadcast as in NumPy. xZero is a's zero point, wZero is b's.
    /// @param q fp32: two integer multipliers and one shift; single, double: three multipliers and shifts, of a, b and y.
    function add(
        Operand calldata a,
        Operand calldata b,
        uint32[] calldata aShape,
        uint32[] calldata bShape,
        Quantization calldata q
    ) external view returns (bytes memory y);

    /// @notice int8 or int32 to int8 of another scale, one factor for all or one for each channel of the last dimension. wZero is not used.
    /// @param tensorType Of x: 0 int8, 3 int32.
    function requantize(Operand calldata x, uint8 tensorType, uint32[] calldata shape, Quantization calldata q)
        external
        view
        returns (bytes memory y);

    /// @notice max(x, zeroPoint), int8.
    function relu(Operand calldata x, int8 zeroPoint) external view returns (bytes memory y);

    /// @notice x between zeroPoint and the quantized value of 6.0, int8.
    function relu6(Operand calldata x, int8 zeroPoint, int8 six) external view returns (bytes memory y);

    /// @notice Logistic function, int8. The result has scale 1/256 and zero point -128.
    /// @param toQ27 scale of x times 2^27.
    function sigmoid(Operand calldata x, int8 zeroPoint, Multiplier calldata toQ27) external view returns (bytes memory y);

    /// @notice Hyperbolic tangent, int8. The result has scale 1/128 and zero point 0.
    /// @param toQ27 scale of x times 2^27.
    function tanh(Operand calldata x, int8 zeroPoint, Multiplier calldata toQ27) external view returns (bytes memory y);

    /// @notice Softmax of each run of `columns` elements, int8. The result has scale 1/256 and zero point -128.
    /// @param toQ26 scale of x times 2^26.
    function softmax(Operand calldata x, uint32 columns, Multiplier calldata toQ26) external view returns (bytes memory y);

    /// @notice GELU in its tanh form, int8.
    /// @param toQ16 scale of x times 2^16.
    /// @param fromQ16 1 / (2^16 times the scale of y).
    function gelu(Operand calldata x, int8 xZero, int8 yZero, Multiplier calldata toQ16, Multiplier calldata fromQ16)
        external
        view
        returns (bytes memory y);

    /// @notice max(x, 0) of Q16.16 numbers: int32, real = q / 65536. So are all that follow.
    function reluQ16(Operand calldata x) external view returns (bytes memory y);

    /// @notice x between 0 and 6.
    function relu6Q16(Operand calldata x) external view returns (bytes memory y);

    /// @notice Logistic function.
    function sigmoidQ16(Operand calldata x) external view returns (bytes memory y);

    /// @notice Hyperbolic tangent.
    function tanhQ16(Operand calldata x) external view returns (bytes memory y);

    /// @notice Softmax of each run of `columns` numbers.
    function softmaxQ16(Operand calldata x, uint32 columns) external view returns (bytes memory y);

    /// @notice GELU in its tanh form.
    function geluQ16(Operand calldata x) external view returns (bytes memory y);
}

/// @dev The precompile.
ITensor constant TENSOR = ITensor(0x0000000000000000000000000000000000000a10);
