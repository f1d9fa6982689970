import { resolve } from 'node:path'
import { homeAt } from '../../home/index.ts'
import type { Command } from '../command.ts'
import { UsageError } from '../failure.ts'
import { nameWrongWord, readPhrase } from '../phrase-input.ts'
import { formerDevices, lookOptions, lostAdvice, othersAdvice, readPassphrase } from '../restore-parts.ts'
import { count, relativeTime } from '../words.ts'

export const commands: readonly Command[] = [
  {
    words: ['restore'],
    summary: 'Bring a twin back on this machine, as a new device, from a backup or from its other devices',
    options: {
      backup: { value: 'FOLDER', doc: 'Folder that twin backup wrote', choices: 'folder' },
      from: {
        value: 'HOME',
        doc: 'Home of a device that cannot go on: the new one has all it had, and shuts it out',
        choices: 'folder'
      },
      kit: { value: 'FILE', doc: 'Read the recovery phrase from this file', choices: 'file' },
      device: { value: 'NAME', doc: 'Name of this device (default: the name of this machine)' },
      passphrase: { doc: 'Ask for a passphrase that protects the keys on disk (or set TWIN_PASSPHRASE)' },
      ...lookOptions,
      alone: { doc: 'Without --backup: the other devices are lost; begin a new private space' }
    },
    examples: [
      'twin restore --from ~/old-home --kit ~/ada-kit.txt --home ~/new-home',
      'twin restore --backup /media/disk/twin',
      'twin restore --kit ~/ada-kit.txt --home ~/new-home'
    ],
    notes: 'It starts on hold: nothing goes out on its own until you have looked at it and run: twin resume',
    run: async context => {
      const { values, home, out, io } = context
      const { makeTwin } = await import('../../bin/maker.ts')
      const folder = values.option('backup')
      const backup = folder === undefined ? undefined : resolve(io.cwd, folder)
      const from = values.option('from')
      if (from !== undefined && folder !== undefined) throw new UsageError('Use --backup or --from, not both')
      const former = from === undefined ? undefined : homeAt(resolve(io.cwd, from), {})
      const look = formerDevices(context, (folder ?? from) !== undefined)
      const phrase = await readPhrase(context.io, values.option('kit'))
      const making = makeTwin({
        home,
        phrase,
        isRestore: true,
        passphrase: await readPassphrase(context),
        deviceName: values.option('device'),
        cwd: io.cwd,
        ...look,
        openBackup:
          former !== undefined
            ? async keys => (await import('../../bin/daemon.ts')).openFormerHome(home, former, keys)
            : backup === undefined
              ? undefined
              : async keys => (await import('../../bin/daemon.ts')).openBackup(home, backup, keys)
      }).catch(thrown => {
        throw nameWrongWord(thrown, phrase)
      })
      const { id, device, others, devices, restored } = await out.waiting('Restoring', making)
      out.result({ id, device, others, devices, restored: restored ?? null }, style => [
        style.good('Your twin is back, with a new device.'),
        '',
        `${style.dim('Twin id')}  ${style.name(id)}`,
        `${style.dim('Home')}     ${home.folder}`,
        '',
        ...(restored === undefined
          ? [othersAdvice(others, values.isOn('alone'))]
          : [
              `${count(restored.entries, 'entry', 'entries')} in ${count(restored.spaces, 'space')} came back, as of ` +
                `${relativeTime(restored.at, Date.now())}.`,
              ...(restored.files ? [`${count(restored.files, 'attached file')} came back too.`] : []),
              restored.missing.length === 0
                ? 'Nothing is missing of what was there; what is newer comes from other devices and contacts.'
                : style.warn(`The keys of ${count(restored.missing.length, 'space')} are missing: see twin doctor`)
            ]),
        '',
        ...(former === undefined || devices.length > 0 ? [...lostAdvice(devices), ''] : []),
        'It is on hold: knocks and answers wait until you run: twin resume',
        `Next: ${style.bold('twin start')}`
      ])
      return undefined
    }
  }
]
