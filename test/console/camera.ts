import { writeFile } from 'node:fs/promises'
import type { Page } from 'puppeteer-core'
import { encode } from 'uqr'

const size = 300
const quiet = 4

/** What a camera sees of a code on a screen, as a film of one picture that Chromium takes for its camera (YUV4MPEG2). */
export async function writeFilm(path: string, text: string): Promise<void> {
  const luma = drawCode(text)
  const chroma = new Uint8Array((size / 2) ** 2 * 2).fill(128)
  const head = new TextEncoder().encode(`YUV4MPEG2 W${size} H${size} F10:1 Ip A1:1 C420jpeg\nFRAME\n`)
  await writeFile(path, Buffer.concat([head, luma, chroma]))
}

/** The same film for a browser that takes none from a file: a canvas in place of the camera. */
export async function standInForCamera(page: Page, text: string): Promise<void> {
  await page.evaluate(
    (picture, width) => {
      const canvas = Object.assign(document.createElement('canvas'), { width, height: width })
      const context = canvas.getContext('2d')!
      const image = context.createImageData(width, width)
      for (const [at, light] of picture.entries()) image.data.set([light, light, light, 255], at * 4)
      // A stream has no picture until something is drawn
      setInterval(() => context.putImageData(image, 0, 0), 100)
      navigator.mediaDevices.getUserMedia = async () => canvas.captureStream()
    },
    [...drawCode(text)],
    size
  )
}

function drawCode(text: string): Uint8Array {
  const { data } = encode(text, { border: quiet })
  const side = Math.floor(size / data.length)
  const picture = new Uint8Array(size * size).fill(235)
  for (const [row, modules] of data.entries()) {
    for (const [column, isDark] of modules.entries()) {
      if (!isDark) continue
      for (let y = row * side; y < (row + 1) * side; y++)
        picture.fill(20, y * size + column * side, y * size + (column + 1) * side)
    }
  }
  return picture
}
