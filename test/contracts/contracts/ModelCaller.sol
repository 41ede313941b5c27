// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INFERENCE} from "contracts/interfaces/IInference.sol";

/// @title Asks a model as any contract does
contract ModelCaller {
    /// @notice keccak256 of the latest answer.
    bytes32 public answer;

    function ask(bytes32 model, bytes calldata input) external view returns (bytes memory output) {
        return INFERENCE.run(model, input);
    }

    function askAndKeep(bytes32 model, bytes calldata input) external {
        answer = keccak256(INFERENCE.run(model, input));
    }
}
