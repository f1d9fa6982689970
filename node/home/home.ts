import { mkdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** Where everything of one twin lies on this machine. The folder is the owner's alone (0700). */
export interface Home {
  readonly folder: string
  /** Public facts and settings, see `Config` */
  readonly config: string
  /** Device keys, wrapped when there is a passphrase */
  readonly keys: string
  /** Logs, documents and indexes: one Level database */
  readonly store: string
  /** Sealed chunks of files and other large values */
  readonly blobs: string
  /** Device list, certificate and owner record as they were signed when the device was made */
  readonly identity: string
  /** When devices of the twin were connected last */
  readonly seen: string
  /** Who runs on this home */
  readonly lock: string
  /** The recovery phrase, when no terminal was there to show it on */
  readonly kit: string
  /** Compiled code, made anew when it is missing */
  readonly code: string
  /** Log of a twin that runs as a service without a journal */
  readonly log: string
}

/** `--home DIR`, else `$TWIN_HOME`, else `~/.twinmesh`. */
export function homeAt(folder: string | undefined, env: Readonly<Record<string, string | undefined>>): Home {
  const chosen = folder ?? (env.TWIN_HOME || undefined) ?? join(homedir(), '.twinmesh')
  const path = resolve(chosen)
  return {
    folder: path,
    config: join(path, 'config.json'),
    keys: join(path, 'keys.json'),
    store: join(path, 'store'),
    blobs: join(path, 'blobs'),
    identity: join(path, 'identity.json'),
    seen: join(path, 'seen.json'),
    lock: join(path, 'lock'),
    kit: join(path, 'recovery-kit.txt'),
    code: join(path, 'code'),
    log: join(path, 'twin.log')
  }
}

/** Makes the folder with mode 0700. One that exists has to be the caller's own and closed to others. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await checkPrivateFolder(folder)
}

/** Refuses a folder that another user owns or may enter; the keys in it would not be secret. */
export async function checkPrivateFolder(folder: string): Promise<void> {
  const info = await stat(folder)
  if (!info.isDirectory()) throw new HomeError(`${folder} is not a folder`, 'Choose another one: --home DIR')
  if (process.platform === 'win32') return
  if (info.uid !== process.getuid?.()) {
    throw new HomeError(
      `${folder} belongs to another user`,
      'Run the command as that user, or choose another --home DIR'
    )
  }
  if ((info.mode & 0o077) !== 0) {
    throw new HomeError(`${folder} is open to other users`, `Close it: chmod 700 ${folder}`)
  }
}

/** The home cannot be used as it is; `next` says what to do. */
export class HomeError extends Error {
  override readonly name = 'HomeError'
  readonly next: string

  constructor(message: string, next: string, options?: ErrorOptions) {
    super(message, options)
    this.next = next
  }
}
