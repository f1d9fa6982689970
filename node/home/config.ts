import { readFile } from 'node:fs/promises'
import { type Home, HomeError } from './home.ts'
import { writePrivateFile } from './write-file.ts'

/** What a home says about its twin without any key: no secrets in here. */
export interface Config {
  readonly v: 1
  /** Twin id */
  readonly id: string
  /** Peer id of this device */
  readonly device: string
  /** Name of this device in the device list */
  readonly deviceName: string
  /** Name the owner goes by */
  readonly name: string
  readonly hasPassphrase: boolean
  /** Whether the owner said that the recovery phrase is kept in a safe place */
  readonly isRecoveryConfirmed: boolean
  /** Where the kit was written, when it was */
  readonly kit: string | null
  readonly createdAt: number
  /** It was restored, and the owner has not said yet that it may act on its own: see `twin resume` */
  readonly isOnHold?: boolean
  /** Number of the device whose disk it was restored from: where that one ends is recorded once all who have something of it were met */
  readonly former?: number
  /** Settings of `start` that stay: a command line adds to them or overrides them */
  readonly start: StartSettings
}

export interface StartSettings {
  readonly port?: number
  readonly bootstrap?: readonly string[]
  readonly mdns?: boolean
  /** Browsers keep their device under the console's address, so it stays */
  readonly consolePort?: number
  /** Where the console is hosted for others: what links for new devices open */
  readonly consoleUrl?: string
}

/** Throws a `HomeError` when there is no twin here or the file is not what was written. */
export async function readConfig(home: Home): Promise<Config> {
  const text = await readFile(home.config, 'utf8').catch((cause: { code?: string }) => {
    if (cause.code === 'ENOENT')
      throw new HomeError(`There is no twin in ${home.folder}`, 'Make one with: twin init', { cause })
    throw cause
  })
  const config = parseConfig(text)
  if (config === undefined) {
    throw new HomeError(
      `${home.config} is damaged`,
      'Put it back from a backup, or restore: twin init --restore --home NEW_DIR'
    )
  }
  return config
}

export async function writeConfig(home: Home, config: Config): Promise<void> {
  await writePrivateFile(home.config, `${JSON.stringify(config, undefined, 2)}\n`)
}

export async function updateConfig(home: Home, change: Partial<Config>): Promise<Config> {
  const config = { ...(await readConfig(home)), ...change }
  await writeConfig(home, config)
  return config
}

function parseConfig(text: string): Config | undefined {
  try {
    const value = JSON.parse(text) as Partial<Config>
    const isOurs =
      value.v === 1 &&
      isText(value.id, 64) &&
      isText(value.device, 64) &&
      isText(value.deviceName, 64) &&
      isText(value.name, 64) &&
      typeof value.hasPassphrase === 'boolean' &&
      typeof value.isRecoveryConfirmed === 'boolean' &&
      (value.kit === null || isText(value.kit, 4096)) &&
      typeof value.createdAt === 'number' &&
      (value.isOnHold === undefined || typeof value.isOnHold === 'boolean') &&
      (value.former === undefined || Number.isInteger(value.former)) &&
      isSettings(value.start)
    // Every field was checked above
    return isOurs ? (value as Config) : undefined
  } catch {
    return undefined
  }
}

function isSettings(value: unknown): value is StartSettings {
  if (typeof value !== 'object' || value === null) return false
  const { port, bootstrap, mdns, consolePort, consoleUrl } = value as StartSettings
  return (
    (consolePort === undefined || Number.isInteger(consolePort)) &&
    (port === undefined || Number.isInteger(port)) &&
    (bootstrap === undefined || (Array.isArray(bootstrap) && bootstrap.every(address => isText(address, 512)))) &&
    (mdns === undefined || typeof mdns === 'boolean') &&
    (consoleUrl === undefined || isText(consoleUrl, 2048))
  )
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max
}
