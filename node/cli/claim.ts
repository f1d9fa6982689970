import type { Client } from '../../protocols/core/index.ts'
import type { pairingProtocol } from '../../protocols/pairing/protocol.ts'
import type { Context } from './command.ts'
import { drawConsoleLink } from './console-link.ts'
import { sanitize } from './style.ts'
import { relativeTime } from './words.ts'

export interface Claim {
  readonly offer: Uint8Array
  readonly link: string
  readonly expiresAt: number
}

type Pairing = Client<typeof pairingProtocol>

/** The link for the first device, as long as there was none. */
export async function makeClaim(pairing: Pairing, signal: AbortSignal): Promise<Claim | undefined> {
  try {
    return await pairing.claim({}, { signal })
  } catch (error) {
    // Somebody has claimed it, or another device keeps the list. The daemon is a bundle with classes of its own: told by the code
    if ((error as { code?: unknown }).code === 'FailedPrecondition') return undefined
    throw error
  }
}

export async function drawClaim({ link, expiresAt }: Claim, { out }: Pick<Context, 'out'>): Promise<void> {
  await drawConsoleLink('Your twin in a browser: open this link', link, out)
  const ends = relativeTime(expiresAt, out.now)
  out.line(
    out.style.dim(`Whoever opens it first has your twin, so keep it to yourself. It works once and ends ${ends}.`)
  )
  out.line()
}

/** Says who has claimed the twin; at a terminal one key takes it back. Resolves when the link is over. */
export async function watchClaim(
  pairing: Pairing,
  { offer, expiresAt }: Claim,
  context: Pick<Context, 'io' | 'out' | 'signal'>
): Promise<void> {
  const { out, signal } = context
  for await (const { state, newcomer, words, number } of pairing.watch({ offer }, { signal })) {
    // It is over as well when the twin stops
    if (state === 'expired' && Date.now() >= expiresAt)
      out.note(out.style.dim('The link has expired. For another: twin pair'))
    if (state !== 'done' || newcomer === undefined || number === undefined) continue
    const who = `${sanitize(newcomer.name)} (${sanitize(newcomer.platform)})`
    out.line(out.style.good(`${who} has claimed your twin. It shows the words: ${words ?? ''}`))
    const takesKeys = context.io.stdin.isTTY === true && context.io.isInForeground()
    const how = takesKeys ? 'Press r within three days, or run' : 'Within three days run'
    out.line(out.style.warn(`Not yours, or other words? ${how}: twin devices not-me ${number}`))
    if (!takesKeys) return
    void onKey('r', context, async () => {
      await pairing.notMe({ number }, { signal })
      out.line(out.style.good('It is refused. For another device: twin pair'))
    })
  }
}

/** Runs once when this key is pressed. Ctrl-C still ends the process. */
async function onKey(
  key: string,
  { io, out, signal }: Pick<Context, 'io' | 'out' | 'signal'>,
  action: () => Promise<void>
): Promise<void> {
  const { stdin } = io as { stdin: typeof io.stdin & { setRawMode?(isRaw: boolean): void } }
  stdin.setRawMode?.(true)
  const read = (chunk: Uint8Array | string) => {
    const text = String(chunk)
    // A raw terminal sends the character instead of the signal
    if (text.includes('\x03')) process.kill(process.pid, 'SIGINT')
    else if (text === key) {
      stop()
      action().catch(error => out.note(out.style.bad(String((error as Error).message))))
    }
  }
  const stop = () => {
    stdin.off('data', read)
    stdin.setRawMode?.(false)
    stdin.pause()
  }
  stdin.on('data', read)
  signal.addEventListener('abort', stop, { once: true })
}
