import { join } from 'node:path'
import { expect } from 'chai'
import { type DeviceItem, devicesProtocol } from '../protocols/devices/index.ts'
import { kvProtocol } from '../protocols/kv/index.ts'
import { pairingProtocol } from '../protocols/pairing/index.ts'
import { RealNewDevice } from './harness/new-device.ts'
import { Program } from './harness/program.ts'
import { TwinProcess, temporaryFolder, twinFile } from './harness/twin.ts'

interface Row {
  readonly number: number
  readonly name: string
  readonly state: string
}
interface Open {
  readonly state: string
  readonly link: string
}

function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    error => error.code as string
  )
}

describe('letting devices in over a real connection', function () {
  this.timeout(120_000)
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let twin: TwinProcess
  let claimed: RealNewDevice
  const devices: RealNewDevice[] = []
  const programs: Program[] = []

  before('a twin runs', async () => {
    folder = await temporaryFolder()
    twin = new TwinProcess({ home: join(folder.path, 'home') })
    await twin.init()
    await twin.start()
  })

  after('everything stops', async () => {
    for (const device of devices) await device.stop()
    for (const program of programs) await program.stop()
    await twin?.stop()
    await folder?.remove()
  })

  function newDevice(name: string): RealNewDevice {
    const device = new RealNewDevice(name)
    devices.push(device)
    return device
  }

  /** `twin pair`, and the link that it prints */
  async function twinPair(...args: string[]): Promise<{ program: Program; link: string }> {
    const program = new Program(twinFile, { args: ['pair', ...args, '--home', twin.home, '--json'], isTyped: true })
    programs.push(program)
    const { link } = await program.waitForJson<Open>(({ state }) => state === 'open')
    return { program, link }
  }

  it('twin start gives the link for the first device, which its secret alone lets in, once', async () => {
    const link = twin.started!.console
    expect(link).to.match(/^http:\/\/127\.0\.0\.1:\d+\/#claim\/[\w-]+$/)
    claimed = newDevice('laptop')
    const startedAt = performance.now()
    const paired = await claimed.join(link)
    console.log(`      claimed in ${Math.round(performance.now() - startedAt)} ms, the connection included`)
    expect(paired).to.include({ id: twin.id, number: 2 })
    expect(await codeOf(newDevice('thief').join(link))).to.equal('unknown')
    const rows = await twin.list<Row>('devices')
    expect(rows.map(({ number, name }) => [number, name])).to.deep.include([2, 'laptop'])
    expect((await twin.run(['pairing', 'claim'])).code).to.equal(1)
  })

  it('the device that claimed may do what its owner may, but not what is for the machine itself', async () => {
    const kv = claimed.client(kvProtocol)
    await kv.put({ key: 'colour', value: 'red' })
    expect((await twin.object<{ value: string }>('kv', 'get', 'colour')).value).to.equal('red')
    expect(await codeOf(claimed.client(pairingProtocol).claim({}))).to.equal('PermissionDenied')
  })

  it('twin pair lets in who shows the digits that its owner types, and says who that is', async () => {
    const { program, link } = await twinPair('--name', 'kitchen tablet')
    const device = newDevice('tablet')
    const joining = device.join(link)
    const { newcomer } = await program.waitForJson<{ newcomer: object }>(value => 'newcomer' in value)
    expect(newcomer).to.deep.equal({ name: 'tablet', platform: 'Chromium on Linux', role: 'browser', place: 'machine' })
    const { digits } = await device.shown()
    program.write(`${digits.slice(0, 3)} ${digits.slice(3)}\n`)
    const paired = await joining
    expect(paired.certificate.name).to.equal('kitchen tablet')
    const exit = await program.exited
    expect(exit.code).to.equal(0)
    expect(exit.stdout).to.include(`"number":${paired.number}`)
    const row = (await twin.list<DeviceItem>('devices')).find(({ number }) => number === paired.number)
    expect(row).to.include({ level: 'normal', pairedBy: 1, state: 'connected', place: 'machine' })
    expect(row!.probationUntil).to.be.above(Date.now())
    const shown = (await twin.run(['devices'])).stdout
    expect(shown).to.match(/New: kitchen tablet \(Chromium on Linux, on this machine\) was let in just now/)
    // New: it writes, and changes no devices before somebody else has spoken for it
    await device.client(kvProtocol).put({ key: 'shape', value: 'round' })
    const tablets = device.client(devicesProtocol)
    expect(await codeOf(tablets.revoke({ number: 2 }))).to.equal('PermissionDenied')
    await claimed.client(pairingProtocol).trust({ number: paired.number })
    expect((await tablets.rename({ number: paired.number, name: 'tablet' })).name).to.equal('tablet')
    const answer = await twin.object<{ revoked: number[] }>('devices', 'not-me', String(paired.number))
    expect(answer.revoked).to.deep.equal([paired.number])
    await device.closed()
    const gone = (await twin.list<DeviceItem>('devices')).find(({ number }) => number === paired.number)
    expect(gone).to.include({ state: 'revoked' }).and.have.property('lastSeenAt')
    // Refused at the connection
    const refused = await device.fetch(link).catch(error => error)
    expect(refused).to.be.an('error')
  })

  it('other digits end it for both sides', async () => {
    const { program, link } = await twinPair()
    const device = newDevice('phone')
    const joining = codeOf(device.join(link))
    const { digits } = await device.shown()
    program.write(`${(Number(digits) + 1) % 1_000_000}\n`.padStart(7, '0'))
    expect(await joining).to.equal('burnt')
    const exit = await program.exited
    expect(exit.code).to.equal(1)
    expect(exit.stderr).to.include('the link is burnt')
    expect((await twin.list<Row>('devices')).map(({ name }) => name)).not.to.include('phone')
  })

  it('a device that may only look reads, and writes nothing', async () => {
    const { program, link } = await twinPair('--level', 'view')
    const device = newDevice('frame')
    const joining = device.join(link)
    program.write(`${(await device.shown()).digits}\n`)
    await joining
    const kv = device.client(kvProtocol)
    expect((await kv.get({ key: 'colour' })).value).to.equal('red')
    const refused = await kv.put({ key: 'colour', value: 'blue' }).catch(error => error)
    expect(refused).to.include({ code: 'PermissionDenied' })
    expect(refused.message).to.match(/may only look/)
  })

  it('links open the console that start was told of, also at later starts', async () => {
    await twin.stop()
    await twin.start('--console-url', 'https://console.example/app')
    const { program, link } = await twinPair()
    expect(link).to.match(/^https:\/\/console\.example\/app#pair\//)
    expect((await program.stop('SIGINT')).code).to.equal(130)
    // Whom nobody watches lets nobody in
    expect(await codeOf(newDevice('late').join(link))).to.equal('unknown')
    await twin.stop()
    await twin.start()
    expect((await twinPair()).link).to.match(/^https:\/\/console\.example\/app#pair\//)
    const odd = await twin.run(['start', '--console-url', 'javascript:alert(1)', '--json'])
    expect(odd.code).to.equal(2)
  })

  it('what was approved holds when the twin is killed, and who was let in is told so by the next start', async () => {
    const { program, link } = await twinPair()
    const device = newDevice('old phone')
    const joining = device.join(link).catch(error => error)
    program.write(`${(await device.shown()).digits}\n`)
    await program.exited
    await twin.stop('SIGKILL')
    await joining
    const { addresses } = twin.started!
    const started = await twin.start()
    expect(started.addresses).to.include.members(addresses.filter(address => /\/127.0.0.1\/.*\/ws\//.test(address)))
    expect((await device.fetch(link)).certificate.name).to.equal('old phone')
    // A link to claim it is made no more
    expect(started.console).to.equal('https://console.example/app')
  })
})
