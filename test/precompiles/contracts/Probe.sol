// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Calls a target in every way that the EVM has
contract Probe {
    error Undone(bool success, bytes output);

    function byCall(address target, bytes calldata data) external payable returns (bool success, bytes memory output, uint256 gasUsed) {
        uint256 before = gasleft();
        (success, output) = target.call{value: msg.value}(data);
        gasUsed = before - gasleft();
    }

    function byStaticCall(address target, bytes calldata data) external view returns (bool success, bytes memory output, uint256 gasUsed) {
        uint256 before = gasleft();
        (success, output) = target.staticcall(data);
        gasUsed = before - gasleft();
    }

    function byCallWithGas(address target, bytes calldata data, uint256 gasLimit)
        external
        returns (bool success, bytes memory output, uint256 gasUsed)
    {
        uint256 before = gasleft();
        (success, output) = target.call{gas: gasLimit}(data);
        gasUsed = before - gasleft();
    }

    function byDelegateCall(address target, bytes calldata data) external returns (bool success, bytes memory output) {
        (success, output) = target.delegatecall(data);
    }

    function byCallCode(address target, bytes memory data) external returns (bool success, bytes memory output) {
        assembly {
            success := callcode(gas(), target, 0, add(data, 32), mload(data), 0, 0)
            output := mload(0x40)
            mstore(output, returndatasize())
            returndatacopy(add(output, 32), 0, returndatasize())
            mstore(0x40, add(add(output, 32), and(add(returndatasize(), 31), not(31))))
        }
    }

    /// Calls and then reverts, so that nothing of the call stays.
    function undone(address target, bytes calldata data) external {
        (bool success, bytes memory output) = target.call(data);
        revert Undone(success, output);
    }

    /// The gas of a call after a frame has made the same call and was reverted.
    function afterUndone(address target, bytes calldata data) external returns (uint256 first, uint256 second) {
        try this.undone(target, data) {} catch {}
        first = _gasOf(target, data);
        second = _gasOf(target, data);
    }

    function twice(address target, bytes calldata data) external returns (uint256 first, uint256 second) {
        first = _gasOf(target, data);
        second = _gasOf(target, data);
    }

    /// Calls itself `depth` times and the target in each frame; all answers must be the same.
    function nested(uint256 depth, address target, bytes calldata data) external returns (bytes memory output) {
        bytes memory inner;
        if (depth > 0) inner = this.nested(depth - 1, target, data);
        bool success;
        (success, output) = target.call(data);
        require(success, "call failed");
        require(depth == 0 || keccak256(inner) == keccak256(output), "results differ");
    }

    /// Without what the EVM takes for memory: the data lie there before the gas is counted.
    function _gasOf(address target, bytes calldata data) private returns (uint256 gasUsed) {
        bytes memory copy = data;
        bool success;
        assembly {
            gasUsed := gas()
            success := call(gas(), target, 0, add(copy, 32), mload(copy), 0, 0)
            gasUsed := sub(gasUsed, gas())
        }
        require(success, "call failed");
    }
}
