import { expect } from 'chai'
import { loadProtocols } from '../../protocols/index.ts'
import { parseArguments } from './arguments.ts'
import { allCommands, groupNames } from './catalogue.ts'
import { contractCommands } from './contract-commands.ts'
import { contracts } from './contracts.ts'
import { page } from './help.ts'
import { createStyle } from './style.ts'

describe('commands', () => {
  it('every capability of the registry has its commands', async () => {
    const loaded = await Promise.all(
      Object.entries(contracts).map(async ([name, load]) => [name, await load()] as const)
    )
    for (const [name, contract] of loaded) expect(contract.name).equal(name)
    for (const { name } of await loadProtocols()) expect(Object.keys(contracts)).include(name)
  })

  it('every method that an owner may call is a command, generic or with a form of its own', async () => {
    for (const protocol of await loadProtocols()) {
      const generic = await contractCommands(protocol.name)
      const callable = Object.entries(protocol.methods).filter(([, { scope }]) =>
        protocol.scopes[scope]!.callers.includes('owner')
      )
      expect(generic).length(callable.length)
    }
    expect((await contractCommands('contacts')).map(({ words }) => words[1])).not.include('knock')
  })

  it('every command has a summary, an example that names it, and a page', async () => {
    const commands = await allCommands()
    expect(commands.length).above(groupNames().length)
    for (const command of commands) {
      const name = command.words.join(' ')
      expect(command.summary, name).match(/^\S.+[^.]$/)
      expect(command.examples.length, name).above(0)
      expect(
        command.examples.some(example => example.includes(`twin ${name}`)),
        name
      ).equal(true)
      expect(page([command], command.words, createStyle(false)), name).contain(`Usage: twin ${name}`)
    }
  })

  it('what is made from a contract shows its examples, and its own command line reads them', async () => {
    const generic = (await Promise.all(Object.keys(contracts).map(contractCommands))).flat()
    const batch = generic.find(({ words }) => words.join(' ') === 'kv batch')!
    expect(batch.examples[0]).match(/^twin kv batch '\[\{"type":"put","key":"colour","value":"red"\}/)
    expect(batch.positionals![0]!.doc).match(
      /^List of at most 512, as JSON: \[\{type: "put", key, value, expected\?\} or /
    )
    const sendMany = generic.find(({ words }) => words.join(' ') === 'chat send-many')!
    expect(sendMany.examples[0]).match(/^printf .+\{"text":.+ \| twin chat send-many Marie$/)
    for (const command of generic) {
      for (const example of command.examples) {
        const line = example.slice(example.lastIndexOf('twin '))
        const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!)
        expect(() => parseArguments(command, words.slice(1 + command.words.length)), line).not.throw()
      }
    }
  })

  it('no two commands have the same words', async () => {
    const names = (await allCommands()).map(({ words }) => words.join(' '))
    expect(names).deep.equal([...new Set(names)])
  })

  it('only a last positional takes all words that are left, and none that must be there stands after one that may not', async () => {
    for (const { words, positionals = [] } of await allCommands()) {
      const name = words.join(' ')
      expect(
        positionals.slice(0, -1).some(({ isRest }) => isRest),
        name
      ).equal(false)
      const optional = positionals.findIndex(({ isOptional }) => isOptional)
      if (optional >= 0)
        expect(
          positionals.slice(optional).every(({ isOptional }) => isOptional),
          name
        ).equal(true)
    }
  })
})
