import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { twinFile } from '../../test/harness/twin.ts'
import { allCommands } from './catalogue.ts'
import type { Command } from './command.ts'
import { complete } from './completion.ts'

const execute = promisify(execFile)

describe('completion', () => {
  let commands: readonly Command[]
  before(async () => {
    commands = await allCommands()
  })
  const words = (...typed: string[]) => complete(commands, typed)

  it('the value of an option is no positional', () => {
    expect(words('contract', '--home', '/h', 'show', 'k')).deep.equal(['kv'])
    expect(words('--home', '/h', 'kv', 'g')).deep.equal(['get'])
    expect(words('completion', '--json', 'b')).deep.equal(['bash'])
    expect(words('completion', 'bash', '')).deep.equal([])
    const described: Command = {
      words: ['paint'],
      summary: 'Paint',
      positionals: [{ name: 'COLOUR', doc: 'Which', choices: ['blue', 'red'] }],
      options: { brush: { value: 'B', doc: 'With what' } },
      examples: [],
      run: async () => undefined
    }
    const painting = (...typed: string[]) => complete([described], ['paint', ...typed])
    expect(painting('')).deep.equal(['blue', 'red'])
    expect(painting('--brush', 'wide', '')).deep.equal(['blue', 'red'])
    expect(painting('--brush=wide', 'r')).deep.equal(['red'])
    expect(painting('--brush', '=', 'wide', 'r')).deep.equal(['red'])
    expect(painting('--brush', 'wide', 'red', '')).deep.equal([])
    expect(painting('--brush', '')).deep.equal([])
    expect(painting('--', '')).deep.equal(['blue', 'red'])
  })

  it('an option with choices offers them, with a space or = before', () => {
    expect(words('kv', 'put', '--as', '')).deep.equal(['bytes', 'json', 'text'])
    expect(words('kv', 'put', 'colour', '--as', '=')).deep.equal(['bytes', 'json', 'text'])
    expect(words('kv', 'put', 'colour', '--as', '=', 'j')).deep.equal(['json'])
    expect(words('contacts', 'list', '--state', 'k')).deep.equal(['knocking'])
  })

  it('an option that was given is not offered again unless it may be repeated', () => {
    expect(words('kv', 'get', '--space', 'house', '--s')).deep.equal([])
    expect(words('start', '--bootstrap', 'a', '--boot')).deep.equal(['--bootstrap'])
    expect(words('kv', 'get', '--json', '--j')).deep.equal([])
  })

  it('the bash script works in a bash', async () => {
    const script = `twin() { "${process.execPath}" "${twinFile}" "$@"; }
      source <(twin completion bash)
      try() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _twin 2>/dev/null; echo "\${COMPREPLY[*]}"; }
      try twin kv g
      try twin contract --home "/a folder" show k
      try twin kv put --as ''
      try twin kv get --space house --j
      complete -p twin`
    const { stdout } = await execute('bash', ['--norc', '-c', script], { timeout: 30_000 })
    expect(stdout.trim().split('\n')).deep.equal(['get', 'kv', 'bytes json text', '--json', 'complete -F _twin twin'])
  }).timeout(40_000)
})
