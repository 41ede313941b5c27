// The export list of the consensus module: the interface of docs/embedding.md.
import { errorRecord } from './model/errors'
import { activationGas as gasOfActivation, runGas } from './model/gas'
import {
  artifactStart,
  identifyModel,
  isLoaded,
  loadModel,
  measureModel,
  modelWork,
  pagesToPlan,
  planModel,
  runModel,
  runOne,
  workOfOperator,
} from './model/model'
import { minimumPages as staticPages } from './model/pages'
import { inputRegion, inputRegionBytes, outputRegion, outputRegionBytes, plannedPages } from './model/plan'
import {
  tensorBytes as bytesOf,
  tensorPointer as pointerOf,
  operatorCount as recordedOperators,
  tensorAt,
  tensorCount,
} from './model/records'

const prices: usize = memory.data(128, 16)

export function abi(): i32 {
  return 1
}

export function minimumPages(): i32 {
  return <i32>staticPages()
}

export function artifactPointer(): usize {
  return artifactStart()
}

export function planningPages(bytes: i32): i32 {
  return pagesToPlan(bytes)
}

export function identify(bytes: i32): usize {
  return identifyModel(bytes)
}

export function measure(bytes: i32): i32 {
  return measureModel(bytes)
}

export function plan(bytes: i32): i32 {
  return planModel(bytes)
}

export function pages(): i32 {
  return plannedPages()
}

export function load(bytes: i32): i32 {
  return loadModel(bytes)
}

export function inputPointer(): usize {
  return isLoaded() ? inputRegion() : 0
}

export function inputBytes(): i32 {
  return inputRegionBytes()
}

export function outputPointer(): usize {
  return isLoaded() ? outputRegion() : 0
}

export function outputBytes(): i32 {
  return outputRegionBytes()
}

export function run(): i32 {
  return runModel()
}

export function operatorCount(): i32 {
  return recordedOperators()
}

export function runOperator(index: i32): i32 {
  return runOne(index)
}

export function operatorWork(index: i32): usize {
  return workOfOperator(index)
}

export function tensorPointer(index: i32): usize {
  return isLoaded() && <u32>index < tensorCount() ? pointerOf(tensorAt(index)) : 0
}

export function tensorBytes(index: i32): i32 {
  return isLoaded() && <u32>index < tensorCount() ? bytesOf(tensorAt(index)) : 0
}

export function workPointer(): usize {
  return modelWork
}

export function pricesPointer(): usize {
  return prices
}

export function gas(firstUse: i32): i64 {
  return runGas(modelWork, prices, firstUse !== 0)
}

export function activationGas(bytes: i32): i64 {
  return gasOfActivation(bytes, prices)
}

export function errorPointer(): usize {
  return errorRecord()
}
