/** One command of the tour and what the page says it prints. */
export interface TourStep {
  readonly person: string
  readonly command: string
  readonly output: readonly string[]
}

/** The commands of all fenced blocks that begin with three backquotes, `console` and a person, in the order of the page. */
export function readTour(markdown: string): TourStep[] {
  const steps: TourStep[] = []
  for (const [, person, body] of markdown.matchAll(/^```console (\w+)\n([\s\S]*?)^```$/gm)) {
    let command: string | undefined
    let output: string[] = []
    const end = () => {
      if (command !== undefined) steps.push({ person: person!, command, output })
    }
    for (const line of body!.split('\n').slice(0, -1)) {
      if (!line.startsWith('$ ')) {
        output.push(line)
        continue
      }
      end()
      command = line.slice(2)
      output = []
    }
    end()
  }
  return steps
}

/**
 * Whether a program printed what the page shows. `…` stands for any text within a line, and alone on a line for any
 * lines; spaces at the end do not count.
 */
export function isAsPrinted(expected: readonly string[], printed: string): boolean {
  const pattern = expected
    .map(line => (line === '…' ? '(?:.*\\n)*' : `${line.split('…').map(escapeText).join('.*')}[ ]*\\n`))
    .join('')
  return new RegExp(`^${pattern}$`).test(printed === '' || printed.endsWith('\n') ? printed : `${printed}\n`)
}

function escapeText(text: string): string {
  return text.trimEnd() === '' ? text : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
