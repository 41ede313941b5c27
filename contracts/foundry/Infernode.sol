// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INFERENCE} from "../interfaces/IInference.sol";
import {TENSOR} from "../interfaces/ITensor.sol";
import {RecordedInference} from "../testing/RecordedInference.sol";
import {TensorReference} from "../testing/TensorReference.sol";

/// @title The cheatcodes of forge that this file and small tests need
/// @notice The full list is forge-std's Vm; both can be used side by side.
interface ForgeVm {
    /// @notice Puts code at an address.
    function etch(address target, bytes calldata newRuntimeBytecode) external;
    /// @notice Lets a contract use cheatcodes.
    function allowCheatcodes(address account) external;
    /// @notice Names an address in traces.
    function label(address account, string calldata newLabel) external;
    /// @notice Asks a JSON-RPC server.
    function rpc(string calldata urlOrAlias, string calldata method, string calldata params) external returns (bytes memory data);
    /// @notice Hex with a checksum.
    function toString(address value) external pure returns (string memory);
    /// @notice Hex.
    function toString(bytes calldata value) external pure returns (string memory);
    /// @notice Cuts a text apart.
    function split(string calldata input, string calldata delimiter) external pure returns (string[] memory);
    /// @notice Bytes of hex.
    function parseBytes(string calldata value) external pure returns (bytes memory);
    /// @notice All numbers of a JSON text that a path leads to.
    function parseJsonBytesArray(string calldata json, string calldata key) external pure returns (bytes[] memory);
    /// @notice All booleans of a JSON text that a path leads to.
    function parseJsonBoolArray(string calldata json, string calldata key) external pure returns (bool[] memory);
    /// @notice The text of a file that foundry.toml's fs_permissions let read.
    function readFile(string calldata path) external view returns (string memory data);
    /// @notice The bytes of such a file.
    function readFileBinary(string calldata path) external view returns (bytes memory data);
    /// @notice The next call reverts with these bytes.
    function expectRevert(bytes calldata revertData) external;
    /// @notice The next call reverts with this error, whatever its arguments.
    function expectPartialRevert(bytes4 revertData) external;
    /// @notice What follows is sent as transactions.
    function startBroadcast() external;
    /// @notice What follows is not.
    function stopBroadcast() external;
}

/// @dev Where forge answers cheatcodes.
ForgeVm constant FORGE_VM = ForgeVm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// @title The precompiles inside forge
/// @notice forge runs contracts in an EVM of its own, which has no precompiles of ours. `connect` hands their calls on to a node; `install` does without one, by a
/// plain-Solidity ITensor and by answers of IInference that a node gave before. Gas is not the chain's: forge counts its own, and IInference.gasOf tells the chain's.
library Infernode {
    /// @notice From now on whatever a contract asks the precompiles is asked of a node by eth_call at its latest block: the bytes, the errors and the access rules are the
    /// chain's. Call it in setUp, after a fork was selected where one is.
    /// @param urlOrAlias JSON-RPC of the node, or its name in foundry.toml's rpc_endpoints.
    function connect(string memory urlOrAlias) internal {
        _hand(address(INFERENCE), "IInference", urlOrAlias);
        _hand(address(TENSOR), "ITensor", urlOrAlias);
    }

    /// @notice Puts contracts/testing/TensorReference.sol and RecordedInference.sol at the precompiles' addresses: ITensor works as on the chain, IInference answers what is
    /// `replay`ed and nothing else.
    function install() internal {
        FORGE_VM.etch(address(TENSOR), address(new TensorReference()).code);
        FORGE_VM.label(address(TENSOR), "ITensor");
        FORGE_VM.etch(address(INFERENCE), address(new RecordedInference()).code);
        FORGE_VM.label(address(INFERENCE), "IInference");
    }

    /// @notice After `install`: IInference answers the calls of a recording too.
    /// @param path A file that `infernode record` has written; foundry.toml's fs_permissions have to let it be read.
    function replay(string memory path) internal {
        string memory recording = FORGE_VM.readFile(path);
        bytes[] memory calls = FORGE_VM.parseJsonBytesArray(recording, ".callData");
        bool[] memory reverts = FORGE_VM.parseJsonBoolArray(recording, ".isRevert");
        bytes[] memory answers = FORGE_VM.parseJsonBytesArray(recording, ".data");
        for (uint256 i = 0; i < calls.length; ++i) {
            RecordedInference(address(INFERENCE)).record(calls[i], reverts[i], answers[i]);
        }
    }

    function _hand(address precompile, string memory name, string memory urlOrAlias) private {
        FORGE_VM.etch(precompile, address(new RemotePrecompile(precompile, urlOrAlias)).code);
        FORGE_VM.allowCheatcodes(precompile);
        FORGE_VM.label(precompile, name);
    }
}

/// @title A precompile that a node answers for
/// @dev The code of one such contract is put at the precompile's address; the URL stays in the storage of the contract itself.
contract RemotePrecompile {
    address private immutable _precompile;
    RemotePrecompile private immutable _self;
    string private _url;

    constructor(address precompile, string memory urlOrAlias) {
        _precompile = precompile;
        _self = this;
        _url = urlOrAlias;
    }

    /// @notice Asked by the copy; the selector is none of a precompile's functions.
    function remotePrecompileUrl() external view returns (string memory) {
        return _url;
    }

    fallback() external {
        string memory params = string.concat(
            '[{"from":"',
            FORGE_VM.toString(msg.sender),
            '","to":"',
            FORGE_VM.toString(_precompile),
            '","data":"',
            FORGE_VM.toString(msg.data),
            '"},"latest"]'
        );
        try FORGE_VM.rpc(_self.remotePrecompileUrl(), "eth_call", params) returns (bytes memory output) {
            assembly ("memory-safe") {
                return(add(output, 32), mload(output))
            }
        } catch (bytes memory failure) {
            bytes memory data = _revertData(failure);
            assembly ("memory-safe") {
                revert(add(data, 32), mload(data))
            }
        }
    }

    /// @dev forge tells a node's error as CheatcodeError("… execution reverted, data: \"0x…\""). Other failures, of the connection for one, are passed on as they are.
    function _revertData(bytes memory failure) private pure returns (bytes memory) {
        string[] memory parts = FORGE_VM.split(_message(failure), 'data: "');
        return parts.length < 2 ? failure : FORGE_VM.parseBytes(FORGE_VM.split(parts[1], '"')[0]);
    }

    /// @dev The string of an error with one, whatever its selector.
    function _message(bytes memory failure) private pure returns (string memory) {
        if (failure.length < 68) return "";
        bytes memory encoded = new bytes(failure.length - 4);
        assembly ("memory-safe") {
            mcopy(add(encoded, 32), add(failure, 36), mload(encoded))
        }
        return abi.decode(encoded, (string));
    }
}
