// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {GasSchedule} from "contracts/GasSchedule.sol";
import {GovernanceTimelock} from "contracts/governance/GovernanceTimelock.sol";
import {GovernanceToken} from "contracts/governance/GovernanceToken.sol";
import {ModelAccessManager} from "contracts/governance/ModelAccessManager.sol";
import {ModelGovernor} from "contracts/governance/ModelGovernor.sol";
import {MODEL_NAMES, ModelNames} from "contracts/ModelNames.sol";
import {IGovernor} from "@openzeppelin/contracts/governance/IGovernor.sol";
import {TimelockController} from "@openzeppelin/contracts/governance/TimelockController.sol";
import {Chain, VM} from "./Chain.sol";
import {furnish} from "./GasSchedule.t.sol";

contract GovernanceTest is Chain {
    uint256 private constant KEY = 0x5eed;
    bytes32 private constant A = bytes32(uint256(1));
    bytes32 private constant B = bytes32(uint256(2));

    GovernanceToken private _token;
    GovernanceTimelock private _timelock;
    ModelGovernor private _governor;
    GasSchedule private _schedule;

    function setUp() public {
        deployChain();
        GovernanceToken.Grant[] memory grants = new GovernanceToken.Grant[](2);
        grants[0] = GovernanceToken.Grant(ANN, 60e18);
        grants[1] = GovernanceToken.Grant(VM.addr(KEY), 40e18);
        _token = new GovernanceToken(grants);
        address[] memory executors = new address[](1);
        address[] memory proposers = new address[](0);
        _timelock = new Opened(1 days, proposers, executors);
        _governor = new ModelGovernor(_token, _timelock, ModelGovernor.Settings(1 hours, 2 days, 10e18, 4));
        Opened(payable(_timelock)).appoint(address(_governor));
        _schedule = new GasSchedule(address(_timelock));
        furnish(_schedule, 1000);
        publish(A, ANN);
        publish(B, ANN);
        MODEL_NAMES.register("n", A);
        MODEL_NAMES.transferOwnership("n", address(_timelock));
        VM.warp(block.timestamp + 1);
    }

    function test_VotesCountAsGranted() public {
        require(_token.getVotes(ANN) == 60e18 && _token.totalSupply() == 100e18, "grants");
        require(_token.clock() == block.timestamp && same(_token.CLOCK_MODE(), "mode=timestamp"), "clock");
        VM.prank(ANN);
        _token.transfer(BOB, 20e18);
        require(_token.getVotes(ANN) == 40e18 && _token.getVotes(BOB) == 0, "undelegated votes count");
        VM.prank(BOB);
        _token.delegate(CY);
        require(_token.getVotes(CY) == 20e18, "delegated");
    }

    function test_PermitsAreSigned() public {
        address holder = VM.addr(KEY);
        require(_token.nonces(holder) == 0, "nonce");
        bytes32 kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 content = keccak256(abi.encode(kind, holder, BOB, 5e18, 0, block.timestamp + 1));
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(KEY, keccak256(abi.encodePacked(hex"1901", _token.DOMAIN_SEPARATOR(), content)));
        _token.permit(holder, BOB, 5e18, block.timestamp + 1, v, r, s);
        require(_token.allowance(holder, BOB) == 5e18 && _token.nonces(holder) == 1, "permit");
    }

    function test_AVoteUpgradesANameAndChangesPrices() public {
        require(_governor.proposalThreshold() == 10e18 && _governor.votingPeriod() == 2 days && _governor.votingDelay() == 1 hours, "settings");
        uint32[16] memory prices = _schedule.prices();
        prices[3] = 1500;
        (address[] memory targets, uint256[] memory values, bytes[] memory calls) = _two(prices);
        VM.prank(ANN);
        uint256 id = _governor.propose(targets, values, calls, "upgrade n");
        require(_governor.proposalNeedsQueuing(id), "goes through the timelock");
        require(_governor.state(id) == IGovernor.ProposalState.Pending, "pending");
        VM.warp(block.timestamp + 1 hours + 1);
        VM.prank(ANN);
        _governor.castVote(id, 1);
        VM.expectRevert();
        _governor.queue(id);
        VM.warp(block.timestamp + 2 days);
        require(_governor.state(id) == IGovernor.ProposalState.Succeeded, "succeeded");
        _governor.queue(id);
        VM.expectRevert();
        _governor.execute(id);
        VM.warp(block.timestamp + 1 days);
        _governor.execute(id);
        require(_governor.state(id) == IGovernor.ProposalState.Executed, "executed");
        require(MODEL_NAMES.resolve("n") == B && MODEL_NAMES.versionCount("n") == 2, "name");
        require(_schedule.prices()[3] == 1500, "price");
    }

    function test_NoVoteMovesAPricePastItsBounds() public {
        uint32[16] memory prices = _schedule.prices();
        prices[0] = 16_001;
        (address[] memory targets, uint256[] memory values, bytes[] memory calls) = _two(prices);
        uint256 id = _passed(targets, values, calls);
        VM.warp(block.timestamp + 1 days);
        VM.expectRevert(abi.encodeWithSelector(GasSchedule.PriceOutOfBounds.selector, 0, 16_001, 250, 16_000));
        _governor.execute(id);
        // All or nothing.
        require(MODEL_NAMES.resolve("n") == A, "half of a proposal");
    }

    function test_AProposerWithdraws() public {
        (address[] memory targets, uint256[] memory values, bytes[] memory calls) = _two(_schedule.prices());
        VM.prank(ANN);
        uint256 id = _governor.propose(targets, values, calls, "");
        VM.prank(BOB);
        VM.expectRevert();
        _governor.cancel(id);
        VM.prank(ANN);
        _governor.cancel(id);
        require(_governor.state(id) == IGovernor.ProposalState.Canceled, "canceled");
    }

    function testFuzz_WithoutEnoughVotesNothingHappens(uint8 support, bool isQuorum) public {
        // 4 of 100 percent have to take part, and more be for it than against.
        support %= 3;
        VM.prank(ANN);
        _token.transfer(BOB, isQuorum ? 4e18 : 3e18);
        VM.prank(BOB);
        _token.delegate(BOB);
        VM.warp(block.timestamp + 1);
        (address[] memory targets, uint256[] memory values, bytes[] memory calls) = _two(_schedule.prices());
        VM.prank(ANN);
        uint256 id = _governor.propose(targets, values, calls, "");
        VM.warp(block.timestamp + 1 hours + 1);
        VM.prank(BOB);
        _governor.castVote(id, support);
        VM.warp(block.timestamp + 2 days);
        bool passes = support == 1 && isQuorum;
        require((_governor.state(id) == IGovernor.ProposalState.Succeeded) == passes, "another outcome");
        if (!passes) {
            VM.expectRevert();
            _governor.queue(id);
        }
    }

    function testFuzz_NobodyGoesRoundTheVote(address stranger) public {
        VM.assume(stranger != address(_timelock) && stranger != address(_governor));
        uint32[16] memory prices = _schedule.prices();
        VM.prank(stranger);
        VM.expectRevert();
        _schedule.setPrices(prices);
        VM.prank(stranger);
        VM.expectRevert();
        _timelock.schedule(address(_schedule), 0, abi.encodeCall(GasSchedule.setPrices, (prices)), 0, 0, 1 days);
        VM.prank(stranger);
        VM.expectRevert();
        MODEL_NAMES.upgrade("n", B);
    }

    function test_AccessManagerBelongsToWhoeverIsNamed() public {
        ModelAccessManager manager = new ModelAccessManager(ANN);
        (bool isMember,) = manager.hasRole(manager.ADMIN_ROLE(), ANN);
        require(isMember, "admin");
    }

    function _passed(address[] memory targets, uint256[] memory values, bytes[] memory calls) private returns (uint256 id) {
        VM.prank(ANN);
        id = _governor.propose(targets, values, calls, "");
        VM.warp(block.timestamp + 1 hours + 1);
        VM.prank(ANN);
        _governor.castVote(id, 1);
        VM.warp(block.timestamp + 2 days);
        _governor.queue(id);
    }

    function _two(uint32[16] memory prices) private view returns (address[] memory targets, uint256[] memory values, bytes[] memory calls) {
        targets = new address[](2);
        values = new uint256[](2);
        calls = new bytes[](2);
        (targets[0], targets[1]) = (address(MODEL_NAMES), address(_schedule));
        calls[0] = abi.encodeCall(ModelNames.upgrade, ("n", B));
        calls[1] = abi.encodeCall(GasSchedule.setPrices, (prices));
    }
}

/// @notice The timelock, whose proposer is appointed once: at genesis the addresses are known before.
contract Opened is GovernanceTimelock {
    constructor(uint256 delay, address[] memory proposers, address[] memory executors) GovernanceTimelock(delay, proposers, executors) {}

    function appoint(address governor) external {
        _grantRole(PROPOSER_ROLE, governor);
        _grantRole(CANCELLER_ROLE, governor);
    }
}
