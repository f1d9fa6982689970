import type { Io } from './io.ts'
import type { Output } from './output.ts'
import { ask } from './prompt.ts'

/** Shows the phrase on the terminal; answers whether the owner proved that it was written down. */
export async function showPhrase(phrase: string, io: Io, out: Output): Promise<boolean> {
  const { style } = out
  const words = phrase.split(' ')
  out.line(style.bold('Your recovery phrase'))
  out.line()
  for (let row = 0; row < 6; row++) {
    const cells = [0, 6, 12, 18].map(
      at => `${style.dim(`${at + row + 1}.`.padStart(4))} ${words[at + row]!.padEnd(10)}`
    )
    out.line(cells.join(''))
  }
  out.line()
  out.line('These 24 words are your twin. Write them down on paper now: they are shown this once.')
  out.line('Whoever has them can take the twin over; without them a lost machine cannot be replaced.')
  out.line()
  const answer = await ask('Type word 7 to say that you wrote them down, or Enter for later: ', io)
  const isConfirmed = answer.trim().toLowerCase() === words[6]
  out.line(isConfirmed ? style.good('Good.') : style.warn('Not confirmed. When it is safe, run: twin recovery done'))
  out.line()
  return isConfirmed
}
