// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title What a call costs
contract GasProbe {
    /// @notice The call reverted, or ran out of gas.
    error CallFailed(bytes data);

    /// @notice Gas of a call's frame and of the CALL that makes it, memory of its result included.
    function gasOf(address target, bytes calldata data) external returns (uint256 gas) {
        bytes memory input = data;
        gas = gasleft();
        (bool success, bytes memory output) = target.call(input);
        gas -= gasleft();
        if (!success) revert CallFailed(output);
    }
}
