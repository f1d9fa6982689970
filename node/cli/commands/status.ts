import { type NodeStatus, nodeProtocol } from '../../../protocols/node/protocol.ts'
import { addressLines } from '../address-view.ts'
import type { Command } from '../command.ts'
import type { Output } from '../output.ts'
import { type Style, sanitize } from '../style.ts'
import { byteSize, count, relativeTime } from '../words.ts'

export const commands: readonly Command[] = [
  {
    words: ['status'],
    summary: 'How the twin is reached, what it holds, what it speaks, what needs attention',
    examples: ['twin status', 'twin status --json'],
    run: async ({ out, connect, signal }) => {
      const status = await (await connect()).client(nodeProtocol).status({}, { signal })
      if (out.isJson) return void out.json(status)
      draw(status, out)
      return undefined
    }
  }
]

const reach: Readonly<Record<NodeStatus['reachability'], string>> = {
  direct: 'directly, from anywhere',
  relayed: 'through a relay',
  local: 'on this machine or network only',
  unknown: 'not known yet; nobody out there has tried'
}

function draw(status: NodeStatus, out: Output): void {
  const { style } = out
  const title = status.name === '' ? 'Your twin' : sanitize(status.name)
  const running = `running, started ${relativeTime(status.startedAt, out.now)}`
  out.line(
    `${style.bold(title)}  ${style.good(running)}  ${style.dim(`process ${status.pid}, version ${status.version}`)}`
  )
  out.line()
  out.facts([
    ['Twin id', style.name(status.id)],
    ['Device', style.dim(status.device)],
    ['Reached', status.reachability === 'direct' ? style.good(reach.direct) : reach[status.reachability]],
    ...(status.console === undefined ? [] : [['Console', style.name(status.console)] as const]),
    ['Peers', `${status.peers} connected, ${status.contacts.connected} of ${count(status.contacts.all, 'contact')}`],
    [
      'Holds',
      `${count(status.storage.entries, 'entry', 'entries')} in ${count(status.storage.spaces, 'space')}, ` +
        `${byteSize(status.storage.bytes)} on disk, ${byteSize(status.storage.freeBytes)} free`
    ],
    ['Speaks', status.capabilities.map(({ name, version }) => `${name} ${version}`).join('  ')]
  ])
  out.line()
  out.line(style.bold('Addresses'))
  for (const line of addressLines(status.addresses)) out.line(`  ${style.dim(line)}`)
  out.line()
  out.line(style.bold('Devices'))
  for (const device of status.devices) {
    const number = String(device.number).padStart(5)
    out.line(`  ${style.dim(number)}  ${sanitize(device.name)}  ${deviceState(device.state, style)}`)
  }
  if (status.warnings.length === 0) return
  out.line()
  out.line(style.warn('Needs attention'))
  for (const { message, next } of status.warnings) {
    out.line(`  ${style.warn('!')} ${message}`)
    out.line(`    ${style.dim('→')} ${next}`)
  }
}

function deviceState(state: NodeStatus['devices'][number]['state'], style: Style): string {
  if (state === 'this') return style.good('this one')
  if (state === 'connected') return style.good('connected')
  return state === 'away' ? style.dim('away') : style.bad('revoked')
}
