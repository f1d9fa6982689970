import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { functionName: string; url: string } }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** A share of the time that a process spent, waiting not counted. */
export interface Cost {
  readonly name: string
  readonly share: number
}

/** Time in each package or folder over all profiles in a folder, largest first. */
export function summariseProfiles(folder: string): { parts: Cost[]; functions: Cost[] } {
  const [parts, functions] = [new Map<string, number>(), new Map<string, number>()]
  let total = 0
  for (const file of readdirSync(folder).filter(name => name.endsWith('.cpuprofile'))) {
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as CpuProfile
    const frames = new Map(profile.nodes.map(node => [node.id, node.callFrame]))
    for (const [i, id] of profile.samples.entries()) {
      const frame = frames.get(id)
      const spent = profile.timeDeltas[i] ?? 0
      if (frame === undefined || frame.functionName === '(idle)') continue
      total += spent
      const part = partOf(frame)
      parts.set(part, (parts.get(part) ?? 0) + spent)
      const name = `${frame.functionName || '(anonymous)'} in ${part}`
      functions.set(name, (functions.get(name) ?? 0) + spent)
    }
  }
  return { parts: largest(parts, total, 8), functions: largest(functions, total, 5) }
}

/** What a profile says, as lines of a page. */
export function describeProfile(title: string, folder: string): string[] {
  const { parts, functions } = summariseProfiles(folder)
  const text = (costs: readonly Cost[]) =>
    costs.map(({ name, share }) => `${name} ${(share * 100).toFixed(0)} %`).join(', ')
  return [
    `${title}: largest cost ${text(parts.slice(0, 1))}; then ${text(parts.slice(1))}.`,
    `Functions: ${text(functions)}.`
  ]
}

function partOf({ url, functionName }: { url: string; functionName: string }): string {
  const packageName = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (packageName !== undefined) return packageName
  const folder = /\/((?:crdt|protocols|node|test)\/[^/]+)/.exec(url)?.[1]
  if (folder !== undefined) return folder.replace(/\.js$/, '.ts')
  if (url.startsWith('node:')) return 'Node'
  if (/^(writeBuffer|writev|writeUtf8String)$/.test(functionName)) return 'writing to sockets'
  return functionName.startsWith('(') ? functionName.slice(1, -1) : 'native code'
}

function largest(costs: ReadonlyMap<string, number>, total: number, count: number): Cost[] {
  return [...costs]
    .map(([name, spent]) => ({ name, share: spent / total }))
    .sort((a, b) => b.share - a.share)
    .slice(0, count)
}
