// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {GasSchedule} from "contracts/GasSchedule.sol";
import {Chain, VM} from "./Chain.sol";

/// @dev What the genesis block puts into the schedule's storage: prices, owner, bounds.
function furnish(GasSchedule schedule, uint32 price) {
    for (uint256 slot = 0; slot < 2; ++slot) VM.store(address(schedule), bytes32(slot), _eight(price));
    for (uint256 slot = 4; slot < 6; ++slot) VM.store(address(schedule), bytes32(slot), _eight(price / 4));
    for (uint256 slot = 6; slot < 8; ++slot) VM.store(address(schedule), bytes32(slot), _eight(price * 16));
}

function _eight(uint32 price) pure returns (bytes32 word) {
    for (uint256 i = 0; i < 8; ++i) word |= bytes32(uint256(price) << (32 * i));
}

contract GasScheduleTest is Chain {
    uint32 private constant GENESIS = 1000;
    GasSchedule private _schedule;

    function setUp() public {
        _schedule = new GasSchedule(ANN);
        furnish(_schedule, GENESIS);
        VM.warp(1_000_000);
    }

    function test_HoldsWhatTheGenesisBlockPutThere() public view {
        (uint32[16] memory least, uint32[16] memory most) = _schedule.bounds();
        uint32[16] memory prices = _schedule.prices();
        for (uint256 i = 0; i < 16; ++i) require(prices[i] == GENESIS && least[i] == GENESIS / 4 && most[i] == GENESIS * 16, "slots");
        require(_schedule.owner() == ANN && _schedule.changedAt() == 0, "owner");
    }

    function testFuzz_PricesMoveWithinBoundsAndByHalvesAndDoubles(uint32[16] calldata raw, uint256 slot) public {
        uint32[16] memory prices = _schedule.prices();
        slot %= 16;
        // Near the limits, and anywhere.
        prices[slot] = raw[0] % 2 == 0 ? raw[1] : 400 + raw[1] % 2000;
        bytes memory wanted;
        if (prices[slot] < GENESIS / 4 || prices[slot] > GENESIS * 16) {
            wanted = abi.encodeWithSelector(GasSchedule.PriceOutOfBounds.selector, slot, prices[slot], GENESIS / 4, GENESIS * 16);
        } else if (prices[slot] < GENESIS / 2 || prices[slot] > GENESIS * 2) {
            wanted = abi.encodeWithSelector(GasSchedule.ChangeTooLarge.selector, slot, prices[slot], GENESIS);
        }
        VM.prank(ANN);
        (bool success, bytes memory data) = address(_schedule).call(abi.encodeCall(GasSchedule.setPrices, (prices)));
        require(success == (wanted.length == 0), "another verdict");
        if (!success) require(keccak256(data) == keccak256(wanted), "another error");
        else require(keccak256(abi.encode(_schedule.prices())) == keccak256(abi.encode(prices)), "other prices");
    }

    function test_APriceOfNothingBecomesOneAtMost() public {
        furnish(_schedule, 1);
        VM.store(address(_schedule), bytes32(0), 0);
        uint32[16] memory prices = _schedule.prices();
        prices[0] = 2;
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(GasSchedule.ChangeTooLarge.selector, 0, 2, 0));
        _schedule.setPrices(prices);
        prices[0] = 1;
        VM.prank(ANN);
        _schedule.setPrices(prices);
    }

    function testFuzz_OnceADay(uint32 later) public {
        uint32[16] memory prices = _schedule.prices();
        VM.prank(ANN);
        _schedule.setPrices(prices);
        uint256 allowedAt = block.timestamp + 1 days;
        VM.warp(block.timestamp + later);
        if (block.timestamp < allowedAt) VM.expectRevert(abi.encodeWithSelector(GasSchedule.ChangeTooSoon.selector, allowedAt));
        VM.prank(ANN);
        _schedule.setPrices(prices);
    }

    function testFuzz_ForTheOwnerAlone(address stranger) public {
        VM.assume(stranger != ANN);
        uint32[16] memory prices = _schedule.prices();
        VM.prank(stranger);
        VM.expectRevert(abi.encodeWithSignature("OwnableUnauthorizedAccount(address)", stranger));
        _schedule.setPrices(prices);
    }
}

/// @notice An owner who asks for anything at any time.
contract ScheduleHandler {
    GasSchedule private immutable _schedule;

    constructor(GasSchedule schedule) {
        _schedule = schedule;
    }

    function setPrices(uint256 slot, uint32 price, uint16 wait) external {
        VM.warp(block.timestamp + wait * 4);
        uint32[16] memory prices = _schedule.prices();
        prices[slot % 16] = price % 20_000;
        VM.prank(address(0xa11));
        _schedule.setPrices(prices);
    }

    function rush(uint256 slot, bool isUp) external {
        VM.warp(block.timestamp + 1 days);
        uint32[16] memory prices = _schedule.prices();
        prices[slot % 16] = isUp ? prices[slot % 16] * 2 : prices[slot % 16] / 2;
        VM.prank(address(0xa11));
        _schedule.setPrices(prices);
    }
}

contract GasScheduleInvariants is Chain {
    GasSchedule private _schedule;
    ScheduleHandler private _handler;

    function setUp() public {
        VM.warp(1_000_000);
        _schedule = new GasSchedule(ANN);
        furnish(_schedule, 1000);
        _handler = new ScheduleHandler(_schedule);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_NoPriceLeavesTheBoundsOfTheGenesisBlock() public view {
        (uint32[16] memory least, uint32[16] memory most) = _schedule.bounds();
        uint32[16] memory prices = _schedule.prices();
        for (uint256 i = 0; i < 16; ++i) {
            require(least[i] == 250 && most[i] == 16_000, "the bounds moved");
            require(prices[i] >= 250 && prices[i] <= 16_000, "out of bounds");
        }
    }
}
