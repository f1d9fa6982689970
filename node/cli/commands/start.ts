import { contactsProtocol } from '../../../protocols/contacts/protocol.ts'
import { pairingProtocol } from '../../../protocols/pairing/protocol.ts'
import { readConfig } from '../../home/index.ts'
import { compileSooner, tuneHeap } from '../../tune-engine.ts'
import { addressLines } from '../address-view.ts'
import { drawClaim, makeClaim, watchClaim } from '../claim.ts'
import type { Command, Context, Option } from '../command.ts'
import { UsageError } from '../failure.ts'
import type { Output } from '../output.ts'
import { askHidden } from '../prompt.ts'
import type { Style } from '../style.ts'

const options: Readonly<Record<string, Option>> = {
  port: {
    value: 'P',
    doc: 'TCP port, and UDP port of WebRTC (default: any free, kept for later starts)'
  },
  listen: { value: 'HOST', doc: 'Address to listen on (default 0.0.0.0: everywhere; 127.0.0.1: this machine)' },
  bootstrap: { value: 'ADDR', doc: 'Multiaddr of a meeting point; remembered for later starts', isRepeatable: true },
  'no-mdns': { doc: 'Do not look for twins in the local network' },
  'public-dht': { doc: 'Also keep and look up records in the public IPFS DHT' },
  'public-bootstrap': {
    value: 'ADDR',
    doc: 'Multiaddr of a node of the public DHT, instead of the usual ones',
    isRepeatable: true
  },
  'console-port': { value: 'P', doc: 'Port of the console on this machine (default 4180 or any free one, kept)' },
  'console-listen': {
    value: 'HOST',
    doc: 'Serve the console at this address of the local network too: twin pair --level view lets a phone look'
  },
  'console-url': {
    value: 'URL',
    doc: 'Where the console is hosted over https: what links and QR codes open (http://: only to look); remembered'
  },
  'no-console': { doc: 'Do not serve the console' },
  invite: { doc: 'Show an invite link with a QR code once it runs' },
  verbose: { doc: 'Write what happens to standard error' }
}

export const commands: readonly Command[] = [
  {
    words: ['start'],
    summary: 'Run the twin in this terminal until Ctrl-C or twin stop',
    options,
    examples: [
      'twin start',
      'twin start --port 4100 --bootstrap /ip4/192.0.2.7/tcp/4001/p2p/12D3KooW…',
      'twin start --json  # one line when it listens, for scripts'
    ],
    notes: 'To keep it running without a terminal: twin service install',
    run: async context => {
      const { values, home, out, signal } = context
      const config = await readConfig(home)
      const passphrase = config.hasPassphrase ? await readPassphrase(context) : undefined
      // The daemon is a bundle of its own: no other command pays for loading libp2p
      const { endWebrtc, keepCode, startTwin } = await import('../../bin/daemon.ts')
      tuneHeap()
      const starting = startTwin({
        home,
        passphrase,
        port: values.number('port', { min: 0, max: 65_535 }),
        listen: values.option('listen'),
        bootstrap: values.options.get('bootstrap'),
        mdns: values.isOn('no-mdns') ? false : undefined,
        publicDht:
          values.isOn('public-dht') || values.isOn('public-bootstrap')
            ? { bootstrap: values.options.get('public-bootstrap') }
            : undefined,
        console: values.isOn('no-console')
          ? false
          : {
              port: values.number('console-port', { min: 0, max: 65_535 }),
              listen: values.option('console-listen'),
              url: consoleUrlOf(values.option('console-url'))
            },
        onProblem: text => out.note(out.style.warn(text)),
        isVerbose: values.isOn('verbose'),
        endsWithProcess: true,
        signal
      })
      // With --verbose, what it does is shown anyway
      const twin = await (values.isOn('verbose') ? starting : out.waiting('Starting', starting))
      try {
        const pairing = twin.client(pairingProtocol)
        const claim = await makeClaim(pairing, signal)
        // What to open in a browser
        const facts = {
          id: twin.id,
          device: twin.device,
          addresses: twin.addresses(),
          console: claim?.link ?? twin.console ?? null
        }
        if (out.isJson) out.json(facts)
        else drawStarted({ ...facts, console: twin.console ?? null }, out)
        if (values.isOn('invite') && !out.isJson) {
          const { link } = await twin.client(contactsProtocol).invite({}, { signal })
          await drawInvite(link, out)
        }
        if (!out.isJson && !config.isRecoveryConfirmed) drawRecovery(config.kit, out)
        if (!out.isJson && claim !== undefined) await drawClaim(claim, context)
        if (claim !== undefined) watchClaim(pairing, claim, context).catch(() => {})
        if (!out.isJson) for (const line of nextSteps(out.style)) out.line(line)
        await keepCode()
        compileSooner()
        await Promise.race([twin.stopped, ended(signal)])
      } finally {
        if (!out.isJson) out.note(out.style.dim('Stopping…'))
        await twin.stop()
        await endWebrtc()
      }
      return undefined
    }
  }
]

interface StartedFacts {
  readonly id: string
  readonly addresses: readonly string[]
  readonly console: string | null
}

function consoleUrlOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url.href
  throw new UsageError('URL is where a console is served: http://… or https://…')
}

function drawStarted(facts: StartedFacts, out: Output): void {
  const { style } = out
  out.line(`${style.good('●')} ${style.bold('Your twin is running')}`)
  out.line()
  out.facts([
    ['Twin id', style.name(facts.id)],
    ...(facts.console === null ? [] : [['Console', style.name(facts.console)] as const]),
    ...addressLines(facts.addresses).map((line, i) => [i === 0 ? 'Addresses' : '', style.dim(line)] as const)
  ])
  out.line()
}

/** Until the owner says that the phrase is safe, every start says that it may not be. */
function drawRecovery(kit: string | null, out: Output): void {
  const where = kit === null ? 'The recovery phrase may not be in a safe place' : `The recovery kit is in ${kit}`
  out.line(out.style.warn(`${where}: print or copy it, delete the file, then run: twin recovery done`))
  out.line()
}

async function drawInvite(link: string, out: Output): Promise<void> {
  const { qrLines } = await import('../qr.ts')
  out.line(out.style.bold('Invite a friend: scan, or send the link'))
  out.line()
  for (const line of qrLines(link)) out.line(`  ${line}`)
  out.line()
  out.line(`  ${link}`)
  out.line()
}

function nextSteps(style: Style): string[] {
  return [
    style.bold('What to do next, in another terminal'),
    `  twin invite                     ${style.dim('a link that makes a friend your contact')}`,
    `  twin contacts add 'LINK'        ${style.dim('use the link a friend sent you')}`,
    `  twin chat send NAME Hello       ${style.dim('talk')}`,
    `  twin kv put colour blue         ${style.dim('store something')}`,
    `  twin status                     ${style.dim('how it is doing')}`,
    '',
    style.dim('Ctrl-C stops it.')
  ]
}

async function readPassphrase({ io }: Context): Promise<string> {
  const given = io.env.TWIN_PASSPHRASE
  if (given !== undefined && given !== '') return given
  if (io.stdin.isTTY !== true)
    throw new UsageError('The keys have a passphrase: set TWIN_PASSPHRASE, or start in a terminal')
  return askHidden('Passphrase: ', io)
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
