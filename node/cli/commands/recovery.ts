import { existsSync } from 'node:fs'
import { readConfig, updateConfig } from '../../home/index.ts'
import type { Command } from '../command.ts'

export const commands: readonly Command[] = [
  {
    words: ['recovery', 'done'],
    summary: 'Say that the recovery phrase is in a safe place',
    examples: ['twin recovery done'],
    run: async ({ home, out }) => {
      const { kit } = await updateConfig(home, { isRecoveryConfirmed: true })
      const left = kit !== null && existsSync(kit) ? kit : null
      out.result({ confirmed: true, kit: left }, style => [
        style.good('Good: the twin will not ask again.'),
        ...(left === null ? [] : [`The kit is still on this disk; delete it when it is copied: rm ${left}`])
      ])
      return undefined
    }
  },
  {
    words: ['recovery', 'test'],
    summary: 'Rehearse a recovery: check the words, and with a backup restore it into a folder that is deleted again',
    options: {
      backup: { value: 'FOLDER', doc: 'Folder that twin backup wrote', choices: 'folder' },
      kit: { value: 'FILE', doc: 'Read the recovery phrase from this file', choices: 'file' }
    },
    examples: ['twin recovery test', 'twin recovery test --backup /media/disk/twin'],
    run: async context => {
      const { rehearse } = await import('../rehearse.ts')
      await rehearse(context)
      return undefined
    }
  },
  {
    words: ['recovery', 'status'],
    summary: 'Tell whether the recovery phrase was confirmed, and where the kit is',
    examples: ['twin recovery status'],
    run: async ({ home, out }) => {
      const config = await readConfig(home)
      const kit = config.kit !== null && existsSync(config.kit) ? config.kit : null
      out.result({ confirmed: config.isRecoveryConfirmed, kit }, style => [
        config.isRecoveryConfirmed ? style.good('confirmed') : style.warn('not confirmed yet: twin recovery done'),
        ...(kit === null ? [] : [`The kit is in ${kit}`])
      ])
      return undefined
    }
  }
]
