// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INFERENCE} from "./interfaces/IInference.sol";

/// @title Registry of models
/// @notice Predeployed at 0x0000000000000000000000000000000000000a20. The artifact of a model is uploaded in chunks, each in a transaction of its own, and then published in
/// one: until that transaction has succeeded the model cannot be used, and afterwards it can be used until its owner retires it.
/// A model whose bytes lie in IPFS is requested instead: the chain's producer activates it at the start of a block, once it holds and has validated the bytes.
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

    /// @notice Open → Activated or Withdrawn, for ever.
    enum RequestStatus {
        /// @dev Waits for the bytes. It may never be activated: where nobody has them, or they are not what it says.
        Open,
        /// @dev The model has been published by it.
        Activated,
        /// @dev Taken back by who made it.
        Withdrawn
    }

    /// @notice A model off chain that somebody wants to be published.
    struct Request {
        bytes32 model;
        /// @dev Owns the model once it is active.
        address requester;
        RequestStatus status;
        /// @dev Bytes of the artifact.
        uint32 size;
        /// @dev Gas that was paid for the activation, which takes no more.
        uint64 gasPaid;
        /// @dev CIDv1 of the artifact as a UnixFS file, in bytes.
        bytes cid;
        string metadata;
    }

    /// @notice Bytes that a chunk can hold: the limit of contract code (EIP-170) less the leading 0x00.
    uint256 public constant MAX_CHUNK_BYTES = 24_575;
    /// @notice Chunks that an artifact of 2^26 bytes, the most that the format allows, has.
    uint256 public constant MAX_CHUNKS = 2_731;

    /// @notice A chunk has from 1 to MAX_CHUNK_BYTES bytes.
    error WrongChunkLength(uint256 got, uint256 most);
    /// @notice The chunk's contract could not be made.
    error ChunkFailed(address chunk);
    /// @notice More chunks than an artifact can have.
    error TooManyChunks(uint256 got, uint256 most);
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
    /// @notice A CID has from 1 to MAX_CID_BYTES bytes.
    error WrongCidLength(uint256 got, uint256 most);
    /// @notice There is no artifact of no bytes.
    error NoSize();
    /// @notice No such request has been made.
    error UnknownRequest(uint256 request);
    /// @notice The request has been activated or withdrawn.
    error NotOpen(uint256 request);
    /// @notice Only who made the request may withdraw it.
    error NotRequester(uint256 request, address caller);
    /// @notice Only the chain itself may do this, at the start of a block.
    error NotSystem(address caller);

    /// @notice Bytes of an artifact, or any others, lie in this contract.
    event ChunkUploaded(address indexed chunk, uint256 length);
    /// @notice Whoever produces blocks is asked to bring the bytes and activate the model.
    event ModelRequested(
        uint256 indexed request, bytes32 indexed model, address indexed requester, uint32 size, uint64 gasPaid, bytes cid, string metadata
    );
    /// @notice The request will not be activated any more.
    event RequestWithdrawn(uint256 indexed request, bytes32 indexed model);
    /// @notice The request has made the model active, as ModelPublished tells.
    event RequestActivated(uint256 indexed request, bytes32 indexed model);
    /// @notice The model is active and has its first owner. Without chunks its bytes are off chain.
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

    /// @notice Bytes of the longest CID that is taken.
    uint256 public constant MAX_CID_BYTES = 64;

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

    Request[] private _requests;

    /// @dev Number of the request that a model was activated by, from 1 on; 0 where its bytes are on chain.
    mapping(bytes32 model => uint256) private _activatedBy;

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
        if (chunks.length > MAX_CHUNKS) revert TooManyChunks(chunks.length, MAX_CHUNKS);
        for (uint256 i = 0; i < chunks.length; ++i) {
            if (!isChunk[chunks[i]]) revert UnknownChunk(chunks[i]);
        }
        _publish(model, msg.sender, chunks, metadata);
        INFERENCE.activate(model, chunks);
    }

    /// @notice Asks for a model whose bytes are in IPFS. Nothing on chain fetches them: the producer of blocks does, and activates the model when it holds the bytes.
    /// @dev Others may ask for the same model, with another CID for one: none of them can keep it from being published.
    /// @param model hash_tree_root of the artifact; the bytes are used only if it is theirs.
    /// @param cid CIDv1, in bytes, of the artifact as a UnixFS file.
    /// @param size Bytes of the artifact.
    /// @param activationGas What the activation may take, as activate of the precompile counts it. It is charged now.
    /// @param metadata As of publish.
    /// @return number Its number, from 0 on.
    function request(bytes32 model, bytes calldata cid, uint32 size, uint64 activationGas, string calldata metadata)
        external
        returns (uint256 number)
    {
        if (_models[model].status != Status.Unknown) revert AlreadyPublished(model);
        if (cid.length == 0 || cid.length > MAX_CID_BYTES) revert WrongCidLength(cid.length, MAX_CID_BYTES);
        if (size == 0) revert NoSize();
        number = _requests.length;
        _requests.push(Request(model, msg.sender, RequestStatus.Open, size, activationGas, cid, metadata));
        emit ModelRequested(number, model, msg.sender, size, activationGas, cid, metadata);
        INFERENCE.reserve(activationGas);
    }

    /// @notice Takes a request back. The gas for the activation has been spent.
    function withdraw(uint256 number) external {
        Request storage open = _open(number);
        if (open.requester != msg.sender) revert NotRequester(number, msg.sender);
        open.status = RequestStatus.Withdrawn;
        emit RequestWithdrawn(number, open.model);
    }

    /// @notice Publishes a requested model. For the chain itself: the producer begins a block with it when it holds the bytes, and every node that executes the block does.
    function activateRequested(uint256 number) external {
        if (msg.sender != SYSTEM) revert NotSystem(msg.sender);
        Request storage open = _open(number);
        bytes32 model = open.model;
        if (_models[model].status != Status.Unknown) revert AlreadyPublished(model);
        open.status = RequestStatus.Activated;
        _activatedBy[model] = number + 1;
        emit RequestActivated(number, model);
        _publish(model, open.requester, new address[](0), open.metadata);
        INFERENCE.activateHeld{gas: open.gasPaid}(model, open.size);
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

    /// @notice Where the bytes of a model lie that was published by a request; nothing and 0 of one whose bytes are on chain.
    function contentOf(bytes32 model) external view returns (bytes memory cid, uint32 size) {
        uint256 ordinal = _activatedBy[model];
        if (ordinal == 0) return (cid, size);
        Request storage activated = _requests[ordinal - 1];
        return (activated.cid, activated.size);
    }

    /// @notice A request, whatever has become of it.
    function requestOf(uint256 number) external view returns (Request memory) {
        if (number >= _requests.length) revert UnknownRequest(number);
        return _requests[number];
    }

    /// @notice How many requests have been made.
    function requestCount() external view returns (uint256) {
        return _requests.length;
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

    function _publish(bytes32 model, address owner, address[] memory chunks, string memory metadata) private {
        _models[model] = Model(owner, Status.Active, uint64(block.number), metadata);
        _ids.push(model);
        _ordinals[model] = _ids.length;
        emit ModelPublished(model, owner, chunks, metadata);
    }

    function _open(uint256 number) private view returns (Request storage open) {
        if (number >= _requests.length) revert UnknownRequest(number);
        open = _requests[number];
        if (open.status != RequestStatus.Open) revert NotOpen(number);
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

/// @dev In whose name a chain acts by itself: nobody has its key (EIP-4788).
address constant SYSTEM = 0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE;

/// @dev The registry of the genesis block.
ModelRegistry constant MODEL_REGISTRY = ModelRegistry(0x0000000000000000000000000000000000000A20);
