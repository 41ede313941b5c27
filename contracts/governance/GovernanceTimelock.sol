// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title What has been voted, after a while in which to object or to leave
/// @notice Predeployed at 0x0000000000000000000000000000000000000a31 where the chain's configuration has a governance. It owns what is governed: the GasSchedule from the
/// genesis block on, and the models and names that are handed to it. The governor proposes, anyone executes, and it is its own administrator.
contract GovernanceTimelock is TimelockController {
    constructor(uint256 delaySeconds, address[] memory proposers, address[] memory executors)
        TimelockController(delaySeconds, proposers, executors, address(0))
    {}
}
