/** Small grey pictures drawn with characters, each of which stands for 2 × 4 pixels. */

const shades = [' ', '░', '▒', '▓', '█']
const cellWidth = 2
const cellHeight = 4

/** @param pixels int8 [height, width], −128 black. Returns height / 4 lines of width / 2 characters. */
export function drawPicture(pixels: Int8Array, width: number, height: number): string[] {
  const lines: string[] = []
  for (let top = 0; top + cellHeight <= height; top += cellHeight) {
    let line = ''
    for (let left = 0; left + cellWidth <= width; left += cellWidth) line += shade(pixels, width, left, top)
    lines.push(line)
  }
  return lines
}

function shade(pixels: Int8Array, width: number, left: number, top: number): string {
  let sum = 0
  for (let y = top; y < top + cellHeight; y++) for (let x = left; x < left + cellWidth; x++) sum += (pixels[y * width + x] as number) + 128
  const mean = sum / (cellWidth * cellHeight)
  return shades[Math.min(shades.length - 1, Math.ceil((mean / 256) * shades.length * 1.3 - 0.5))] as string
}

/** Pictures of equal height next to each other, as many in a row as fit into `columns` characters. */
export function sideBySide(pictures: readonly (readonly string[])[], columns = 80): string[] {
  const width = (pictures[0]?.[0]?.length ?? 0) + 2
  const perRow = Math.max(1, Math.floor(columns / width))
  const lines: string[] = []
  for (let first = 0; first < pictures.length; first += perRow) {
    const row = pictures.slice(first, first + perRow)
    for (let line = 0; line < (row[0]?.length ?? 0); line++)
      lines.push(
        row
          .map((picture) => (picture[line] as string).padEnd(width))
          .join('')
          .trimEnd(),
      )
  }
  return lines
}
