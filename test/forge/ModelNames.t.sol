// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MODEL_NAMES, ModelNames} from "contracts/ModelNames.sol";
import {MODEL_REGISTRY} from "contracts/ModelRegistry.sol";
import {Chain, VM} from "./Chain.sol";

contract ModelNamesTest is Chain {
    bytes32 private constant A = bytes32(uint256(1));
    bytes32 private constant B = bytes32(uint256(2));

    function setUp() public {
        deployChain();
        publish(A, ANN);
        publish(B, BOB);
    }

    /// @dev The rule said another way: letters and digits anywhere, four separators inside.
    function testFuzz_NamesAreWhatTheRuleSays(bytes calldata text) public {
        bool isValid = text.length > 0 && text.length <= 64;
        for (uint256 i = 0; i < text.length; ++i) {
            uint8 c = uint8(text[i]);
            bool isPlain = (c >= 97 && c <= 122) || (c >= 48 && c <= 57);
            bool isSeparator = c == 45 || c == 46 || c == 95 || c == 47;
            isValid = isValid && (isPlain || (isSeparator && i != 0 && i != text.length - 1));
        }
        (bool success, bytes memory data) = address(MODEL_NAMES).call(abi.encodeCall(ModelNames.register, (string(text), A)));
        require(success == isValid, "another verdict");
        if (!isValid) require(keccak256(data) == keccak256(abi.encodeWithSelector(ModelNames.InvalidName.selector, string(text))), "error");
    }

    function test_NamesOfEachKind() public {
        string[6] memory valid = ["a", "0", "a-b", "a.b_c/d", "digits/v2", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"];
        for (uint256 i = 0; i < 6; ++i) MODEL_NAMES.register(valid[i], A);
        string[8] memory invalid = ["", "A", "-a", "a-", "a b", "/a", unicode"ä", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"];
        for (uint256 i = 0; i < 8; ++i) {
            VM.expectRevert(abi.encodeWithSelector(ModelNames.InvalidName.selector, invalid[i]));
            MODEL_NAMES.register(invalid[i], A);
        }
        require(MODEL_NAMES.nameCount() == 6, "count");
        require(same(MODEL_NAMES.names(1, 1)[0], "0") && MODEL_NAMES.names(6, 9).length == 0 && MODEL_NAMES.names(4, 9).length == 2, "pages");
    }

    function test_VersionsFollowOneAnother() public {
        VM.prank(ANN);
        MODEL_NAMES.register("n", A);
        VM.prank(ANN);
        require(MODEL_NAMES.upgrade("n", B) == 2, "number");
        require(MODEL_NAMES.keyOf("n") == keccak256("n"), "key");
        require(MODEL_NAMES.resolve("n") == B && MODEL_NAMES.versionOf("n", 1) == A && MODEL_NAMES.versionCount("n") == 2, "versions");
        require(MODEL_NAMES.versions("n", 1, 5)[0] == B && MODEL_NAMES.versions("n", 2, 5).length == 0, "pages");
        VM.expectRevert(abi.encodeWithSelector(ModelNames.UnknownVersion.selector, "n", 0, 2));
        MODEL_NAMES.versionOf("n", 0);
        VM.expectRevert(abi.encodeWithSelector(ModelNames.UnknownVersion.selector, "n", 3, 2));
        MODEL_NAMES.versionOf("n", 3);
        VM.expectRevert(abi.encodeWithSelector(ModelNames.NameTaken.selector, "n"));
        MODEL_NAMES.register("n", A);
    }

    function test_OnlyActiveModelsAreNamed() public {
        VM.prank(ANN);
        MODEL_NAMES.register("n", A);
        VM.prank(BOB);
        MODEL_REGISTRY.deprecate(B, 0);
        bytes32[2] memory models = [B, bytes32(uint256(9))];
        for (uint256 i = 0; i < 2; ++i) {
            VM.prank(ANN);
            VM.expectRevert(abi.encodeWithSelector(ModelNames.NotActive.selector, models[i]));
            MODEL_NAMES.upgrade("n", models[i]);
        }
        VM.expectRevert(abi.encodeWithSelector(ModelNames.NotActive.selector, B));
        MODEL_NAMES.register("m", B);
        require(MODEL_NAMES.nameCount() == 1, "half done");
    }

    function testFuzz_StrangersChangeNothing(address stranger, uint8 what) public {
        VM.assume(stranger != ANN);
        VM.prank(ANN);
        MODEL_NAMES.register("n", A);
        bytes[3] memory calls = [
            abi.encodeCall(ModelNames.upgrade, ("n", B)),
            abi.encodeCall(ModelNames.setOperator, ("n", stranger, true)),
            abi.encodeCall(ModelNames.transferOwnership, ("n", stranger == address(0) ? BOB : stranger))
        ];
        VM.prank(stranger);
        (bool success, bytes memory data) = address(MODEL_NAMES).call(calls[what % 3]);
        require(!success, "let in");
        require(keccak256(data) == keccak256(abi.encodeWithSelector(ModelNames.NotNameOwner.selector, "n", stranger)), "another error");
    }

    function test_OperatorsUpgradeAndNoMore() public {
        VM.prank(ANN);
        MODEL_NAMES.register("n", A);
        VM.prank(ANN);
        MODEL_NAMES.setOperator("n", BOB, true);
        require(MODEL_NAMES.isOperator("n", BOB) && MODEL_NAMES.ownerOf("n") == ANN, "operator");
        VM.prank(BOB);
        MODEL_NAMES.upgrade("n", B);
        VM.prank(BOB);
        VM.expectRevert(abi.encodeWithSelector(ModelNames.NotNameOwner.selector, "n", BOB));
        MODEL_NAMES.transferOwnership("n", BOB);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(ModelNames.ZeroOwner.selector));
        MODEL_NAMES.transferOwnership("n", address(0));
        VM.prank(ANN);
        MODEL_NAMES.transferOwnership("n", CY);
        require(MODEL_NAMES.ownerOf("n") == CY && MODEL_NAMES.isOperator("n", BOB), "operators stay");
        VM.expectRevert(abi.encodeWithSelector(ModelNames.UnknownName.selector, "m"));
        MODEL_NAMES.ownerOf("m");
    }
}

/// @notice Three accounts that try everything on three names.
contract NamesHandler is Chain {
    bytes32[][3] public expected;

    function register(uint256 by, uint256 name, uint256 model) external {
        VM.prank(actor(by));
        MODEL_NAMES.register(nameOf(name), _id(model));
        expected[name % 3].push(_id(model));
    }

    function upgrade(uint256 by, uint256 name, uint256 model) external {
        VM.prank(actor(by));
        MODEL_NAMES.upgrade(nameOf(name), _id(model));
        expected[name % 3].push(_id(model));
    }

    function operator(uint256 by, uint256 name, uint256 account, bool approved) external {
        VM.prank(actor(by));
        MODEL_NAMES.setOperator(nameOf(name), actor(account), approved);
    }

    function handOn(uint256 by, uint256 name, uint256 to) external {
        VM.prank(actor(by));
        MODEL_NAMES.transferOwnership(nameOf(name), actor(to));
    }

    function deprecate(uint256 model) external {
        VM.prank(ANN);
        MODEL_REGISTRY.deprecate(_id(model), 0);
    }

    function history(uint256 name) external view returns (bytes32[] memory) {
        return expected[name % 3];
    }

    function nameOf(uint256 seed) public pure returns (string memory) {
        return seed % 3 == 0 ? "one" : seed % 3 == 1 ? "two" : "three";
    }

    function _id(uint256 seed) private pure returns (bytes32) {
        return bytes32(1 + seed % 5);
    }
}

contract ModelNamesInvariants is Chain {
    NamesHandler private _handler;

    function setUp() public {
        deployChain();
        for (uint256 i = 1; i < 5; ++i) publish(bytes32(i), ANN);
        _handler = new NamesHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_HistoriesOnlyGrowByWhatSucceeded() public view {
        for (uint256 name = 0; name < 3; ++name) {
            bytes32[] memory wanted = _handler.history(name);
            if (wanted.length == 0) continue;
            bytes32[] memory got = MODEL_NAMES.versions(_handler.nameOf(name), 0, type(uint256).max);
            require(keccak256(abi.encode(got)) == keccak256(abi.encode(wanted)), "history");
            require(MODEL_NAMES.resolve(_handler.nameOf(name)) == wanted[wanted.length - 1], "newest");
            require(MODEL_NAMES.ownerOf(_handler.nameOf(name)) != address(0), "owner");
        }
    }
}
