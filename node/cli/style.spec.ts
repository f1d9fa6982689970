import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { hasColour, type Io } from './io.ts'
import { Output } from './output.ts'
import { createStyle, pad, sanitize, width } from './style.ts'
import { byteSize, clockTime, count, duration, relativeTime } from './words.ts'

function collect(isTTY: boolean, env: Io['env'] = {}) {
  const stdout = Object.assign(new PassThrough(), { isTTY })
  const stderr = Object.assign(new PassThrough(), { isTTY })
  const io: Io = { stdin: new PassThrough(), stdout, stderr, env, cwd: '/', isInForeground: () => true }
  return { io, text: () => String(stdout.read() ?? '') }
}

describe('output', () => {
  it('colour is for terminals that want it', () => {
    expect(hasColour({ isTTY: true }, {})).equal(true)
    expect(hasColour({ isTTY: true }, { NO_COLOR: '1' })).equal(false)
    expect(hasColour({ isTTY: true }, { TERM: 'dumb' })).equal(false)
    expect(hasColour({}, {})).equal(false)
  })

  it('sanitize() takes the means to move the cursor, recolour or reorder from text of others', () => {
    expect(sanitize('a\x1b[2Jb\u202ec\u0007d\ne')).equal('a\ufffd[2Jb\ufffdc\ufffdd\ne')
  })

  it('width() counts wide characters twice, marks and colours not at all', () => {
    expect(width('日本')).equal(4)
    expect(width('👍')).equal(2)
    expect(width('e\u0301')).equal(1)
    expect(width(createStyle(true).bad('abc'))).equal(3)
    expect(pad('日', 4)).equal('日  ')
  })

  it('table() aligns columns and keeps text of others on its line', () => {
    const { io, text } = collect(false)
    new Output(io, false).table(
      [
        { name: 'Ana', n: 1 },
        { name: 'B\n\x1b[31mx', n: 10 }
      ],
      [
        { title: 'Name', cell: row => row.name },
        { title: 'N', isRight: true, cell: row => String(row.n) }
      ],
      'nobody'
    )
    expect(text()).equal('NAME       N\nAna        1\nB \ufffd[31mx  10\n')
  })

  it('with --json a table is one object a line and text is silent', () => {
    const { io, text } = collect(true)
    const out = new Output(io, true)
    out.line('hidden')
    out.table([{ id: 1 }, { id: 2n }], [], 'nobody')
    out.result({ value: new Uint8Array([1, 2]) }, () => 'hidden')
    expect(text()).equal('{"id":1}\n{"id":"2"}\n{"value":{"$bytes":"AQI"}}\n')
  })

  it('times, sizes and counts read as people say them', () => {
    const now = Date.UTC(2026, 0, 10, 12)
    expect(relativeTime(now - 30_000, now)).equal('just now')
    expect(relativeTime(now - 60_000, now)).equal('1 minute ago')
    expect(relativeTime(now + 7 * 86_400_000, now)).equal('in 7 days')
    expect(byteSize(0)).equal('0 B')
    expect(byteSize(1536)).equal('1.5 KiB')
    expect(byteSize(50 * 1024 * 1024)).equal('50 MiB')
    expect(count(1, 'entry', 'entries')).equal('1 entry')
    expect(count(10_000, 'entry', 'entries')).equal('10,000 entries')
    expect(duration(0.42)).equal('0.4 ms')
    expect(duration(1300)).equal('1.3 s')
    expect(clockTime(now, now)).match(/^\d\d:\d\d$/)
  })
})
