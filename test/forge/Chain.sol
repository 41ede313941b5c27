// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ForgeVm} from "contracts/foundry/Infernode.sol";
import {INFERENCE} from "contracts/interfaces/IInference.sol";
import {IInference} from "contracts/interfaces/IInference.sol";
import {GasSchedule} from "contracts/GasSchedule.sol";
import {MODEL_ACCESS, ModelAccess} from "contracts/ModelAccess.sol";
import {MODEL_NAMES, ModelNames} from "contracts/ModelNames.sol";
import {MODEL_REGISTRY, ModelRegistry} from "contracts/ModelRegistry.sol";

/// @notice Cheatcodes that only these tests need.
interface TestVm is ForgeVm {
    function prank(address msgSender) external;
    function warp(uint256 newTimestamp) external;
    function roll(uint256 newHeight) external;
    function store(address target, bytes32 slot, bytes32 value) external;
    function assume(bool condition) external pure;
    function expectRevert() external;
    function expectRevert(bytes4 revertData) external;
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
}

TestVm constant VM = TestVm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// @notice The part of the precompile that the registry calls: the node's tests have the real one.
contract InferenceStub {
    mapping(bytes32 model => uint256) private _state;
    mapping(bytes32 model => address[]) private _chunks;

    function activate(bytes32 model, address[] calldata chunks) external {
        if (msg.sender != address(MODEL_REGISTRY)) revert IInference.NotRegistry(msg.sender);
        if (_state[model] != 0) revert IInference.AlreadyActive(model);
        _state[model] = 1;
        _chunks[model] = chunks;
    }

    function retire(bytes32 model) external {
        if (msg.sender != address(MODEL_REGISTRY)) revert IInference.NotRegistry(msg.sender);
        if (_state[model] != 1) revert IInference.RetiredModel(model);
        _state[model] = 2;
    }

    function reserve(uint64) external view {
        if (msg.sender != address(MODEL_REGISTRY)) revert IInference.NotRegistry(msg.sender);
    }

    function activateHeld(bytes32 model, uint32) external {
        if (msg.sender != address(MODEL_REGISTRY)) revert IInference.NotRegistry(msg.sender);
        if (_state[model] != 0) revert IInference.AlreadyActive(model);
        _state[model] = 1;
    }

    function chunksOf(bytes32 model) external view returns (address[] memory) {
        return _chunks[model];
    }

    function isRetired(bytes32 model) external view returns (bool) {
        return _state[model] == 2;
    }
}

/// @notice The contracts of the genesis block at their addresses, and what tests say often.
abstract contract Chain {
    address internal constant ANN = address(0xa11);
    address internal constant BOB = address(0xb0b);
    address internal constant CY = address(0xc1);

    function deployChain() internal {
        VM.etch(address(INFERENCE), address(new InferenceStub()).code);
        VM.etch(address(MODEL_REGISTRY), address(new ModelRegistry()).code);
        VM.etch(address(MODEL_NAMES), address(new ModelNames()).code);
        VM.etch(address(MODEL_ACCESS), address(new ModelAccess()).code);
        VM.warp(1_000_000);
    }

    /// @dev A model of one chunk, owned by an account.
    function publish(bytes32 model, address owner) internal {
        address[] memory chunks = new address[](1);
        chunks[0] = MODEL_REGISTRY.upload(abi.encode(model));
        VM.prank(owner);
        MODEL_REGISTRY.publish(model, chunks, "metadata");
    }

    function actor(uint256 seed) internal pure returns (address) {
        return seed % 3 == 0 ? ANN : seed % 3 == 1 ? BOB : CY;
    }

    function same(string memory a, string memory b) internal pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
