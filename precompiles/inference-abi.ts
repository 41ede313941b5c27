/** Functions and errors of contracts/interfaces/IInference.sol. */
import { parseAbi } from 'abitype'
import { commonErrors } from './errors.ts'

export const inferenceAbi = parseAbi([
  'struct Port { uint8 tensorType; uint32[] shape; uint32 scaleBits; int32 zeroPoint; }',
  'struct Description { uint8 rounding; uint32 operatorCount; uint64 macs; uint32 modelBytes; uint32 pages; uint32 inputBytes; uint32 outputBytes; Port[] inputs; Port[] outputs; }',
  'function run(bytes32 model, bytes input) view returns (bytes output)',
  'function consume(bytes32 model, bytes input) returns (bytes output)',
  'function step(bytes32 model, uint256 operator, bytes operands) view returns (bytes results)',
  'function describe(bytes32 model) view returns (Description description)',
  'function gasOf(bytes32 model, bool firstUse) view returns (uint256 gas)',
  'function chunksOf(bytes32 model) view returns (address[] chunks)',
  'function activate(bytes32 model, address[] chunks)',
  'function reserve(uint64 gas)',
  'function activateHeld(bytes32 model, uint32 size)',
  'function retire(bytes32 model)',
  'error UnknownModel(bytes32 model)',
  'error RetiredModel(bytes32 model)',
  'error AccessDenied(bytes32 model, address caller)',
  'error QuotaModel(bytes32 model)',
  'error QuotaExceeded(bytes32 model, address caller, uint256 resetsAt)',
  'error UnknownOperator(uint256 got, uint256 count)',
  'error NotRegistry(address caller)',
  'error AlreadyActive(bytes32 model)',
  'error WrongChunkLength(uint256 index, uint256 got, uint256 wanted)',
  'error WrongModelSize(uint256 got, uint256 wanted)',
  'error WrongModelId(bytes32 got, bytes32 wanted)',
  ...commonErrors,
])
