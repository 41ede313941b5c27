import { testReduce } from './reduce.ts'

testReduce('reduceMin')
