import { execFileSync } from 'node:child_process'

/** Runs `ip` of iproute2. @throws {Error} where it is missing or not allowed */
export function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' })
}
