// hash_tree_root of a model that `readModel` has read: the tree of docs/model-format.md.
import { mixInLength, TREE_BYTES, treePush, treePushBytes, treePushValue, treeRoot, treeStart } from './merkle'
import { inputPortCount, inputPorts, modelFormat, modelRounding, outputPortCount, outputPorts, PORT_BYTES } from './read'
import {
  opAttributeCount,
  opAttributesPointer,
  opCode,
  operatorAt,
  operatorCount,
  opInputCount,
  opInputsPointer,
  opMultiplierCount,
  opMultipliersPointer,
  opOutputCount,
  opOutputsPointer,
  opShiftCount,
  opShiftsPointer,
  tensorAt,
  tensorCount,
  tensorData,
  tensorDataBytes,
  tensorRank,
  tensorShapePointer,
  tensorType,
} from './records'

// One tree for each level of nesting: the model, a list of containers, a container, a list of values.
const modelTree: usize = memory.data(TREE_BYTES, 16)
const listTree: usize = memory.data(TREE_BYTES, 16)
const containerTree: usize = memory.data(TREE_BYTES, 16)
const valuesTree: usize = memory.data(TREE_BYTES, 16)
const root: usize = memory.data(32, 16)

/** Pointer to the 32 bytes of the root. */
export function modelRoot(): usize {
  treeStart(modelTree)
  treePushValue(modelTree, modelFormat())
  treePushValue(modelTree, modelRounding())
  treeStart(listTree)
  for (let i: u32 = 0; i < tensorCount(); i++) pushTensor(tensorAt(i))
  pushList(12, tensorCount())
  treeStart(listTree)
  for (let i: u32 = 0; i < operatorCount(); i++) pushOperator(operatorAt(i))
  pushList(12, operatorCount())
  pushPorts(inputPorts(), inputPortCount())
  pushPorts(outputPorts(), outputPortCount())
  treeRoot(modelTree, 3, root)
  return root
}

/** Appends the list of containers to the model. */
function pushList(depth: u32, length: u32): void {
  treeRoot(listTree, depth, root)
  mixInLength(root, length)
  treePush(modelTree, root)
}

/** Appends a list of basic values, of 2^depth chunks at most, to the container. */
function pushValues(from: usize, bytes: u32, depth: u32, length: u32): void {
  treeStart(valuesTree)
  treePushBytes(valuesTree, from, bytes)
  treeRoot(valuesTree, depth, root)
  mixInLength(root, length)
  treePush(containerTree, root)
}

/** Appends the container to the list of containers. */
function pushContainer(depth: u32): void {
  treeRoot(containerTree, depth, root)
  treePush(listTree, root)
}

function pushTensor(t: usize): void {
  treeStart(containerTree)
  treePushValue(containerTree, tensorType(t))
  pushValues(tensorShapePointer(t), tensorRank(t) << 2, 0, tensorRank(t))
  pushValues(tensorData(t), tensorDataBytes(t), 21, tensorDataBytes(t))
  pushContainer(2)
}

function pushOperator(op: usize): void {
  treeStart(containerTree)
  treePushValue(containerTree, opCode(op))
  pushValues(opInputsPointer(op), opInputCount(op) << 1, 2, opInputCount(op))
  pushValues(opOutputsPointer(op), opOutputCount(op) << 1, 0, opOutputCount(op))
  pushValues(opAttributesPointer(op), opAttributeCount(op) << 2, 2, opAttributeCount(op))
  pushValues(opMultipliersPointer(op), opMultiplierCount(op) << 2, 13, opMultiplierCount(op))
  pushValues(opShiftsPointer(op), opShiftCount(op), 11, opShiftCount(op))
  pushContainer(3)
}

function pushPorts(ports: usize, count: u32): void {
  treeStart(listTree)
  for (let end = ports + count * PORT_BYTES; ports < end; ports += PORT_BYTES) {
    treeStart(containerTree)
    treePushValue(containerTree, load<u16>(ports))
    treePushValue(containerTree, load<u32>(ports, 2))
    treePushValue(containerTree, load<u32>(ports, 6))
    pushContainer(2)
  }
  pushList(4, count)
}
