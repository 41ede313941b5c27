// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// @dev Comes first among the bases, so that the prices have slots 0 and 1.
abstract contract PriceStorage {
    uint32[16] internal _prices;
}

/// @title Prices of inference
/// @notice Predeployed at 0x0000000000000000000000000000000000000a21. The precompiles read the prices from slots 0 and 1 of this contract's storage, in the state of the call
/// that pays them. Units are milli-gas; the order is that of docs/embedding.md, "Work and prices". Nobody, whatever the vote, moves a price outside its bounds, which are
/// those of the genesis block for ever, or more than to its double or half at once, or more often than once in CHANGE_SECONDS.
/// @dev Code and storage are put into the genesis block: the constructor does not run, and the order of the state variables is consensus.
contract GasSchedule is PriceStorage, Ownable2Step {
    /// @notice Seconds from one change to the next.
    uint256 public constant CHANGE_SECONDS = 1 days;

    /// @notice The price in this slot would leave its bounds.
    error PriceOutOfBounds(uint256 slot, uint32 got, uint32 least, uint32 most);
    /// @notice The price in this slot would move to less than half or more than double.
    error ChangeTooLarge(uint256 slot, uint32 got, uint32 previous);
    /// @notice The prices have been changed a short while ago.
    error ChangeTooSoon(uint256 allowedAt);

    /// @notice All prices, as they are from now on.
    event PricesChanged(uint32[16] prices);

    uint32[16] private _least;
    uint32[16] private _most;

    /// @notice Time of the last change; 0 for none.
    uint256 public changedAt;

    constructor(address initialOwner) Ownable(initialOwner) {}

    /// @notice All prices, in milli-gas.
    function prices() external view returns (uint32[16] memory) {
        return _prices;
    }

    /// @notice Between what the prices can be, in milli-gas.
    function bounds() external view returns (uint32[16] memory least, uint32[16] memory most) {
        return (_least, _most);
    }

    /// @notice In force from the next call of a precompile on, within the same transaction. For the owner alone.
    function setPrices(uint32[16] calldata newPrices) external onlyOwner {
        if (changedAt != 0 && block.timestamp < changedAt + CHANGE_SECONDS) revert ChangeTooSoon(changedAt + CHANGE_SECONDS);
        for (uint256 slot = 0; slot < 16; ++slot) {
            (uint32 price, uint32 previous) = (newPrices[slot], _prices[slot]);
            if (price < _least[slot] || price > _most[slot]) revert PriceOutOfBounds(slot, price, _least[slot], _most[slot]);
            uint256 double = previous == 0 ? 1 : uint256(previous) * 2;
            if (price > double || uint256(price) * 2 < previous) revert ChangeTooLarge(slot, price, previous);
        }
        _prices = newPrices;
        changedAt = block.timestamp;
        emit PricesChanged(newPrices);
    }
}
