// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {FORGE_VM} from "infernode/contracts/foundry/Infernode.sol";
import {DIGITS} from "../src/Models.sol";
import {Scoreboard} from "../src/Scoreboard.sol";

/// @notice Deploys the contract: npm run deploy.
contract Deploy {
    function run() external returns (Scoreboard scoreboard) {
        FORGE_VM.startBroadcast();
        scoreboard = new Scoreboard(DIGITS);
        FORGE_VM.stopBroadcast();
    }
}
