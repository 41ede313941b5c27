/** What the actions use of contracts/ModelRegistry.sol; test/client/abi.test.ts compares it with the compiled contract. */
import { parseAbi } from 'abitype'

export const registryAbi = parseAbi([
  'struct Card { string input; string output; string labels; string licence; string uri; }',
  'struct Model { address owner; uint8 status; uint64 publishedAt; string metadata; }',
  'struct Card { string input; string output; string labels; string licence; string uri; }',
  'function upload(bytes data) returns (address chunk)',
  'function publish(bytes32 model, address[] chunks, string metadata)',
  'function isChunk(address chunk) view returns (bool)',
  'function modelOf(bytes32 model) view returns (Model)',
  'function modelCount() view returns (uint256)',
  'function models(uint256 start, uint256 count) view returns (bytes32[] ids)',
  'event ChunkUploaded(address indexed chunk, uint256 length)',
  'event ModelPublished(bytes32 indexed model, address indexed owner, address[] chunks, string metadata)',
  'event MetadataChanged(bytes32 indexed model, string metadata)',
  'event CardChanged(bytes32 indexed model, Card card)',
  'event ParentChanged(bytes32 indexed model, bytes32 indexed parent)',
  'event SuccessorChanged(bytes32 indexed model, bytes32 indexed successor)',
  'event CardChanged(bytes32 indexed model, Card card)',
  'event ParentChanged(bytes32 indexed model, bytes32 indexed parent)',
  'event SuccessorChanged(bytes32 indexed model, bytes32 indexed successor)',
  'event StatusChanged(bytes32 indexed model, uint8 status)',
  'event OwnerChanged(bytes32 indexed model, address indexed previous, address indexed current)',
  'event OperatorChanged(bytes32 indexed model, address indexed operator, bool approved)',
  'event OperatorChanged(bytes32 indexed model, address indexed operator, bool approved)',
  'error WrongChunkLength(uint256 got, uint256 most)',
  'error ChunkFailed(address chunk)',
  'error UnknownChunk(address chunk)',
  'error AlreadyPublished(bytes32 model)',
  'error UnknownModel(bytes32 model)',
  'error RetiredModel(bytes32 model)',
  'error RetiredModel(bytes32 model)',
  'error NotOwner(bytes32 model, address caller)',
  'error ZeroOwner()',
  'error NotOlder(bytes32 parent, bytes32 model)',
  'error ZeroOwner()',
  'error NotOlder(bytes32 parent, bytes32 model)',
])

/** In the order of ModelRegistry.Status. */
export const modelStatuses = ['unknown', 'active', 'deprecated', 'retired'] as const
export type ModelStatus = (typeof modelStatuses)[number]
