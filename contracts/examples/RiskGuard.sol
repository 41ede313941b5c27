// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {INFERENCE} from "../interfaces/IInference.sol";
import {Float32} from "../libraries/Float32.sol";
import {Tensor} from "../libraries/Tensor.sol";

/// @title A contract that holds back what a decision forest finds risky
/// @notice Asks a gradient-boosted ensemble (examples/risk) about each transfer. The model takes four float32 and gives a class, 0 or 1, and the two classes' probabilities.
contract RiskGuard {
    /// @notice hash_tree_root of the model artifact.
    bytes32 public immutable model;

    /// @notice Transfers that were held back.
    uint256 public held;

    event Judged(address indexed sender, bool risky, uint256 probability);

    constructor(bytes32 model_) {
        model = model_;
    }

    /// @notice What the model says of a transfer.
    /// @param amount In wei.
    /// @param ageDays Age of the sending account.
    /// @param transfers How many it has made.
    /// @param failed How many of them failed.
    /// @return risky Whether the model's class is 1.
    /// @return probability That it is, with 18 decimals.
    function judge(uint256 amount, uint256 ageDays, uint256 transfers, uint256 failed) public view returns (bool risky, uint256 probability) {
        uint32[] memory features = new uint32[](4);
        features[0] = Float32.fromRatio(int256(amount), 1e18);
        features[1] = Float32.fromInt(int256(ageDays));
        features[2] = Float32.fromInt(int256(transfers));
        // Of an account without transfers nothing is known: a missing value.
        features[3] = transfers == 0 ? Float32.NAN : Float32.fromRatio(int256(failed), transfers);
        // int32 class, then int32 probabilities of 0 and 1 with 30 bits behind the point.
        bytes memory output = INFERENCE.run(model, Float32.pack(features));
        risky = Tensor.int32At(output, 0) == 1;
        probability = uint256(uint32(Tensor.int32At(output, 2))) * 1e18 >> 30;
    }

    /// @notice Judges a transfer, counts it where it is held back, and says so.
    function check(uint256 amount, uint256 ageDays, uint256 transfers, uint256 failed) external returns (bool risky) {
        uint256 probability;
        (risky, probability) = judge(amount, ageDays, transfers, failed);
        if (risky) ++held;
        emit Judged(msg.sender, risky, probability);
    }
}
