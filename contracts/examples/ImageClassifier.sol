// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INFERENCE} from "../interfaces/IInference.sol";
import {Tensor} from "../libraries/Tensor.sol";

/// @title A contract that sees
/// @notice Runs one image model and keeps its latest answer. The model's output is one int8 score for each class.
contract ImageClassifier {
    /// @notice hash_tree_root of the model artifact.
    bytes32 public immutable model;

    /// @notice The latest class, and how many pictures have been classified.
    uint256 public lastClass;
    uint256 public count;

    event Classified(address indexed sender, uint256 indexed class, int8 score, bytes scores);

    constructor(bytes32 model_) {
        model = model_;
    }

    /// @notice The class with the largest score, without leaving a trace.
    /// @param picture The model's input, int8 [1,H,W,C].
    /// @return class Its index, the first of equal ones.
    /// @return scores The model's output.
    function classify(bytes calldata picture) public view returns (uint256 class, bytes memory scores) {
        scores = INFERENCE.run(model, picture);
        class = Tensor.argmax(scores);
    }

    /// @notice Classifies, stores the class and emits it.
    function classifyAndStore(bytes calldata picture) external returns (uint256 class) {
        bytes memory scores;
        (class, scores) = classify(picture);
        lastClass = class;
        ++count;
        emit Classified(msg.sender, class, Tensor.int8At(scores, class), scores);
    }
}
