// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Infernode} from "contracts/foundry/Infernode.sol";
import {ITensor, TENSOR} from "contracts/interfaces/ITensor.sol";
import {Tensor} from "contracts/libraries/Tensor.sol";

/// @notice TensorReference by vm.etch, against sums of products written out here.
contract TensorReferenceTest {
    function setUp() public {
        Infernode.install();
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_MatmulIsTheSumOfProducts(bytes32 seed, uint8 rowsSeed, uint16 depthSeed, uint8 columnsSeed, int8 xZero, int8 wZero) public view {
        (uint32 rows, uint32 depth, uint32 columns) = (1 + rowsSeed % 3, 1 + depthSeed % 300, 1 + columnsSeed % 3);
        bytes memory a = _bytes(seed, rows * depth);
        bytes memory b = _bytes(keccak256(abi.encode(seed)), columns * depth);
        ITensor.Quantization memory q;
        (q.xZero, q.wZero) = (xZero, wZero);
        bytes memory y = TENSOR.matmul(Tensor.operand(a), Tensor.operand(b), Tensor.none(), rows, depth, columns, q);
        require(y.length == 4 * rows * columns, "another length");
        for (uint256 i = 0; i < rows * columns; ++i) {
            int256 sum = 0;
            for (uint256 d = 0; d < depth; ++d) {
                int256 w = int256(Tensor.int8At(b, (i % columns) * depth + d)) - wZero;
                sum += (int256(Tensor.int8At(a, (i / columns) * depth + d)) - xZero) * w;
            }
            require(Tensor.int32At(y, i) == sum, "another sum");
        }
    }

    function test_RefusesAsThePrecompileDoes() public {
        (bool success, bytes memory data) = address(TENSOR).call(abi.encodeWithSelector(0x01020304));
        require(!success && keccak256(data) == keccak256(abi.encodeWithSelector(ITensor.UnknownFunction.selector, bytes4(0x01020304))), "selector");
        (success, data) = address(TENSOR).call(abi.encodeWithSelector(ITensor.relu.selector, uint256(1)));
        require(!success && keccak256(data) == keccak256(abi.encodeWithSelector(ITensor.MalformedCalldata.selector)), "calldata");
        (success, data) = address(TENSOR).delegatecall(abi.encodeCall(ITensor.relu, (Tensor.operand(hex"01"), 0)));
        require(!success && keccak256(data) == keccak256(abi.encodeWithSelector(ITensor.DelegateCall.selector)), "delegatecall");
    }

    function _bytes(bytes32 seed, uint256 length) private pure returns (bytes memory data) {
        data = new bytes(length);
        for (uint256 i = 0; i < length; ++i) data[i] = bytes1(keccak256(abi.encode(seed, i)));
    }
}
