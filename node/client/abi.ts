/** What the actions use of contracts/ModelRegistry.sol; test/client/abi.test.ts compares it with the compiled contract. */
import { parseAbi } from 'abitype'

export const registryAbi = parseAbi([
  'struct Card { string input; string output; string labels; string licence; string uri; }',
  'struct Model { address owner; uint8 status; uint64 publishedAt; string metadata; }',
  'function upload(bytes data) returns (address chunk)',
  'function publish(bytes32 model, address[] chunks, string metadata)',
  'function isChunk(address chunk) view returns (bool)',
  'function modelOf(bytes32 model) view returns (Model)',
  'struct Request { bytes32 model; address requester; uint8 status; uint32 size; uint64 gasPaid; bytes cid; string metadata; }',
  'function request(bytes32 model, bytes cid, uint32 size, uint64 activationGas, string metadata) returns (uint256 number)',
  'function withdraw(uint256 number)',
  'function activateRequested(uint256 number)',
  'function requestOf(uint256 number) view returns (Request)',
  'function requestCount() view returns (uint256)',
  'function contentOf(bytes32 model) view returns (bytes cid, uint32 size)',
  'function modelCount() view returns (uint256)',
  'function models(uint256 start, uint256 count) view returns (bytes32[] ids)',
  'event ChunkUploaded(address indexed chunk, uint256 length)',
  'event ModelRequested(uint256 indexed request, bytes32 indexed model, address indexed requester, uint32 size, uint64 gasPaid, bytes cid, string metadata)',
  'event RequestWithdrawn(uint256 indexed request, bytes32 indexed model)',
  'event RequestActivated(uint256 indexed request, bytes32 indexed model)',
  'event ModelPublished(bytes32 indexed model, address indexed owner, address[] chunks, string metadata)',
  'event MetadataChanged(bytes32 indexed model, string metadata)',
  'event CardChanged(bytes32 indexed model, Card card)',
  'event ParentChanged(bytes32 indexed model, bytes32 indexed parent)',
  'event SuccessorChanged(bytes32 indexed model, bytes32 indexed successor)',
  'event StatusChanged(bytes32 indexed model, uint8 status)',
  'event OwnerChanged(bytes32 indexed model, address indexed previous, address indexed current)',
  'event OperatorChanged(bytes32 indexed model, address indexed operator, bool approved)',
  'error WrongChunkLength(uint256 got, uint256 most)',
  'error TooManyChunks(uint256 got, uint256 most)',
  'error ChunkFailed(address chunk)',
  'error UnknownChunk(address chunk)',
  'error AlreadyPublished(bytes32 model)',
  'error UnknownModel(bytes32 model)',
  'error RetiredModel(bytes32 model)',
  'error NotOwner(bytes32 model, address caller)',
  'error ZeroOwner()',
  'error NotOlder(bytes32 parent, bytes32 model)',
  'error WrongCidLength(uint256 got, uint256 most)',
  'error NoSize()',
  'error UnknownRequest(uint256 request)',
  'error NotOpen(uint256 request)',
  'error NotRequester(uint256 request, address caller)',
  'error NotSystem(address caller)',
])

/** In the order of ModelRegistry.RequestStatus. */
export const requestStatuses = ['open', 'activated', 'withdrawn'] as const

/** In the order of ModelRegistry.Status. */
export const modelStatuses = ['unknown', 'active', 'deprecated', 'retired'] as const
export type ModelStatus = (typeof modelStatuses)[number]
