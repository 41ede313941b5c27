// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SolidityMatmul} from "contracts/bench/SolidityMatmul.sol";
import {ImageClassifier} from "contracts/examples/ImageClassifier.sol";
import {Infernode} from "contracts/foundry/Infernode.sol";
import {IInference, INFERENCE} from "contracts/interfaces/IInference.sol";
import {ITensor, TENSOR} from "contracts/interfaces/ITensor.sol";
import {Tensor} from "contracts/libraries/Tensor.sol";
import {RecordedInference} from "contracts/testing/RecordedInference.sol";
import {TensorReference} from "contracts/testing/TensorReference.sol";
import {TensorHarness} from "test/contracts/contracts/TensorHarness.sol";
import {VM} from "./Chain.sol";

/// @notice Tensor.sol on numbers that nobody chose, each function against a sentence about it.
contract TensorTest {
    TensorHarness private _tensor;

    function setUp() public {
        Infernode.install();
        _tensor = new TensorHarness();
    }

    function testFuzz_MultiplierIsTheNearest(uint64 numerator, uint64 denominator) public view {
        VM.assume(numerator > 0 && denominator > 0);
        try _tensor.multiplier(numerator, denominator) returns (uint32 value, int8 shift) {
            if (value == 0) {
                require(shift == 0 && uint256(numerator) << 32 < denominator, "underflow");
                return;
            }
            require(value >= 2 ** 30 && value < 2 ** 31, "not normal");
            // |value * 2^(shift - 31) - n / d| <= 2^(shift - 32), times d * 2^(32 - shift).
            uint256 scaled = uint256(numerator) << uint256(int256(32) - shift);
            uint256 got = 2 * uint256(value) * denominator;
            require(got > scaled ? got - scaled <= denominator : scaled - got <= denominator, "not the nearest");
        } catch (bytes memory data) {
            require(bytes4(data) == Tensor.FactorOutOfRange.selector && numerator / denominator >= 2 ** 30, "refused");
        }
    }

    function test_MultiplierRefusesAndUnderflows() public {
        uint256[2][4] memory refused = [[uint256(0), 1], [uint256(1), 0], [uint256(2 ** 192), 1], [uint256(1), 2 ** 192]];
        for (uint256 i = 0; i < 4; ++i) {
            VM.expectRevert(abi.encodeWithSelector(Tensor.FactorOutOfRange.selector, refused[i][0], refused[i][1]));
            _tensor.multiplier(refused[i][0], refused[i][1]);
        }
        VM.expectPartialRevert(Tensor.FactorOutOfRange.selector);
        _tensor.multiplier(2 ** 31, 1);
        (uint32 value, int8 shift) = _tensor.multiplier(1, 2 ** 60);
        require(value == 0 && shift == 0, "underflow");
        (value, shift) = _tensor.multiplier(2 ** 33 - 1, 2 ** 33);
        require(value == 2 ** 30 && shift == 1, "rounded up to the next power of two");
    }

    function testFuzz_ArgmaxIsTheFirstOfTheLargest(bytes calldata tensor) public view {
        VM.assume(tensor.length > 0);
        uint256 best = _tensor.argmax(tensor);
        for (uint256 i = 0; i < tensor.length; ++i) {
            (int8 value, int8 largest) = (int8(uint8(tensor[i])), int8(uint8(tensor[best])));
            require(i < best ? value < largest : value <= largest, "another is larger");
        }
        uint256[] memory ordered = _tensor.top(tensor, tensor.length < 5 ? tensor.length : 5);
        require(ordered[0] == best, "top begins with it");
    }

    function testFuzz_QuantizeComesBack(int8 q, uint32 scaleBits, int8 zeroPoint) public view {
        // Scales from 2^-27 to 2^27, where 18 decimals and an int256 hold what is needed.
        scaleBits = (100 << 23) + scaleBits % (54 << 23);
        int256 real = _tensor.dequantize(q, scaleBits, zeroPoint);
        require(_tensor.quantize(real, scaleBits, zeroPoint) == q, "another number");
    }

    function testFuzz_SlicesAndBoxesAreOne(bytes calldata tensor, uint16 start, uint16 length) public view {
        if (uint256(start) + length > tensor.length) {
            (bool success,) = address(_tensor).staticcall(abi.encodeCall(TensorHarness.slice, (tensor, start, length)));
            require(!success, "outside");
            return;
        }
        bytes memory part = _tensor.slice(tensor, start, length);
        require(keccak256(part) == keccak256(tensor[start:uint256(start) + length]), "bytes");
        uint32[] memory box = new uint32[](3);
        (box[0], box[1], box[2]) = (uint32(tensor.length), start, length);
        require(keccak256(_tensor.box(tensor, 1, _one(box[0]), _one(box[1]), _one(box[2]))) == keccak256(part), "box");
    }

    function test_WhatIsOutsideIsRefused() public {
        bytes memory five = hex"0102030405";
        VM.expectRevert(Tensor.EmptyTensor.selector);
        _tensor.argmax("");
        VM.expectRevert(abi.encodeWithSelector(Tensor.OutOfRange.selector, 6, 5));
        _tensor.top(five, 6);
        VM.expectRevert(abi.encodeWithSelector(Tensor.OutOfRange.selector, 8, 5));
        _tensor.int32At(five, 1);
        VM.expectRevert(abi.encodeWithSelector(Tensor.OutOfRange.selector, 6, 5));
        _tensor.int16At(five, 2);
        VM.expectRevert(abi.encodeWithSelector(Tensor.OutOfRange.selector, 2, 2));
        _tensor.index(_one(2), _one(2));
        VM.expectRevert(abi.encodeWithSelector(Tensor.LengthMismatch.selector, 0, 1));
        _tensor.index(_one(2), new uint32[](0));
        VM.expectRevert(abi.encodeWithSelector(Tensor.OutOfRange.selector, 6, 5));
        _tensor.box(five, 1, _one(5), _one(3), _one(3));
        VM.expectRevert(abi.encodeWithSelector(Tensor.LengthMismatch.selector, 5, 4));
        _tensor.box(five, 1, _one(4), _one(1), _one(1));
        VM.expectRevert(abi.encodeWithSelector(Tensor.LengthMismatch.selector, 0, 1));
        _tensor.box(five, 1, _one(5), new uint32[](0), _one(1));
        VM.expectRevert(abi.encodeWithSelector(Tensor.LengthMismatch.selector, 0, 1));
        _tensor.box(five, 1, _one(5), _one(1), new uint32[](0));
        uint32[2] memory bad = [uint32(0), 0x7f800000];
        for (uint256 i = 0; i < 2; ++i) {
            VM.expectRevert(abi.encodeWithSelector(Tensor.ScaleOutOfRange.selector, bad[i]));
            _tensor.quantize(1, bad[i], 0);
        }
        VM.expectRevert(abi.encodeWithSelector(Tensor.LengthMismatch.selector, 5, 1));
        _tensor.cosine(hex"01", five);
        VM.expectRevert(Tensor.EmptyTensor.selector);
        _tensor.cosine("", "");
        VM.expectRevert(Tensor.ZeroVector.selector);
        _tensor.cosine(hex"00", hex"01");
    }

    function test_SmallThings() public view {
        require(_tensor.elements(new uint32[](0)) == 1 && _tensor.elements(_one(7)) == 7 && _tensor.index(_one(7), _one(6)) == 6, "shapes");
        require(_tensor.int16At(hex"feff", 0) == -2 && _tensor.uint8At(hex"ff", 0) == 255 && _tensor.int32At(hex"feffffff", 0) == -2, "numbers");
        require(_tensor.box("", 1, _one(0), _one(0), _one(0)).length == 0, "an empty box");
        require(keccak256(_tensor.box(hex"2a", 1, new uint32[](0), new uint32[](0), new uint32[](0))) == keccak256(hex"2a"), "a number");
        int8[] memory bytesOf = new int8[](2);
        (bytesOf[0], bytesOf[1]) = (-1, 2);
        require(keccak256(_tensor.packInt8(bytesOf)) == keccak256(hex"ff02"), "int8");
        int32[] memory words = new int32[](1);
        words[0] = -2;
        require(keccak256(_tensor.packInt32(words)) == keccak256(hex"feffffff"), "int32");
        require(keccak256(_tensor.centerPixels(hex"00ff80")) == keccak256(hex"807f00"), "pixels");
        require(keccak256(_tensor.quantizePixels(hex"00ff", 0x3b808081, -128)) == keccak256(hex"807f"), "pictures");
        bytes[] memory parts = new bytes[](2);
        (parts[0], parts[1]) = (hex"01", hex"02");
        require(keccak256(_tensor.join(parts)) == keccak256(hex"0102"), "joined");
        int256[] memory reals = _tensor.dequantizeAll(hex"02fe", 0x3f000000, 0);
        require(reals[0] == 1e18 && reals[1] == -1e18, "reals");
        require(keccak256(_tensor.quantizeAll(reals, 0x3f000000, 0)) == keccak256(hex"02fe"), "row");
        // 2^-149 and 2^127.
        require(_tensor.dequantize(1, 1, 0) == 0 && _tensor.quantize(1, 1, 0) == 127 && _tensor.quantize(-1, 1, 0) == -128, "the smallest scale");
        require(_tensor.quantize(type(int256).min, 1, 0) == -128 && _tensor.quantize(type(int256).max, 1, 0) == 127, "past everything");
        require(_tensor.dequantize(1, 0x7f000000, 0) == int256(2 ** 127) * 1e18 && _tensor.quantize(1e18, 0x7f000000, 5) == 5, "the largest scale");
        require(_tensor.cosine(hex"0300", hex"0304") == 6e17 && _tensor.cosine(hex"7f", hex"81") == -1e18, "cosine");
        int32[4] memory y = _tensor.product(hex"01020304fb06", hex"010000ff0201");
        require(y[0] == 1 && y[1] == 6 && y[2] == 4 && y[3] == -8, "product");
    }

    function test_StoredBytes() public {
        address chunk = address(0xda7a);
        VM.etch(chunk, hex"0001ff0380");
        address[] memory chunks = new address[](1);
        chunks[0] = chunk;
        require(keccak256(_tensor.reluOf(chunks, 1, 3)) == keccak256(hex"000300"), "relu");
        chunks = new address[](3);
        (chunks[0], chunks[1], chunks[2]) = (chunk, chunk, chunk);
        require(keccak256(_tensor.reluOf(chunks, 6, 4)) == keccak256(hex"03000100"), "over a border");
    }

    function _one(uint32 value) private pure returns (uint32[] memory list) {
        list = new uint32[](1);
        list[0] = value;
    }
}

