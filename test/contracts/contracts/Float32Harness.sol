// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Float32} from "contracts/libraries/Float32.sol";

/// @title Makes the library's internal functions callable
contract Float32Harness {
    function fromInt(int256 value) external pure returns (uint32) {
        return Float32.fromInt(value);
    }

    function fromRatio(int256 numerator, uint256 denominator) external pure returns (uint32) {
        return Float32.fromRatio(numerator, denominator);
    }

    function pack(uint32[] memory values) external pure returns (bytes memory) {
        return Float32.pack(values);
    }
}
