import { readFile } from 'node:fs/promises'
import { HomeError } from './home.ts'
import { writePrivateFile } from './write-file.ts'

/** The page with the phrase, readable by the owner alone. An existing file is never written over. */
export async function writeKit(path: string, twin: string, phrase: string): Promise<void> {
  const words = phrase.split(' ').map((word, i) => `${String(i + 1).padStart(2)}. ${word}`)
  const rows = Array.from({ length: 8 }, (_, row) =>
    [0, 8, 16]
      .map(at => words[row + at]!.padEnd(16))
      .join('')
      .trimEnd()
  )
  const text = [
    'TWIN RECOVERY KIT',
    '',
    `Twin id: ${twin}`,
    '',
    'These 24 words are the twin. Whoever has them can take it over; without them a lost',
    'machine cannot be replaced. Print this page or copy it by hand, keep it where nobody',
    'else looks, then delete the file and run: twin recovery done',
    '',
    ...rows,
    '',
    'To restore on a new machine: twin init --restore --kit THIS_FILE',
    ''
  ].join('\n')
  try {
    await writePrivateFile(path, text, { isNew: true })
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'EEXIST') throw cause
    throw new HomeError(`${path} exists already`, 'Name another file: --kit FILE', { cause })
  }
}

export async function readKit(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(cause => {
    throw new HomeError(`Cannot read the kit ${path}`, 'Name the file that twin init wrote: --kit FILE', { cause })
  })
  return phraseFrom(text)
}

/** The 24 words out of a kit, or out of whatever was typed: numbered or not, over several lines. */
export function phraseFrom(text: string): string {
  const numbered = [...text.matchAll(/(\d{1,2})\.\s*([a-z]+)/gi)].map(match => [Number(match[1]), match[2]!] as const)
  const words =
    numbered.length >= 12 ? numbered.sort((a, b) => a[0] - b[0]).map(([, word]) => word) : text.trim().split(/\s+/)
  return words.join(' ').toLowerCase()
}
