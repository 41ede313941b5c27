// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INFERENCE} from "infernode/contracts/interfaces/IInference.sol";
import {Tensor} from "infernode/contracts/libraries/Tensor.sol";

/// @title Points for handwriting
/// @notice Whoever hands in the picture of a digit gets as many points. A neural network reads the picture, on every node with the same answer.
contract Scoreboard {
    /// @notice The model that reads, by the hash of its bytes.
    bytes32 public immutable model;

    mapping(address player => uint256) public points;

    event HandedIn(address indexed player, uint256 digit);

    /// @notice The model is less than half sure of what the picture shows.
    error Illegible(uint256 digit, int8 score);

    constructor(bytes32 model_) {
        model = model_;
    }

    /// @notice What a picture shows.
    /// @param picture int8 [1,28,28,1]: a byte for each pixel, row by row, -128 is black and 127 is white.
    function read(bytes calldata picture) public view returns (uint256 digit) {
        // A score for each digit: -128 stands for 0, 127 for 255/256.
        bytes memory scores = INFERENCE.run(model, picture);
        digit = Tensor.argmax(scores);
        int8 score = Tensor.int8At(scores, digit);
        if (score < 0) revert Illegible(digit, score);
    }

    function handIn(bytes calldata picture) external {
        uint256 digit = read(picture);
        points[msg.sender] += digit;
        emit HandedIn(msg.sender, digit);
    }
}
