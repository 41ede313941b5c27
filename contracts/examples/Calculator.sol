// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INFERENCE} from "../interfaces/IInference.sol";
import {Tensor} from "../libraries/Tensor.sol";

/// @title A contract that has a transformer write on
/// @notice Asks a character-level transformer (examples/transformer) for the characters behind a text such as "47+85=", each with those before it in the text.
/// The model takes eight int32, the numbers of the characters 0 to 9, + and =, and gives for each from = on the int8 scores of the next one.
contract Calculator {
    /// @notice The model was only taught numbers of one or two digits.
    error NumberTooLarge(uint256 number);

    uint256 private constant CHARACTERS = 12;
    uint256 private constant PROMPT = 6;
    uint256 private constant DIGITS = 3;
    int32 private constant PLUS = 10;
    int32 private constant EQUALS = 11;

    /// @notice hash_tree_root of the model artifact.
    bytes32 public immutable model;

    constructor(bytes32 model_) {
        model = model_;
    }

    /// @notice What the transformer writes behind "a+b=".
    /// @param a At most 99.
    /// @param b At most 99.
    /// @return sum Its three characters read as a number; it writes the last digit first.
    function add(uint256 a, uint256 b) external view returns (uint256 sum) {
        int32[] memory text = prompt(a, b);
        uint256 unit = 1;
        for (uint256 i = 0; i < DIGITS; ++i) {
            bytes memory scores = INFERENCE.run(model, Tensor.packInt32(text));
            uint256 next = Tensor.argmax(Tensor.slice(scores, i * CHARACTERS, CHARACTERS));
            if (PROMPT + i < text.length) text[PROMPT + i] = int32(uint32(next));
            sum += next * unit;
            unit *= 10;
        }
    }

    /// @dev Characters that are not written yet are 0: no character sees those behind it.
    function prompt(uint256 a, uint256 b) private pure returns (int32[] memory text) {
        if (a > 99) revert NumberTooLarge(a);
        if (b > 99) revert NumberTooLarge(b);
        text = new int32[](PROMPT + DIGITS - 1);
        text[0] = int32(uint32(a / 10));
        text[1] = int32(uint32(a % 10));
        text[2] = PLUS;
        text[3] = int32(uint32(b / 10));
        text[4] = int32(uint32(b % 10));
        text[5] = EQUALS;
    }
}
