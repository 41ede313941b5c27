import { parseAbi } from 'abitype'
import { commonErrors } from './errors.ts'

/** ABI of contracts/interfaces/ITensor.sol. */
export const tensorAbi = parseAbi([
  'struct Operand { bytes data; address[] chunks; uint256 offset; uint256 length; }',
  'struct Multiplier { uint32 value; int8 shift; }',
  'struct Quantization { uint8 rounding; int32 xZero; int32 wZero; int32 yZero; int32 yMin; int32 yMax; uint32[] multipliers; int8[] shifts; }',
  'struct Window { uint32 strideH; uint32 strideW; uint32 dilationH; uint32 dilationW; uint32 padTop; uint32 padBottom; uint32 padLeft; uint32 padRight; }',
  'struct Pool { uint32 kernelH; uint32 kernelW; uint32 strideH; uint32 strideW; uint32 padTop; uint32 padBottom; uint32 padLeft; uint32 padRight; int32 yMin; int32 yMax; }',
  'function matmul(Operand a, Operand b, Operand bias, uint32 rows, uint32 depth, uint32 columns, Quantization q) view returns (bytes y)',
  'function conv2d(Operand x, Operand weights, Operand bias, uint32[4] xShape, uint32[4] weightShape, Window window, Quantization q) view returns (bytes y)',
  'function depthwiseConv2d(Operand x, Operand weights, Operand bias, uint32[4] xShape, uint32[4] weightShape, Window window, Quantization q) view returns (bytes y)',
  'function averagePool(Operand x, uint32[4] xShape, Pool pool) view returns (bytes y)',
  'function maxPool(Operand x, uint32[4] xShape, Pool pool) view returns (bytes y)',
  'function add(Operand a, Operand b, uint32[] aShape, uint32[] bShape, Quantization q) view returns (bytes y)',
  'function requantize(Operand x, uint8 tensorType, uint32[] shape, Quantization q) view returns (bytes y)',
  'function relu(Operand x, int8 zeroPoint) view returns (bytes y)',
  'function relu6(Operand x, int8 zeroPoint, int8 six) view returns (bytes y)',
  'function sigmoid(Operand x, int8 zeroPoint, Multiplier toQ27) view returns (bytes y)',
  'function tanh(Operand x, int8 zeroPoint, Multiplier toQ27) view returns (bytes y)',
  'function softmax(Operand x, uint32 columns, Multiplier toQ26) view returns (bytes y)',
  'function gelu(Operand x, int8 xZero, int8 yZero, Multiplier toQ16, Multiplier fromQ16) view returns (bytes y)',
  'function reluQ16(Operand x) view returns (bytes y)',
  'function relu6Q16(Operand x) view returns (bytes y)',
  'function sigmoidQ16(Operand x) view returns (bytes y)',
  'function tanhQ16(Operand x) view returns (bytes y)',
  'function softmaxQ16(Operand x, uint32 columns) view returns (bytes y)',
  'function geluQ16(Operand x) view returns (bytes y)',
  'error WrongOperandLength(uint256 operand, uint256 got, uint256 wanted)',
  'error AmbiguousOperand(uint256 operand)',
  'error RangeOutside(uint256 offset, uint256 length, uint256 available)',
  ...commonErrors,
])
