import { expect } from 'chai'
import { loadProtocols } from '../../protocols/index.ts'
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
