// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Roles for models
/// @notice OpenZeppelin's AccessManager, for who wants to keep the roles of ModelAccess in a contract of their own.
contract ModelAccessManager is AccessManager {
    constructor(address initialAdmin) AccessManager(initialAdmin) {}
}
