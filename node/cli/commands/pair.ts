import { visitLifetimeMs } from '../../../crdt/identity/index.ts'
import type { Client } from '../../../protocols/core/index.ts'
import { isOverPlainHttp, levels, type OfferView, pairingProtocol } from '../../../protocols/pairing/protocol.ts'
import type { Command, Context } from '../command.ts'
import { drawConsoleLink } from '../console-link.ts'
import { Failure, UsageError } from '../failure.ts'
import { levelWords, placeWords } from '../pairing-view.ts'
import { ask } from '../prompt.ts'
import { readLines } from '../stdin.ts'
import { sanitize } from '../style.ts'
import { clockTime, relativeTime } from '../words.ts'

export const commands: readonly Command[] = [
  {
    words: ['pair'],
    summary: 'Let a new device in: a browser opens the link, and you type the digits that it shows',
    options: {
      level: {
        value: 'LEVEL',
        doc: 'What it will be allowed: view looks only, normal also writes (default normal)',
        choices: levels
      },
      name: { value: 'NAME', doc: 'What you call it (default: what it says of itself)' }
    },
    examples: [
      'twin pair',
      'twin pair --level view --name "kitchen tablet"',
      'twin pair --level view  # after twin start --console-listen: a phone in this network looks for an hour',
      'twin pair --json  # reads the digits from a line'
    ],
    notes:
      'The link is good for a few minutes and one try: other digits end it. Whoever has the link and shows you digits becomes a\n' +
      'device of yours, so type only what you see on a screen in front of you. Nobody from any support ever needs these digits.',
    run: async context => {
      const { values, out, connect, signal } = context
      const level = levels.find(known => known === (values.option('level') ?? 'normal'))
      if (level === undefined) throw new UsageError('LEVEL is view or normal')
      const pairing = (await connect()).client(pairingProtocol)
      const { offer, link, expiresAt } = await pairing.offer({ level, name: values.option('name') }, { signal })
      const isVisit = isOverPlainHttp(link)
      if (out.isJson) out.json({ state: 'open', link, level: isVisit ? 'view' : level, expiresAt, isVisit })
      else await drawLink(link, expiresAt, context)
      try {
        await follow(pairing, { offer, isVisit }, context)
      } finally {
        // Ctrl-C, or an end of the input: nobody is let in by a link that nobody watches
        await pairing.refuse({ offer }).catch(() => {})
      }
      return undefined
    }
  }
]

type Pairing = Client<typeof pairingProtocol>

interface Followed {
  readonly offer: Uint8Array
  /** Over plain http */
  readonly isVisit: boolean
}

/** Until somebody comes, and then until it is over. */
async function follow(pairing: Pairing, { offer, isVisit }: Followed, context: Context): Promise<void> {
  const { out, signal } = context
  const over = new AbortController()
  let typing: Promise<void> | undefined
  let last: OfferView | undefined
  try {
    for await (const view of pairing.watch({ offer }, { signal })) {
      if (view.state !== last?.state || view.contested !== last.contested) show(view, context)
      last = view
      if (view.state !== 'waiting' || typing !== undefined) continue
      typing = type(pairing, offer, over.signal, context)
      // Thrown below, once the link is over
      typing.catch(() => {})
    }
  } finally {
    over.abort()
  }
  // Other digits, or a list that cannot be changed, are explained by the answer
  if (last?.state === 'burnt' || last?.state === 'done') await typing
  if (last?.state === 'done') return
  throw new Failure(last?.state === 'refused' ? 'The link was refused' : 'The link has expired and let nobody in', {
    next: 'Make a new one: twin pair'
  })

  async function type(pairing: Pairing, offer: Uint8Array, ended: AbortSignal, { io }: Context): Promise<void> {
    const digits =
      io.stdin.isTTY === true ? await ask('Digits on the new device: ', io, ended) : await nextLine(io.stdin)
    if (digits === undefined) {
      await pairing.refuse({ offer })
      return
    }
    const { number, name, probationUntil } = await pairing.approve({ offer, digits }, { signal })
    const until = isVisit ? Date.now() + visitLifetimeMs : undefined
    out.result({ state: 'done', number, name, probationUntil, until }, style => [
      until === undefined
        ? style.good(`${sanitize(name)} is your device ${number}`)
        : style.good(
            `${sanitize(name)} looks until ${clockTime(until, out.now)}. Sooner: twin devices revoke ${number}`
          ),
      ...(probationUntil === undefined
        ? []
        : [
            style.dim(
              `It changes no devices before ${relativeTime(probationUntil, out.now)}; not yours? twin devices not-me ${number}`
            )
          ])
    ])
  }
}

function show({ state, newcomer, level, contested }: OfferView, { out }: Context): void {
  if (contested === true) {
    out.result({ contested: true }, style =>
      style.warn('Somebody else tried the same link: go on only if the digits are on the screen in front of you')
    )
  }
  if (state !== 'waiting' || newcomer === undefined) return
  out.result({ state, newcomer, level }, style => [
    `${style.bold(sanitize(newcomer.name))}  ${style.dim(`${sanitize(newcomer.platform)}, ${placeWords(newcomer.place)}`)}`,
    `It will be allowed to ${levelWords(level)}.`
  ])
}

const plainHttpWords = [
  'This goes over plain http. Anybody on this network could read along, and could change the page on its way:',
  'then they see what it shows, and are let in in its place. So it looks only, for one hour from your digits on,',
  'and keeps nothing. Use it in a network that you trust, or take https: docs/console-hosting.md'
]

async function drawLink(link: string, expiresAt: number, { out }: Context): Promise<void> {
  await drawConsoleLink('Open this on the new device', link, out)
  if (isOverPlainHttp(link)) for (const line of plainHttpWords) out.line(out.style.warn(line))
  out.note(out.style.dim(`Good for one device, ends ${relativeTime(expiresAt, out.now)}. Ctrl-C takes it back`))
}

async function nextLine(stdin: Context['io']['stdin']): Promise<string | undefined> {
  for await (const line of readLines(stdin)) return line
  return undefined
}
