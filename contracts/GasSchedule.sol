// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Prices of inference
/// @notice Predeployed at 0x0000000000000000000000000000000000000a21. The precompiles read the prices from slots 0 and 1 of this contract's storage, in the state of the call
/// that pays them. Units are milli-gas; the order is that of docs/embedding.md, "Work and prices".
/// @dev No constructor: code and storage are put into the genesis block. The order of the state variables is consensus.
contract GasSchedule {
    /// @notice Only the owner may change prices.
    error NotOwner(address caller);

    event PricesChanged(uint32[16] prices);
    event OwnerChanged(address indexed previous, address indexed current);

    uint32[16] private _prices;

    /// @notice Who may change prices; nobody where it is zero.
    address public owner;

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    /// @notice All prices, in milli-gas.
    function prices() external view returns (uint32[16] memory) {
        return _prices;
    }

    /// @notice In force from the next call of a precompile on, within the same transaction.
    function setPrices(uint32[16] calldata newPrices) external onlyOwner {
        _prices = newPrices;
        emit PricesChanged(newPrices);
    }

    /// @param newOwner The zero address freezes the prices for ever.
    function setOwner(address newOwner) external onlyOwner {
        emit OwnerChanged(owner, newOwner);
        owner = newOwner;
    }
}
