// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INFERENCE} from "contracts/interfaces/IInference.sol";
import {MODEL_REGISTRY, ModelRegistry} from "contracts/ModelRegistry.sol";
import {Chain, InferenceStub, VM} from "./Chain.sol";

contract ModelRegistryTest is Chain {
    bytes32 private constant A = bytes32(uint256(1));
    bytes32 private constant B = bytes32(uint256(2));
    /// @dev Who the chain itself is (EIP-4788).
    address private constant SYSTEM = 0xffffFFFfFFffffffffffffffFfFFFfffFFFfFFfE;
    bytes32 private constant UNKNOWN = bytes32(uint256(99));

    function setUp() public {
        deployChain();
        publish(A, ANN);
        publish(B, ANN);
    }

    function testFuzz_UploadPutsTheBytesBehindAZero(bytes calldata data) public {
        VM.assume(data.length > 0);
        address wanted = MODEL_REGISTRY.chunkAddress(data);
        address chunk = MODEL_REGISTRY.upload(data);
        require(chunk == wanted && MODEL_REGISTRY.isChunk(chunk), "another address");
        require(keccak256(chunk.code) == keccak256(abi.encodePacked(hex"00", data)), "other bytes");
        require(MODEL_REGISTRY.upload(data) == chunk, "a second upload");
    }

    function test_UploadRefusesNothingAndTooMuch() public {
        uint256 most = MODEL_REGISTRY.MAX_CHUNK_BYTES();
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.WrongChunkLength.selector, 0, most));
        MODEL_REGISTRY.upload("");
        bytes memory tooMuch = new bytes(most + 1);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.WrongChunkLength.selector, most + 1, most));
        MODEL_REGISTRY.upload(tooMuch);
        require(MODEL_REGISTRY.upload(new bytes(most)).code.length == most + 1, "the largest");
    }

    function test_UploadSaysSoWhereTheContractCannotBeMade() public {
        address chunk = MODEL_REGISTRY.chunkAddress("x");
        // Something lies there already, which the registry has not made.
        VM.etch(chunk, hex"fe");
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.ChunkFailed.selector, chunk));
        MODEL_REGISTRY.upload("x");
    }

    function test_PublishRecords() public {
        VM.roll(77);
        publish(bytes32(uint256(3)), BOB);
        ModelRegistry.Model memory model = MODEL_REGISTRY.modelOf(bytes32(uint256(3)));
        require(model.owner == BOB && model.status == ModelRegistry.Status.Active && model.publishedAt == 77, "record");
        require(same(model.metadata, "metadata"), "metadata");
        require(MODEL_REGISTRY.modelCount() == 3, "count");
        require(MODEL_REGISTRY.chunksOf(bytes32(uint256(3))).length == 1, "chunks");
    }

    function test_PublishRefuses() public {
        address[] memory chunks = new address[](1);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.AlreadyPublished.selector, A));
        MODEL_REGISTRY.publish(A, chunks, "");
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.UnknownChunk.selector, address(0)));
        MODEL_REGISTRY.publish(UNKNOWN, chunks, "");
        uint256 most = MODEL_REGISTRY.MAX_CHUNKS();
        chunks = new address[](most + 1);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.TooManyChunks.selector, most + 1, most));
        MODEL_REGISTRY.publish(UNKNOWN, chunks, "");
        require(MODEL_REGISTRY.statusOf(UNKNOWN) == ModelRegistry.Status.Unknown, "half done");
    }

    function testFuzz_ListsArePaged(uint256 start, uint256 count) public view {
        bytes32[] memory page = MODEL_REGISTRY.models(start, count);
        uint256 wanted = start >= 2 ? 0 : count < 2 - start ? count : 2 - start;
        require(page.length == wanted, "length");
        for (uint256 i = 0; i < wanted; ++i) require(page[i] == bytes32(start + i + 1), "order");
    }

    /// @dev Who is neither owner nor operator can do nothing to a model, whatever is asked.
    function testFuzz_StrangersChangeNothing(address stranger, uint8 what) public {
        VM.assume(stranger != ANN);
        bytes[9] memory calls = _calls(A);
        VM.prank(stranger);
        (bool success, bytes memory data) = address(MODEL_REGISTRY).call(calls[what % 9]);
        require(!success, "let in");
        require(keccak256(data) == keccak256(abi.encodeWithSelector(ModelRegistry.NotOwner.selector, A, stranger)), "another error");
    }

    function test_OfAnUnknownModelNothingCanBeChanged() public {
        bytes[9] memory calls = _calls(UNKNOWN);
        for (uint256 i = 0; i < 9; ++i) {
            (bool success, bytes memory data) = address(MODEL_REGISTRY).call(calls[i]);
            require(!success && keccak256(data) == keccak256(abi.encodeWithSelector(ModelRegistry.UnknownModel.selector, UNKNOWN)), "unknown");
        }
    }

    function _calls(bytes32 model) private pure returns (bytes[9] memory calls) {
        ModelRegistry.Card memory card;
        calls[0] = abi.encodeCall(ModelRegistry.setMetadata, (model, "x"));
        calls[1] = abi.encodeCall(ModelRegistry.setCard, (model, card));
        calls[2] = abi.encodeCall(ModelRegistry.setParent, (model, bytes32(0)));
        calls[3] = abi.encodeCall(ModelRegistry.deprecate, (model, bytes32(0)));
        calls[4] = abi.encodeCall(ModelRegistry.reinstate, (model));
        calls[5] = abi.encodeCall(ModelRegistry.retire, (model));
        calls[6] = abi.encodeCall(ModelRegistry.setOperator, (model, BOB, true));
        calls[7] = abi.encodeCall(ModelRegistry.transferOwnership, (model, BOB));
        calls[8] = abi.encodeCall(ModelRegistry.retire, (model));
    }

    function test_OwnersAndOperatorsDoWhatTheyMay() public {
        VM.prank(ANN);
        MODEL_REGISTRY.setOperator(A, BOB, true);
        require(MODEL_REGISTRY.mayManage(A, BOB) && MODEL_REGISTRY.mayManage(A, ANN) && !MODEL_REGISTRY.mayManage(A, CY), "managers");
        require(!MODEL_REGISTRY.mayManage(UNKNOWN, address(0)), "the zero address manages what is unknown");
        VM.prank(BOB);
        MODEL_REGISTRY.setMetadata(A, "new");
        require(same(MODEL_REGISTRY.modelOf(A).metadata, "new"), "metadata");
        ModelRegistry.Card memory card = ModelRegistry.Card("in", "out", "labels", "MIT", "ipfs://x");
        VM.prank(BOB);
        MODEL_REGISTRY.setCard(A, card);
        require(keccak256(abi.encode(MODEL_REGISTRY.cardOf(A))) == keccak256(abi.encode(card)), "card");
        VM.prank(ANN);
        MODEL_REGISTRY.setParent(B, A);
        require(MODEL_REGISTRY.parentOf(B) == A, "parent");
        VM.prank(ANN);
        MODEL_REGISTRY.setParent(B, bytes32(0));
        require(MODEL_REGISTRY.parentOf(B) == 0, "no parent");
        for (uint256 i = 5; i < 9; ++i) {
            bytes[9] memory calls = _calls(A);
            VM.prank(BOB);
            (bool success,) = address(MODEL_REGISTRY).call(calls[i]);
            require(!success, "an operator did what is the owner's");
        }
    }

    function test_LineageHasNoCircles() public {
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.NotOlder.selector, B, A));
        MODEL_REGISTRY.setParent(A, B);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.NotOlder.selector, A, A));
        MODEL_REGISTRY.setParent(A, A);
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.UnknownModel.selector, UNKNOWN));
        MODEL_REGISTRY.setParent(A, UNKNOWN);
    }

    function test_TheWayOfAModel() public {
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.UnknownModel.selector, UNKNOWN));
        MODEL_REGISTRY.deprecate(A, UNKNOWN);
        VM.prank(ANN);
        MODEL_REGISTRY.deprecate(A, B);
        require(MODEL_REGISTRY.statusOf(A) == ModelRegistry.Status.Deprecated && MODEL_REGISTRY.successorOf(A) == B, "deprecated");
        VM.prank(ANN);
        MODEL_REGISTRY.deprecate(A, B);
        VM.prank(ANN);
        MODEL_REGISTRY.reinstate(A);
        require(MODEL_REGISTRY.statusOf(A) == ModelRegistry.Status.Active && MODEL_REGISTRY.successorOf(A) == 0, "reinstated");
        VM.prank(ANN);
        MODEL_REGISTRY.reinstate(A);
        VM.prank(ANN);
        MODEL_REGISTRY.retire(A);
        require(InferenceStub(address(INFERENCE)).isRetired(A), "the precompile was not told");
        for (uint256 i = 3; i < 6; ++i) {
            bytes[9] memory calls = _calls(A);
            VM.prank(ANN);
            (bool success, bytes memory data) = address(MODEL_REGISTRY).call(calls[i]);
            require(!success && keccak256(data) == keccak256(abi.encodeWithSelector(ModelRegistry.RetiredModel.selector, A)), "back");
        }
    }

    function test_ARequestIsActivatedByTheChainAlone() public {
        bytes memory cid = hex"01701220";
        VM.prank(BOB);
        require(MODEL_REGISTRY.request(UNKNOWN, cid, 500, 100_000, "off chain") == 0 && MODEL_REGISTRY.requestCount() == 1, "number");
        ModelRegistry.Request memory asked = MODEL_REGISTRY.requestOf(0);
        require(asked.requester == BOB && asked.size == 500 && asked.status == ModelRegistry.RequestStatus.Open, "record");
        require(MODEL_REGISTRY.statusOf(UNKNOWN) == ModelRegistry.Status.Unknown, "not active yet");
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.NotSystem.selector, address(this)));
        MODEL_REGISTRY.activateRequested(0);
        VM.prank(SYSTEM);
        MODEL_REGISTRY.activateRequested(0);
        ModelRegistry.Model memory model = MODEL_REGISTRY.modelOf(UNKNOWN);
        require(model.owner == BOB && model.status == ModelRegistry.Status.Active && same(model.metadata, "off chain"), "owner");
        (bytes memory held, uint32 size) = MODEL_REGISTRY.contentOf(UNKNOWN);
        require(keccak256(held) == keccak256(cid) && size == 500, "content");
        (held, size) = MODEL_REGISTRY.contentOf(A);
        require(held.length == 0 && size == 0, "of a model on chain");
        VM.prank(SYSTEM);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.NotOpen.selector, 0));
        MODEL_REGISTRY.activateRequested(0);
    }

    function test_RequestsAreRefusedAndWithdrawn() public {
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.AlreadyPublished.selector, A));
        MODEL_REGISTRY.request(A, hex"01", 1, 0, "");
        uint256 most = MODEL_REGISTRY.MAX_CID_BYTES();
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.WrongCidLength.selector, 0, most));
        MODEL_REGISTRY.request(UNKNOWN, "", 1, 0, "");
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.WrongCidLength.selector, most + 1, most));
        MODEL_REGISTRY.request(UNKNOWN, new bytes(most + 1), 1, 0, "");
        VM.expectRevert(ModelRegistry.NoSize.selector);
        MODEL_REGISTRY.request(UNKNOWN, hex"01", 0, 0, "");
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.UnknownRequest.selector, 0));
        MODEL_REGISTRY.requestOf(0);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.UnknownRequest.selector, 0));
        MODEL_REGISTRY.withdraw(0);
        VM.prank(BOB);
        MODEL_REGISTRY.request(UNKNOWN, hex"01", 1, 0, "");
        VM.prank(CY);
        MODEL_REGISTRY.request(UNKNOWN, hex"02", 1, 0, "");
        VM.prank(CY);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.NotRequester.selector, 0, CY));
        MODEL_REGISTRY.withdraw(0);
        VM.prank(BOB);
        MODEL_REGISTRY.withdraw(0);
        VM.prank(SYSTEM);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.NotOpen.selector, 0));
        MODEL_REGISTRY.activateRequested(0);
        // Somebody else has brought it on chain meanwhile.
        publish(UNKNOWN, ANN);
        VM.prank(SYSTEM);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.AlreadyPublished.selector, UNKNOWN));
        MODEL_REGISTRY.activateRequested(1);
    }

    function test_OwnershipIsHandedOn() public {
        VM.prank(ANN);
        VM.expectRevert(abi.encodeWithSelector(ModelRegistry.ZeroOwner.selector));
        MODEL_REGISTRY.transferOwnership(A, address(0));
        VM.prank(ANN);
        MODEL_REGISTRY.transferOwnership(A, BOB);
        require(MODEL_REGISTRY.modelOf(A).owner == BOB && !MODEL_REGISTRY.mayManage(A, ANN), "owner");
    }
}