/// @notice What stands in for the precompiles, and contracts that use them.
contract StandInsTest {
    bytes32 private constant MODEL = bytes32(uint256(7));

    function setUp() public {
        Infernode.install();
    }

    function test_AnswersOfANodeAreReplayed() public {
        Infernode.replay("test/forge/small.recording.json");
        require(keccak256(INFERENCE.run(MODEL, hex"0102")) == keccak256(hex"05097f"), "run");
        require(keccak256(INFERENCE.consume(MODEL, hex"0102")) == keccak256(hex"05097f"), "consume");
        VM.expectRevert(abi.encodeWithSelector(IInference.WrongInputLength.selector, 1, 2));
        INFERENCE.run(MODEL, hex"01");
        VM.expectRevert(
            abi.encodeWithSelector(RecordedInference.NotRecorded.selector, IInference.run.selector, MODEL, keccak256(abi.encode(MODEL, hex"0103")))
        );
        INFERENCE.run(MODEL, hex"0103");
        (bool success, bytes memory data) = address(INFERENCE).call(hex"0102");
        require(!success && keccak256(data) == keccak256(abi.encodeWithSelector(RecordedInference.NoCall.selector, 2)), "no call");
        VM.expectRevert(abi.encodeWithSelector(RecordedInference.NoCall.selector, 1));
        RecordedInference(address(INFERENCE)).record(hex"01", false, "");
    }

    function test_AClassifierClassifies() public {
        Infernode.replay("test/forge/small.recording.json");
        ImageClassifier classifier = new ImageClassifier(MODEL);
        (uint256 class, bytes memory scores) = classifier.classify(hex"0102");
        require(class == 2 && scores.length == 3, "class");
        classifier.classifyAndStore(hex"0102");
        require(classifier.lastClass() == 2, "stored");
    }

    function test_ThePlainProduct() public {
        SolidityMatmul plain = new SolidityMatmul();
        int256[] memory y = plain.matmul(hex"01ff", hex"7f80", 1, 2, 1);
        require(y[0] == 255, "product");
        VM.expectRevert(abi.encodeWithSelector(SolidityMatmul.WrongLength.selector, 1, 2));
        plain.matmul(hex"01", hex"7f80", 1, 2, 1);
        VM.expectRevert(abi.encodeWithSelector(SolidityMatmul.WrongLength.selector, 1, 2));
        plain.matmul(hex"0101", hex"7f", 1, 2, 1);
    }

    /// @dev Calls of each function and their answers by the precompile: bytes and reverts.
    function test_TensorReferenceAnswersAsThePrecompileDid() public {
        string memory recording = VM.readFile("test/forge/tensor.recording.json");
        bytes[] memory calls = VM.parseJsonBytesArray(recording, ".callData");
        bool[] memory reverts = VM.parseJsonBoolArray(recording, ".isRevert");
        bytes[] memory answers = VM.parseJsonBytesArray(recording, ".data");
        require(calls.length > 150, "a small recording");
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool success, bytes memory data) = address(TENSOR).call(calls[i]);
            require(success != reverts[i] && keccak256(data) == keccak256(answers[i]), "another answer");
        }
    }

    function test_TensorReferenceTakesNoValueAndSpendsAllThatIsTooLittle() public {
        bytes memory relu = abi.encodeCall(ITensor.relu, (Tensor.operand(new bytes(4000)), 0));
        (bool success, bytes memory data) = address(TENSOR).call{value: 1}(relu);
        require(!success && keccak256(data) == keccak256(abi.encodeWithSelector(ITensor.ValueSent.selector, 1)), "value");
        (success, data) = address(TENSOR).call{gas: 400_000}(relu);
        require(!success && data.length == 0, "out of gas");
        TensorReference elsewhere = new TensorReference();
        (success,) = address(elsewhere).call(relu);
        require(success, "elsewhere");
    }
}
