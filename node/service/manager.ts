import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Home } from '../home/index.ts'
import { launchdPlist, systemdUnit, type UnitInit } from './unit.ts'

const execute = promisify(execFile)

export interface ServiceFacts {
  readonly manager: 'systemd' | 'launchd'
  readonly scope: 'user' | 'system'
  readonly name: string
  readonly file: string
}

export interface ServiceState extends ServiceFacts {
  readonly installed: boolean
  readonly running: boolean
}

/** The manager of the machine's services is missing or refused. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly next: string

  constructor(message: string, next: string, options?: ErrorOptions) {
    super(message, options)
    this.next = next
  }
}

/** One service a home: the usual home is `twin`, another gets a name of its own. */
export function serviceFacts(home: Home, scope: 'user' | 'system', platform = process.platform): ServiceFacts {
  const isUsual = home.folder === join(homedir(), '.twinmesh')
  const mark = createHash('sha256').update(home.folder).digest('hex').slice(0, 8)
  if (platform === 'darwin') {
    const name = isUsual ? 'org.twinmesh.twin' : `org.twinmesh.twin-${mark}`
    const folder = scope === 'system' ? '/Library/LaunchDaemons' : join(homedir(), 'Library', 'LaunchAgents')
    return { manager: 'launchd', scope, name, file: join(folder, `${name}.plist`) }
  }
  if (platform !== 'linux') {
    throw new ServiceError(`No service manager is known for ${platform}`, 'Start the twin by hand: twin start')
  }
  const name = isUsual ? 'twin.service' : `twin-${mark}.service`
  const config = process.env.XDG_CONFIG_HOME || join(homedir(), '.config')
  const folder = scope === 'system' ? '/etc/systemd/system' : join(config, 'systemd', 'user')
  return { manager: 'systemd', scope, name, file: join(folder, name) }
}

export function serviceText(facts: ServiceFacts, init: UnitInit): string {
  if (facts.manager === 'launchd') return launchdPlist(init, facts.name)
  return systemdUnit(init, facts.scope, userInfo().username)
}

/** Writes the unit and starts it, now and with the machine. Running it again replaces the unit. */
export async function installService(facts: ServiceFacts, init: UnitInit): Promise<void> {
  await mkdir(dirname(facts.file), { recursive: true })
  await writeFile(facts.file, serviceText(facts, init), { mode: 0o644 })
  if (facts.manager === 'launchd') {
    await manage('launchctl', ['load', '-w', facts.file], facts)
    return
  }
  await manage('systemctl', [...scopeOf(facts), 'daemon-reload'], facts)
  await manage('systemctl', [...scopeOf(facts), 'enable', facts.name], facts)
  await manage('systemctl', [...scopeOf(facts), 'restart', facts.name], facts)
  // Without it a user's services end when the user logs out
  if (facts.scope === 'user') await execute('loginctl', ['enable-linger', userInfo().username]).catch(() => {})
}

export async function uninstallService(facts: ServiceFacts): Promise<boolean> {
  if (!existsSync(facts.file)) return false
  if (facts.manager === 'launchd') await manage('launchctl', ['unload', '-w', facts.file], facts)
  else await manage('systemctl', [...scopeOf(facts), 'disable', '--now', facts.name], facts)
  await rm(facts.file)
  if (facts.manager === 'systemd') await manage('systemctl', [...scopeOf(facts), 'daemon-reload'], facts)
  return true
}

export async function serviceState(facts: ServiceFacts): Promise<ServiceState> {
  const [program, args] =
    facts.manager === 'launchd'
      ? (['launchctl', ['list', facts.name]] as const)
      : (['systemctl', [...scopeOf(facts), 'is-active', '--quiet', facts.name]] as const)
  const running = await execute(program, [...args]).then(
    () => true,
    () => false
  )
  return { ...facts, installed: existsSync(facts.file), running }
}

const scopeOf = (facts: ServiceFacts) => (facts.scope === 'user' ? ['--user'] : [])

async function manage(program: string, args: string[], facts: ServiceFacts): Promise<void> {
  try {
    await execute(program, args)
  } catch (cause) {
    const { code, stderr } = cause as { code?: unknown; stderr?: string }
    const reason = code === 'ENOENT' ? `${program} was not found` : (stderr?.trim().split('\n')[0] ?? 'it refused')
    const hint =
      facts.scope === 'user'
        ? 'try twin service install --system as root, or print the unit: --print'
        : 'run it as root'
    throw new ServiceError(
      `${facts.manager} did not take ${facts.name}: ${reason}`,
      `The unit is in ${facts.file}; ${hint}`,
      { cause }
    )
  }
}
