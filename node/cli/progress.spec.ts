import { once } from 'node:events'
import { Writable } from 'node:stream'
import { expect } from 'chai'
import { Output } from './output.ts'
import { createProgress, eachWaiting, whileWaiting } from './progress.ts'

/** A standard error that keeps what is written and says when something is. */
class Screen extends Writable {
  readonly isTTY: boolean
  text = ''

  constructor(isTTY: boolean) {
    super()
    this.isTTY = isTTY
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk)
    this.emit('shown')
    done()
  }
}

const cleared = '\r\x1b[K'

function outputOn(stderr: Screen, isJson: boolean): Output {
  return new Output(
    { stdin: process.stdin, stdout: new Screen(false), stderr, env: {}, cwd: '/', isInForeground: () => true },
    isJson
  )
}

describe('whileWaiting()', () => {
  it('says on a terminal what takes longer than a second and takes it back; elsewhere and with --json it is silent', async () => {
    const [terminal, pipe, json] = [new Screen(true), new Screen(false), new Screen(true)]
    const shown = once(terminal, 'shown')
    const waits = [
      whileWaiting(terminal, 'Looking', shown),
      whileWaiting(pipe, 'Looking', shown),
      outputOn(json, true).waiting('Looking', shown)
    ]
    await Promise.all(waits)
    expect(terminal.text).equal(`Looking…${cleared}`)
    expect(pipe.text + json.text).equal('')
  })

  it('says nothing about what is quick, and lets a failure through', async () => {
    const terminal = new Screen(true)
    expect(await whileWaiting(terminal, 'Looking', Promise.resolve(1))).equal(1)
    const failed = whileWaiting(terminal, 'Looking', Promise.reject(new Error('gone')))
    expect(await failed.catch((error: Error) => error.message)).equal('gone')
    expect(terminal.text).equal('')
  })

  it('takes the line back before a failure is told', async () => {
    const terminal = new Screen(true)
    const task = once(terminal, 'shown').then(() => Promise.reject(new Error('gone')))
    expect(await whileWaiting(terminal, 'Looking', task).catch((error: Error) => error.message)).equal('gone')
    expect(terminal.text).equal(`Looking…${cleared}`)
  })
})

describe('eachWaiting()', () => {
  it('hands all items on, with a clean line at each, and ends the source when it is left', async () => {
    const terminal = new Screen(true)
    let isEnded = false
    async function* source() {
      try {
        yield 1
        await once(terminal, 'shown')
        yield 2
        yield 3
      } finally {
        isEnded = true
      }
    }
    const seen: [number, string][] = []
    for await (const item of eachWaiting(terminal, 'Checking', source())) {
      seen.push([item, terminal.text])
      if (item === 2) break
    }
    expect(seen).deep.equal([
      [1, ''],
      [2, `Checking…${cleared}`]
    ])
    expect(isEnded).equal(true)
  })

  it('Output.collect() gives all items', async () => {
    async function* source() {
      yield* ['a', 'b']
    }
    expect(await outputOn(new Screen(true), false).collect('Reading', source())).deep.equal(['a', 'b'])
  })
})

describe('createProgress()', () => {
  it('says nothing about what ends within a second, and nothing at all when it is silent', () => {
    for (const screen of [new Screen(true), new Screen(false)]) {
      for (const isSilent of [false, true]) {
        const progress = createProgress(screen, 'Importing', 10, isSilent)
        progress.update(10)
        progress.end()
      }
      expect(screen.text).equal('')
    }
  })

  it('redraws one line on a terminal, writes a line every ten seconds elsewhere, and sums up at the end', () => {
    const drawOn = (screen: Screen) => {
      let now = 0
      const progress = createProgress(screen, 'Importing', 2000, false, () => now)
      for (const [at, done] of [
        [500, 10],
        [2000, 500],
        [12_000, 1500]
      ] as const) {
        now = at
        progress.update(done)
      }
      progress.end()
      return screen.text.replaceAll(cleared, '<')
    }
    const sum = 'Importing: 1,500 in 12.0 s\n'
    const later = 'Importing: 1,500 of 2,000 (75 %), 125/s'
    expect(drawOn(new Screen(true))).equal(`<Importing: 500 of 2,000 (25 %), 250/s<${later}<${sum}`)
    expect(drawOn(new Screen(false))).equal(`${later}\n${sum}`)
  })
})
