import { parseAbi } from 'abitype'

/** Errors that every precompile has, for the ABIs. */
export const commonErrors = [
  'error UnknownFunction(bytes4 selector)',
  'error MalformedCalldata()',
  'error DelegateCall()',
  'error StaticCall()',
  'error ValueSent(uint256 value)',
  'error NotData(address account)',
  'error TooLarge(uint256 got, uint256 most)',
  'error WrongInputLength(uint256 got, uint256 wanted)',
  'error InvalidModel(string code, uint256 operator, int256 got, int256 wanted)',
] as const

export const commonAbi = parseAbi(commonErrors)
