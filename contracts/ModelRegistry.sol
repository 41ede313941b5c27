// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INFERENCE} from "./interfaces/IInference.sol";

/// @title Registry of models
/// @notice Predeployed at 0x0000000000000000000000000000000000000a20. The artifact of a model is uploaded in chunks, each in a transaction of its own, and then published in
/// one: until that transaction has succeeded the model cannot be used, and afterwards it can be used for ever.
/// @dev No constructor: the code is put into the genesis block. A chunk lies at an address that follows from its bytes, so an upload that was cut off goes on where it
/// stopped, and models can share chunks. Only chunks made here count: nothing can destroy or change them.
contract ModelRegistry {
    enum Status {
        /// @dev No such model.
        Unknown,
        /// @dev Can be used.
        Active,
        /// @dev Can be used; its owner advises against it.
        Deprecated
    }

    struct Model {
        address owner;
        Status status;
        uint64 publishedAt;
        string metadata;
    }

    /// @notice Bytes that a chunk can hold: the limit of contract code (EIP-170) less the leading 0x00.
    uint256 public constant MAX_CHUNK_BYTES = 24_575;

    /// @notice A chunk has from 1 to MAX_CHUNK_BYTES bytes.
    error WrongChunkLength(uint256 got, uint256 most);
    /// @notice The chunk's contract could not be made.
    error ChunkFailed(address chunk);
    /// @notice This registry has made no such chunk.
    error UnknownChunk(address chunk);
    /// @notice The model has been published before.
    error AlreadyPublished(bytes32 model);
    /// @notice No such model has been published.
    error UnknownModel(bytes32 model);
    /// @notice Only the model's owner may do this.
    error NotOwner(bytes32 model, address caller);

    event ChunkUploaded(address indexed chunk, uint256 length);
    event ModelPublished(bytes32 indexed model, address indexed owner, address[] chunks, string metadata);
    event MetadataChanged(bytes32 indexed model, string metadata);
    event StatusChanged(bytes32 indexed model, Status status);
    event OwnerChanged(bytes32 indexed model, address indexed previous, address indexed current);

    mapping(bytes32 model => Model) private _models;

    /// @notice Whether an address is a chunk of this registry.
    mapping(address chunk => bool) public isChunk;

    /// @notice Ids of all published models, in order.
    bytes32[] private _ids;

    /// @notice Puts bytes on chain; does nothing where they are there already.
    /// @return chunk The contract that holds them: its code is 0x00 and then the bytes.
    function upload(bytes calldata data) external returns (address chunk) {
        bytes memory creation = _creationCode(data);
        chunk = _chunkAddress(creation);
        if (isChunk[chunk]) return chunk;
        address created;
        assembly ("memory-safe") {
            created := create2(0, add(creation, 32), mload(creation), 0)
        }
        if (created != chunk) revert ChunkFailed(chunk);
        isChunk[chunk] = true;
        emit ChunkUploaded(chunk, data.length);
    }

    /// @notice Where these bytes lie, or would lie.
    function chunkAddress(bytes calldata data) external view returns (address) {
        return _chunkAddress(_creationCode(data));
    }

    /// @notice Makes a model active. The precompile computes the root of the chunks and refuses an id that is not theirs, and a model that is not valid.
    /// @param model hash_tree_root of the artifact.
    /// @param chunks The artifact's bytes in order: all chunks are full but the last.
    /// @param metadata Free text or a URI, for people; not read by any contract.
    function publish(bytes32 model, address[] calldata chunks, string calldata metadata) external {
        if (_models[model].status != Status.Unknown) revert AlreadyPublished(model);
        for (uint256 i = 0; i < chunks.length; ++i) {
            if (!isChunk[chunks[i]]) revert UnknownChunk(chunks[i]);
        }
        _models[model] = Model(msg.sender, Status.Active, uint64(block.number), metadata);
        _ids.push(model);
        emit ModelPublished(model, msg.sender, chunks, metadata);
        INFERENCE.activate(model, chunks);
    }

    function setMetadata(bytes32 model, string calldata metadata) external {
        _owned(model).metadata = metadata;
        emit MetadataChanged(model, metadata);
    }

    /// @notice Marks a model as one to move away from, or takes the mark back. It stays usable: contracts may depend on it.
    function setDeprecated(bytes32 model, bool deprecated) external {
        Status status = deprecated ? Status.Deprecated : Status.Active;
        _owned(model).status = status;
        emit StatusChanged(model, status);
    }

    function transferOwnership(bytes32 model, address newOwner) external {
        Model storage record = _owned(model);
        emit OwnerChanged(model, record.owner, newOwner);
        record.owner = newOwner;
    }

    /// @notice What is recorded of a model; all zero where it has not been published.
    function modelOf(bytes32 model) external view returns (Model memory) {
        return _models[model];
    }

    /// @notice Contracts that hold a model's artifact, in order.
    function chunksOf(bytes32 model) external view returns (address[] memory) {
        return INFERENCE.chunksOf(model);
    }

    function modelCount() external view returns (uint256) {
        return _ids.length;
    }

    /// @notice Ids from `start` on, at most `count`.
    function models(uint256 start, uint256 count) external view returns (bytes32[] memory ids) {
        uint256 available = start < _ids.length ? _ids.length - start : 0;
        ids = new bytes32[](count < available ? count : available);
        for (uint256 i = 0; i < ids.length; ++i) ids[i] = _ids[start + i];
    }

    function _owned(bytes32 model) private view returns (Model storage record) {
        record = _models[model];
        if (record.status == Status.Unknown) revert UnknownModel(model);
        if (record.owner != msg.sender) revert NotOwner(model, msg.sender);
    }

    /// @dev PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN: gives back what follows these ten bytes.
    function _creationCode(bytes calldata data) private pure returns (bytes memory) {
        if (data.length == 0 || data.length > MAX_CHUNK_BYTES) revert WrongChunkLength(data.length, MAX_CHUNK_BYTES);
        return abi.encodePacked(hex"61", uint16(data.length + 1), hex"80600a3d393df3", hex"00", data);
    }

    /// @dev CREATE2 (EIP-1014) with salt 0.
    function _chunkAddress(bytes memory creation) private view returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"ff", address(this), bytes32(0), keccak256(creation))))));
    }
}

/// @dev The registry of the genesis block.
ModelRegistry constant MODEL_REGISTRY = ModelRegistry(0x0000000000000000000000000000000000000A20);