/// @notice Three accounts that try everything on six models.
contract RegistryHandler is Chain {
    uint256 public constant MODELS = 6;
    mapping(bytes32 model => bool) public wasRetired;

    function metadata(uint256 by, uint256 model, string calldata text) external {
        VM.prank(actor(by));
        MODEL_REGISTRY.setMetadata(id(model), text);
    }

    function parent(uint256 by, uint256 model, uint256 of_) external {
        VM.prank(actor(by));
        MODEL_REGISTRY.setParent(id(model), id(of_));
    }

    function deprecate(uint256 by, uint256 model, uint256 successor) external {
        VM.prank(actor(by));
        MODEL_REGISTRY.deprecate(id(model), id(successor));
    }

    function reinstate(uint256 by, uint256 model) external {
        VM.prank(actor(by));
        MODEL_REGISTRY.reinstate(id(model));
    }

    function retire(uint256 by, uint256 model) external {
        VM.prank(actor(by));
        MODEL_REGISTRY.retire(id(model));
        wasRetired[id(model)] = true;
    }

    function operator(uint256 by, uint256 model, uint256 account, bool approved) external {
        VM.prank(actor(by));
        MODEL_REGISTRY.setOperator(id(model), actor(account), approved);
    }

    function handOn(uint256 by, uint256 model, uint256 to) external {
        VM.prank(actor(by));
        MODEL_REGISTRY.transferOwnership(id(model), actor(to));
    }

    function id(uint256 seed) public pure returns (bytes32) {
        return bytes32(1 + seed % MODELS);
    }
}

