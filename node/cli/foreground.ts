import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Whether this process is in the foreground of its terminal. One in the background that reads there, or changes how is read, is
 * stopped by the terminal until somebody fetches it (POSIX.1-2017, General Terminal Interface, 11.1.4). False where it cannot be told.
 */
export function isInForeground(): boolean {
  const { platform, pid } = process
  if (platform === 'win32') return true
  try {
    if (platform !== 'linux')
      return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).includes('+')
    // Behind the name of the program, which may hold anything: state, parent, group, session, terminal, group in its foreground (proc(5))
    const [, , group, , , foreground] = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return group === foreground
  } catch {
    return false
  }
}
