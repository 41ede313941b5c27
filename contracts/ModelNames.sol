// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MODEL_REGISTRY, ModelRegistry} from "./ModelRegistry.sol";

/// @title Names of models, with a history of versions
/// @notice Predeployed at 0x0000000000000000000000000000000000000a23. A contract that asks for a name follows its owner's upgrades; a contract that keeps an id stays with it:
/// ids of former versions can be called until they are retired. Version 1 is the first.
/// @dev No constructor: the code is put into the genesis block. All that is kept here can be told from the events alone.
contract ModelNames {
    /// @notice What is kept of a name.
    struct Entry {
        address owner;
        string name;
        bytes32[] versions;
    }

    /// @notice Bytes that a name can have.
    uint256 public constant MAX_NAME_BYTES = 64;

    /// @notice A name has from 1 to MAX_NAME_BYTES of a to z, 0 to 9, and - . _ / between them.
    error InvalidName(string name);
    /// @notice The name has an owner already.
    error NameTaken(string name);
    /// @notice Nobody has registered the name.
    error UnknownName(string name);
    /// @notice The name has the versions 1 to `count`.
    error UnknownVersion(string name, uint256 version, uint256 count);
    /// @notice Only the name's owner may do this, or one of its operators where the function says so.
    error NotNameOwner(string name, address caller);
    /// @notice A name leads to active models only: not to one that is unknown, deprecated or retired.
    error NotActive(bytes32 model);
    /// @notice The zero address can own nothing.
    error ZeroOwner();

    /// @notice A name has its first owner; version 1 follows.
    event NameRegistered(bytes32 indexed key, address indexed owner, string name);
    /// @notice The name leads to this model now.
    event VersionAdded(bytes32 indexed key, uint256 indexed version, bytes32 indexed model);
    /// @notice The name was handed on.
    event NameOwnerChanged(bytes32 indexed key, address indexed previous, address indexed current);
    /// @notice An account may upgrade the name, or may no more.
    event NameOperatorChanged(bytes32 indexed key, address indexed operator, bool approved);

    mapping(bytes32 key => Entry) private _entries;
    bytes32[] private _keys;
    mapping(bytes32 key => mapping(address account => bool)) private _operators;

    /// @notice What events call a name: keccak256 of its bytes.
    function keyOf(string calldata name) public pure returns (bytes32) {
        return keccak256(bytes(name));
    }

    /// @notice First come, first served. The caller owns the name.
    /// @param model Version 1: an active model, whoever owns it.
    function register(string calldata name, bytes32 model) external {
        bytes32 key = keyOf(name);
        Entry storage entry = _entries[key];
        if (entry.owner != address(0)) revert NameTaken(name);
        _checkName(name);
        entry.owner = msg.sender;
        entry.name = name;
        _keys.push(key);
        emit NameRegistered(key, msg.sender, name);
        _addVersion(key, entry, model);
    }

    /// @notice Makes an active model the newest version. An older version may come back: as a new one. Owner and operators.
    /// @return version Its number.
    function upgrade(string calldata name, bytes32 model) external returns (uint256 version) {
        (bytes32 key, Entry storage entry) = _entryOf(name);
        if (entry.owner != msg.sender && !_operators[key][msg.sender]) revert NotNameOwner(name, msg.sender);
        return _addVersion(key, entry, model);
    }

    /// @notice For the owner alone.
    function setOperator(string calldata name, address operator, bool approved) external {
        (bytes32 key,) = _owned(name);
        _operators[key][operator] = approved;
        emit NameOperatorChanged(key, operator, approved);
    }

    /// @notice For the owner alone; operators stay.
    function transferOwnership(string calldata name, address newOwner) external {
        if (newOwner == address(0)) revert ZeroOwner();
        (bytes32 key, Entry storage entry) = _owned(name);
        emit NameOwnerChanged(key, entry.owner, newOwner);
        entry.owner = newOwner;
    }

    /// @notice The newest version's model.
    function resolve(string calldata name) external view returns (bytes32 model) {
        (, Entry storage entry) = _entryOf(name);
        return entry.versions[entry.versions.length - 1];
    }

    /// @notice The model of one version, from 1 on.
    function versionOf(string calldata name, uint256 version) external view returns (bytes32 model) {
        (, Entry storage entry) = _entryOf(name);
        if (version == 0 || version > entry.versions.length) revert UnknownVersion(name, version, entry.versions.length);
        return entry.versions[version - 1];
    }

    /// @notice Number of the newest version.
    function versionCount(string calldata name) external view returns (uint256) {
        (, Entry storage entry) = _entryOf(name);
        return entry.versions.length;
    }

    /// @notice Models of the versions `start` + 1 on, at most `count`.
    function versions(string calldata name, uint256 start, uint256 count) external view returns (bytes32[] memory) {
        (, Entry storage entry) = _entryOf(name);
        return _page(entry.versions, start, count);
    }

    /// @notice Who may upgrade the name, hand it on and name operators.
    function ownerOf(string calldata name) external view returns (address) {
        (, Entry storage entry) = _entryOf(name);
        return entry.owner;
    }

    /// @notice Whether an account may upgrade the name without owning it.
    function isOperator(string calldata name, address account) external view returns (bool) {
        return _operators[keyOf(name)][account];
    }

    /// @notice How many names there are.
    function nameCount() external view returns (uint256) {
        return _keys.length;
    }

    /// @notice Names from `start` on, at most `count`, in the order of their registration.
    function names(uint256 start, uint256 count) external view returns (string[] memory list) {
        bytes32[] memory keys = _page(_keys, start, count);
        list = new string[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) list[i] = _entries[keys[i]].name;
    }

    function _addVersion(bytes32 key, Entry storage entry, bytes32 model) private returns (uint256 version) {
        if (MODEL_REGISTRY.statusOf(model) != ModelRegistry.Status.Active) revert NotActive(model);
        entry.versions.push(model);
        version = entry.versions.length;
        emit VersionAdded(key, version, model);
    }

    function _entryOf(string calldata name) private view returns (bytes32 key, Entry storage entry) {
        key = keyOf(name);
        entry = _entries[key];
        if (entry.owner == address(0)) revert UnknownName(name);
    }

    function _owned(string calldata name) private view returns (bytes32 key, Entry storage entry) {
        (key, entry) = _entryOf(name);
        if (entry.owner != msg.sender) revert NotNameOwner(name, msg.sender);
    }

    function _checkName(string calldata name) private pure {
        bytes calldata text = bytes(name);
        if (text.length == 0 || text.length > MAX_NAME_BYTES) revert InvalidName(name);
        for (uint256 i = 0; i < text.length; ++i) {
            bytes1 c = text[i];
            if ((c >= "a" && c <= "z") || (c >= "0" && c <= "9")) continue;
            bool isBetween = i > 0 && i + 1 < text.length;
            if (!isBetween || (c != "-" && c != "." && c != "_" && c != "/")) revert InvalidName(name);
        }
    }

    function _page(bytes32[] storage list, uint256 start, uint256 count) private view returns (bytes32[] memory page) {
        uint256 available = start < list.length ? list.length - start : 0;
        page = new bytes32[](count < available ? count : available);
        for (uint256 i = 0; i < page.length; ++i) page[i] = list[start + i];
    }
}

/// @dev The names of the genesis block.
ModelNames constant MODEL_NAMES = ModelNames(0x0000000000000000000000000000000000000a23);
