// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @title Deterministic model inference
/// @notice Precompile at 0x0000000000000000000000000000000000000a11. The same model and input give the same bytes and the same gas on every node.
/// Models are made active by the ModelRegistry; who may run one says ModelAccess. DELEGATECALL, CALLCODE and value are refused.
interface IInference {
    /// @notice An input or output of a model: real = scale * (q - zeroPoint).
    struct Port {
        /// @dev 0 int8, 1 uint8, 2 int16, 3 int32.
        uint8 tensorType;
        /// @dev Dimensions, outermost first; images are NHWC.
        uint32[] shape;
        /// @dev Bits of a float32; 0 where the tensor has no scale.
        uint32 scaleBits;
        int32 zeroPoint;
    }

    /// @notice What a model is and takes.
    struct Description {
        /// @dev 0 fp32, 1 single, 2 double.
        uint8 rounding;
        uint32 operatorCount;
        /// @dev Multiply-adds of one run.
        uint64 macs;
        /// @dev Length of the artifact.
        uint32 modelBytes;
        /// @dev 64 KiB pages of memory that a run takes.
        uint32 pages;
        uint32 inputBytes;
        uint32 outputBytes;
        Port[] inputs;
        Port[] outputs;
    }

    /// @notice No model with this id has been activated.
    error UnknownModel(bytes32 model);
    /// @notice The model's owner has retired it.
    error RetiredModel(bytes32 model);
    /// @notice The model's rule (ModelAccess) does not let this caller.
    error AccessDenied(bytes32 model, address caller);
    /// @notice The model has a quota: it runs through `consume` only.
    error QuotaModel(bytes32 model);
    /// @notice The caller has used its quota up; the next window begins at `resetsAt`, in seconds since 1970.
    error QuotaExceeded(bytes32 model, address caller, uint256 resetsAt);
    /// @notice The model has `count` operators, counted from 0.
    error UnknownOperator(uint256 got, uint256 count);
    /// @notice Only the ModelRegistry may activate and retire.
    error NotRegistry(address caller);
    /// @notice The model has been activated before.
    error AlreadyActive(bytes32 model);
    /// @notice Every chunk but the last is full.
    error WrongChunkLength(uint256 index, uint256 got, uint256 wanted);
    /// @notice The chunks hold another model.
    error WrongModelId(bytes32 got, bytes32 wanted);
    /// @notice An input of another length, in bytes.
    error WrongInputLength(uint256 got, uint256 wanted);
    /// @notice The artifact is not valid. `code` is a name of docs/embedding.md's table; `operator` is 2^256 - 1 where no single operator is meant.
    error InvalidModel(string code, uint256 operator, int256 got, int256 wanted);
    /// @notice A model off chain has another length than its request says.
    error WrongModelSize(uint256 got, uint256 wanted);
    /// @notice The account's code is not 0x00 and then data.
    error NotData(address account);
    /// @notice More bytes than the chain allows.
    error TooLarge(uint256 got, uint256 most);
    /// @notice The interface has no such function.
    error UnknownFunction(bytes4 selector);
    /// @notice The calldata is no encoding of the function's arguments.
    error MalformedCalldata();
    /// @notice A precompile is called in its own name only.
    error DelegateCall();
    /// @notice The function writes, and the call is static.
    error StaticCall();
    /// @notice No function takes value.
    error ValueSent(uint256 value);

    /// @notice Runs an active model once.
    /// @param model hash_tree_root of the model artifact.
    /// @param input All inputs, one after the other, row-major, little-endian: exactly the model's input length.
    /// @return output All outputs likewise.
    function run(bytes32 model, bytes calldata input) external view returns (bytes memory output);

    /// @notice Runs an active model once, as `run` does, and counts it where the model has a quota.
    function consume(bytes32 model, bytes calldata input) external returns (bytes memory output);

    /// @notice Runs one operator of an active model.
    /// @param operator Its index in execution order, from 0.
    /// @param operands Its operands that are no constants, each tensor once, one after the other.
    /// @return results Its results likewise.
    function step(bytes32 model, uint256 operator, bytes calldata operands) external view returns (bytes memory results);

    /// @notice What an active model is and takes.
    function describe(bytes32 model) external view returns (Description memory description);

    /// @notice Gas that the precompile takes for `run` of an open model; a rule costs its checks besides.
    /// @param firstUse Whether the transaction has not used the model before.
    function gasOf(bytes32 model, bool firstUse) external view returns (uint256 gas);

    /// @notice Contracts that hold the artifact, in order; none where its bytes are off chain.
    function chunksOf(bytes32 model) external view returns (address[] memory chunks);

    /// @notice Computes the root of the chunks' data, compares it with the id, validates and plans the model, and makes it active.
    /// @dev For the ModelRegistry alone.
    function activate(bytes32 model, address[] calldata chunks) external;

    /// @notice Charges gas for an activation to come.
    /// @dev For the ModelRegistry alone.
    function reserve(uint64 gas) external;

    /// @notice As `activate`, of bytes that are off chain. They are used only if the id is their root; a node that does not hold them cannot execute the block yet.
    /// @dev For the ModelRegistry alone.
    /// @param size Bytes of the artifact, as the request says.
    function activateHeld(bytes32 model, uint32 size) external;

    /// @notice Ends an active model: from now on `run`, `step` and `consume` revert with RetiredModel.
    /// @dev For the ModelRegistry alone.
    function retire(bytes32 model) external;
}

/// @dev The precompile.
IInference constant INFERENCE = IInference(0x0000000000000000000000000000000000000a11);
