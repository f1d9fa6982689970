import type { Command } from './command.ts'

/** Where the commands of a first word come from; a module is only run when one of its commands is meant. */
const groups: Readonly<Record<string, () => Promise<{ readonly commands: readonly Command[] }>>> = {
  init: () => import('./commands/init.ts'),
  start: () => import('./commands/start.ts'),
  stop: () => import('./commands/stop.ts'),
  status: () => import('./commands/status.ts'),
  id: () => import('./commands/id.ts'),
  devices: () => import('./commands/devices.ts'),
  pair: () => import('./commands/pair.ts'),
  recovery: () => import('./commands/recovery.ts'),
  service: () => import('./commands/service.ts'),
  backup: () => import('./commands/backup.ts'),
  restore: () => import('./commands/restore.ts'),
  resume: () => import('./commands/resume.ts'),
  export: () => import('./commands/export.ts'),
  invite: () => import('./commands/invite.ts'),
  contacts: () => import('./commands/contacts.ts'),
  profile: () => import('./commands/profile.ts'),
  chat: () => import('./commands/chat.ts'),
  kv: () => import('./commands/kv.ts'),
  spaces: () => import('./commands/spaces.ts'),
  space: () => import('./commands/space.ts'),
  find: () => import('./commands/find.ts'),
  ping: () => import('./commands/ping.ts'),
  peers: () => import('./commands/peers.ts'),
  doctor: () => import('./commands/doctor.ts'),
  limits: () => import('./commands/limits.ts'),
  contract: () => import('./commands/contract.ts'),
  completion: () => import('./commands/completion.ts')
}

export function groupNames(): string[] {
  return Object.keys(groups)
}

/** The commands under a first word that have a form of their own. */
export async function ownCommandsOf(word: string): Promise<readonly Command[]> {
  return Object.hasOwn(groups, word) ? (await groups[word]!()).commands : []
}

/** The commands under a first word: those with a form of their own, then what else the capability's contract offers. */
export async function commandsOf(word: string): Promise<readonly Command[]> {
  const own = await ownCommandsOf(word)
  const { contractCommands } = await import('./contract-commands.ts')
  const generic = await contractCommands(word)
  return [...own, ...generic.filter(command => !own.some(({ words }) => words[1] === command.words[1]))]
}

export async function allCommands(): Promise<readonly Command[]> {
  const { capabilityNames } = await import('./contract-commands.ts')
  const names = new Set([...groupNames(), ...(await capabilityNames())])
  return (await Promise.all([...names].map(commandsOf))).flat()
}
