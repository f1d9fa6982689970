import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const interruptedCode = 130
const undo = new Set<() => void>()

process.on('exit', () => {
  for (const run of [...undo].reverse()) run()
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(interruptedCode))

/** Runs when the process ends, however it ends but SIGKILL, unless the returned function is called before. */
export function atExit(run: () => void): () => void {
  undo.add(run)
  return () => undo.delete(run)
}

/** A fresh folder that is not left behind. */
export function rigFolder(name: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `twinmesh-${name}-`))
  const removeNow = () => rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  const forget = atExit(removeNow)
  const remove = () => {
    forget()
    removeNow()
  }
  return { path, remove }
}
