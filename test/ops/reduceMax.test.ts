import { testReduce } from './reduce.ts'

testReduce('reduceMax')
