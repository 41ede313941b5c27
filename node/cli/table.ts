import Table from 'cli-table3'

const noLines = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((part) => [part, '']),
)

/** Plain aligned columns: a header row, then the rows. `numbers` are the columns to align right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], numbers: readonly number[] = []): string {
  const grid = new Table({
    head: [...head],
    colAligns: head.map((_, column) => (numbers.includes(column) ? 'right' : 'left')),
    chars: { ...noLines, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) grid.push([...row])
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** 12,345,678: the same on every machine, whatever its locale. */
export function grouped(value: number | bigint): string {
  return value.toString().replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Bytes as B, KiB or MiB. */
export function byteSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

/** `1 chunk`, `2 chunks`. */
export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}
