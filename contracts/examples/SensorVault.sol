// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IInference, INFERENCE} from "../interfaces/IInference.sol";
import {Tensor} from "../libraries/Tensor.sol";

/// @title A vault that a refrigerator's sensor can close
/// @notice Pays out while the goods behind it are well. The device signs each window of readings; an autoencoder (examples/vault) that has only ever seen normal ones tells
/// how far these are from them, and a window past the limit closes the vault until its owner opens it again. So does silence.
contract SensorVault is EIP712, Ownable {
    /// @notice What the device signs.
    struct Window {
        /// @dev Counts up: no window is taken twice, and none before a later one.
        uint64 number;
        /// @dev Seconds since 1970.
        uint64 takenAt;
        /// @dev 16 temperatures, in thousandths of 4 degrees Celsius above 4, and 16 vibrations in micrometres a second.
        int32[] readings;
    }

    /// @notice Readings in a window.
    uint256 public constant READINGS = 32;
    /// @notice Seconds that a window may be old, and that the device may be silent.
    uint256 public constant MAX_AGE = 1 hours;
    bytes32 private constant WINDOW_TYPEHASH = keccak256("Window(uint64 number,uint64 takenAt,int32[] readings)");

    /// @notice hash_tree_root of the autoencoder.
    bytes32 public immutable model;
    /// @notice Whose signature a window carries.
    address public immutable device;
    /// @notice Largest mean difference between readings and what the autoencoder makes of them, in 18 decimals.
    int256 public immutable limit;

    /// @dev Of the model's input and output, as IInference.describe gives them.
    uint32 private immutable _inputScale;
    int32 private immutable _inputZero;
    uint32 private immutable _outputScale;
    int32 private immutable _outputZero;

    /// @notice Number and time of the last window.
    uint64 public lastNumber;
    uint64 public lastTakenAt;
    /// @notice Whether an alarm has closed the vault.
    bool public isClosed;
    /// @notice Wei of each account.
    mapping(address account => uint256) public balanceOf;

    event Reported(uint64 indexed number, int256 deviation);
    event Alarm(uint64 indexed number, int256 deviation);
    event Opened();

    /// @notice A window has READINGS readings.
    error WrongLength(uint256 got, uint256 wanted);
    /// @notice The window was taken before, or is older than one that was.
    error Replayed(uint64 number, uint64 last);
    /// @notice The window is from the future, or older than MAX_AGE.
    error Stale(uint64 takenAt);
    /// @notice Somebody else has signed the window.
    error NotTheDevice(address signer);
    /// @notice An alarm has closed the vault, or the device is silent.
    error Closed();
    /// @notice The account has less.
    error TooMuch(uint256 wanted, uint256 available);

    constructor(bytes32 model_, address device_, int256 limit_) EIP712("SensorVault", "1") Ownable(msg.sender) {
        (model, device, limit) = (model_, device_, limit_);
        IInference.Description memory description = INFERENCE.describe(model_);
        if (description.inputBytes != READINGS) revert WrongLength(description.inputBytes, READINGS);
        (_inputScale, _inputZero) = (description.inputs[0].scaleBits, description.inputs[0].zeroPoint);
        (_outputScale, _outputZero) = (description.outputs[0].scaleBits, description.outputs[0].zeroPoint);
    }

    /// @notice Takes a window. Anyone may bring it: it counts by its signature.
    function report(Window calldata window, bytes calldata signature) external {
        if (window.number <= lastNumber) revert Replayed(window.number, lastNumber);
        if (window.takenAt > block.timestamp || window.takenAt + MAX_AGE < block.timestamp) revert Stale(window.takenAt);
        // An array of EIP-712 is the hash of its elements, each of 32 bytes: so packed encoding has them.
        bytes32 readings = keccak256(abi.encodePacked(window.readings));
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(WINDOW_TYPEHASH, window.number, window.takenAt, readings)));
        address signer = ECDSA.recover(digest, signature);
        if (signer != device) revert NotTheDevice(signer);
        (lastNumber, lastTakenAt) = (window.number, window.takenAt);
        int256 deviation = deviationOf(window.readings);
        emit Reported(window.number, deviation);
        if (deviation <= limit) return;
        isClosed = true;
        emit Alarm(window.number, deviation);
    }

    /// @notice Mean difference between readings and what the autoencoder makes of them, in 18 decimals.
    function deviationOf(int32[] calldata readings) public view returns (int256) {
        if (readings.length != READINGS) revert WrongLength(readings.length, READINGS);
        int256[] memory reals = new int256[](READINGS);
        for (uint256 i = 0; i < READINGS; ++i) reals[i] = int256(readings[i]) * 1e15;
        bytes memory copy = INFERENCE.run(model, Tensor.quantize(reals, _inputScale, _inputZero));
        int256 sum = 0;
        for (uint256 i = 0; i < READINGS; ++i) {
            int256 difference = reals[i] - Tensor.dequantize(Tensor.int8At(copy, i), _outputScale, _outputZero);
            sum += difference < 0 ? -difference : difference;
        }
        return sum / int256(READINGS);
    }

    /// @notice After somebody has looked.
    function open() external onlyOwner {
        isClosed = false;
        emit Opened();
    }

    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
    }

    function withdraw(uint256 amount) external {
        if (isClosed || lastTakenAt + MAX_AGE < block.timestamp) revert Closed();
        uint256 available = balanceOf[msg.sender];
        if (amount > available) revert TooMuch(amount, available);
        balanceOf[msg.sender] = available - amount;
        (bool success, bytes memory data) = msg.sender.call{value: amount}("");
        if (success) return;
        assembly ("memory-safe") {
            revert(add(data, 32), mload(data))
        }
    }
}
