// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title What the client tests deploy: state, an event, a custom error, a revert, a panic and a nested call.
contract Notes {
    error TooLong(uint256 length, uint256 most);

    event Written(address indexed author, uint256 indexed id, string text);

    string[] private notes;

    constructor(string memory first) {
        append(first);
    }

    function write(string calldata text) external returns (uint256 id) {
        if (bytes(text).length > 100) revert TooLong(bytes(text).length, 100);
        return append(text);
    }

    function count() external view returns (uint256) {
        return notes.length;
    }

    /// @dev Panics with 0x32 past the end.
    function read(uint256 id) public view returns (string memory) {
        return notes[id];
    }

    /// @dev Calls the contract from outside, for a trace of two frames.
    function readNested(uint256 id) external view returns (string memory) {
        return this.read(id);
    }

    function fail() external pure {
        revert("as it was asked to");
    }

    function append(string memory text) private returns (uint256 id) {
        id = notes.length;
        notes.push(text);
        emit Written(msg.sender, id, text);
    }
}