contract ModelRegistryInvariants is Chain {
    RegistryHandler private _handler;

    function setUp() public {
        deployChain();
        _handler = new RegistryHandler();
        for (uint256 i = 0; i < _handler.MODELS(); ++i) publish(_handler.id(i), actor(i));
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_RetiredForEverAndKnownToThePrecompile() public view {
        for (uint256 i = 0; i < _handler.MODELS(); ++i) {
            bytes32 model = _handler.id(i);
            bool isRetired = MODEL_REGISTRY.statusOf(model) == ModelRegistry.Status.Retired;
            require(isRetired == _handler.wasRetired(model), "came back");
            require(isRetired == InferenceStub(address(INFERENCE)).isRetired(model), "the precompile knows otherwise");
        }
    }

    function invariant_EveryModelHasAnOwnerAndAnOlderParent() public view {
        for (uint256 i = 0; i < _handler.MODELS(); ++i) {
            bytes32 model = _handler.id(i);
            require(MODEL_REGISTRY.modelOf(model).owner != address(0), "no owner");
            require(uint256(MODEL_REGISTRY.parentOf(model)) < uint256(model), "a younger parent");
            if (MODEL_REGISTRY.statusOf(model) == ModelRegistry.Status.Active) require(MODEL_REGISTRY.successorOf(model) == 0, "an active model's successor");
        }
        require(MODEL_REGISTRY.modelCount() == _handler.MODELS(), "count");
    }
}
