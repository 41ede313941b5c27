// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FORGE_VM, Infernode} from "infernode/contracts/foundry/Infernode.sol";
import {Tensor} from "infernode/contracts/libraries/Tensor.sol";
import {DIGITS} from "../src/Models.sol";
import {Scoreboard} from "../src/Scoreboard.sol";

contract ScoreboardTest {
    Scoreboard private scoreboard;
    bytes private pictures;

    function setUp() public {
        // The contracts run in forge; what they ask the model is answered by the node.
        Infernode.connect("infernode");
        scoreboard = new Scoreboard(DIGITS);
        pictures = FORGE_VM.readFileBinary("models/pictures.bin");
    }

    function test_ReadsEveryDigit() public view {
        for (uint256 digit = 0; digit < 10; ++digit) {
            require(scoreboard.read(picture(digit)) == digit, "another digit");
        }
    }

    function test_AddsPoints() public {
        scoreboard.handIn(picture(7));
        scoreboard.handIn(picture(5));
        require(scoreboard.points(address(this)) == 12, "other points");
    }

    function test_RefusesWhatItCannotRead() public {
        FORGE_VM.expectPartialRevert(Scoreboard.Illegible.selector);
        scoreboard.read(new bytes(784));
    }

    /// @dev The digits 0 to 9 in order, 28 by 28 bytes each.
    function picture(uint256 digit) private view returns (bytes memory) {
        return Tensor.slice(pictures, 784 * digit, 784);
    }
}
