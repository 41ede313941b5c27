// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {MODEL_REGISTRY} from "./ModelRegistry.sol";

/// @title Who may run a model
/// @notice Predeployed at 0x0000000000000000000000000000000000000a22. The precompile IInference reads the rule of a model from this contract's storage, in the state of the
/// call, and applies it to the caller of its frame, whatever path the call takes. A model without a rule is open. This limits use on this chain and is no secrecy: weights
/// on chain are public, and anybody can run them elsewhere.
/// @dev No constructor: the code is put into the genesis block. The order of the state variables and of Rule's fields is consensus.
contract ModelAccess {
    /// @notice Who may run a model, apart from quota and receiver.
    enum Mode {
        /// @dev Anyone.
        Open,
        /// @dev Accounts that `setAllowed` has named.
        Allowlist,
        /// @dev Members of `role` in the OpenZeppelin AccessManager `authority`, without execution delay.
        Roles,
        /// @dev Whom the IModelPolicy `authority` lets.
        Policy
    }

    /// @notice All zero is open.
    struct Rule {
        Mode mode;
        /// @dev Of the modes Roles and Policy; 0 otherwise.
        address authority;
        /// @dev Of the mode Roles; 0 otherwise.
        uint64 role;
        /// @dev Runs of one caller in one window, through `consume`; 0 for no quota.
        uint32 quotaCalls;
        /// @dev Length of a window; windows begin at multiples of it, in seconds since 1970. 0 for no quota.
        uint32 quotaSeconds;
        /// @dev If not 0, only this account may call, and so only it receives results.
        address receiver;
    }

    /// @notice Accounts that one call of `setAllowed` can name.
    uint256 public constant MAX_ACCOUNTS = 256;

    /// @notice Only the model's owner and operators may do this.
    error NotOwner(bytes32 model, address caller);
    /// @notice The authority has no code, or the mode takes none.
    error WrongAuthority(address authority);
    /// @notice A role that the mode does not take.
    error WrongRole(uint64 role);
    /// @notice A quota has calls and seconds, or neither.
    error WrongQuota(uint32 calls, uint32 windowSeconds);
    /// @notice The zero address is who calls without an account: it can have no rights.
    error ZeroAccount();
    /// @notice More accounts than one call can name.
    error TooManyAccounts(uint256 got, uint256 most);

    /// @notice The rule that is in force from now on.
    event RuleChanged(bytes32 indexed model, Rule rule);
    /// @notice An account was put on the allowlist, or taken off.
    event AllowedChanged(bytes32 indexed model, address indexed account, bool allowed);

    mapping(bytes32 model => Rule) private _rules;

    /// @notice Whether an account is on a model's allowlist; what that means follows from the model's mode.
    mapping(bytes32 model => mapping(address account => bool)) public isAllowed;

    modifier onlyManager(bytes32 model) {
        if (!MODEL_REGISTRY.mayManage(model, msg.sender)) revert NotOwner(model, msg.sender);
        _;
    }

    /// @notice In force from the next call on, within the same transaction. Owner and operators of the model.
    function setRule(bytes32 model, Rule calldata rule) external onlyManager(model) {
        bool hasAuthority = rule.mode == Mode.Roles || rule.mode == Mode.Policy;
        if (hasAuthority ? rule.authority.code.length == 0 : rule.authority != address(0)) revert WrongAuthority(rule.authority);
        if (rule.mode != Mode.Roles && rule.role != 0) revert WrongRole(rule.role);
        if ((rule.quotaCalls == 0) != (rule.quotaSeconds == 0)) revert WrongQuota(rule.quotaCalls, rule.quotaSeconds);
        _rules[model] = rule;
        emit RuleChanged(model, rule);
    }

    /// @notice Puts accounts on a model's allowlist, or takes them off. Owner and operators of the model.
    function setAllowed(bytes32 model, address[] calldata accounts, bool allowed) external onlyManager(model) {
        if (accounts.length > MAX_ACCOUNTS) revert TooManyAccounts(accounts.length, MAX_ACCOUNTS);
        for (uint256 i = 0; i < accounts.length; ++i) {
            if (accounts[i] == address(0)) revert ZeroAccount();
            isAllowed[model][accounts[i]] = allowed;
            emit AllowedChanged(model, accounts[i], allowed);
        }
    }

    /// @notice All zero where none was set.
    function ruleOf(bytes32 model) external view returns (Rule memory) {
        return _rules[model];
    }
}

/// @dev The access rules of the genesis block.
ModelAccess constant MODEL_ACCESS = ModelAccess(0x0000000000000000000000000000000000000a22);
