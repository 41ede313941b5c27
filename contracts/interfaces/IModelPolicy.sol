// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title A contract that decides who may run a model
/// @notice Named by the rule of a model in ModelAccess. The precompile asks it before each run, in a static call with 100,000 gas, from its own address
/// 0x0000000000000000000000000000000000000a11. Whatever is not a plain `true` means no: a revert, running out of gas, no code, too few bytes, another number.
interface IModelPolicy {
    /// @param caller Who calls the precompile; never the zero address.
    /// @param origin Who began the transaction. Anyone can be led to begin one: give no rights to an origin alone.
    /// @param model hash_tree_root of the model artifact.
    function mayRun(address caller, address origin, bytes32 model) external view returns (bool);
}
