// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INFERENCE} from "../interfaces/IInference.sol";
import {TENSOR} from "../interfaces/ITensor.sol";

/// @title The cheatcodes of forge that this file and small tests need
/// @notice The full list is forge-std's Vm; both can be used side by side.
interface ForgeVm {
    function etch(address target, bytes calldata newRuntimeBytecode) external;
    function allowCheatcodes(address account) external;
    function label(address account, string calldata newLabel) external;
    function rpc(string calldata urlOrAlias, string calldata method, string calldata params) external returns (bytes memory data);
    function toString(address value) external pure returns (string memory);
    function toString(bytes calldata value) external pure returns (string memory);
    function split(string calldata input, string calldata delimiter) external pure returns (string[] memory);
    function parseBytes(string calldata value) external pure returns (bytes memory);
    function readFileBinary(string calldata path) external view returns (bytes memory data);
    function expectRevert(bytes calldata revertData) external;
    function expectPartialRevert(bytes4 revertData) external;
    function startBroadcast() external;
    function stopBroadcast() external;
}

/// @dev Where forge answers cheatcodes.
ForgeVm constant FORGE_VM = ForgeVm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// @title The precompiles of a node, inside forge
/// @notice forge runs contracts in an EVM of its own, which has no precompiles of ours. After `connect`, whatever a contract asks them there is asked of a node by eth_call
/// at its latest block: the bytes, the errors and the access rules are the chain's. Gas is not: forge counts its own, and IInference.gasOf tells the chain's.
library Infernode {
    /// @notice Call it in setUp, after a fork was selected where one is.
    /// @param urlOrAlias JSON-RPC of the node, or its name in foundry.toml's rpc_endpoints.
    function connect(string memory urlOrAlias) internal {
        hand(address(INFERENCE), "IInference", urlOrAlias);
        hand(address(TENSOR), "ITensor", urlOrAlias);
    }

    function hand(address precompile, string memory name, string memory urlOrAlias) private {
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

    /// @dev Asked by the copy; the selector is none of a precompile's functions.
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
