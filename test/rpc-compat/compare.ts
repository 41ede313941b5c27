/** Whether an answer is the one that was wanted. The texts of errors are free, as in the execution API's own runs; numbers and data are not. */

type Json = unknown

/** The first difference, with its path; undefined where there is none. */
export function difference(got: Json, wanted: Json): string | undefined {
  return differ(withoutErrorText(got), withoutErrorText(wanted), '', false)
}

/** As `difference`, but what stands in the places of equal kind may differ. */
export function formDifference(got: Json, wanted: Json): string | undefined {
  return differ(withoutErrorText(got), withoutErrorText(wanted), '', true)
}

const isObject = (value: Json): value is Record<string, Json> => typeof value === 'object' && value !== null && !Array.isArray(value)

function withoutErrorText(answer: Json): Json {
  if (!isObject(answer) || !isObject(answer.error)) return answer
  const { message, ...error } = answer.error
  return { ...answer, error }
}

function differ(got: Json, wanted: Json, path: string, formOnly: boolean): string | undefined {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(got)) return tell(path, got, wanted)
    if (!formOnly && got.length !== wanted.length) return `${path}: got ${got.length} items, wanted ${wanted.length}`
    const common = Math.min(got.length, wanted.length)
    return firstOf(common, (index) => differ(got[index], wanted[index], `${path}[${index}]`, formOnly))
  }
  if (isObject(wanted)) {
    if (!isObject(got)) return tell(path, got, wanted)
    const missing = Object.keys(wanted).find((key) => !(key in got))
    if (missing !== undefined) return `${path}.${missing}: missing, wanted ${show(wanted[missing])}`
    const additional = Object.keys(got).find((key) => !(key in wanted))
    if (additional !== undefined) return `${path}.${additional}: got ${show(got[additional])}, wanted none`
    const keys = Object.keys(wanted)
    return firstOf(keys.length, (index) => differ(got[keys[index]!], wanted[keys[index]!], `${path}.${keys[index]}`, formOnly))
  }
  if (formOnly ? kindOf(got) === kindOf(wanted) : got === wanted) return undefined
  return tell(path, got, wanted)
}

/** Hex is told from other text. */
const kindOf = (value: Json): string =>
  typeof value === 'string' && /^0x[0-9a-f]*$/.test(value) ? 'hex' : value === null ? 'null' : typeof value

function firstOf(count: number, find: (index: number) => string | undefined): string | undefined {
  for (let index = 0; index < count; index++) {
    const found = find(index)
    if (found !== undefined) return found
  }
  return undefined
}

const show = (value: Json): string => {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

const tell = (path: string, got: Json, wanted: Json): string => `${path}: got ${show(got)}, wanted ${show(wanted)}`
