// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INFERENCE} from "./interfaces/IInference.sol";

/// @title Registry of models
/// @notice Predeployed at 0x0000000000000000000000000000000000000a20. The artifact of a model is uploaded in chunks, each in a transaction of its own, and then published in
/// one: until that transaction has succeeded the model cannot be used, and afterwards it can be used until its owner retires it.
/// @dev No constructor: the code is put into the genesis block. A chunk lies at an address that follows from its bytes, so an upload that was cut off goes on where it
/// stopped, and models can share chunks. Only chunks made here count: nothing can destroy or change them. All that is kept here can be told from the events alone.
contract ModelRegistry {
    /// @notice Unknown → Active ⇄ Deprecated → Retired; Active → Retired too.
    enum Status {
        /// @dev No such model.
        Unknown,
        /// @dev Can be used.
        Active,
        /// @dev Can be used; its owner advises against it.
        Deprecated,
        /// @dev Cannot be used any more, for ever.
        Retired
    }

    /// @notice What is recorded of a model.
    struct Model {
        address owner;
        Status status;
        /// @dev Number of the block.
        uint64 publishedAt;
        string metadata;
    }

    /// @notice What people and their tools want to know of a model; no contract reads it.
    struct Card {
        /// @dev What an input stands for, and how to make one.
        string input;
        /// @dev What an output stands for.
        string output;
        /// @dev Names of the classes, a line each, or the URI of such a list.
        string labels;
        /// @dev SPDX expression.
        string licence;
        /// @dev URI of the full model card, such as ipfs://CID.
        string uri;
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
    /// @notice The model has been retired.
    error RetiredModel(bytes32 model);
    /// @notice Only the model's owner may do this, or one of its operators where the function says so.
    error NotOwner(bytes32 model, address caller);
    /// @notice The zero address can own nothing.
    error ZeroOwner();
    /// @notice A model's parent was published before the model.
    error NotOlder(bytes32 parent, bytes32 model);

    /// @notice Bytes of an artifact, or any others, lie in this contract.
    event ChunkUploaded(address indexed chunk, uint256 length);
    /// @notice The model is active and has its first owner.
    event ModelPublished(bytes32 indexed model, address indexed owner, address[] chunks, string metadata);
    /// @notice The whole text, as it is from now on.
    event MetadataChanged(bytes32 indexed model, string metadata);
    /// @notice The whole card, as it is from now on.
    event CardChanged(bytes32 indexed model, Card card);
    /// @notice 0 where there is none any more.
    event ParentChanged(bytes32 indexed model, bytes32 indexed parent);
    /// @notice 0 where there is none any more.
    event SuccessorChanged(bytes32 indexed model, bytes32 indexed successor);
    /// @notice Never to Unknown; never away from Retired.
    event StatusChanged(bytes32 indexed model, Status status);
    /// @notice The model was handed on.
    event OwnerChanged(bytes32 indexed model, address indexed previous, address indexed current);
    /// @notice An account may do what operators may, or may no more.
    event OperatorChanged(bytes32 indexed model, address indexed operator, bool approved);

    mapping(bytes32 model => Model) private _models;

    /// @notice Whether an address is a chunk of this registry.
    mapping(address chunk => bool) public isChunk;

    /// @notice Ids of all published models, in order.
    bytes32[] private _ids;

    /// @dev Place in `_ids`, from 1 on.
    mapping(bytes32 model => uint256) private _ordinals;

    mapping(bytes32 model => Card) private _cards;

    /// @notice The model that this one was made from, as its owner says; 0 for none.
    mapping(bytes32 model => bytes32) public parentOf;

    /// @notice The model to use instead, as the owner of a deprecated one says; 0 for none.
    mapping(bytes32 model => bytes32) public successorOf;

    /// @notice Whether an account may do for a model what its owner lets operators do.
    mapping(bytes32 model => mapping(address account => bool)) public isOperator;

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
        _ordinals[model] = _ids.length;
        emit ModelPublished(model, msg.sender, chunks, metadata);
        INFERENCE.activate(model, chunks);
    }

    /// @notice Owner and operators.
    function setMetadata(bytes32 model, string calldata metadata) external {
        _managed(model).metadata = metadata;
        emit MetadataChanged(model, metadata);
    }

    /// @notice Owner and operators.
    function setCard(bytes32 model, Card calldata card) external {
        _managed(model);
        _cards[model] = card;
        emit CardChanged(model, card);
    }

    /// @notice Owner and operators. Lineage has no circles: a parent is older than its children.
    /// @param parent A model published before this one; 0 for none.
    function setParent(bytes32 model, bytes32 parent) external {
        _managed(model);
        if (parent != 0) {
            if (_ordinals[parent] == 0) revert UnknownModel(parent);
            if (_ordinals[parent] >= _ordinals[model]) revert NotOlder(parent, model);
        }
        parentOf[model] = parent;
        emit ParentChanged(model, parent);
    }

    /// @notice Marks a model as one to move away from. It stays usable: contracts may depend on it. Owner and operators.
    /// @param successor A published model to use instead; 0 for none.
    function deprecate(bytes32 model, bytes32 successor) external {
        if (successor != 0 && _models[successor].status == Status.Unknown) revert UnknownModel(successor);
        _setStatus(model, _managed(model), Status.Deprecated);
        if (successorOf[model] == successor) return;
        successorOf[model] = successor;
        emit SuccessorChanged(model, successor);
    }

    /// @notice Takes the mark of a deprecated model back. Owner and operators.
    function reinstate(bytes32 model) external {
        _setStatus(model, _managed(model), Status.Active);
        if (successorOf[model] == 0) return;
        delete successorOf[model];
        emit SuccessorChanged(model, 0);
    }

    /// @notice Ends a model: from now on every call that would run it reverts. Cannot be taken back. For the owner alone.
    function retire(bytes32 model) external {
        _setStatus(model, _owned(model), Status.Retired);
        INFERENCE.retire(model);
    }

    /// @notice For the owner alone.
    function setOperator(bytes32 model, address operator, bool approved) external {
        _owned(model);
        isOperator[model][operator] = approved;
        emit OperatorChanged(model, operator, approved);
    }

    /// @notice For the owner alone; operators stay.
    function transferOwnership(bytes32 model, address newOwner) external {
        if (newOwner == address(0)) revert ZeroOwner();
        Model storage record = _owned(model);
        emit OwnerChanged(model, record.owner, newOwner);
        record.owner = newOwner;
    }

    /// @notice Whether an account is the model's owner or one of its operators.
    function mayManage(bytes32 model, address account) public view returns (bool) {
        address owner = _models[model].owner;
        return owner != address(0) && (owner == account || isOperator[model][account]);
    }

    /// @notice Unknown where the model has not been published.
    function statusOf(bytes32 model) external view returns (Status) {
        return _models[model].status;
    }

    /// @notice Empty where none was set.
    function cardOf(bytes32 model) external view returns (Card memory) {
        return _cards[model];
    }

    /// @notice What is recorded of a model; all zero where it has not been published.
    function modelOf(bytes32 model) external view returns (Model memory) {
        return _models[model];
    }

    /// @notice Contracts that hold a model's artifact, in order.
    function chunksOf(bytes32 model) external view returns (address[] memory) {
        return INFERENCE.chunksOf(model);
    }

    /// @notice How many models have been published, retired ones included.
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

    function _managed(bytes32 model) private view returns (Model storage record) {
        record = _models[model];
        if (record.status == Status.Unknown) revert UnknownModel(model);
        if (!mayManage(model, msg.sender)) revert NotOwner(model, msg.sender);
    }

    function _setStatus(bytes32 model, Model storage record, Status status) private {
        if (record.status == Status.Retired) revert RetiredModel(model);
        if (record.status == status) return;
        record.status = status;
        emit StatusChanged(model, status);
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
