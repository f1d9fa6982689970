import { readdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { twinToText } from '../../crdt/identity/index.ts'
import { profileProtocol } from '../../protocols/profile/protocol.ts'
import type { NodeStatus, NodeWarning } from '../control/index.ts'
import { type Config, readConfig } from '../home/index.ts'
import { version } from '../version.ts'
import type { NodeComponents } from './components.ts'
import { deviceTroubles } from './device-troubles.ts'

/** Below this the store may stop taking writes soon. */
const lowDiskBytes = 256 * 1024 * 1024

export async function readStatus(components: NodeComponents): Promise<NodeStatus> {
  const { home, mesh, contacts, capabilities } = components
  const config = await readConfig(home)
  const { name } = await components.client(profileProtocol).get({})
  const storage = await readStorage(components)
  const wanted = contacts.wanted().filter(twin => contacts.classOf(twin) === 'contact')
  return {
    id: components.id,
    device: components.device,
    name: name || config.name,
    version: version(),
    pid: process.pid,
    startedAt: components.startedAt,
    reachability: mesh.reachability().state,
    addresses: mesh.addresses().slice(0, 64),
    peers: mesh.peers().length,
    contacts: { all: wanted.length, connected: wanted.filter(twin => mesh.isConnected(twin)).length },
    storage,
    capabilities: capabilities.map(({ name, version }) => ({ name, version })),
    devices: readDevices(components),
    warnings: readWarnings(components, config, storage.freeBytes),
    ...(components.consoleUrl === undefined ? {} : { console: components.consoleUrl })
  }
}

async function readStorage({ home, spaces }: NodeComponents): Promise<NodeStatus['storage']> {
  const [bytes, disk] = await Promise.all([folderSize(home.store), statfs(home.folder)])
  const all = spaces.list()
  let entries = 0
  for (const { id } of all) for (const [, , seq] of spaces.replica.space(id)?.frontier() ?? []) entries += seq
  return { bytes, freeBytes: Math.min(Number.MAX_SAFE_INTEGER, disk.bavail * disk.bsize), entries, spaces: all.length }
}

/** Level removes files while they are counted: what is gone counts nothing. */
async function folderSize(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => [])
  const sizes = await Promise.all(
    names.map(name =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => 0
      )
    )
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

function readDevices({ directory, spaces, mesh, deviceNumber }: NodeComponents): NodeStatus['devices'] {
  const list = directory.get(spaces.replica.self.twin)
  return (list?.devices() ?? []).map(({ number, certificate }) => {
    const peer = twinToText(certificate.transport)
    const isHere = number === deviceNumber
    const state = list?.isRevoked(number) ? 'revoked' : isHere ? 'this' : mesh.isConnected(peer) ? 'connected' : 'away'
    const { name, role, issued, expires } = certificate
    return { number, name, role, peer, state, issuedAt: issued, expiresAt: expires }
  })
}

function readWarnings(components: NodeComponents, config: Config, freeBytes: number): NodeWarning[] {
  const warnings = deviceTroubles(components)
  const warn = (code: string, message: string, next: string) => warnings.push({ code, message, next })
  if (!config.isRecoveryConfirmed) {
    const where = config.kit === null ? 'it was shown when the twin was made' : `it is in ${config.kit}`.slice(0, 300)
    warn('kit', `Nobody said yet that the recovery phrase is safe; ${where}`, 'Keep it safe, then: twin recovery done')
  }
  if (!config.hasPassphrase) {
    const next = 'Encrypt the disk, or make the next device with: twin init --restore --passphrase'
    warn('passphrase', 'The keys on this disk have no passphrase: whoever reads the home can be this device', next)
  }
  if (!components.hasBootstrap && components.mesh.peers().length === 0) {
    warn(
      'bootstrap',
      'No meeting point is known, so only twins in this network are found',
      'twin start --bootstrap ADDR'
    )
  }
  if (components.hold.isOn) {
    const text = 'The twin was restored and is on hold: knocks and answers do not go out'
    warn('hold', text, 'See what came back, then: twin resume')
  }
  const { returned, resubmitted, forks, behind } = components.setbacks
  const asNew = `Go on as a new device: twin stop, then twin restore --from ${components.home.folder} --home NEW_DIR`
  if (returned > 0) {
    const again = resubmitted === 0 ? '' : `; ${resubmitted} written meanwhile were written again behind them`
    const text = `The disk had been set back: ${returned} entries of this device came back from others${again}`
    warn('set-back', text, 'Nothing is lost; look why an older copy of the home was put in place')
  }
  if (behind > 0) {
    const text =
      `The disk had been set back by ${behind} entries that others only have in snapshots by now: they do not come ` +
      'back to this device, and what you write in those spaces is shown to nobody'
    warn('behind', text, asNew)
  }
  if (forks > 0) {
    const text = 'Two histories of this device got out because its disk was set back; it writes no more in those spaces'
    warn('fork', text, asNew)
  }
  const locked = components.spaces.list().filter(space => space.state === 'open' && !space.hasKey).length
  if (locked > 0) {
    const text = `The keys of ${locked} ${locked === 1 ? 'space' : 'spaces'} are missing`
    warn('keys', text, 'They come when a device that has them is met: twin doctor')
  }
  if (freeBytes < lowDiskBytes) warn('disk', 'The disk is almost full', 'Free some space')
  return warnings
}
