// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInference} from "../interfaces/IInference.sol";

/// @title IInference that answers what a node has answered before
/// @notice For tests in EVMs without the precompile at 0x0000000000000000000000000000000000000a11: put this contract's code there, by `vm.etch` in Foundry or `hardhat_setCode`
/// in Hardhat, and `record` the calls of a file that `infernode record` has written. A call is answered with the very bytes of the node, a revert included; one that was not
/// recorded reverts with NotRecorded. `consume` is answered as the `run` of the same model and input.
contract RecordedInference {
    /// @notice What the node answered to a call.
    struct Answer {
        bool isRecorded;
        bool isRevert;
        bytes data;
    }

    /// @notice Nothing was recorded of this call of a model: record it with `infernode record`.
    /// @param model The first argument, whatever the function.
    /// @param argumentsHash keccak256 of the encoded arguments.
    error NotRecorded(bytes4 selector, bytes32 model, bytes32 argumentsHash);
    /// @notice What is shorter than a selector is no call of a function.
    error NoCall(uint256 length);

    /// @notice A call has an answer from now on.
    event Recorded(bytes4 indexed selector, bytes32 indexed argumentsHash, bool isRevert);

    mapping(bytes4 selector => mapping(bytes32 argumentsHash => Answer)) private _answers;

    /// @notice Gives a call its answer; the last one counts.
    /// @param callData Of the call, selector included.
    /// @param isRevert Whether the node answered with a revert.
    /// @param data What it returned, or the revert's data.
    function record(bytes calldata callData, bool isRevert, bytes calldata data) external {
        if (callData.length < 4) revert NoCall(callData.length);
        (bytes4 selector, bytes32 argumentsHash) = _keyOf(callData);
        _answers[selector][argumentsHash] = Answer(true, isRevert, data);
        emit Recorded(selector, argumentsHash, isRevert);
    }

    /// @dev Every function of IInference.
    fallback(bytes calldata callData) external returns (bytes memory) {
        if (callData.length < 4) revert NoCall(callData.length);
        (bytes4 selector, bytes32 argumentsHash) = _keyOf(callData);
        Answer storage answer = _answers[selector][argumentsHash];
        if (!answer.isRecorded) revert NotRecorded(bytes4(callData), bytes32(callData[4:]), argumentsHash);
        bytes memory data = answer.data;
        if (answer.isRevert) {
            assembly ("memory-safe") {
                revert(add(data, 32), mload(data))
            }
        }
        return data;
    }

    function _keyOf(bytes calldata callData) private pure returns (bytes4 selector, bytes32 argumentsHash) {
        selector = bytes4(callData);
        if (selector == IInference.consume.selector) selector = IInference.run.selector;
        argumentsHash = keccak256(callData[4:]);
    }
}
