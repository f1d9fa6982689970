import { expect } from 'chai'
import { nearest, parseArguments, splitGlobals } from './arguments.ts'
import type { Command } from './command.ts'

const put: Command = {
  words: ['kv', 'put'],
  summary: 'Store',
  positionals: [
    { name: 'KEY', doc: '' },
    { name: 'VALUE', doc: '', isOptional: true }
  ],
  options: {
    space: { value: 'S', doc: '' },
    bootstrap: { value: 'A', doc: '', isRepeatable: true },
    quiet: { doc: '' }
  },
  examples: [],
  run: async () => undefined
}
const send: Command = {
  ...put,
  positionals: [
    { name: 'WHO', doc: '' },
    { name: 'TEXT', doc: '', isRest: true }
  ]
}

describe('arguments', () => {
  it('splitGlobals() finds --json and --home anywhere, before and after the command', () => {
    const { json, home, rest } = splitGlobals(['--json', 'kv', '--home', '/h', 'get', 'colour'])
    expect({ json, home, rest }).deep.equal({ json: true, home: '/h', rest: ['kv', 'get', 'colour'] })
    expect(splitGlobals(['kv', 'get', 'x', '--home=/h', '--json'])).include({ json: true, home: '/h' })
  })

  it('splitGlobals() leaves what stands after -- alone', () => {
    const { json, rest } = splitGlobals(['chat', 'send', 'bob', '--', '--json'])
    expect(json).equal(false)
    expect(rest).deep.equal(['chat', 'send', 'bob', '--', '--json'])
  })

  it('splitGlobals() refuses --home without a folder', () => {
    expect(() => splitGlobals(['id', '--home'])).throw('--home needs a folder')
    expect(() => splitGlobals(['id', '--home='])).throw('--home needs a folder')
  })

  it('parseArguments() reads positionals and options in any order, with = or without', () => {
    const values = parseArguments(put, ['--space', 'house', 'colour', '--quiet', 'blue'])
    expect(values.text('KEY')).equal('colour')
    expect(values.text('VALUE')).equal('blue')
    expect(values.option('space')).equal('house')
    expect(values.isOn('quiet')).equal(true)
    expect(parseArguments(put, ['k', '--space=a=b']).option('space')).equal('a=b')
  })

  it('parseArguments() takes - and negative numbers as values', () => {
    expect(parseArguments(put, ['k', '-']).text('VALUE')).equal('-')
    expect(parseArguments(put, ['k', '-12']).text('VALUE')).equal('-12')
    expect(parseArguments(put, ['--', '--k']).text('KEY')).equal('--k')
  })

  it('parseArguments() joins the words of the last positional', () => {
    const values = parseArguments(send, ['bob', 'see', 'you', 'at', '8'])
    expect(values.text('TEXT')).equal('see you at 8')
    expect(values.rest).deep.equal(['see', 'you', 'at', '8'])
  })

  it('parseArguments() collects a repeatable option and refuses another one given twice', () => {
    const values = parseArguments(put, ['k', '--bootstrap', 'a', '--bootstrap', 'b'])
    expect(values.options.get('bootstrap')).deep.equal(['a', 'b'])
    expect(() => parseArguments(put, ['k', '--space', 'a', '--space', 'b'])).throw('--space was given twice')
  })

  it('parseArguments() names what is missing, unknown or too much', () => {
    expect(() => parseArguments(put, [])).throw('KEY is missing')
    expect(() => parseArguments(put, ['a', 'b', 'c'])).throw('Unexpected word c')
    expect(() => parseArguments(put, ['k', '--spce', 'a'])).throw('Unknown option --spce; did you mean --space?')
    expect(() => parseArguments(put, ['k', '--space'])).throw('--space needs S')
    expect(() => parseArguments(put, ['k', '--quiet=1'])).throw('--quiet takes no value')
    expect(() => parseArguments(put, ['k', '--constructor'])).throw('Unknown option --constructor')
  })

  it('number() reads a whole number in its range and refuses everything else', () => {
    const limit = (word: string) =>
      parseArguments({ ...put, options: { limit: { value: 'N', doc: '' } } }, ['k', '--limit', word])
    expect(limit('10').number('limit', { min: 1, max: 10 })).equal(10)
    for (const word of ['0', '11', '1.5', 'x', '', '1e1']) {
      expect(() => limit(word).number('limit', { min: 1, max: 10 }), word).throw(
        '--limit is a whole number from 1 to 10'
      )
    }
  })

  it('nearest() finds what was meant and stays silent about what is far off', () => {
    expect(nearest('stauts', ['start', 'status', 'stop'])).equal('status')
    expect(nearest('gett', ['get', 'put'])).equal('get')
    expect(nearest('elephant', ['get', 'put'])).equal(undefined)
  })
})
