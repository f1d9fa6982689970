import { spawn, spawnSync } from 'node:child_process'
import { NotRun } from './rig.ts'

const mark = 'TWINMESH_RIG_MOUNTS'
const interruptedCode = 130

/**
 * Runs this program again in a mount namespace of its own; its exit code, or undefined in the inner one. When the last process of
 * the namespace ends, however it ends, the kernel takes down its mounts and the loop devices under them.
 *
 * @throws {NotRun}
 */
export async function inOwnMounts(): Promise<number | undefined> {
  if (process.env[mark] !== undefined) {
    // Whoever started it is gone
    process.on('disconnect', () => process.exit(interruptedCode))
    return undefined
  }
  if (process.getuid?.() !== 0) throw new NotRun('needs root, for file systems of its own')
  if (spawnSync('unshare', ['--mount', 'true']).status !== 0) throw new NotRun('needs unshare and the right to mount')
  const words = ['--mount', '--propagation', 'private', process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  const inner = spawn('unshare', words, {
    env: { ...process.env, [mark]: '1' },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  const forward = (signal: NodeJS.Signals) => inner.kill(signal)
  process.on('SIGINT', forward).on('SIGTERM', forward)
  return new Promise((resolve, reject) => {
    inner.on('error', reject).on('close', code => resolve(code ?? interruptedCode))
  })
}
