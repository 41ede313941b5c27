/** The schema: EIP-1767 with the fields that clients have added to it since, and the models and inferences of this chain. */
export const schemaText = /* GraphQL */ `
  "32 bytes, as 0x-prefixed hex."
  scalar Bytes32
  "20 bytes, as 0x-prefixed hex."
  scalar Address
  "Any number of bytes, as 0x-prefixed hex."
  scalar Bytes
  "A large integer: 0x-prefixed hex. Inputs may be numbers, too, or decimal strings."
  scalar BigInt
  "An integer below 2^64: 0x-prefixed hex. Inputs may be numbers, too, or decimal strings."
  scalar Long

  schema {
    query: Query
    mutation: Mutation
  }

  "An account at a block."
  type Account {
    address: Address!
    "In wei."
    balance: BigInt!
    "The nonce: how many transactions it has sent, or contracts it has created."
    transactionCount: Long!
    code: Bytes!
    storage(slot: Bytes32!): Bytes32!
  }

  type Log {
    "Its place among the logs of the block."
    index: Long!
    account(block: Long): Account!
    topics: [Bytes32!]!
    data: Bytes!
    transaction: Transaction!
  }

  type AccessTuple {
    address: Address!
    storageKeys: [Bytes32!]!
  }

  type Transaction {
    hash: Bytes32!
    nonce: Long!
    "Its place in the block; null while it waits."
    index: Long
    from(block: Long): Account!
    "Null where it creates a contract."
    to(block: Long): Account
    value: BigInt!
    "Wei per gas: charged, once it is mined; offered, before."
    gasPrice: BigInt!
    maxFeePerGas: BigInt
    maxPriorityFeePerGas: BigInt
    effectiveTip: BigInt
    "The gas limit."
    gas: Long!
    inputData: Bytes!
    "Null while it waits."
    block: Block
    "1 for success, 0 for failure."
    status: Long
    gasUsed: Long
    cumulativeGasUsed: Long
    effectiveGasPrice: BigInt
    createdContract(block: Long): Account
    logs: [Log!]
    r: BigInt!
    s: BigInt!
    v: BigInt!
    yParity: Long
    "Of EIP-2718."
    type: Long
    accessList: [AccessTuple!]
    "As it was signed."
    raw: Bytes!
    "The inferences that were run in it, in order; null while it waits."
    inferences: [Inference!]
  }

  input BlockFilterCriteria {
    "Any of these; empty or absent: all."
    addresses: [Address!]
    "At each position any of these; an empty list: all."
    topics: [[Bytes32!]!]
  }

  input FilterCriteria {
    "The latest block where absent."
    fromBlock: Long
    "The latest block where absent."
    toBlock: Long
    addresses: [Address!]
    topics: [[Bytes32!]!]
  }

  input CallData {
    from: Address
    to: Address
    gas: Long
    gasPrice: BigInt
    maxFeePerGas: BigInt
    maxPriorityFeePerGas: BigInt
    value: BigInt
    data: Bytes
  }

  type CallResult {
    "What the call returned, or the data of its revert."
    data: Bytes!
    gasUsed: Long!
    "1 for success, 0 for failure."
    status: Long!
  }

  type Block {
    number: Long!
    hash: Bytes32!
    parent: Block
    nonce: Bytes!
    transactionsRoot: Bytes32!
    transactionCount: Long
    stateRoot: Bytes32!
    receiptsRoot: Bytes32!
    miner(block: Long): Account!
    extraData: Bytes!
    gasLimit: Long!
    gasUsed: Long!
    baseFeePerGas: BigInt
    nextBaseFeePerGas: BigInt
    "Seconds."
    timestamp: Long!
    logsBloom: Bytes!
    mixHash: Bytes32!
    difficulty: BigInt!
    ommerCount: Long
    ommers: [Block]
    ommerAt(index: Long!): Block
    ommerHash: Bytes32!
    transactions: [Transaction!]
    transactionAt(index: Long!): Transaction
    logs(filter: BlockFilterCriteria!): [Log!]!
    "An account as this block left it."
    account(address: Address!): Account!
    "Runs a call on the state that this block left."
    call(data: CallData!): CallResult
    estimateGas(data: CallData!): Long!
    rawHeader: Bytes!
    raw: Bytes!
    withdrawalsRoot: Bytes32
    blobGasUsed: Long
    excessBlobGas: Long
    "The inferences that were run in its transactions, in order."
    inferences: [Inference!]!
  }

  type Pending {
    transactionCount: Long!
    transactions: [Transaction!]
    account(address: Address!): Account!
    call(data: CallData!): CallResult
    estimateGas(data: CallData!): Long!
  }

  type SyncState {
    startingBlock: Long!
    currentBlock: Long!
    highestBlock: Long!
  }

  type Tensor {
    name: String
    shape: [Int!]!
    "i8, u8, i16 or i32."
    type: String!
    "real = scale · (q - zeroPoint)"
    scale: Float
    zeroPoint: Int
  }

  type Layer {
    operator: String!
    output: Tensor!
    "Multiply-adds."
    macs: BigInt!
  }

  "An active model."
  type Model {
    "hash_tree_root of the artifact."
    id: Bytes32!
    "Length of the artifact."
    bytes: Int!
    rounding: String!
    inputs: [Tensor!]!
    outputs: [Tensor!]!
    "The block that activated it."
    activatedAt: Block
    layers: [Layer!]!
    macs: BigInt!
    "Gas of one run in the precompile."
    gas: BigInt!
  }

  "One run of a model by the precompile."
  type Inference {
    modelId: Bytes32!
    "Null where no such model is active."
    model: Model
    "What called the precompile."
    caller: Account!
    input: Bytes!
    "Null where the run failed."
    output: Bytes
    error: String
    "Whether a frame around it was reverted, so that nothing came of it."
    isReverted: Boolean!
    "Of the precompile's frame."
    gasUsed: Long!
    transaction: Transaction!
  }

  type Query {
    "By number or hash; the latest where neither is given."
    block(number: Long, hash: Bytes32): Block
    "Both ends included; to the latest where no end is given."
    blocks(from: Long!, to: Long): [Block!]!
    pending: Pending!
    transaction(hash: Bytes32!): Transaction
    logs(filter: FilterCriteria!): [Log!]!
    gasPrice: BigInt!
    maxPriorityFeePerGas: BigInt!
    "Null: the node produces its chain itself."
    syncing: SyncState
    chainID: BigInt!
    "The active models, in the order of their activation."
    models: [Model!]!
    model(id: Bytes32!): Model
  }

  type Mutation {
    "Takes a signed transaction; returns its hash."
    sendRawTransaction(data: Bytes!): Bytes32!
  }
`
