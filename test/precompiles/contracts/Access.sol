// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IInference, INFERENCE} from "contracts/interfaces/IInference.sol";
import {IModelPolicy} from "contracts/interfaces/IModelPolicy.sol";

/// Calls a target from its constructor.
contract FromConstructor {
    bool public success;
    bytes public output;

    constructor(address target, bytes memory data) {
        (success, output) = target.call(data);
    }
}

/// Runs another contract's code in its own name.
contract Borrower {
    function borrow(address code, bytes calldata data) external returns (bool success, bytes memory output) {
        (success, output) = code.delegatecall(data);
    }
}

/// Gives an account rights and takes them back by reverting.
contract Regretful {
    error Regret(bool success, bytes output);

    function tryIt(address access, bytes calldata grant, bytes calldata run) external {
        (bool granted,) = access.call(grant);
        require(granted, "not granted");
        (bool success, bytes memory output) = address(INFERENCE).call(run);
        revert Regret(success, output);
    }

    function tryAndRun(address access, bytes calldata grant, bytes calldata run) external returns (bool during, bool afterwards) {
        try this.tryIt(access, grant, run) {}
        catch (bytes memory reason) {
            assembly {
                during := mload(add(reason, 36))
            }
        }
        (afterwards,) = address(INFERENCE).call(run);
    }
}

contract AllowsOne is IModelPolicy {
    address public immutable one;

    constructor(address account) {
        one = account;
    }

    function mayRun(address caller, address, bytes32) external view returns (bool) {
        // Only the precompile asks.
        return msg.sender == address(INFERENCE) && caller == one;
    }
}

contract AllowsOrigin is IModelPolicy {
    address public immutable one;

    constructor(address account) {
        one = account;
    }

    function mayRun(address, address origin, bytes32) external view returns (bool) {
        return origin == one && tx.origin == one;
    }
}

contract Reverts is IModelPolicy {
    function mayRun(address, address, bytes32) external pure returns (bool) {
        revert("no");
    }
}

contract Loops is IModelPolicy {
    function mayRun(address, address, bytes32) external pure returns (bool) {
        while (true) {}
        return true;
    }
}

/// Writes, which a static call must not.
contract Writes {
    uint256 public asked;

    function mayRun(address, address, bytes32) external returns (bool) {
        asked++;
        return true;
    }
}

/// Answers whatever it was made with.
contract Answers {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback() external {
        bytes memory answer = _answer;
        assembly {
            return(add(answer, 32), mload(answer))
        }
    }
}

/// Runs the model that it is asked about, and says yes whatever came of it.
contract Reenters is IModelPolicy {
    function mayRun(address, address, bytes32 model) external view returns (bool) {
        try INFERENCE.run(model, new bytes(64)) {} catch {}
        return true;
    }
}

/// Runs another, open model, and says yes where that succeeded.
contract RunsAnother is IModelPolicy {
    bytes32 public immutable other;

    constructor(bytes32 model) {
        other = model;
    }

    function mayRun(address, address, bytes32) external view returns (bool) {
        return INFERENCE.run(other, new bytes(8)).length == 4;
    }
}
