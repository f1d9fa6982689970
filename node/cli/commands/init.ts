import { existsSync } from 'node:fs'
import type { Command } from '../command.ts'
import { nameWrongWord, readPhrase } from '../phrase-input.ts'
import { showPhrase } from '../phrase-view.ts'
import { formerDevices, lookOptions, othersAdvice, readPassphrase } from '../restore-parts.ts'

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
      ...lookOptions,
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
      const phrase = isRestore ? await readPhrase(context.io, kit) : newTwinPhrase()
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

const kitAdvice = 'Print the kit or copy it by hand, keep it safe, delete the file, then run: twin recovery done'
