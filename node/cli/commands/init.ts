import { existsSync } from 'node:fs'
import type { Command, Context } from '../command.ts'
import { Failure, UsageError } from '../failure.ts'
import { showPhrase } from '../phrase-view.ts'
import { askHidden } from '../prompt.ts'
import { readText } from '../stdin.ts'
import { sanitize } from '../style.ts'

export const commands: readonly Command[] = [
  {
    words: ['init'],
    summary: 'Make a twin, or bring one back from its recovery phrase',
    options: {
      name: { value: 'NAME', doc: 'Your name, as others see it' },
      device: { value: 'NAME', doc: 'Name of this device (default: the name of this machine)' },
      kit: {
        value: 'FILE',
        doc: 'Write the recovery phrase to this file (0600); with --restore: read it from there',
        choices: 'file'
      },
      passphrase: { doc: 'Ask for a passphrase that protects the keys on disk (or set TWIN_PASSPHRASE)' },
      restore: { doc: 'Same twin, new device: read the phrase from --kit, a prompt, or standard input' },
      bootstrap: {
        value: 'ADDR',
        doc: 'With --restore: a meeting point where the other devices are found; remembered for starts',
        isRepeatable: true
      },
      'no-mdns': { doc: 'With --restore: do not look for the other devices in the local network' },
      alone: { doc: 'With --restore: the other devices are lost; shut them out and begin a new private space' }
    },
    examples: [
      'twin init',
      'twin init --name Ada --kit ~/ada-kit.txt',
      'twin init --restore  # asks for the 24 words',
      'twin init --restore --kit ~/ada-kit.txt --home ~/new-home'
    ],
    notes:
      'The phrase is the twin: it is shown once, on a terminal only. Without a terminal and without --kit it is written to\n' +
      'recovery-kit.txt in the home, and twin status says so until: twin recovery done',
    run: async context => {
      const { values, home, io, out } = context
      const { makeTwin, newTwinPhrase } = await import('../../bin/maker.ts')
      const isRestore = values.isOn('restore')
      const hasTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true && !out.isJson
      const kit = values.option('kit')
      const init = {
        home,
        isRestore,
        passphrase: await readPassphrase(context),
        name: values.option('name'),
        deviceName: values.option('device'),
        kit: isRestore ? undefined : (kit ?? (hasTerminal ? undefined : home.kit)),
        cwd: io.cwd,
        ...(isRestore ? formerDevices(context) : {})
      }
      const phrase = isRestore ? await readPhrase(context, kit) : newTwinPhrase()
      // Shown before the twin exists: there is never one whose phrase nobody has seen
      const isShown = !isRestore && init.kit === undefined
      if (isShown && existsSync(home.config)) await makeTwin({ ...init, phrase })
      const isRecoveryConfirmed = isShown && (await showPhrase(phrase, io, out))
      const making = makeTwin({ ...init, phrase, isRecoveryConfirmed }).catch(thrown => {
        throw nameWrongWord(thrown, phrase)
      })
      const created = await out.waiting(isRestore ? 'Looking for the other devices' : 'Making the keys', making)
      const facts = { id: created.id, device: created.device, kit: created.kit }
      out.result(isRestore ? { ...facts, others: created.others } : facts, style => [
        style.good(isRestore ? 'Your twin is back, with a new device.' : 'Your twin is made.'),
        '',
        `${style.dim('Twin id')}  ${style.name(created.id)}`,
        `${style.dim('Device')}   ${style.dim(created.device)}`,
        `${style.dim('Home')}     ${home.folder}`,
        ...(created.kit === null || isRestore ? [] : [`${style.dim('Kit')}      ${created.kit}`, '', kitAdvice]),
        ...(init.passphrase === undefined
          ? ['', style.warn('The keys on this disk have no passphrase: whoever can read the home can be this device.')]
          : []),
        ...(isRestore ? ['', othersAdvice(created.others, values.isOn('alone'))] : []),
        '',
        `Next: ${style.bold('twin start')}`
      ])
      return undefined
    }
  }
]

/** How long other devices are looked for: in the local network, and through meeting points */
const nearbyMs = 4000
const lookMs = 20_000

const kitAdvice = 'Print the kit or copy it by hand, keep it safe, delete the file, then run: twin recovery done'

function othersAdvice(others: number, isAlone: boolean): string {
  if (others > 0) return 'Its other devices stay; the first start brings what the twin knows from one of them.'
  return isAlone
    ? 'It begins with an empty private space; the devices before it are shut out.'
    : 'No other device was found: it begins with an empty private space, and the devices before it are shut out.'
}

/** Where a restored device looks for those that the twin has. */
function formerDevices({ values, home }: Context) {
  const bootstrap = values.options.get('bootstrap') ?? []
  const mdns = !values.isOn('no-mdns')
  const start = bootstrap.length === 0 ? {} : { bootstrap }
  if (values.isOn('alone') || (bootstrap.length === 0 && !mdns)) return { start }
  const timeoutMs = bootstrap.length === 0 ? nearbyMs : lookMs
  return {
    start,
    findList: async (id: string, transportKey: Uint8Array) => {
      // The daemon's bundle: libp2p is loaded for this and for start only
      const { fetchFormerList } = await import('../../bin/daemon.ts')
      const list = await fetchFormerList({ home, id, transportKey, bootstrap, mdns, timeoutMs })
      if (list === undefined && bootstrap.length > 0) {
        // Who names a meeting point expects them there: to go on would shut them out
        const next = 'Start one of them with this meeting point, or say that they are lost: --alone'
        throw new Failure('No other device of the twin was found', { next, code: 'NoDevice' })
      }
      return list
    }
  }
}

async function readPhrase({ io }: Context, kit: string | undefined): Promise<string> {
  const { phraseFrom, readKit } = await import('../../home/index.ts')
  const { resolve } = await import('node:path')
  if (kit !== undefined && kit !== '-') return readKit(resolve(io.cwd, kit))
  if (io.stdin.isTTY !== true) return phraseFrom(await readText(io.stdin))
  return phraseFrom(await askHidden('The 24 words, with spaces between (they stay invisible): ', io))
}

async function readPassphrase({ values, io }: Context): Promise<string | undefined> {
  const given = io.env.TWIN_PASSPHRASE
  if (given !== undefined && given !== '') return given
  if (!values.isOn('passphrase')) return undefined
  if (io.stdin.isTTY !== true) throw new UsageError('--passphrase needs a terminal; without one set TWIN_PASSPHRASE')
  const first = await askHidden('Passphrase: ', io)
  if (first === '') throw new UsageError('The passphrase is empty')
  if ((await askHidden('Again: ', io)) !== first) throw new UsageError('The two passphrases differ')
  return first
}

/** A misspelt word is no secret, and seeing it is what helps; the library says only its place, because it may be logged. */
function nameWrongWord(thrown: unknown, phrase: string): unknown {
  const { name, message, place } = thrown as { name?: string; message?: string; place?: number }
  if (name !== 'PhraseError') return thrown
  const word = place === undefined ? undefined : phrase.split(/\s+/)[place - 1]
  const text = word === undefined ? `${message}` : `Word ${place} (${sanitize(word)}) is not in the word list`
  const next = 'Look at the kit again: 24 English words in order'
  return new Failure(text, { next, code: 'WrongPhrase', cause: thrown })
}
