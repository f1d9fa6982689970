import type { Exit } from '../../test/harness/program.ts'

/** The one line on standard error, and the exit code. */
export const failure = ({ code, stderr }: Exit) => ({ code, line: stderr.trim() })

/** The one object on standard output. */
export const json = ({ stdout }: Exit) => JSON.parse(stdout) as Record<string, unknown>
