import { realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Home } from '../home/index.ts'

/** Bytes that fit the `sun_path` of the strictest system, end mark included: 104 on macOS, 108 on Linux. */
const maxSocketPath = 103

/**
 * Where the control socket of a home is: `run/control.sock` in it. When that is too long for a socket address, a folder of
 * the user's own in `$XDG_RUNTIME_DIR` or the temporary folder, named after the home.
 */
export async function controlSocketPath(
  home: Home,
  env: Readonly<Record<string, string | undefined>>
): Promise<string> {
  const near = join(home.folder, 'run', 'control.sock')
  if (Buffer.byteLength(near) <= maxSocketPath) return near
  // Both ends come to the same name, whatever links lead to the home
  const real = await realpath(home.folder).catch(() => home.folder)
  // Loaded only here: it takes longer than all else that a command needs
  const { createHash } = await import('node:crypto')
  const name = createHash('sha256').update(real).digest('hex').slice(0, 16)
  return join(env.XDG_RUNTIME_DIR || tmpdir(), `twinmesh-${process.getuid?.() ?? 0}`, `${name}.sock`)
}
