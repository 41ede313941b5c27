// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MODEL_ACCESS, ModelAccess} from "contracts/ModelAccess.sol";
import {MODEL_REGISTRY} from "contracts/ModelRegistry.sol";
import {Chain, VM} from "./Chain.sol";

contract ModelAccessTest is Chain {
    bytes32 private constant A = bytes32(uint256(1));

    function setUp() public {
        deployChain();
        publish(A, ANN);
    }

    /// @dev A rule is kept as it is exactly where its fields go together.
    function testFuzz_RulesGoTogether(uint8 mode, bool hasCode, bool hasAuthority, uint64 role, uint32 calls, uint32 seconds_, address receiver) public {
        // Half of them absent, so that some rules are valid.
        if (role % 2 == 0) role = 0;
        if (calls % 2 == 0) calls = 0;
        if (seconds_ % 2 == 0) seconds_ = 0;
        address authority = !hasAuthority ? address(0) : hasCode ? address(this) : address(0x1234);
        ModelAccess.Rule memory rule = ModelAccess.Rule(ModelAccess.Mode(mode % 4), authority, role, calls, seconds_, receiver);
        bool asks = rule.mode == ModelAccess.Mode.Roles || rule.mode == ModelAccess.Mode.Policy;
        bytes memory wanted;
        if (asks != (authority == address(this)) || (!asks && authority != address(0))) {
            wanted = abi.encodeWithSelector(ModelAccess.WrongAuthority.selector, authority);
        } else if (rule.mode != ModelAccess.Mode.Roles && role != 0) {
            wanted = abi.encodeWithSelector(ModelAccess.WrongRole.selector, role);
        } else if ((calls == 0) != (seconds_ == 0)) {
            wanted = abi.encodeWithSelector(ModelAccess.WrongQuota.selector, calls, seconds_);
        }
        VM.prank(ANN);
        (bool success, bytes memory data) = address(MODEL_ACCESS).call(abi.encodeCall(ModelAccess.setRule, (A, rule)));
        require(success == (wanted.length == 0), "another verdict");
        if (!success) require(keccak256(data) == keccak256(wanted), "another error");
        else require(keccak256(abi.encode(MODEL_ACCESS.ruleOf(A))) == keccak256(abi.encode(rule)), "another rule");
    }

    function testFuzz_AllowlistsHoldWhomTheyName(address[] memory accounts, bool allowed) public {
        if (accounts.length > 256) {
            assembly ("memory-safe") {
                mstore(accounts, 256)
            }
        }
        for (uint256 i = 0; i < accounts.length; ++i) if (accounts[i] == address(0)) accounts[i] = BOB;
        VM.prank(ANN);
        MODEL_ACCESS.setAllowed(A, accounts, allowed);
        for (uint256 i = 0; i < accounts.length; ++i) require(MODEL_ACCESS.isAllowed(A, accounts[i]) == allowed, "not named");
    }

    function test_AllowlistsRefuseTheZeroAddressAndTooMany() public {
        uint256 most = MODEL_ACCESS.MAX_ACCOUNTS();
        address[] memory accounts = new address[](most + 1);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(ModelAccess.TooManyAccounts.selector, most + 1, most));
        MODEL_ACCESS.setAllowed(A, accounts, true);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(ModelAccess.ZeroAccount.selector));
        MODEL_ACCESS.setAllowed(A, new address[](1), true);
    }

    function testFuzz_StrangersChangeNothing(address stranger) public {
        VM.assume(stranger != ANN);
        ModelAccess.Rule memory rule;
        bytes memory wanted = abi.encodeWithSelector(ModelAccess.NotOwner.selector, A, stranger);
        VM.prank(stranger);
        VM.expectRevert(wanted);
        MODEL_ACCESS.setRule(A, rule);
        VM.prank(stranger);
        VM.expectRevert(wanted);
        MODEL_ACCESS.setAllowed(A, new address[](0), true);
        VM.prank(ANN);
        MODEL_REGISTRY.setOperator(A, stranger, true);
        VM.prank(stranger);
        MODEL_ACCESS.setRule(A, rule);
    }
}
