// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInference, INFERENCE} from "../interfaces/IInference.sol";
import {Tensor} from "../libraries/Tensor.sol";

/// @title An agent that finds its way, a move a block
/// @notice A field of 7 by 7 squares with walls. Each block a neural network (examples/agent) looks at the field and says how good it is to go north, east, south or west;
/// the contract goes where the best of the ways is that are open. Nobody can move the agent otherwise, and everybody can compute where it will go.
contract FieldAgent {
    /// @notice Squares along a side, and of the field.
    uint256 public constant SIZE = 7;
    uint256 public constant SQUARES = 49;

    /// @notice hash_tree_root of the network.
    bytes32 public immutable model;
    /// @dev The network's bytes for 0 and 1.
    bytes1 private immutable _nothing;
    bytes1 private immutable _something;

    /// @notice Bit i: a wall on square i, row by row.
    uint64 public walls;
    uint8 public agent;
    uint8 public goal;
    /// @dev How often the agent has been on each square since the game began, 5 bits a square, at most 31.
    uint256 private _visits;
    uint64 public movedAt;
    /// @notice Moves of this game; 0 before its first.
    uint32 public moves;

    /// @notice A game begins.
    event Began(uint64 walls, uint8 agent, uint8 goal);
    event Moved(uint8 indexed from, uint8 indexed to);
    event Arrived(uint32 moves);

    /// @notice Squares are from 0 to 48, agent and goal on different ones without walls.
    error NoField(uint64 walls, uint8 agent, uint8 goal);
    /// @notice The agent has moved in this block, or stands at the goal.
    error NotNow();
    /// @notice Walls on all sides.
    error Stuck();

    constructor(bytes32 model_) {
        model = model_;
        IInference.Port memory input = INFERENCE.describe(model_).inputs[0];
        _nothing = bytes1(uint8(Tensor.quantize(int256(0), input.scaleBits, input.zeroPoint)));
        _something = bytes1(uint8(Tensor.quantize(int256(1e18), input.scaleBits, input.zeroPoint)));
    }

    /// @notice A new game, in the place of the one before.
    function begin(uint64 walls_, uint8 agent_, uint8 goal_) external {
        bool isOnField = walls_ >> SQUARES == 0 && agent_ < SQUARES && goal_ < SQUARES && agent_ != goal_;
        if (!isOnField || (walls_ >> agent_) & 1 == 1 || (walls_ >> goal_) & 1 == 1) revert NoField(walls_, agent_, goal_);
        (walls, agent, goal, _visits, moves) = (walls_, agent_, goal_, uint256(1) << (5 * agent_), 0);
        emit Began(walls_, agent_, goal_);
    }

    /// @notice The agent's move in this block. For anyone to call.
    function move() external {
        if (agent == goal || movedAt == block.number) revert NotNow();
        uint8 from = agent;
        uint8 to = choose();
        (agent, movedAt) = (to, uint64(block.number));
        if (_visitsOf(to) < 31) _visits += uint256(1) << (5 * to);
        ++moves;
        emit Moved(from, to);
        if (to == goal) emit Arrived(moves);
    }

    /// @notice Where the agent goes next: of the squares beside it that are open, and on which it has been least, the one that the network likes best. So it walks in no circle
    /// for ever where the network is wrong.
    function choose() public view returns (uint8 chosen) {
        uint256[] memory liked = Tensor.top(INFERENCE.run(model, look()), 4);
        uint256 fewest = type(uint256).max;
        for (uint256 i = 0; i < 4; ++i) {
            (bool isOpen, uint8 square) = _beside(liked[i]);
            if (isOpen && _visitsOf(square) < fewest) (chosen, fewest) = (square, _visitsOf(square));
        }
        if (fewest == type(uint256).max) revert Stuck();
    }

    function _visitsOf(uint256 square) private view returns (uint256) {
        return (_visits >> (5 * square)) & 31;
    }

    /// @notice What the network is shown: where walls are, where the agent is, where the goal is; 49 squares each.
    function look() public view returns (bytes memory input) {
        input = new bytes(3 * SQUARES);
        for (uint256 i = 0; i < SQUARES; ++i) {
            input[i] = (walls >> i) & 1 == 1 ? _something : _nothing;
            input[SQUARES + i] = i == agent ? _something : _nothing;
            input[2 * SQUARES + i] = i == goal ? _something : _nothing;
        }
    }

    /// @dev The square beside the agent: north, east, south, west.
    function _beside(uint256 direction) private view returns (bool isOpen, uint8 square) {
        (uint256 row, uint256 column) = (agent / SIZE, agent % SIZE);
        if (direction == 0 ? row == 0 : direction == 1 ? column == SIZE - 1 : direction == 2 ? row == SIZE - 1 : column == 0) return (false, 0);
        square = uint8(direction == 0 ? agent - SIZE : direction == 1 ? agent + 1 : direction == 2 ? agent + SIZE : agent - 1);
        isOpen = (walls >> square) & 1 == 0;
    }
}
