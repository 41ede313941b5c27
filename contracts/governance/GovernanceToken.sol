// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

/// @title Votes on models, access and prices
/// @notice Predeployed at 0x0000000000000000000000000000000000000a30 where the chain's configuration has a governance. Votes count where they are delegated; who has some at
/// genesis votes with them, everyone else delegates first, to themselves or another. Its clock is the blocks' time.
contract GovernanceToken is ERC20, ERC20Permit, ERC20Votes {
    /// @notice Votes at genesis, delegated to their holder.
    struct Grant {
        address holder;
        /// @dev In the token's smallest unit, 18 decimals.
        uint256 votes;
    }

    constructor(Grant[] memory grants) ERC20("Infernode Votes", "INFER") ERC20Permit("Infernode Votes") {
        for (uint256 i = 0; i < grants.length; ++i) {
            _mint(grants[i].holder, grants[i].votes);
            _delegate(grants[i].holder, grants[i].holder);
        }
    }

    function clock() public view override returns (uint48) {
        return uint48(block.timestamp);
    }

    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override returns (string memory) {
        return "mode=timestamp";
    }

    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Votes) {
        super._update(from, to, value);
    }
}
